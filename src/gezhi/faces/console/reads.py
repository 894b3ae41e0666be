"""Numbers and neighbours the desk shows beside cases. All start from what the actor may see."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import get_language

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import within
from gezhi.foundation.codes.cells import cell, neighbours
from gezhi.territory.layers.rules import distance_m
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.queries import STAGES, Filter, filtered, to_decide, todo
from gezhi.work.cases.states import ACTIVE, State

SAME_PLACE_METRES = 30.0
A_YEAR = timedelta(days=365)


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


def rail_counts(actor: Actor, path: str) -> RailCounts:
    """One query over what is open."""
    open_cases = Case.objects.visible_to(actor).filter(
        within("area_path", path), Q(state__in=ACTIVE) | Q(state=State.CLOSED, follow_up=True)
    )
    found = open_cases.aggregate(
        mine=Count("pk", filter=todo(actor)), active=Count("pk", filter=Q(state__in=ACTIVE))
    )
    return RailCounts(mine=found["mine"], active=found["active"])


def tab_counts(actor: Actor, wanted: Filter, *, at: datetime, open_only: bool = False) -> TabCounts:
    """One query, whatever the tab: the other parts of the filter count, the stage does not.

    `open_only` leaves out what waits for nobody (and so the true numbers of closed and ended cases).
    """
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    base = filtered(
        actor,
        Filter(
            area_path=wanted.area_path,
            item_code=wanted.item_code,
            item_kind=wanted.item_kind,
            source=wanted.source,
            text=wanted.text,
        ),
        at=at,
    )
    if open_only:
        waits = Q(follow_up=True) | Q(to_call=True)
        base = base.filter(Q(state__in=ACTIVE) | Q(state=State.CLOSED) & waits)
    rows = list(
        base.order_by()
        .values("state")
        .annotate(
            n=Count("pk"),
            mine=Count("pk", filter=todo(actor)),
            decide=Count("pk", filter=to_decide(actor)),
            overdue=Count("pk", filter=Q(state__in=ACTIVE, due_at__lt=at)),
            reported=Count("pk", filter=Q(reported_at__gte=midnight)),
            closed=Count("pk", filter=Q(closed_at__gte=midnight)),
        )
    )
    by_state = Counter({row["state"]: row["n"] for row in rows})
    tabs = {stage: sum(by_state[state] for state in states) for stage, states in STAGES.items()}
    tabs["all"] = by_state.total()
    tabs["active"] = sum(by_state[state] for state in ACTIVE)
    tabs["mine"] = sum(row["mine"] for row in rows)
    tabs["decide"] = sum(row["decide"] for row in rows)
    tabs["overdue"] = sum(row["overdue"] for row in rows)
    return TabCounts(
        tabs=tabs,
        reported_today=sum(row["reported"] for row in rows),
        closed_today=sum(row["closed"] for row in rows),
    )


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
