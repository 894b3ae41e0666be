"""Time counted day by day agrees with the sums, and with counting every minute."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.foundation.test_clock_rules import MINUTE, PLAIN, calendars, counts, local, moments

from gezhi.foundation.clocks.counting import day_by_day
from gezhi.foundation.clocks.rules import advance, elapsed


def test_a_stretch_over_a_weekend_shows_its_hours_and_the_days_that_rest() -> None:
    days = day_by_day(
        start=local("2025-11-21 15:00"), end=local("2025-11-24 09:30"), working=True, calendar=PLAIN
    )
    assert [(day.date.day, day.seconds // 60, day.total_seconds // 60, day.rests) for day in days] == [
        (21, 180, 180, False), (22, 0, 180, True), (23, 0, 180, True), (24, 90, 270, False),
    ]  # fmt: skip
    assert days[0].spans == ((local("2025-11-21 15:00"), local("2025-11-21 18:00")),)


def test_a_day_touched_outside_its_hours_does_not_count_and_does_not_rest() -> None:
    (day,) = day_by_day(
        start=local("2025-11-21 19:00"), end=local("2025-11-21 20:00"), working=True, calendar=PLAIN
    )
    assert (day.spans, day.seconds, day.rests) == ((), 0, False)


def test_what_ends_at_midnight_does_not_touch_the_next_day() -> None:
    days = day_by_day(
        start=local("2025-11-21 23:00"), end=local("2025-11-22 00:00"), working=False, calendar=PLAIN
    )
    assert [day.seconds for day in days] == [3600]


def test_nothing_is_counted_backwards() -> None:
    moment = local("2025-11-21 23:00")
    assert day_by_day(start=moment, end=moment, working=False, calendar=PLAIN) == []


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, moments, st.booleans())
def test_each_day_agrees_with_counting_its_minutes(calendar, one, other, working) -> None:  # type: ignore[no-untyped-def]
    start, end = sorted((one, other))
    slow: dict[object, int] = {}
    for n in range(int((end - start) / MINUTE)):
        minute = start + n * MINUTE
        if counts(minute, working, calendar):
            day = minute.astimezone(calendar.tz).date()
            slow[day] = slow.get(day, 0) + 60
    days = day_by_day(start=start, end=end, working=working, calendar=calendar)
    assert {day.date: day.seconds for day in days if day.seconds} == slow
    assert len(days) == len({day.date for day in days})


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, st.integers(0, 59_999_999), st.integers(1, 200_000), st.booleans())
def test_the_days_add_up_to_the_limit_they_were_counted_to(calendar, start, micros, seconds, working) -> None:  # type: ignore[no-untyped-def]
    start += timedelta(microseconds=micros)
    end = advance(start=start, seconds=seconds, working=working, calendar=calendar)
    days = day_by_day(start=start, end=end, working=working, calendar=calendar)
    if len(days) < 1000:
        assert days[-1].total_seconds == seconds
        assert elapsed(start=start, end=end, working=working, calendar=calendar) == seconds
