"""Limits and working-time arithmetic. Pure: no database, no "now".

Everything counts in wall-clock microseconds of the calendar's zone, whole days at a time. Moments go in as
aware datetimes of any zone and come out in UTC.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Self

from django.utils.translation import ngettext

Period = tuple[time, time]  # from-until inside one day; an end of 00:00 is the midnight that ends the day
Spans = tuple[tuple[int, int], ...]  # the same in microseconds since midnight

SECOND = 1_000_000
HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
ONE_DAY = timedelta(days=1)
IDLE_DAYS = 400  # no calendar rests this long; one that does would otherwise be searched for ever


class NoWorkingTimeError(ValueError):
    """The calendar has no working day for more than a year, so working time cannot be counted on."""


class LimitKind(StrEnum):
    """The four ways a limit counts (how it is written in Chinese rules: see `parse_limit`)."""

    CLOCK_HOURS = "clock_hours"  # 紧急工作时: nights, weekends and holidays included
    WORK_HOURS = "work_hours"  # 工作时: only the working periods of working days
    WORK_DAYS = "work_days"  # 工作日: as many standard working days of working time
    NATURAL_DAYS = "natural_days"  # 自然日, 紧急工作日: days of 24 hours


@dataclass(frozen=True)
class WorkCalendar:
    """When work is done: the daily periods, which days are working days, and the zone of both.

    `history` holds the periods of each time they were changed, as (first day, periods) in order of day;
    `periods` hold on days before all of them, and are the measure of a standard working day.
    """

    periods: tuple[Period, ...]
    working_days: Callable[[date], bool]
    tz: tzinfo
    history: tuple[tuple[date, tuple[Period, ...]], ...] = ()

    def __post_init__(self) -> None:
        for periods in (self.periods, *(periods for _, periods in self.history)):
            spans_of(periods)
        if list(self._since) != sorted(set(self._since)):
            raise ValueError("history must be in order of day, each day once")

    @cached_property
    def day_seconds(self) -> int:
        """Seconds of one standard working day."""
        return seconds_of(self.periods)

    def day_seconds_on(self, day: date) -> int:
        """Seconds of a full working day under the hours in force on this day."""
        return sum(end - begin for begin, end in self.spans_on(day)) // SECOND

    def spans_on(self, day: date) -> Spans:
        """The working periods in force on this day, should it be a working day."""
        if not self.history:
            return self._standard
        place = bisect_right(self._since, day)
        return self._spans[place - 1] if place else self._standard

    @cached_property
    def _standard(self) -> Spans:
        return spans_of(self.periods)

    @cached_property
    def _since(self) -> tuple[date, ...]:
        return tuple(since for since, _ in self.history)

    @cached_property
    def _spans(self) -> tuple[Spans, ...]:
        return tuple(spans_of(periods) for _, periods in self.history)


def spans_of(periods: tuple[Period, ...]) -> Spans:
    """The periods in microseconds since midnight; ValueError unless in order, apart and at least one."""
    spans = tuple((_micros(begin), _micros(end) or DAY_SECONDS * SECOND) for begin, end in periods)
    flat = [edge for span in spans for edge in span]
    if not flat or flat != sorted(flat) or any(begin == end for begin, end in spans):
        raise ValueError("working periods must follow each other within one day, and there must be one")
    return spans


def seconds_of(periods: tuple[Period, ...]) -> int:
    """Seconds of working time in a day of these periods."""
    return sum(end - begin for begin, end in spans_of(periods)) // SECOND


@dataclass(frozen=True)
class Limit:
    """How long something may take: hours or days by kind. Half an hour of working time is WORK_HOURS 0.5."""

    kind: LimitKind
    amount: Decimal

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount <= 0:
            raise ValueError("a limit must be longer than nothing")

    @classmethod
    def minutes(cls, count: int, *, working: bool = True) -> Self:
        """A limit of so many minutes; four decimals of an hour keep each minute exact to the second."""
        hours = (Decimal(count) / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return cls(LimitKind.WORK_HOURS if working else LimitKind.CLOCK_HOURS, hours)

    @property
    def working(self) -> bool:
        """Whether only working time counts."""
        return self.kind in (LimitKind.WORK_HOURS, LimitKind.WORK_DAYS)

    def seconds(self, calendar: WorkCalendar, *, on: date | None = None) -> int:
        """The limit in seconds of its own kind of time; a working day is as long as a standard one,
        or with `on` as one under the hours in force that day."""
        unit = HOUR_SECONDS
        if self.kind == LimitKind.NATURAL_DAYS:
            unit = DAY_SECONDS
        elif self.kind == LimitKind.WORK_DAYS:
            unit = calendar.day_seconds if on is None else calendar.day_seconds_on(on)
        return int((self.amount * unit).to_integral_value(ROUND_HALF_UP))


@dataclass(frozen=True)
class Points:
    """The moments of one running clock, in UTC. What was passed before its start stands at its start."""

    half: datetime
    warn: datetime  # 80 %
    due: datetime
    overdue: datetime  # due and grace


def advance(*, start: datetime, seconds: int, working: bool, calendar: WorkCalendar) -> datetime:
    """The first moment at which `seconds` have been counted from `start` on.

    Raises NoWorkingTimeError when the calendar runs out of working days.
    """
    if seconds < 0:
        raise ValueError("time is only counted forwards")
    _must_be_aware(start)
    if not working:
        return start.astimezone(UTC) + timedelta(seconds=seconds)
    if not seconds:
        return start.astimezone(UTC)
    day, at = _day_and_micros(start, calendar)
    left = seconds * SECOND
    rested = 0
    while rested < IDLE_DAYS:
        rested += 1
        if calendar.working_days(day):
            rested = 0
            for begin, end in calendar.spans_on(day):
                length = end - max(begin, at)
                if length <= 0:
                    continue
                if left <= length:
                    return _moment(day, end - length + left, calendar)
                left -= length
        day, at = day + ONE_DAY, 0
    raise NoWorkingTimeError(f"no working day from {day - IDLE_DAYS * ONE_DAY} to {day}")


def elapsed(*, start: datetime, end: datetime, working: bool, calendar: WorkCalendar) -> int:
    """Whole seconds counted between two moments; 0 when the second is not after the first."""
    _must_be_aware(start)
    _must_be_aware(end)
    if end <= start:
        return 0
    if not working:
        return (end - start) // timedelta(seconds=1)
    first, at = _day_and_micros(start, calendar)
    last, until = _day_and_micros(end, calendar)
    counted = 0
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if not calendar.working_days(day):
            continue
        lower = at if day == first else 0
        upper = until if day == last else DAY_SECONDS * SECOND
        for begin, stop in calendar.spans_on(day):
            counted += max(0, min(stop, upper) - max(begin, lower))
    return counted // SECOND


def points(
    *,
    start: datetime,
    limit: Limit,
    used: int = 0,
    grace_seconds: int,
    calendar: WorkCalendar,
    total: int | None = None,
) -> Points:
    """The points of a clock that starts, or goes on with `used` seconds consumed before, at `start`.

    `total` is the limit in seconds as fixed when the clock began; without it, that of a clock beginning now.
    The two differ only for working days when the hours of a day were changed in between.
    """
    _must_be_aware(start)
    if total is None:
        total = limit.seconds(calendar, on=start.astimezone(calendar.tz).date())

    def moment(counted: int) -> datetime:
        return advance(start=start, seconds=max(0, counted - used), working=limit.working, calendar=calendar)

    return Points(
        half=moment(total // 2),
        warn=moment(total * 4 // 5),
        due=moment(total),
        overdue=moment(total + grace_seconds),
    )


class WrittenLimit(NamedTuple):
    """A limit as a rule writes it, and whether the matter must be guarded until it has stopped (制止)."""

    limit: Limit
    until_stopped: bool


# How rules write the unit of a limit. Longer spellings come before those they end with.
UNITS: dict[str, LimitKind] = {
    "紧急工作时": LimitKind.CLOCK_HOURS,
    "紧急小时": LimitKind.CLOCK_HOURS,
    "紧急分钟": LimitKind.CLOCK_HOURS,
    "工作时": LimitKind.WORK_HOURS,
    "小时": LimitKind.WORK_HOURS,
    "分钟": LimitKind.WORK_HOURS,
    "工作日": LimitKind.WORK_DAYS,
    "天": LimitKind.WORK_DAYS,
    "自然日": LimitKind.NATURAL_DAYS,
    "紧急工作日": LimitKind.NATURAL_DAYS,
}
WRITTEN = re.compile(rf"(\d+(?:\.\d+)?)\s*个?({'|'.join(UNITS)})(制止)?")


def parse_limit(text: str) -> WrittenLimit:
    """Read "2紧急工作时", "4小时", "2天", "1紧急工作日", "1紧急工作时制止"; ValueError for anything else."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a written limit: {text!r}")
    amount, unit, stopped = found.groups()
    if unit.endswith("分钟"):
        limit = Limit.minutes(int(Decimal(amount)), working=UNITS[unit] == LimitKind.WORK_HOURS)
    else:
        limit = Limit(UNITS[unit], Decimal(amount))
    return WrittenLimit(limit, stopped is not None)


