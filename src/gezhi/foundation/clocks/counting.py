"""How time was counted, day by day: which spans of a day count, which days do not. Pure.

`advance` and `elapsed` (rules.py) give the sums; this shows how they come about, and must agree with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gezhi.foundation.clocks.rules import DAY_SECONDS, ONE_DAY, SECOND, WorkCalendar

LONGEST_DAYS = 1200  # more than the longest limit; a stretch beyond it is shown only so far
ONE_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class DayCount:
    """One day of a stretch of time. `spans`: from–until of what was counted, in UTC.

    `micros` is what counted; `total` what had counted by the end of the day. A day without spans did not
    count: it `rests` as a whole, or the stretch only touches it outside working hours.
    """

    date: date
    spans: tuple[tuple[datetime, datetime], ...]
    micros: int
    total: int
    rests: bool

    @property
    def seconds(self) -> int:
        """Whole seconds of this day; the sum of days may be a second more or less than the total."""
        return self.micros // SECOND

    @property
    def total_seconds(self) -> int:
        return self.total // SECOND


def day_by_day(*, start: datetime, end: datetime, working: bool, calendar: WorkCalendar) -> list[DayCount]:
    """Every day from `start` to `end` with what of it counted; none where the second is not the later."""
    found: list[DayCount] = []
    total = 0
    for day in _days(start, end, calendar):
        works = not working or calendar.working_days(day)
        spans = tuple(_spans_of(day, start, end, working, calendar)) if works else ()
        micros = sum((until - since) // ONE_MICRO for since, until in spans)
        total += micros
        found.append(DayCount(day, spans, micros, total, rests=not works))
    return found


def _days(start: datetime, end: datetime, calendar: WorkCalendar) -> Iterator[date]:
    if end <= start:
        return
    first = start.astimezone(calendar.tz).date()
    last = (end - ONE_MICRO).astimezone(calendar.tz).date()
    for n in range(min((last - first).days, LONGEST_DAYS) + 1):
        yield first + n * ONE_DAY


def _spans_of(
    day: date, start: datetime, end: datetime, working: bool, calendar: WorkCalendar
) -> Iterator[tuple[datetime, datetime]]:
    """The counted spans of a day that lie between the two moments."""
    midnight = datetime.combine(day, time(), tzinfo=calendar.tz)
    spans = calendar.spans_on(day) if working else ((0, DAY_SECONDS * SECOND),)
    for begin, stop in spans:
        since = max((midnight + timedelta(microseconds=begin)).astimezone(UTC), start.astimezone(UTC))
        until = min((midnight + timedelta(microseconds=stop)).astimezone(UTC), end.astimezone(UTC))
        if since < until:
            yield since, until
