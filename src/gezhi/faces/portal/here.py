"""Who is responsible here: what hangs on the sign-board of a grid, no more."""

from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.foundation.actors.models import Agency, Post, Sees
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import lineage
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Period
from gezhi.territory.layers.models import Scheme

NEAR_KINDS = (AreaKind.GRID, AreaKind.MICRO_GRID, AreaKind.COMMUNITY)


@dataclass(frozen=True)
class DutyPerson:
    """One person on the sign-board."""

    duty: str
    name: str
    phone: str


@dataclass(frozen=True)
class Responsible:
    """The sign-board of a place."""

    area: Area
    above: str  # the community and street it belongs to
    people: list[DutyPerson]
    hours: str
    office: Agency | None  # the community's committee, if it has a telephone


def responsible_for(area: Area, *, at: datetime) -> Responsible:
    """Who answers for a grid: its people and its community's, their duty telephones, their hours."""
    above = [
        each
        for each in lineage(area.path)
        if each.pk != area.pk and each.kind in (AreaKind.STREET, AreaKind.COMMUNITY)
    ]
    return Responsible(
        area=area,
        above=" · ".join(each.shown for each in above),
        people=duty_people(area.path, at=at),
        hours=hours_words(calendar().periods),
        office=_office(area.path, at=at),
    )


def duty_people(path: str, *, at: datetime) -> list[DutyPerson]:
    """The people who walk a grid and its community by their posts, the grid's own first.

    Those who only look after their own neighbours as volunteers are not on the board.
    """
    posts = (
        Post.objects.current(at)
        .filter(
            area__path__in=ancestors(path),
            area__kind__in=NEAR_KINDS,
            agency=None,
            user__is_active=True,
            role__in=roles_with("collect"),
            role__sees=Sees.AREA,
        )
        .select_related("user", "role", "area")
        .order_by("-area__path", "role__order", "pk")
    )
    return [DutyPerson(post.role.shown, post.user.name, post.user.duty_phone) for post in posts]


def _office(path: str, *, at: datetime) -> Agency | None:
    committees = Agency.objects.filter(area__path__in=ancestors(path), kind=Agency.Kind.COMMITTEE).exclude(
        phone=""
    )
    return committees.exclude(closed_at__lte=at).order_by("-area__path").first()


def hours_words(periods: tuple[Period, ...]) -> str:
    """ "working days 08:00–12:00, 14:00–18:00"."""
    spans = pgettext("between items of a list", ", ").join(f"{_hour(a)}–{_hour(b)}" for a, b in periods)
    return _("working days %(hours)s") % {"hours": spans}


def _hour(moment: time) -> str:
    return f"{moment:%H:%M}"


def place_name() -> str:
    """Whose pages these are: the one area that has base grids; empty where there are several or none."""
    areas = [scheme.area.shown for scheme in Scheme.objects.filter(base=True).select_related("area")[:2]]
    return areas[0] if len(areas) == 1 else ""
