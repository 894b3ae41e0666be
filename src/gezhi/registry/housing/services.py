"""Taking buildings over from a survey, a map or another system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.db import transaction

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.services import record
from gezhi.foundation.codes.cells import cell
from gezhi.registry.housing.models import Building, Use
from gezhi.registry.housing.rules import fold
from gezhi.territory.layers.queries import locate
from gezhi.territory.layers.services import authorise

BATCH = 500
WRITTEN = (
    *("name", "name_en", "address", "estate", "use", "area", "geom", "lon", "lat", "cell", "floors"),
    *("households", "source", "folded", "updated_at", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class BuildingFacts:
    """What a source says of one building. `households` None: the source does not know."""

    code: str
    geom: Any  # shapely Polygon or MultiPolygon
    name: str = ""
    name_en: str = ""
    address: str = ""
    estate: str = ""
    use: str = Use.OTHER
    floors: int | None = None
    households: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many buildings are new, met again, and gone from the source."""

    new: int
    again: int
    gone: int


def take_buildings(
    *, actor: Actor, at: datetime, area: Area, source: str, buildings: Sequence[BuildingFacts]
) -> Taken:
    """Make the register hold exactly what `source` says of `area`: the same call again changes nothing.

    Grids are found by place, so publish the layer first. What the source no longer has is ended, not deleted.
    """
    authorise(actor, area.path)
    rows = _rows(buildings, area, source, at)
    with transaction.atomic():
        held = {b.code: b for b in Building.objects.filter(code__in=[r.code for r in rows])}
        gone = _end_missing(area, source, {r.code for r in rows}, at)
        for row in rows:  # a source that does not count households must not wipe what others counted
            if row.households is None and row.code in held:
                row.households = held[row.code].households
        Building.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=WRITTEN,
        )
        taken = Taken(new=len(rows) - len(held), again=len(held), gone=gone)
        detail = {"source": source, "new": taken.new, "again": taken.again, "gone": taken.gone}
        record(actor=actor, act="buildings.take", subject=area, at=at, detail=detail)
    return taken


def _end_missing(area: Area, source: str, kept: set[str], at: datetime) -> int:
    standing = Building.objects.standing().filter(within("area__path", area.path), source=source)
    missing = [pk for pk, code in standing.values_list("pk", "code") if code not in kept]
    for start in range(0, len(missing), BATCH):
        Building.objects.filter(pk__in=missing[start : start + BATCH]).update(ended_at=at, updated_at=at)
    return len(missing)


def _rows(buildings: Sequence[BuildingFacts], area: Area, source: str, at: datetime) -> list[Building]:
    places = shapely.point_on_surface(np.array([b.geom for b in buildings], dtype=object))
    points = (
        np.column_stack([shapely.get_x(places), shapely.get_y(places)])
        if len(buildings)
        else np.empty((0, 2))
    )
    return [
        _row(facts, float(lon), float(lat), int(area_id) or area.pk, source, at)
        for facts, (lon, lat), area_id in zip(buildings, points, locate(points), strict=True)
    ]


def _row(facts: BuildingFacts, lon: float, lat: float, area_id: int, source: str, at: datetime) -> Building:
    return Building(
        code=facts.code,
        name=facts.name,
        name_en=facts.name_en,
        address=facts.address,
        estate=facts.estate,
        use=facts.use,
        area_id=area_id,
        geom=shapely.to_wkb(facts.geom),
        lon=lon,
        lat=lat,
        cell=cell(lon, lat),
        floors=facts.floors,
        households=facts.households,
        source=source,
        folded=_folded((facts.address, facts.name, facts.estate, facts.name_en)),
        updated_at=at,
    )


def _folded(texts: Iterable[str]) -> str:
    """Every distinct spelling once, kept apart so that no match runs across two of them."""
    return "|".join(dict.fromkeys(fold(text) for text in texts if text))[:420]
