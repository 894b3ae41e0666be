"""Reads an OpenStreetMap extract (XML or PBF) into plain shapes: roads, water, greenery, buildings.

The tags are those of the OpenStreetMap wiki; whatever is tagged otherwise is left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from gezhi.registry.housing.models import Use
from gezhi.registry.housing.services import BuildingFacts
from gezhi.territory.layers.models import FeatureKind
from gezhi.territory.layers.rules import METRES_A_DEGREE, bbox_around
from gezhi.territory.layers.services import FeatureShape

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"
MARGIN_M = 250.0  # what lies this far outside the extract's box is still drawn
AREA_KEYS = ("building", "natural", "landuse", "leisure", "waterway", "water")
ROADS = {
    "motorway": "motorway", "trunk": "motorway", "motorway_link": "motorway", "trunk_link": "motorway",
    "primary": "arterial", "secondary": "arterial", "primary_link": "arterial", "secondary_link": "arterial",
    "tertiary": "minor", "tertiary_link": "minor", "unclassified": "minor", "residential": "minor",
    "living_street": "minor", "road": "minor", "service": "minor", "pedestrian": "path", "footway": "path",
    "cycleway": "path", "path": "path", "steps": "path", "track": "path", "bridleway": "path",
}  # fmt: skip
DIVIDING = frozenset(("motorway", "trunk", "primary", "secondary", "tertiary"))  # roads blocks are made from
WATERWAYS = {
    "river": ("river", 14.0),
    "canal": ("river", 10.0),
    "stream": ("stream", 3.0),
    "ditch": ("stream", 2.0),
}
GREENS = {
    ("leisure", "park"): "park", ("leisure", "garden"): "park", ("leisure", "nature_reserve"): "park",
    ("leisure", "golf_course"): "park", ("leisure", "pitch"): "pitch", ("leisure", "track"): "pitch",
    ("landuse", "grass"): "grass", ("landuse", "meadow"): "grass", ("landuse", "village_green"): "grass",
    ("landuse", "recreation_ground"): "park", ("landuse", "park"): "park", ("landuse", "cemetery"): "park",
    ("landuse", "forest"): "wood", ("landuse", "orchard"): "wood", ("natural", "wood"): "wood",
    ("natural", "grassland"): "grass", ("natural", "scrub"): "wood", ("natural", "heath"): "grass",
}  # fmt: skip
USES = {
    Use.HOME: "residential apartments house detached dormitory terrace semidetached_house bungalow hut farm",
    Use.SHOP: "retail commercial supermarket kiosk shop mall marketplace restaurant cafe fast_food bank",
    Use.OFFICE: "office hotel company government",
    Use.PUBLIC: (
        "school university college kindergarten hospital clinic library museum theatre public civic church "
        "temple mosque train_station transportation stadium sports_hall sports_centre police "
        "fire_station townhall"
    ),
    Use.INDUSTRY: "industrial warehouse factory manufacture storage_tank garages",
}
_LEVELS = re.compile(r"\d+")


@dataclass
class Extract:
    """What an extract holds. `dividing` and `streets` are the lines that blocks are cut along."""

    box: Any
    features: list[FeatureShape] = field(default_factory=list)
    buildings: list[BuildingFacts] = field(default_factory=list)
    dividing: list[Any] = field(default_factory=list)
    streets: list[Any] = field(default_factory=list)


@dataclass
class _Found:
    """Things on their way into an extract."""

    features: list[FeatureShape] = field(default_factory=list)
    buildings: list[BuildingFacts] = field(default_factory=list)
    dividing: list[Any] = field(default_factory=list)
    streets: list[Any] = field(default_factory=list)
    doors: list[tuple[Any, str]] = field(default_factory=list)  # points with an address
    estates: list[tuple[Any, str]] = field(default_factory=list)  # named housing areas


def read_osm(path: Path) -> Extract:
    """Read a file. RuntimeError (from osmium) if it is no OpenStreetMap file."""
    source = osmium.FileProcessor(str(path)).with_areas(osmium.filter.KeyFilter(*AREA_KEYS))
    found = _Found()
    for thing in source:
        tags = {tag.k: tag.v for tag in thing.tags}
        if not tags:
            continue
        if isinstance(thing, osmium.osm.Way):
            _take_line(found, thing, tags)
        elif isinstance(thing, osmium.osm.Area):
            _take_area(found, thing, tags)
        elif isinstance(thing, osmium.osm.Node) and _address(tags):
            found.doors.append((shapely.Point(thing.location.lon, thing.location.lat), _address(tags)))
    return _clipped(found, _box_of(source, found))


def _box_of(source: Any, found: _Found) -> Any:
    box = source.header.box()
    if box.valid():
        low, high = box.bottom_left, box.top_right
        return shapely.box(low.lon, low.lat, high.lon, high.lat)
    shapes = [f.geom for f in found.features] + [b.geom for b in found.buildings]
    return shapely.box(*shapely.total_bounds(shapes)) if shapes else shapely.Polygon()


def _clipped(found: _Found, box: Any) -> Extract:
    """What touches the extract's box or lies just beside it; lines and greenery cut there."""
    if box.is_empty:
        return Extract(box=box)
    _, south, east, north = box.bounds
    margin = bbox_around(east, (south + north) / 2, MARGIN_M)
    reach = box.buffer(margin[2] - east)
    extract = Extract(box=box)
    for feature in found.features:
        part = shapely.make_valid(feature.geom).intersection(reach)
        if not part.is_empty:
            extract.features.append(
                FeatureShape(feature.kind, feature.cls, part, feature.name, feature.name_en)
            )
    extract.buildings = _addressed(found, [b for b in found.buildings if b.geom.intersects(reach)])
    extract.dividing = [line for line in found.dividing if line.intersects(box)]
    extract.streets = [line for line in found.streets if line.intersects(box)]
    return extract


