"""Why a clock of a case is due when it is: its stretches of running and resting, counted day by day.

A clock's row keeps sums alone. When it ran and rested is read from the record: each event is an act of the
table, and the table says what the act does to clocks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from django.utils.timezone import localdate, make_aware

from gezhi.foundation.clocks.counting import DayCount, day_by_day
from gezhi.foundation.clocks.queries import calendar, years_without_list
from gezhi.foundation.clocks.rules import Limit, LimitKind, advance
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.models import Case, CaseEvent, Clock
from gezhi.work.cases.queries import events_of
from gezhi.work.cases.states import ACTIVE, ClockKind
from gezhi.work.cases.table import TABLE


class Stretch(StrEnum):
    """What a clock did for a while."""

    RAN = "ran"  # counted, up to now or its end
    RESTED = "rested"  # paused: nothing counts
    AHEAD = "ahead"  # from now until it is due


@dataclass(frozen=True)
class Segment:
    """One stretch. `act` began it (empty for what lies ahead); `days` are empty where nothing counts."""

    kind: Stretch
    since: datetime
    until: datetime
    act: str
    seconds: int
    days: list[DayCount]


@dataclass(frozen=True)
class Reckoning:
    """All of a clock. `extended`: seconds an extension added to its limit.

    `recounted` is what its running time comes to by the calendar of today. It differs from `used` where the
    calendar was changed after the time had been counted: what was counted then stays.
    """

    clock: Clock
    segments: list[Segment]
    used: int
    left: int
    extended: int
    recounted: int
    unlisted_years: list[int]

    @property
    def counted_otherwise(self) -> bool:
        """Whether the calendar says otherwise today; a second a stretch is lost in rounding."""
        return abs(self.recounted - self.used) > len(self.segments)


def reckoning_of(*, case: Case, clock: Clock, at: datetime) -> Reckoning:
    """How the limit of a clock was counted so far, and how it goes on."""
    end = clock.ended_at or at
    past = [
        _segment(clock, running, since, until, act)
        for running, since, until, act in _stretches(clock, events_of(case), end)
        if since < until
    ]
    used = used_by(clock, at)
    ahead = _ahead(clock, used, at)
    segments = [*past, *([ahead] if ahead else [])]
    last = segments[-1].until if segments else end
    return Reckoning(
        clock=clock,
        segments=segments,
        used=used,
        left=clock.seconds - used,
        extended=_extended(case, clock),
        recounted=sum(one.seconds for one in past if one.kind == Stretch.RAN),
        unlisted_years=years_without_list(clock.started_at, last) if clock.working else [],
    )


def running_into(day: date) -> int:
    """How many running clocks of working time reach this day: a change there counts them anew."""
    since = make_aware(datetime.combine(day, time()))
    return Clock.objects.filter(
        ended_at=None, resumed_at__isnull=False, working=True, due_at__gte=since
    ).count()


def _segment(clock: Clock, running: bool, since: datetime, until: datetime, act: str) -> Segment:
    if not running:
        return Segment(Stretch.RESTED, since, until, act, 0, [])
    days = day_by_day(start=since, end=until, working=clock.working, calendar=calendar())
    return Segment(Stretch.RAN, since, until, act, days[-1].total_seconds if days else 0, days)


def _ahead(clock: Clock, used: int, at: datetime) -> Segment | None:
    """What is still to be counted of a running clock."""
    if clock.ended_at or clock.resumed_at is None or used >= clock.seconds:
        return None
    start = max(at, clock.resumed_at)
    days_to = clock.due_at or advance(
        start=start, seconds=clock.seconds - used, working=clock.working, calendar=calendar()
    )
    days = day_by_day(start=start, end=days_to, working=clock.working, calendar=calendar())
    return Segment(Stretch.AHEAD, start, days_to, "", days[-1].total_seconds if days else 0, days)


def _extended(case: Case, clock: Clock) -> int:
    """What extensions added: the limit's own length is that of the hours in force when it began."""
    if not case.extensions or clock.kind not in (ClockKind.HANDLE, ClockKind.WHOLE):
        return 0
    limit = Limit(kind=LimitKind(clock.limit_kind), amount=clock.limit_amount)
    return max(0, clock.seconds - limit.seconds(calendar(), on=localdate(clock.started_at)))


def _stretches(
    clock: Clock, events: Iterable[CaseEvent], end: datetime
) -> Iterator[tuple[bool, datetime, datetime, str]]:
    """(running, since, until, the act that began it) from the start of a clock to its end."""
    running, since, began_by = True, clock.started_at, ""
    for event in events:
        if not began_by:  # of the acts of that moment, the one that started it; those after it count
            if event.at == clock.started_at and _does(event, "starts", clock):
                began_by = event.act
            continue
        if event.at >= end:
            break
        stops = _does(event, "pauses", clock) or _closes(event, clock)
        goes_on = _does(event, "resumes", clock) or (not running and _does(event, "starts", clock))
        if running and stops and not goes_on:
            yield True, since, event.at, began_by
            running, since, began_by = False, event.at, event.act
        elif not running and goes_on:
            yield False, since, event.at, began_by
            running, since, began_by = True, event.at, event.act
    yield running, since, end, began_by


def _does(event: CaseEvent, word: str, clock: Clock) -> bool:
    """Whether the act of this event does this to clocks of this kind, by the table."""
    return f"{word} {clock.kind}" in WORDS.get((event.act, event.from_state), frozenset())


def _closes(event: CaseEvent, clock: Clock) -> bool:
    """The whole clock rests from a closing to a reopening: it is the one that can be ended and go on."""
    return clock.kind == ClockKind.WHOLE and event.to_state not in ACTIVE


def _words() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for row in TABLE:
        key = (row.act, row.source or "")
        found[key] = found.get(key, frozenset()) | frozenset(row.clocks.words)
    return found


WORDS = _words()
