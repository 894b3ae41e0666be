"""Clocks of cases as the pages show them, measured the clock's own way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from gezhi.faces.look.clocks import DAY, ClockView, clock_view, remaining
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Limit, LimitKind, describe
from gezhi.work.cases.clocks import owed, used_by
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.states import ClockKind


def view_of(clock: Clock, *, at: datetime) -> ClockView:
    """One clock at this moment."""
    limit = Limit(kind=LimitKind(clock.limit_kind), amount=clock.limit_amount)
    ended = clock.ended_at is not None
    return clock_view(
        label=label_of(clock),
        at=at,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        ended_at=clock.ended_at,
        paused=not ended and clock.resumed_at is None,
        limit_text=_limit_words(clock, limit),
        left=clock.seconds - used_by(clock, at),
        total=clock.seconds,
        day_seconds=day_seconds(working=clock.working, on=clock.started_at),
    )


def label_of(clock: Clock) -> str:
    """What it measures; of an agency beside the lead, with its name."""
    kind = str(ClockKind(clock.kind).label)
    return f"{kind} · {clock.agency.shown}" if clock.slot and clock.agency else kind


def _limit_words(clock: Clock, limit: Limit) -> str:
    """The whole limit is a sum of others, a review is due on a day: their hours read as a duration."""
    if clock.kind not in (ClockKind.WHOLE, ClockKind.REVIEW):
        return describe(limit)
    return remaining(clock.seconds, day_seconds(working=clock.working, on=clock.started_at))


def running(clocks: Iterable[Clock], *, at: datetime) -> list[ClockView]:
    """The open clocks of a case, the whole one last."""
    return [view_of(clock, at=at) for clock in clocks if clock.ended_at is None]


def owner_clock(case: Case, clocks: Iterable[Clock], *, at: datetime) -> ClockView | None:
    """The nearest clock the owner of a case owes; where all stand still, one of those."""
    own = [clock for clock in clocks if clock.ended_at is None and owed(clock, case)]
    first = min(own, key=lambda clock: (clock.resumed_at is None, clock.due_at or at), default=None)
    return view_of(first, at=at) if first else None


def day_seconds(*, working: bool, on: datetime) -> int:
    """How long a day of this counting was then: 24 hours, or a working day under the hours in force."""
    return calendar().day_seconds_on(localdate(on)) if working else DAY


def kept_or_late(ended: dict[str, Any], *, at: datetime) -> tuple[str, str]:
    """A clock an act ended, as a chip: its words and its tone (see `CaseEvent.clocks`)."""
    day = day_seconds(working=ended["working"], on=at)
    if ended["late"]:
        return _("Overdue %(time)s") % {"time": remaining(ended["late"], day)}, "r"
    words = {"used": remaining(ended["used"], day), "limit": remaining(ended["limit"], day)}
    return _("%(used)s of %(limit)s") % words, "g"


def open_clocks(cases: Sequence[Case], *, keys: Mapping[UUID, str] | None = None) -> dict[UUID, Clock]:
    """The clock each case is measured by now: the nearest of those its owner owes.

    `keys`: by case the clock somebody who looks owes beside the owner (see owing.py), which then counts.
    """
    found: dict[UUID, list[Clock]] = defaultdict(list)
    ids = [case.pk for case in cases]
    running = Clock.objects.filter(case__in=ids, ended_at=None, resumed_at__isnull=False).exclude(
        kind="whole"
    )
    for clock in running.select_related("agency").order_by("due_at", "pk"):
        found[clock.case_id].append(clock)
    own = keys or {}
    chosen = {case.pk: _measure(case, found[case.pk], own.get(case.pk, "")) for case in cases}
    return {case: clock for case, clock in chosen.items() if clock}


def _measure(case: Case, clocks: Sequence[Clock], key: str) -> Clock | None:
    own = next((clock for clock in clocks if clock.key == key), None)
    return own or next((clock for clock in clocks if owed(clock, case)), None)
