"""A small ground for the registers: one district with two grids side by side, and people on posts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.areas.models import Area

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    district: Area
    west: Area
    east: Area


def seated(area: Area, *, agency_path: str = "", grants: frozenset[str] = frozenset()) -> Actor:
    """A person with one post on an area."""
    seat = Seat(
        post_id=1,
        role="any",
        grants=grants,
        sees="area",
        area_id=area.pk,
        area_path=area.path,
        agency_path=agency_path,
    )
    return Actor(kind="user", ident="1", label="somebody", user_id=1, seats=(seat,))
