"""The desk's first page: what waits for me, what is about to be late, what is new."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.civic.notices.queries import latest
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.keeping import figures_of
from gezhi.faces.console.queue import DECIDES
from gezhi.faces.console.reads import Jam, RailCounts, jams, tab_counts
from gezhi.faces.console.steps import GRANTS
from gezhi.faces.look.cases.rows import rows_of
from gezhi.faces.look.telling import line_of
from gezhi.foundation.clocks.queries import year_is_official
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import Filter, page_of
from gezhi.work.cases.states import ACTIVE
from gezhi.work.desk.models import HandoverNote
from gezhi.work.desk.queries import note_to_confirm
from gezhi.work.desk.rules import DESK_GRANTS
from gezhi.work.desk.rules import WATCHES as READS_NOTES

MINE = 12
BESIDE = 6
WATCHES = {"lead", "approve", "agency_head", "desk", "dispatch"}  # who must know what others are late with
LEADS = {"lead", "approve", "agency_head"}


@require_safe
@at_desk
def today(request: HttpRequest, desk: Desk) -> HttpResponse:
    """My queue by clock, what is overdue around me, my notices. Who keeps the system sees the settings."""
    notices = latest(desk.actor, limit=8)
    context: dict[str, Any] = {
        "notices": [line_of(notice) for notice in notices],
        "works_on_cases": desk.works_on_cases,
        "keeping": figures_of(desk),
        "calendar_missing": _calendar_missing(desk),
        "hands_over": bool(desk.grants & (DESK_GRANTS | READS_NOTES)),
        "handed": _handed(desk),
    }
    if not desk.works_on_cases:
        return desk.page("console/today.html", context, on="today", rail=RailCounts(mine=0, active=0))
    counts = tab_counts(desk.actor, Filter(area_path=desk.scope.path), at=desk.at)
    mine = page_of(desk.actor, _filter(desk, "mine", MINE), at=desk.at)
    watches = bool(desk.grants & WATCHES)
    late = page_of(desk.actor, _filter(desk, "overdue", BESIDE), at=desk.at).rows if watches else []
    context |= {
        "counts": counts,
        "mine": rows_of(mine.rows, at=desk.at, actor=desk.actor),
        "mine_more": bool(mine.next_key),
        "soon": _soon(desk),
        "watches": watches,
        "decides": bool(desk.grants & DECIDES),
        "late": rows_of(late, at=desk.at),
        "jams": _jams(desk) if desk.grants & LEADS else [],
        "reported": _reported(desk),
    }
    rail = RailCounts(mine=counts.tabs["mine"], active=counts.tabs["active"])
    return desk.page("console/today.html", context, on="today", rail=rail)


def _handed(desk: Desk) -> HandoverNote | None:
    """The note of the shift before that waits to be confirmed by this one."""
    return note_to_confirm(desk.actor)


def _filter(desk: Desk, stage: str, limit: int) -> Filter:
    return Filter(stage=stage, area_path=desk.scope.path, limit=limit)


def _soon(desk: Desk) -> int:
    """Open cases whose clock has passed its warning but not its end."""
    found = Case.objects.visible_to(desk.actor).filter(
        state__in=ACTIVE, warn_at__lte=desk.at, due_at__gte=desk.at
    )
    if desk.scope.path:
        found = found.filter(area_path__startswith=desk.scope.path)
    return found.count()


def _jams(desk: Desk) -> list[tuple[str, Jam]]:
    """Where overdue cases pile up, in words."""
    found = jams(desk.actor, desk.scope.path, at=desk.at, most=BESIDE)
    return [(jam.agency or str(GRANTS.get(jam.grant, jam.grant)), jam) for jam in found]


def _reported(desk: Desk) -> list[Case]:
    """What I reported lately: its progress is news to me, whoever has it."""
    if "collect" not in desk.grants:
        return []
    mine = Case.objects.visible_to(desk.actor).filter(reporter=desk.actor.user_id)
    return list(mine.order_by("-reported_at", "-id")[:BESIDE])


def _calendar_missing(desk: Desk) -> int:
    """The year whose official holidays are not known yet, told to who keeps the calendar."""
    if "manage_calendar" not in desk.grants:
        return 0
    years = (desk.at.year, _next_year(desk.at))
    return next((year for year in years if not year_is_official(year)), 0)


def _next_year(at: datetime) -> int:
    """From November on, when the list for the next year is published, that year counts too."""
    return at.year + 1 if at.month >= 11 else at.year
