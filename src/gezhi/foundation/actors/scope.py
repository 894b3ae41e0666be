"""An actor: whoever reads or writes, with the posts that say how far."""

from dataclasses import dataclass, replace
from typing import Self

from django.db.models import Q

from gezhi.foundation.areas.fields import within


@dataclass(frozen=True, slots=True)
class Seat:
    """One post as scope: role, grants, area, agency or line."""

    post_id: int
    role: str
    grants: frozenset[str]
    sees: str
    area_id: int
    area_path: str
    agency_id: int | None = None
    agency_path: str = ""
    agency_name: str = ""
    line: str = ""
    title: str = ""  # role and area in words, e.g. "派遣员 海棠街道"


@dataclass(frozen=True, slots=True)
class Actor:
    """Staff, a program with a key, a resident on own cases, or the system itself.

    `kind`: "user", "key", "asker", "system" (the worker) or "policy" (automatic desk steps).
    `ident` is what audit rows keep; `scopes` narrows a key and is None for everyone else.
    """

    kind: str
    ident: str
    label: str
    user_id: int | None = None
    seats: tuple[Seat, ...] = ()
    asker_id: int | None = None
    scopes: frozenset[str] | None = None

    def seats_with(self, grant: str, path: str = "") -> list[Seat]:
        """The seats that carry `grant` on an area at or above `path`; with no path, all that carry it."""
        return [s for s in self.seats if grant in s.grants and (not path or path.startswith(s.area_path))]

    def may(self, grant: str, path: str = "") -> bool:
        """Whether some post carries `grant` there."""
        return bool(self.seats_with(grant, path))

    def reaches(self, field: str, grant: str = "") -> Q:
        """The condition that the area path in `field` lies where one holds a post, or one with `grant`."""
        scope = Q(pk__in=[])
        for seat in self.seats_with(grant) if grant else self.seats:
            scope |= within(field, seat.area_path)
        return scope

    def in_agency(self, agency_path: str) -> bool:
        """Whether some post is in this agency or one below it."""
        return bool(agency_path) and any(s.agency_path.startswith(agency_path) for s in self.seats)

    def allows(self, scope: str) -> bool:
        """Whether a key's scopes include this one; people have no such limit."""
        return self.scopes is None or scope in self.scopes

    def titled(self, label: str) -> Self:
        """The same actor with another label for the record."""
        return replace(self, label=label)


SYSTEM = Actor(kind="system", ident="worker", label="system")
POLICY = Actor(kind="policy", ident="policy", label="policy")
