"""Pure decisions: how long one may appeal, how far a decision may go, what may follow an appeal."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from gezhi.foundation.clocks.rules import IDLE_DAYS, NoWorkingTimeError, WorkCalendar

# Working days after the day of the decision in which the agency or the holder of the post may appeal. The
# same ten days as for the review of a refused case (see docs/case-loop.md).
APPEAL_DAYS = 10
LONGEST_TEXT = 2000
MOST_PHOTOS = 9

# What a leader may decide, from the mildest to the gravest.
GRAVITY: Sequence[str] = ("reminder", "talk", "bulletin", "accountability")
MILDEST = GRAVITY[0]

LEADS = ("lead", "approve")


def appeal_end(recorded_at: datetime, calendar: WorkCalendar) -> datetime:
    """The midnight after the last day of appeal: the day of the decision itself does not count."""
    day = recorded_at.astimezone(calendar.tz).date()
    left, idle = APPEAL_DAYS, 0
    while left:
        day += timedelta(days=1)
        works = calendar.working_days(day)
        left, idle = (left - 1, 0) if works else (left, idle + 1)
        if idle > IDLE_DAYS:
            raise NoWorkingTimeError("the calendar has no working day for more than a year")
    after = datetime.combine(day + timedelta(days=1), time(), tzinfo=calendar.tz)
    return after.astimezone(UTC)


def milder(kind: str) -> Sequence[str]:
    """What a decision may be changed to on appeal: nobody fares worse for having appealed."""
    return GRAVITY[: GRAVITY.index(kind)]


def last_day(end: datetime, calendar: WorkCalendar) -> date:
    """The last day on which one may still appeal."""
    return (end.astimezone(calendar.tz) - timedelta(seconds=1)).date()


def standing(state: str, *, appeal_until: datetime, at: datetime) -> str:
    """The state as it is shown: what nobody appealed against in time is final."""
    return "final" if state == "recorded" and appeal_until <= at else state


def percentile(counts: Sequence[tuple[int, int]], percent: int) -> int | None:
    """The nearest-rank percentile of (value, how often) pairs in order of value; None of nothing."""
    total = sum(often for _value, often in counts)
    if not total:
        return None
    rank = max(1, -(-percent * total // 100))
    passed = 0
    for value, often in counts:
        passed += often
        if passed >= rank:
            return value
    raise AssertionError("the rank lies within the total")