def _take_line(found: _Found, way: Any, tags: Mapping[str, str]) -> None:
    points = [(n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
    if len(points) < 2:  # its nodes lie outside the extract
        return
    line = shapely.LineString(points)
    cls = ROADS.get(tags.get("highway", ""))
    if cls and tags.get("area") != "yes" and tags.get("indoor") != "yes":
        if tags["highway"] == "service" and "service" in tags:
            cls = "path"  # driveways and the lanes of car parks
        found.features.append(_feature(FeatureKind.ROAD, cls, line, tags))
        if tags["highway"] in DIVIDING:
            found.dividing.append(line)
        elif cls == "minor":
            found.streets.append(line)
    elif tags.get("waterway") in WATERWAYS and tags.get("tunnel", "no") == "no":
        water, width = WATERWAYS[tags["waterway"]]
        found.features.append(_feature(FeatureKind.WATER, water, widened(line, width), tags))


def widened(line: Any, metres: float) -> Any:
    """A line as the area so many metres wide around it."""
    flat = cos(radians(line.centroid.y))
    stretched = shapely.transform(line, lambda xy: xy * np.array([flat, 1.0]))
    area = stretched.buffer(metres / 2 / METRES_A_DEGREE, quad_segs=4, cap_style="flat")
    return shapely.transform(area, lambda xy: xy / np.array([flat, 1.0]))


def _take_area(found: _Found, area: Any, tags: Mapping[str, str]) -> None:
    kind = _kind_of_area(tags)
    named_housing = tags.get("landuse") == "residential" and tags.get("name")
    if not kind and not named_housing:
        return
    shape = shapely.from_wkb(osmium.geom.WKBFactory().create_multipolygon(area))
    shape = shape.geoms[0] if len(shape.geoms) == 1 else shape
    if kind == "building":
        found.buildings.append(_building(area, shape, tags))
    elif kind:
        feature_kind, _, cls = kind.partition(":")
        found.features.append(_feature(feature_kind, cls, shape, tags))
    if named_housing:
        found.estates.append((shape, tags["name"]))


def _kind_of_area(tags: Mapping[str, str]) -> str:
    """ "building", "water:lake", "green:park" … or nothing we draw."""
    if tags.get("building", "no") != "no":
        return "building"
    if tags.get("natural") == "water" or tags.get("landuse") in ("reservoir", "basin"):
        flowing = tags.get("water") in ("river", "canal")
        return f"{FeatureKind.WATER}:{'river' if flowing else 'lake'}"
    if tags.get("waterway") == "riverbank":
        return f"{FeatureKind.WATER}:river"
    green = next((GREENS[pair] for pair in tags.items() if pair in GREENS), "")
    return f"{FeatureKind.GREEN}:{green}" if green else ""


def _feature(kind: str, cls: str, geom: Any, tags: Mapping[str, str]) -> FeatureShape:
    return FeatureShape(kind, cls, geom, tags.get("name", "")[:120], tags.get("name:en", "")[:160])


def _building(area: Any, shape: Any, tags: Mapping[str, str]) -> BuildingFacts:
    levels = _LEVELS.match(tags.get("building:levels", ""))
    return BuildingFacts(
        code=f"osm-{'w' if area.from_way() else 'r'}{area.orig_id()}",
        geom=shape if shape.is_valid else shapely.make_valid(shape),
        name=tags.get("name", "")[:120],
        name_en=tags.get("name:en", "")[:160],
        address=_address(tags)[:200],
        use=_use(tags),
        floors=min(int(levels[0]), 200) if levels else None,
    )


def _address(tags: Mapping[str, str]) -> str:
    if tags.get("addr:full"):
        return tags["addr:full"]
    number = tags.get("addr:housenumber", "")
    if not number:
        return ""
    return f"{tags.get('addr:street', '')}{number}{'号' if number.isdigit() else ''}"


def _use(tags: Mapping[str, str]) -> str:
    for key in ("building", "amenity", "shop", "office"):
        value = tags.get(key, "")
        for use, words in USES.items():
            if value in words.split():
                return use
    if "shop" in tags:
        return Use.SHOP
    return Use.OFFICE if "office" in tags else Use.OTHER


def _addressed(found: _Found, buildings: list[BuildingFacts]) -> list[BuildingFacts]:
    """Buildings with the address of a door that lies in them, and the name of the estate they stand in."""
    doors = _first_inside(buildings, found.doors)
    estates = _first_around(buildings, found.estates)
    return [
        BuildingFacts(
            code=b.code,
            geom=b.geom,
            name=b.name,
            name_en=b.name_en,
            address=b.address or doors.get(n, "")[:200],
            estate=estates.get(n, "")[:80],
            use=b.use,
            floors=b.floors,
        )
        for n, b in enumerate(buildings)
    ]


def _first_inside(buildings: list[BuildingFacts], places: list[tuple[Any, str]]) -> dict[int, str]:
    if not places:
        return {}
    tree = shapely.STRtree([b.geom for b in buildings])
    place, building = tree.query([p for p, _ in places], predicate="within")
    return {int(b): places[p][1] for p, b in sorted(_pairs(place, building), reverse=True)}


def _first_around(buildings: list[BuildingFacts], places: list[tuple[Any, str]]) -> dict[int, str]:
    if not places:
        return {}
    tree = shapely.STRtree([p for p, _ in places])
    middles = [b.geom.representative_point() for b in buildings]
    building, place = tree.query(middles, predicate="within")
    return {int(b): places[p][1] for b, p in sorted(_pairs(building, place), reverse=True)}


def _pairs(left: Any, right: Any) -> Iterator[tuple[int, int]]:
    return zip(left.tolist(), right.tolist(), strict=True)
