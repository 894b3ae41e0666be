"""Clocks of cases as the pages show them, measured the clock's own way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from gezhi.faces.look.clocks import DAY, ClockView, clock_view, remaining
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Limit, LimitKind, describe
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.states import ClockKind


def view_of(clock: Clock, *, at: datetime) -> ClockView:
    """One clock at this moment."""
    limit = Limit(kind=LimitKind(clock.limit_kind), amount=clock.limit_amount)
    ended = clock.ended_at is not None
    return clock_view(
        label=str(ClockKind(clock.kind).label),
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


def _limit_words(clock: Clock, limit: Limit) -> str:
    """The whole limit is a sum of others, so its exact hours say nothing: it reads as a duration."""
    if clock.kind != ClockKind.WHOLE:
        return describe(limit)
    return remaining(clock.seconds, day_seconds(working=clock.working, on=clock.started_at))


def running(clocks: Iterable[Clock], *, at: datetime) -> list[ClockView]:
    """The open clocks of a case, the whole one last."""
    return [view_of(clock, at=at) for clock in clocks if clock.ended_at is None]


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


def open_clocks(cases: Sequence[Case]) -> dict[UUID, Clock]:
    """The clock each case is measured by now: the nearest due of its running ones but the whole one."""
    running = Clock.objects.filter(
        case__in=[case.pk for case in cases], ended_at=None, resumed_at__isnull=False
    ).exclude(kind="whole")
    found: dict[UUID, Clock] = {}
    for clock in running.order_by("due_at", "pk"):
        found.setdefault(clock.case_id, clock)
    return found
