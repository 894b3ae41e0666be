"""When things would be due: every limit of a case as if it began at a moment, without there being a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.scope import POLICY
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.clocks.counting import DayCount, day_by_day
from gezhi.foundation.clocks.queries import calendar, years_without_list
from gezhi.foundation.clocks.rules import Limit, NoWorkingTimeError, Points, points
from gezhi.work.cases.clocks import limit_of
from gezhi.work.cases.models import Case
from gezhi.work.cases.move import Move
from gezhi.work.cases.policy import rules_for
from gezhi.work.matters.models import Condition

# The limits in the order of a case's life. Those of a condition are left out where none is named.
NAMES = (
    "intake",
    "check",
    "dispatch",
    "sign",
    "contact",
    "handle",
    "part",
    "desk",
    "verify",
    "close",
    "whole",
)
MOST_AMOUNT = 2000


@dataclass(frozen=True)
class Forecast:
    """One limit begun at the moment asked about. `name` is the limit's, or "" for one given by hand."""

    name: str
    limit: Limit
    seconds: int
    points: Points
    days: list[DayCount]
    unlisted_years: list[int]


def forecast(*, area: Area, start: datetime, condition: Condition | None) -> list[Forecast]:
    """All limits of a case of this condition in this area, each as if it began at `start`."""
    case = Case(
        area_path=area.path,
        condition=condition,
        item=condition.item if condition else None,
        emergency=bool(condition and condition.emergency),
    )
    move = Move(case=case, actor=POLICY, at=start)
    names = [name for name in NAMES if name != "handle" or condition is not None]
    limits = ((name, limit_of(move, name)) for name in names)
    return _all(limits, start=start, grace_seconds=move.rules.grace_minutes * 60)


def forecast_limit(*, area: Area, start: datetime, limit: Limit) -> Forecast:
    """One limit given by hand, begun at `start`."""
    if limit.amount > MOST_AMOUNT:
        raise Invalid({"amount": _("Give at most %(most)s.") % {"most": MOST_AMOUNT}})
    grace = rules_for(area.path).grace_minutes * 60
    return _all([("", limit)], start=start, grace_seconds=grace)[0]


def _all(limits: Iterable[tuple[str, Limit]], *, start: datetime, grace_seconds: int) -> list[Forecast]:
    try:
        return [_one(name, limit, start, grace_seconds) for name, limit in limits]
    except (NoWorkingTimeError, OverflowError) as error:
        raise Invalid({"start": _("The calendar has no working time to count this on.")}) from error


def _one(name: str, limit: Limit, start: datetime, grace_seconds: int) -> Forecast:
    known = calendar()
    found = points(start=start, limit=limit, grace_seconds=grace_seconds, calendar=known)
    return Forecast(
        name=name,
        limit=limit,
        seconds=limit.seconds(known, on=localdate(start)),
        points=found,
        days=day_by_day(start=start, end=found.due, working=limit.working, calendar=known),
        unlisted_years=years_without_list(start, found.due) if limit.working else [],
    )
