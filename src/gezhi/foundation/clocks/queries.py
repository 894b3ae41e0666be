"""The calendar in force, and how it looks on a page.

Every process keeps the calendar and reads the three small tables again after REFRESH_SECONDS, so a change
reaches all processes within that time. The process that writes it sees it at once (`services` calls
`forget_after_write`), and the transaction that writes it sees it even before its commit, alone.
"""

import calendar as month_calendar
import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gezhi.foundation.clocks.models import CalendarDay, OfficialList, WorkHours
from gezhi.foundation.clocks.official import (
    ListedDay,
    OfficialYear,
    imported_year,
    official_year,
    works_officially,
    year_of,
)
from gezhi.foundation.clocks.rules import Period, WorkCalendar
from gezhi.foundation.language import english

REFRESH_SECONDS = 5.0
STANDARD_HOURS: tuple[Period, ...] = ((time(8), time(12)), (time(14), time(18)))


class WorkingDays(dict[date, bool]):
    """Whether a day is a working day, looked up once per day: the district's word, else the official list."""

    def __init__(self, found: "Settings") -> None:
        super().__init__({day: working for day, (working, _note) in found.overrides.items()})
        self.imported = found.imported

    def __missing__(self, day: date) -> bool:
        self[day] = working = works_officially(day, self.imported)
        return working


@dataclass(frozen=True)
class Settings:
    """What the three tables say."""

    overrides: dict[date, tuple[bool, str]]
    hours: tuple[tuple[date, tuple[Period, ...]], ...]
    imported: dict[int, OfficialYear]


@dataclass(frozen=True)
class Kept:
    """A calendar with what it was made of and when that was read."""

    settings: Settings
    calendar: WorkCalendar
    today: date
    read_at: float


class DaySource(StrEnum):
    """Why a day is a working day or not."""

    OFFICIAL = "official"  # a holiday or a moved working day
    OVERRIDE = "override"  # set by the district
    WEEKEND = "weekend"  # by the weekday alone


@dataclass(frozen=True)
class DayView:
    """One day of a calendar page."""

    date: date
    working: bool
    source: DaySource
    note: str


class _Pending(threading.local):
    """The changes this thread has written in a transaction that is still open, by their commit callbacks."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self.kept: Kept | None = None


_lock = threading.Lock()
_shared: Kept | None = None
_generation = 0  # raised by every change, so that what was read before it is not kept after it
_pending = _Pending()


def calendar() -> WorkCalendar:
    """The calendar in force; cheap to call often."""
    return _kept().calendar


def year_is_official(year: int) -> bool:
    """Whether the days of this year can be relied on: its official list is known or was imported."""
    return year in _kept().settings.imported or official_year(year).published


def years_without_list(start: datetime, end: datetime) -> list[int]:
    """The years between two moments whose official list is not known: what is due there may still move."""
    first, last = timezone.localtime(start).year, timezone.localtime(end).year
    return [year for year in range(first, last + 1) if not year_is_official(year)]


def imported_list(year: int) -> OfficialList | None:
    """The list imported for a year, with who did it and when."""
    return OfficialList.objects.filter(year=year).first()


def official_days(year: int) -> list[ListedDay]:
    """The official list of a year in force: its holidays, and the weekend days that work."""
    days = (
        date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    )
    imported = _kept().settings.imported
    found = []
    for day in days:
        listed = year_of(day, imported)
        if day in listed.moved:
            found.append(ListedDay(day, True, ""))
        elif day in listed.rest:
            found.append(ListedDay(day, False, listed.rest[day]))
    return found


def own_days(year: int) -> list[CalendarDay]:
    """The days of a year the district has set by hand."""
    return list(CalendarDay.objects.filter(date__year=year))


def hours_history() -> tuple[tuple[date, tuple[Period, ...]], ...]:
    """The working periods by the day each set of them begins, oldest first; empty: the standard."""
    return _kept().settings.hours


def day_view(day: date) -> DayView:
    """One day, and why it is a working day or not."""
    return _day_view(day, _kept())


def month_view(year: int, month: int) -> list[DayView]:
    """The days of a month for a calendar page."""
    kept = _kept()
    days = month_calendar.monthrange(year, month)[1]
    return [_day_view(date(year, month, day), kept) for day in range(1, days + 1)]


def forget_calendar() -> None:
    """Read the tables again at the next call: for the worker told of a change, and for tests."""
    global _shared, _generation
    with _lock:
        _shared = None
        _generation += 1


def forget_after_write() -> None:
    """Make this transaction see its own change, and everybody in this process once it is committed."""

    def committed() -> None:
        forget_calendar()

    transaction.on_commit(committed)
    _pending.callbacks.append(committed)
    _pending.kept = None


def _kept() -> Kept:
    if _writing():
        if _pending.kept is None:
            _pending.kept = _read()
        return _pending.kept
    global _shared
    kept = _shared
    if kept and clock.monotonic() - kept.read_at < REFRESH_SECONDS and kept.today == timezone.localdate():
        return kept
    generation = _generation
    fresh = _read(kept)
    with _lock:
        if generation == _generation:
            _shared = fresh
    return fresh


def _writing() -> bool:
    """Whether this thread has changed the calendar in a transaction that is still open.

    Its callbacks wait in the connection until the commit, and are dropped by a rollback.
    """
    if not _pending.callbacks:
        return False
    waiting = {entry[1] for entry in transaction.get_connection().run_on_commit}
    alive = [callback for callback in _pending.callbacks if callback in waiting]
    if len(alive) < len(_pending.callbacks):
        _pending.callbacks, _pending.kept = alive, None
    return bool(alive)


def _read(before: Kept | None = None) -> Kept:
    found = Settings(
        overrides={
            day: (working, note)
            for day, working, note in CalendarDay.objects.values_list("date", "working", "note")
        },
        hours=tuple((row.since, periods_from_json(row.periods)) for row in WorkHours.objects.all()),
        imported={row.year: imported_year(days_from_json(row.days)) for row in OfficialList.objects.all()},
    )
    today = timezone.localdate()
    if before and before.settings == found and before.today == today:
        return Kept(found, before.calendar, today, clock.monotonic())
    in_force = [periods for since, periods in found.hours if since <= today]
    made = WorkCalendar(
        # The hours of today are the measure of "a working day"; before the first row the standard held.
        periods=in_force[-1] if in_force else STANDARD_HOURS,
        working_days=WorkingDays(found).__getitem__,
        tz=ZoneInfo(settings.TIME_ZONE),
        history=((date.min, STANDARD_HOURS), *found.hours) if found.hours else (),
    )
    return Kept(found, made, today, clock.monotonic())


def periods_from_json(value: list[list[str]]) -> tuple[Period, ...]:
    """[["08:00", "12:00"], …] as times; ValueError when it is something else."""
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in value)


def days_from_json(value: list[list[Any]]) -> list[ListedDay]:
    """The days of an imported list as they are kept."""
    return [ListedDay(date.fromisoformat(day), working, name) for day, working, name in value]


def _day_view(day: date, kept: Kept) -> DayView:
    if day in kept.settings.overrides:
        working, note = kept.settings.overrides[day]
        return DayView(day, working, DaySource.OVERRIDE, note)
    language = "en_US" if english() else "zh_CN"
    listed = year_of(day, kept.settings.imported, language)
    if day in listed.moved:
        return DayView(day, True, DaySource.OFFICIAL, _("Moved working day"))
    if day in listed.rest:
        return DayView(day, False, DaySource.OFFICIAL, listed.rest[day])
    return DayView(day, day.weekday() < 5, DaySource.WEEKEND, "")
