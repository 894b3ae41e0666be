"""Loads the generated city into the database, through the services everybody else uses."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.areas.imports import AreaFacts, take_areas
from gezhi.foundation.areas.models import Area
from gezhi.registry.facilities.services import ComponentFacts, take_components
from gezhi.registry.housing.services import BuildingFacts, take_buildings
from gezhi.site.demo.agencies import found_agencies
from gezhi.site.demo.city import generate
from gezhi.site.demo.town.parts import City, Division
from gezhi.territory.layers.models import FeatureKind
from gezhi.territory.layers.services import (
    FeatureShape,
    GridShape,
    ensure_scheme,
    publish_layer,
    replace_features,
)

SOURCE = "demo"
PROVINCE = AreaFacts(0, "42", "示范省", "province", name_en="Demonstration Province")
CITY = AreaFacts(0, "4205", "示范市", "city", "42", "Demonstration City")
ROAD_ORDER = ("path", "minor", "arterial", "motorway")  # later ones are drawn over earlier ones
CENSUS_DAYS = 300  # the components were looked at during so many days before the demo begins
KEEPER_OF_ITEM = {  # class and item of components → code of the agency that owns and maintains them
    "0101": "GS", "0102": "SZ", "0103": "SZ", "0104": "SZ", "0106": "SZ", "0111": "RQ", "0114": "YL",
    "0127": "TX", "0128": "GD", "0130": "GD", "0137": "SZ", "0139": "SZ", "0146": "SW", "0150": "GA",
    "0154": "GD", "0204": "ZJ", "0212": "ZJ", "0217": "JJ", "0220": "SZ", "0225": "CG", "0230": "ZS",
    "0284": "SZ", "0301": "HW", "0305": "HW", "0306": "CG", "0402": "YL", "0407": "YL", "0497": "YL",
    "0498": "YL", "0507": "ZS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroundSpot:
    """A place with words for it. `kind`: street, estate, crossing, market, green, water, public, industry."""

    lon: float
    lat: float
    text: str
    kind: str
    grid: str  # its 15-digit code
    estate: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the demo's people and cases stand on. Areas and agencies by code."""

    district: Area
    areas: dict[str, Area]
    agencies: dict[str, Agency]
    spots: list[GroundSpot]


def load_ground(*, seed: int, at: datetime) -> Ground:
    """Areas, published grids, base map, buildings, agencies and components of the demo district."""
    city = generate(seed=seed)
    areas = _load_areas(city, at)
    district = areas[city.county]
    _load_map(city, district, areas, at)
    _load_buildings(city, district, at)
    agencies = found_agencies(areas=areas, at=at)
    _load_components(city, district, agencies, Random(seed), at)
    spots = [GroundSpot(s.x, s.y, s.text, s.kind, s.grid, s.estate) for s in city.spots]
    return Ground(district=district, areas=areas, agencies=agencies, spots=spots)


def _load_areas(city: City, at: datetime) -> dict[str, Area]:
    rows = [PROVINCE, CITY, *(_area_row(number, d) for number, d in enumerate(city.divisions, start=1))]
    return take_areas(actor=SYSTEM, at=at, rows=rows).areas


def _area_row(number: int, division: Division) -> AreaFacts:
    middle = division.geom.representative_point()
    return AreaFacts(
        row=number,
        code=division.code,
        name=division.name,
        kind=division.kind,
        parent_code=division.parent,
        name_en=division.name_en,
        lon=middle.x,
        lat=middle.y,
    )


def _load_map(city: City, district: Area, areas: dict[str, Area], at: datetime) -> None:
    scheme = ensure_scheme(
        actor=SYSTEM,
        at=at,
        area=district,
        code="base",
        name="社区基础网格",
        name_en="Community grids",
        base=True,
    )
    grids = [
        GridShape(area=areas[d.code], geom=d.geom, households=d.households) for d in city.of_kind("grid")
    ]
    publish_layer(actor=SYSTEM, at=at, scheme=scheme, grids=grids)
    features = [FeatureShape(f.kind, f.cls, f.geom, f.name, f.name_en) for f in city.features]
    for road in sorted(city.roads, key=lambda r: ROAD_ORDER.index(r.cls)):
        features.append(FeatureShape(FeatureKind.ROAD, road.cls, road.line, road.name, road.name_en))
    replace_features(actor=SYSTEM, at=at, area=district, source=SOURCE, attribution="", features=features)


def _load_buildings(city: City, district: Area, at: datetime) -> None:
    buildings = [
        BuildingFacts(
            code=house.code,
            geom=house.geom,
            name=house.name,
            name_en=house.name_en,
            address=house.address,
            estate=house.estate,
            use=house.use,
            floors=house.floors,
            households=house.households,
        )
        for house in city.houses
    ]
    take_buildings(actor=SYSTEM, at=at, area=district, source=SOURCE, buildings=buildings)


def _load_components(
    city: City, district: Area, agencies: dict[str, Agency], random: Random, at: datetime
) -> None:
    components = [
        ComponentFacts(
            code=thing.code,
            name=thing.name,
            lon=thing.x,
            lat=thing.y,
            address=thing.address,
            owner_id=_keeper(thing.code, agencies),
            maintainer_id=_keeper(thing.code, agencies),
            checked_on=_day_before(at, random),
        )
        for thing in city.furniture
    ]
    take_components(actor=SYSTEM, at=at, area=district, components=components)


def _keeper(code: str, agencies: dict[str, Agency]) -> int | None:
    """Nobody knows whose some covers are (不明井盖), and notice boards in estates are the estates' own."""
    agency = agencies.get(KEEPER_OF_ITEM.get(code[6:10], ""))
    return agency.pk if agency else None


def _day_before(at: datetime, random: Random) -> date:
    return (at - timedelta(days=random.randrange(CENSUS_DAYS))).date()
