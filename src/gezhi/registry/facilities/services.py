"""Taking components over from a census."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Refused
from gezhi.foundation.audit.services import record
from gezhi.foundation.codes.cells import cell
from gezhi.foundation.codes.components import ComponentCode, parse_component_code
from gezhi.foundation.codes.errors import CodeError
from gezhi.registry.facilities.models import Component
from gezhi.territory.layers.queries import locate
from gezhi.territory.layers.services import authorise

BATCH = 500
WRITTEN = (
    *("name", "address", "area", "lon", "lat", "cell", "owner", "maintainer", "checked_on"),
    *("updated_at", "ended_at"),
)


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """What a census says of one component. The class and item stand in the code."""

    code: str
    name: str
    lon: float
    lat: float
    address: str = ""
    owner_id: int | None = None
    maintainer_id: int | None = None
    checked_on: date | None = None


def take_components(*, actor: Actor, at: datetime, area: Area, components: Sequence[ComponentFacts]) -> int:
    """Write components by their identity codes, new or known; return how many. Grids are found by place."""
    authorise(actor, area.path)
    rows = _rows(components, area, at)
    with transaction.atomic():
        Component.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=WRITTEN,
        )
        record(actor=actor, act="components.take", subject=area, at=at, detail={"count": len(rows)})
    return len(rows)


def _parsed(code: str) -> ComponentCode:
    try:
        return parse_component_code(code)
    except CodeError as error:
        raise Refused(
            "component_code", _("%(code)s is not an identity code of 16 digits.") % {"code": code}
        ) from error


def _rows(components: Sequence[ComponentFacts], area: Area, at: datetime) -> list[Component]:
    codes = [_parsed(facts.code) for facts in components]
    points = np.array([(c.lon, c.lat) for c in components], dtype=np.float64).reshape(-1, 2)
    return [
        Component(
            code=code.code,
            item_code=code.class_code + code.item_code,
            name=facts.name,
            address=facts.address,
            area_id=int(area_id) or area.pk,
            lon=facts.lon,
            lat=facts.lat,
            cell=cell(facts.lon, facts.lat),
            owner_id=facts.owner_id,
            maintainer_id=facts.maintainer_id,
            checked_on=facts.checked_on,
            updated_at=at,
        )
        for facts, code, area_id in zip(components, codes, locate(points), strict=True)
    ]
