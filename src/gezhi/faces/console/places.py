"""The area a page is about: the way down to it and what lies below."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.audit.errors import NotFound

ABOVE_THE_DISTRICT = (AreaKind.PROVINCE, AreaKind.CITY)


@dataclass(frozen=True)
class Scope:
    """`trail` leads from the district down to the area; `path` is empty while nothing is left out."""

    trail: list[Area] = field(default_factory=list)
    below: list[Area] = field(default_factory=list)
    path: str = ""

    @property
    def area(self) -> Area | None:
        return self.trail[-1] if self.trail else None

    @property
    def ground(self) -> str:
        """The path of the area, narrowed or not: where its map opens, where addresses are looked for."""
        return self.trail[-1].path if self.trail else ""

    @property
    def below_label(self) -> str:
        """全部社区: what the areas below are called, taken together."""
        labels = {
            AreaKind.STREET.value: _("All streets"),
            AreaKind.COMMUNITY.value: _("All communities"),
            AreaKind.GRID.value: _("All grids"),
        }
        return labels.get(self.below[0].kind, "") if self.below else ""


def scope_of(actor: Actor, code: str) -> Scope:
    """The scope an address asks for by an area's code; the area of the actor's posts where it asks for none.

    One query. Names of areas are public, so any area may be asked for: what is seen there is another matter.
    """
    if code:
        line = Exists(Area.objects.filter(code=code, path__startswith=OuterRef("path")))
        rows = _rows(line | Q(parent__code=code, retired_at=None))
        path = next((area.path for area in rows if area.code == code), None)
        if path is None:
            raise NotFound
    else:
        path = home_path(actor)
        rows = _rows(Q(path__in=ancestors(path)) | Q(parent__path=path, retired_at=None))
    trail = [area for area in rows if path.startswith(area.path)]
    shown = [area for area in trail if area.kind not in ABOVE_THE_DISTRICT] or trail
    return Scope(trail=shown, below=[area for area in rows if area not in trail], path=path if code else "")


def _rows(wanted: Q | Exists) -> list[Area]:
    return list(Area.objects.filter(wanted).order_by("path"))


def home_path(actor: Actor) -> str:
    """The smallest area that holds all posts of an actor; that of the first where none holds them all."""
    lines = [seat.area_path.split("/")[:-1] for seat in actor.seats]
    common = []
    for codes in zip(*lines, strict=False):
        if len(set(codes)) > 1:
            break
        common.append(codes[0])
    return "".join(f"{code}/" for code in common) or next((seat.area_path for seat in actor.seats), "")
