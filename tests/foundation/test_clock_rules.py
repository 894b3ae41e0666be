"""Limits and working time, held against a counter that looks at every single minute."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.foundation.clocks.rules import (
    Limit,
    LimitKind,
    NoWorkingTimeError,
    WorkCalendar,
    advance,
    describe,
    elapsed,
    parse_limit,
    points,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIODS = ((time(8), time(12)), (time(14), time(18)))
PLAIN = WorkCalendar(periods=PERIODS, working_days=lambda day: day.weekday() < 5, tz=SHANGHAI)
MINUTE = timedelta(minutes=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def work(start: str, hours: float) -> datetime:
    return advance(start=local(start), seconds=int(hours * 3600), working=True, calendar=PLAIN)


# 2025-11-21 is a Friday.
def test_an_hour_of_the_afternoon_ends_the_same_afternoon():
    assert work("2025-11-21 15:00", 1) == local("2025-11-21 16:00")


def test_time_rests_at_noon_at_night_and_on_the_weekend():
    assert work("2025-11-21 11:30", 1) == local("2025-11-21 14:30")
    assert work("2025-11-21 17:30", 1) == local("2025-11-24 08:30")
    assert work("2025-11-22 03:00", 1) == local("2025-11-24 09:00")


def test_what_fills_a_period_is_due_at_its_end_and_not_at_the_next_start():
    assert work("2025-11-21 17:00", 1) == local("2025-11-21 18:00")


def test_two_working_days_from_friday_at_three_end_on_tuesday_at_three():
    limit = Limit(LimitKind.WORK_DAYS, Decimal(2))
    due = points(start=local("2025-11-21 15:00"), limit=limit, grace_seconds=0, calendar=PLAIN).due
    assert due == local("2025-11-25 15:00")


def test_urgent_hours_and_natural_days_run_through_night_and_weekend():
    start = local("2025-11-21 23:00")
    assert advance(start=start, seconds=7200, working=False, calendar=PLAIN) == local("2025-11-22 01:00")
    limit = Limit(LimitKind.NATURAL_DAYS, Decimal(1))
    assert points(start=start, limit=limit, grace_seconds=0, calendar=PLAIN).due == local("2025-11-22 23:00")


def test_moments_come_out_in_utc_whatever_zone_they_came_in():
    due = advance(start=datetime(2025, 11, 21, 7, tzinfo=UTC), seconds=3600, working=True, calendar=PLAIN)
    assert due.tzinfo is UTC
    assert due == datetime(2025, 11, 21, 8, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        advance(start=datetime(2025, 11, 21, 7), seconds=1, working=True, calendar=PLAIN)
    with pytest.raises(ValueError, match="time zone"):
        elapsed(start=datetime(2025, 11, 21), end=local("2025-11-22"), working=True, calendar=PLAIN)


def test_a_calendar_without_working_days_says_so_instead_of_searching_for_ever():
    never = WorkCalendar(periods=PERIODS, working_days=lambda day: False, tz=SHANGHAI)
    with pytest.raises(NoWorkingTimeError):
        advance(start=local("2025-11-21"), seconds=1, working=True, calendar=never)
    assert elapsed(start=local("2025-11-21"), end=local("2025-12-21"), working=True, calendar=never) == 0


@pytest.mark.parametrize(
    "periods",
    [(), ((time(12), time(8)),), ((time(8), time(8)),), ((time(8), time(12)), (time(11), time(18)))],
)
def test_periods_that_overlap_or_run_backwards_are_refused(periods):
    with pytest.raises(ValueError, match="working periods"):
        WorkCalendar(periods=periods, working_days=lambda day: True, tz=SHANGHAI)


def test_a_period_may_end_at_midnight():
    night = WorkCalendar(periods=((time(16), time(0)),), working_days=lambda day: True, tz=SHANGHAI)
    assert night.day_seconds == 8 * 3600
    due = advance(start=local("2025-11-21 23:00"), seconds=7200, working=True, calendar=night)
    assert due == local("2025-11-22 17:00")


def test_hours_may_change_on_a_day_and_hold_from_that_day_on():
    summer = ((time(8), time(12)), (time(15), time(18)))
    changing = WorkCalendar(
        periods=PERIODS,
        working_days=lambda day: True,
        tz=SHANGHAI,
        history=((date.min, PERIODS), (date(2025, 6, 1), summer)),
    )
    day = Limit(LimitKind.WORK_DAYS, Decimal(1))
    due = {
        start: points(start=local(start), limit=day, grace_seconds=0, calendar=changing).due
        for start in ("2025-05-30 08:00", "2025-05-31 15:00", "2025-06-01 08:00")
    }
    assert due == {
        "2025-05-30 08:00": local("2025-05-30 18:00"),
        "2025-05-31 15:00": local("2025-06-01 16:00"),  # 3 h of the old day, then 5 h of the new
        "2025-06-01 08:00": local("2025-06-01 18:00"),  # seven hours are a working day by then
    }


def test_a_clock_keeps_the_length_it_was_given_when_the_hours_change_while_it_rests():
    shorter = WorkCalendar(
        periods=PERIODS,
        working_days=lambda day: True,
        tz=SHANGHAI,
        history=((date(2025, 6, 1), ((time(8), time(12)), (time(15), time(18)))),),
    )
    limit = Limit(LimitKind.WORK_DAYS, Decimal(1))
    fixed = limit.seconds(shorter, on=date(2025, 5, 30))
    start = local("2025-06-02 08:00")
    due = {
        total: points(
            start=start, limit=limit, used=4 * 3600, grace_seconds=0, calendar=shorter, total=total
        ).due
        for total in (None, fixed)
    }
    assert due == {None: local("2025-06-02 11:00"), 8 * 3600: local("2025-06-02 12:00")}


class TestPoints:
    limit = Limit(LimitKind.WORK_HOURS, Decimal(5))

    def test_half_warning_due_and_overdue_stand_at_their_parts_of_the_limit(self):
        found = points(start=local("2025-11-21 08:00"), limit=self.limit, grace_seconds=1800, calendar=PLAIN)
        assert found.half == local("2025-11-21 10:30")
        assert found.warn == local("2025-11-21 12:00")
        assert found.due == local("2025-11-21 15:00")
        assert found.overdue == local("2025-11-21 15:30")

    def test_a_clock_that_goes_on_counts_what_was_used_before_and_shows_passed_points_at_its_start(self):
        start = local("2025-11-24 08:00")
        found = points(start=start, limit=self.limit, used=3 * 3600, grace_seconds=0, calendar=PLAIN)
        assert (found.half, found.warn, found.due) == (
            start,
            local("2025-11-24 09:00"),
            local("2025-11-24 10:00"),
        )
        spent = points(start=start, limit=self.limit, used=6 * 3600, grace_seconds=7200, calendar=PLAIN)
        assert (spent.due, spent.overdue) == (start, local("2025-11-24 09:00"))


# --- against the slow counter -------------------------------------------------------------------------

BASE = date(2025, 9, 1)
minutes_of_day = st.integers(0, 24 * 60 - 1)


def at_minute(minute: int) -> time:
    return time(minute // 60, minute % 60)


@st.composite
def calendars(draw) -> WorkCalendar:
    """Random periods, random weeks with days moved either way, in a random zone without clock changes."""
    edges = sorted(draw(st.lists(minutes_of_day, min_size=2, max_size=8, unique=True)))
    edges = edges[: len(edges) // 2 * 2]
    periods = tuple(
        (at_minute(begin), at_minute(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)
    )
    moved = draw(st.sets(st.integers(0, 40), max_size=12))
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))

    def works(day: date) -> bool:
        return (day.weekday() in weekdays) != ((day - BASE).days in moved)

    zone = draw(st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "UTC", "Pacific/Honolulu"]))
    return WorkCalendar(periods=periods, working_days=works, tz=ZoneInfo(zone))


moments = st.integers(0, 12 * 24 * 60).map(lambda m: datetime(2025, 9, 2, tzinfo=UTC) + m * MINUTE)


def counts(minute: datetime, working: bool, calendar: WorkCalendar) -> bool:
    """Whether the minute that begins here is counted."""
    here = minute.astimezone(calendar.tz)
    inside = any(begin <= here.time() < end for begin, end in calendar.periods)
    return not working or (inside and calendar.working_days(here.date()))


def slow_elapsed(start: datetime, end: datetime, working: bool, calendar: WorkCalendar) -> int:
    minutes = int((end - start) / MINUTE)
    return 60 * sum(counts(start + n * MINUTE, working, calendar) for n in range(minutes))


def slow_advance(start: datetime, minutes: int, working: bool, calendar: WorkCalendar) -> datetime:
    while minutes:
        minutes -= counts(start, working, calendar)
        start += MINUTE
    return start


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, moments, st.booleans())
def test_elapsed_agrees_with_counting_every_minute(calendar, one, other, working):
    start, end = sorted((one, other))
    assert elapsed(start=start, end=end, working=working, calendar=calendar) == slow_elapsed(
        start, end, working, calendar
    )
    assert elapsed(start=end, end=start, working=working, calendar=calendar) == 0


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(0, 1500), st.booleans())
def test_advance_agrees_with_counting_every_minute(calendar, start, minutes, working):
    found = advance(start=start, seconds=minutes * 60, working=working, calendar=calendar)
    if minutes:
        assert found == slow_advance(start, minutes, working, calendar)
    else:
        assert found == start


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, st.integers(0, 59_999_999), st.integers(1, 200_000), st.booleans())
def test_advance_lands_on_the_first_moment_with_that_much_elapsed(calendar, start, micros, seconds, working):
    start += timedelta(microseconds=micros)
    end = advance(start=start, seconds=seconds, working=working, calendar=calendar)
    assert elapsed(start=start, end=end, working=working, calendar=calendar) == seconds
    before = end - timedelta(microseconds=1)
    assert elapsed(start=start, end=before, working=working, calendar=calendar) == seconds - 1


@settings(max_examples=100, deadline=None)
@given(
    calendars(),
    moments,
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=6),
    st.integers(1, 3000),
    st.booleans(),
)
def test_a_clock_with_pauses_is_due_when_its_running_minutes_add_up(
    calendar, start, spells, minutes, working
):
    """Each spell: running minutes of the wall clock, then a pause. The slow counter skips the pauses."""
    kind = LimitKind.WORK_HOURS if working else LimitKind.CLOCK_HOURS
    limit = Limit.minutes(minutes, working=working)
    assert limit.kind == kind
    now, used, slow_left = start, 0, minutes
    for running, paused in spells:
        stopped = now + running * MINUTE
        due = points(start=now, limit=limit, used=used, grace_seconds=0, calendar=calendar).due
        counted = slow_elapsed(now, stopped, working, calendar) // 60
        assert (due <= stopped) == (counted >= slow_left)
        used += elapsed(start=now, end=stopped, working=working, calendar=calendar)
        slow_left -= counted
        if slow_left <= 0:
            return
        now = stopped + paused * MINUTE
    due = points(start=now, limit=limit, used=used, grace_seconds=0, calendar=calendar).due
    assert due == slow_advance(now, slow_left, working, calendar)


def test_twenty_thousand_deadlines_take_less_than_a_second():
    start = local("2025-11-21 15:00")
    began = clock.process_time()
    for n in range(20_000):
        advance(start=start + n * MINUTE, seconds=3 * 8 * 3600, working=True, calendar=PLAIN)
    assert clock.process_time() - began < 1


# --- limits in words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "amount", "until_stopped"),
    [
        ("2紧急工作时", LimitKind.CLOCK_HOURS, "2", False),
        ("4小时", LimitKind.WORK_HOURS, "4", False),
        ("4工作时", LimitKind.WORK_HOURS, "4", False),
        ("2天", LimitKind.WORK_DAYS, "2", False),
        ("3个工作日", LimitKind.WORK_DAYS, "3", False),
        ("1紧急工作日", LimitKind.NATURAL_DAYS, "1", False),
        ("15 自然日", LimitKind.NATURAL_DAYS, "15", False),
        ("30分钟", LimitKind.WORK_HOURS, "0.5", False),
        ("0.5小时", LimitKind.WORK_HOURS, "0.5", False),
        ("1紧急工作时制止", LimitKind.CLOCK_HOURS, "1", True),
    ],
)
def test_limits_are_read_as_rules_write_them(text, kind, amount, until_stopped):
    assert parse_limit(text) == (Limit(kind, Decimal(amount)), until_stopped)


@pytest.mark.parametrize("text", ["", "天", "两天", "2", "2 weeks", "-1天", "0天", "2天3小时", "1e3天"])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(ValueError, match="limit"):
        parse_limit(text)


@pytest.mark.parametrize(
    ("limit", "chinese", "english"),
    [
        (Limit(LimitKind.WORK_HOURS, Decimal(4)), "4 小时（工作时）", "4 hours (working time)"),
        (Limit.minutes(30), "30 分钟（工作时）", "30 minutes (working time)"),
        (Limit.minutes(10, working=False), "10 分钟（紧急，昼夜计时）", "10 minutes (urgent, day and night)"),
        (Limit(LimitKind.WORK_HOURS, Decimal("1.50")), "1.5 小时（工作时）", "1.5 hours (working time)"),
        (Limit(LimitKind.WORK_DAYS, Decimal(2)), "2 个工作日", "2 working days"),
        (Limit(LimitKind.WORK_DAYS, Decimal(10)), "10 个工作日", "10 working days"),
        (
            Limit(LimitKind.CLOCK_HOURS, Decimal(2)),
            "2 小时（紧急，昼夜计时）",
            "2 hours (urgent, day and night)",
        ),
        (Limit(LimitKind.NATURAL_DAYS, Decimal(1)), "1 自然日", "1 calendar day"),
    ],
)
def test_a_limit_is_told_in_the_users_language(limit, chinese, english):
    with translation.override("zh-hans"):
        assert describe(limit) == chinese
    with translation.override("en"):
        assert describe(limit) == english


@given(st.integers(1, 10_000))
def test_every_whole_minute_is_exact_to_the_second(minutes):
    assert Limit.minutes(minutes).seconds(PLAIN) == minutes * 60
