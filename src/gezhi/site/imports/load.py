"""From an extract to the database: the district, a first layer if none covers it, map and buildings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.imports import AreaFacts, take_areas
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.audit.errors import Refused
from gezhi.foundation.codes.areas import make_grid_code, number_grids
from gezhi.registry.housing.services import Taken, take_buildings
from gezhi.site.imports.osm import ATTRIBUTION, Extract
from gezhi.site.imports.roadblocks import road_blocks
from gezhi.territory.layers.queries import grid_index
from gezhi.territory.layers.services import GridShape, ensure_scheme, publish_layer, replace_features

SOURCE = "osm"
FIRST = "001"  # the number of the one street and the one community a first layer hangs under
COVERED = 0.02  # share of the extract's box that grids in force must cover to count as being there


@dataclass(frozen=True, slots=True)
class District:
    """Where an extract belongs. With a parent code the district is hung below that area."""

    code: str  # 6 digits
    name: str
    name_en: str = ""
    parent_code: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import has done. `grids` 0: the layer in force was kept."""

    features: int
    buildings: Taken
    grids: int
    district: Area


def load_osm(*, actor: Actor, at: datetime, extract: Extract, district: District) -> Loaded:
    """Put an extract on the map; the same extract again changes nothing but the time of the import."""
    if extract.box.is_empty or not (extract.features or extract.buildings):
        raise Refused("osm_empty", _("There are no roads, waters, parks or buildings in this file."))
    with transaction.atomic():
        area = _district(actor, at, extract, district)
        grids = 0 if _covered(extract.box) else _first_layer(actor, at, extract, area)
        replace_features(
            actor=actor,
            at=at,
            area=area,
            source=SOURCE,
            attribution=ATTRIBUTION,
            features=extract.features,
        )
        taken = take_buildings(actor=actor, at=at, area=area, source=SOURCE, buildings=extract.buildings)
    return Loaded(features=len(extract.features), buildings=taken, grids=grids, district=area)


def _district(actor: Actor, at: datetime, extract: Extract, district: District) -> Area:
    known = Area.objects.filter(code=district.code).first()
    if known is not None:
        return known
    middle = extract.box.centroid
    row = AreaFacts(
        row=1,
        code=district.code,
        name=district.name,
        kind=AreaKind.DISTRICT,
        parent_code=district.parent_code,
        name_en=district.name_en,
        lon=middle.x,
        lat=middle.y,
    )
    return take_areas(actor=actor, at=at, rows=[row]).areas[district.code]


def _covered(box: Any) -> bool:
    """Whether grids in force lie on this ground already."""
    index = grid_index()
    touching = index.geoms[index.tree.query(box, predicate="intersects")] if len(index.ids) else []
    shared = sum(float(shapely.area(shapely.intersection(geom, box))) for geom in touching)
    return shared > COVERED * float(box.area)


def _first_layer(actor: Actor, at: datetime, extract: Extract, district: Area) -> int:
    """One street, one community, and a grid for each block between main roads."""
    blocks = road_blocks(extract.box, extract.dividing, extract.streets)
    areas = _first_areas(actor, at, blocks, district)
    scheme = ensure_scheme(
        actor=actor,
        at=at,
        area=district,
        code=f"base-{district.code}",
        name=_("Base grids"),
        name_en="Base grids",
        base=True,
    )
    shapes = [GridShape(area=area, geom=block) for area, block in zip(areas, blocks, strict=True)]
    publish_layer(actor=actor, at=at, scheme=scheme, grids=shapes)
    return len(blocks)


def _first_areas(actor: Actor, at: datetime, blocks: Sequence[Any], district: Area) -> list[Area]:
    street, community = f"{district.code}{FIRST}", f"{district.code}{FIRST}{FIRST}"
    rows = [
        AreaFacts(1, street, _("First street"), AreaKind.STREET, district.code, "First street"),
        AreaFacts(2, community, _("First community"), AreaKind.COMMUNITY, street, "First community"),
    ]
    middles = [block.representative_point() for block in blocks]
    numbers = number_grids([(m.x, m.y) for m in middles])
    codes = [make_grid_code(community=community, sequence=number) for number in numbers]
    for order, (code, number, middle) in enumerate(zip(codes, numbers, middles, strict=True), start=3):
        name = _("Grid %s") % number
        rows.append(
            AreaFacts(order, code, name, AreaKind.GRID, community, f"Grid {number}", middle.x, middle.y)
        )
    taken = take_areas(actor=actor, at=at, rows=rows).areas
    return [taken[code] for code in codes]