def describe(limit: Limit) -> str:
    """The limit in the user's language, e.g. "30 分钟（工作时）"."""
    count = limit.amount
    in_minutes = not _by_days(limit) and count < 1
    count = (count * 60 if in_minutes else count).quantize(Decimal("0.1"), ROUND_HALF_UP)
    number = 1 if count == 1 else 2  # English: 1 hour, but 0.5 hours and 1.5 hours
    return _phrase(limit.kind, in_minutes, number) % {"amount": _plain(count)}


def _phrase(kind: LimitKind, in_minutes: bool, number: int) -> str:
    match kind, in_minutes:
        case LimitKind.WORK_DAYS, _:
            return ngettext("%(amount)s working day", "%(amount)s working days", number)
        case LimitKind.NATURAL_DAYS, _:
            return ngettext("%(amount)s calendar day", "%(amount)s calendar days", number)
        case LimitKind.WORK_HOURS, True:
            return ngettext("%(amount)s minute (working time)", "%(amount)s minutes (working time)", number)
        case LimitKind.WORK_HOURS, False:
            return ngettext("%(amount)s hour (working time)", "%(amount)s hours (working time)", number)
        case _, True:
            return ngettext(
                "%(amount)s minute (urgent, day and night)",
                "%(amount)s minutes (urgent, day and night)",
                number,
            )
    return ngettext(
        "%(amount)s hour (urgent, day and night)", "%(amount)s hours (urgent, day and night)", number
    )


def _by_days(limit: Limit) -> bool:
    return limit.kind in (LimitKind.WORK_DAYS, LimitKind.NATURAL_DAYS)


def _must_be_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")


def _micros(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND + at.microsecond


def _day_and_micros(moment: datetime, calendar: WorkCalendar) -> tuple[date, int]:
    local = moment.astimezone(calendar.tz)
    return local.date(), _micros(local.time())


def _moment(day: date, micros: int, calendar: WorkCalendar) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.tz)
    return (midnight + timedelta(microseconds=micros)).astimezone(UTC)


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")
