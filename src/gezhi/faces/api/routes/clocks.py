"""How limits are counted: those of a case day by day, and what would be due when."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from gezhi.faces.api import reading
from gezhi.faces.api.access import ANY, READ, ApiRequest
from gezhi.faces.api.routes.cases import CaseKey
from gezhi.faces.api.shapes import clocks as s
from gezhi.faces.api.shapes.base import refusals
from gezhi.foundation.clocks.counting import DayCount
from gezhi.foundation.clocks.rules import describe
from gezhi.work.cases import queries
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.reckoning import reckoning_of
from gezhi.work.cases.whatif import forecast, forecast_limit

router = Router(tags=["clocks"])


@router.get(
    "/cases/{case}/clocks",
    auth=READ,
    response={200: list[s.ReckoningOut], **refusals(403, 404)},
    summary=_("Read how the clocks of a case are counted"),
    description=_("Every clock with when it ran and stood still, and what counted of each day."),
)
def read_clocks(request: ApiRequest, case: CaseKey) -> list[s.ReckoningOut]:
    found = queries.case_for(request.auth, case)
    at = timezone.now()
    return [_reckoned(found, clock, at) for clock in queries.clocks_of(found)]


@router.get(
    "/when-due",
    auth=ANY,
    response={200: list[s.ForecastOut], **refusals(403, 404, 422)},
    summary=_("Work out when limits would be due"),
    description=_("Each limit as if it began at `start`: those of a condition's case, or one given by hand."),
)
def when_due(request: ApiRequest, wanted: Query[s.ForecastWanted]) -> list[s.ForecastOut]:
    area = reading.area_of(wanted.area)
    start = wanted.start or timezone.now()
    if wanted.limit:
        found = [forecast_limit(area=area, start=start, limit=reading.limit(wanted.limit))]
    else:
        condition = reading.condition(wanted.condition) if wanted.condition else None
        found = forecast(area=area, start=start, condition=condition)
    return [
        s.ForecastOut(
            name=one.name,
            limit=describe(one.limit),
            seconds=one.seconds,
            half_at=one.points.half,
            warn_at=one.points.warn,
            due_at=one.points.due,
            grace_at=one.points.overdue,
            days=_days(one.days),
            unlisted_years=one.unlisted_years,
        )
        for one in found
    ]


def _reckoned(case: Case, clock: Clock, at: datetime) -> s.ReckoningOut:
    told = reckoning_of(case=case, clock=clock, at=at)
    return s.ReckoningOut.of(
        clock,
        limit_seconds=clock.seconds,
        extended_seconds=told.extended,
        used_seconds=told.used,
        left_seconds=told.left,
        segments=[s.SegmentOut.of(one, days=_days(one.days)) for one in told.segments],
        unlisted_years=told.unlisted_years,
    )


def _days(days: Iterable[DayCount]) -> list[s.DayCountOut]:
    return [s.DayCountOut.of(day, spans=[_span(*span) for span in day.spans]) for day in days]


def _span(since: datetime, until: datetime) -> s.SpanOut:
    return s.SpanOut(since=since, until=until)
