"""Numbers and neighbours the desk shows beside cases. All start from what the actor may see."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import get_language

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import within
from gezhi.foundation.codes.cells import cell, neighbours
from gezhi.territory.layers.rules import distance_m
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.queries import Filter, counts, filtered
from gezhi.work.cases.states import ACTIVE, State

SAME_PLACE_METRES = 30.0
A_YEAR = timedelta(days=365)
MOST_ENDED = 10_000  # ended cases a tab counts


@dataclass(frozen=True)
class RailCounts:
    """What waits: for the actor, and for anybody in the area."""

    mine: int
    active: int


@dataclass(frozen=True)
class TabCounts:
    """How many cases each tab of the list holds, and what happened today."""

    tabs: dict[str, int]
    reported_today: int
    closed_today: int

    @property
    def capped(self) -> bool:
        """Whether there are more ended cases than were counted."""
        return self.tabs["ended"] >= MOST_ENDED


def rail_counts(actor: Actor, path: str) -> RailCounts:
    """What is open in an area."""
    found = counts(actor, Filter(area_path=path), at=timezone.now(), most_ended=0)
    return RailCounts(mine=found["mine"], active=found["active"])


def open_counts(actor: Actor, wanted: Filter, *, at: datetime) -> dict[str, int]:
    """The tabs of what is open alone; the stage of the filter does not count."""
    return _by_tab(actor, wanted, at=at, most_ended=0)


def tab_counts(actor: Actor, wanted: Filter, *, at: datetime) -> TabCounts:
    """All tabs, the ended up to MOST_ENDED; the stage of the filter does not count."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    seen = filtered(actor, replace(wanted, stage="all"), at=at).order_by()
    return TabCounts(
        tabs=_by_tab(actor, wanted, at=at, most_ended=MOST_ENDED),
        reported_today=seen.filter(reported_at__gte=midnight).count(),
        closed_today=seen.filter(state=State.CLOSED, closed_at__gte=midnight).count(),
    )


def _by_tab(actor: Actor, wanted: Filter, *, at: datetime, most_ended: int) -> dict[str, int]:
    to_decide = filtered(actor, replace(wanted, stage="decide"), at=at).order_by().count()
    return counts(actor, wanted, at=at, most_ended=most_ended) | {"decide": to_decide}


def waiting_askers(case: Case) -> int:
    """How many people wait for the answer of a case."""
    return Asker.objects.filter(case=case, withdrawn_at=None).count()


@dataclass(frozen=True)
class Jam:
    """Where overdue cases wait: an agency, or a kind of desk (`grant`) where no agency has them."""

    agency: str
    grant: str
    cases: int
    since: datetime


def jams(actor: Actor, path: str, *, at: datetime, most: int) -> list[Jam]:
    """Who holds the most overdue cases of an area, the worst first."""
    late = Case.objects.visible_to(actor).filter(within("area_path", path), state__in=ACTIVE, due_at__lt=at)
    english = (get_language() or "").startswith("en")
    name = "owner_agency__name_en" if english else "owner_agency__name"
    rows = late.order_by().values_list(name, "owner_agency__name", "owner_grant")
    counted = rows.annotate(n=Count("pk"), since=Min("due_at")).order_by("-n", "since")[:most]
    return [Jam(shown or plain or "", grant, n, since) for shown, plain, grant, n, since in counted]


def same_place_before(case: Case, actor: Actor) -> list[Case]:
    """Cases of the same matter at the same place within the year before, newest first."""
    if case.item is None:
        return []
    around = Case.objects.visible_to(actor).filter(
        cell__in=neighbours(cell(case.lon, case.lat)),
        item__kind=case.item.kind,
        item__code=case.item.code,
        reported_at__gt=case.reported_at - A_YEAR,
        reported_at__lte=case.reported_at,
    )
    near = [
        other
        for other in around.exclude(pk=case.pk).order_by("-reported_at")[:200]
        if distance_m(case.lon, case.lat, other.lon, other.lat) <= SAME_PLACE_METRES
    ]
    return near[:20]
