"""The working calendar and the policy."""

from datetime import date
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from gezhi.faces.api import reading
from gezhi.faces.api.access import ADMIN, ANY, ApiRequest
from gezhi.faces.api.shapes import system as s
from gezhi.faces.api.shapes.base import Done, refusals
from gezhi.faces.api.shapes.case_views import place
from gezhi.foundation.clocks import queries, services
from gezhi.foundation.clocks.queries import STANDARD_HOURS
from gezhi.foundation.clocks.rules import Period as Hours
from gezhi.work.cases import policy
from gezhi.work.cases.models import Policy

router = Router(tags=["calendar"])
rules = Router(tags=["policy"])
Year = Annotated[int, Field(ge=2000, le=2100)]
Month = Annotated[int, Field(ge=1, le=12)]


@router.get(
    "/calendar/months/{year}/{month}",
    auth=ANY,
    response={200: s.MonthOut, **refusals(403, 422)},
    summary=_("Read a month of the working calendar"),
)
def read_month(request: ApiRequest, year: Year, month: Month) -> s.MonthOut:
    days = [s.DayOut.of(day) for day in queries.month_view(year, month)]
    return s.MonthOut(official=queries.year_is_official(year), days=days)


@router.put(
    "/calendar/days/{day}",
    auth=ADMIN,
    response={200: Done, **refusals(403, 422)},
    summary=_("Set a day working or off"),
    description=_("Running limits follow; what has ended stays as it was."),
)
def set_day(request: ApiRequest, day: date, body: s.DayIn) -> Done:
    services.set_day(actor=request.auth, at=timezone.now(), date=day, **body.model_dump())
    return Done()


@router.delete(
    "/calendar/days/{day}",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404, 422)},
    summary=_("Let the official list decide on a day again"),
)
def clear_day(request: ApiRequest, day: date) -> Done:
    services.clear_day(actor=request.auth, at=timezone.now(), date=day)
    return Done()


@router.get(
    "/calendar/hours",
    auth=ANY,
    response={200: list[s.HoursOut], **refusals(403)},
    summary=_("Read the working hours"),
)
def read_hours(request: ApiRequest) -> list[s.HoursOut]:
    history: list[tuple[date | None, tuple[Hours, ...]]] = [(None, STANDARD_HOURS)]
    history += queries.hours_history()
    return [
        s.HoursOut(since=since, periods=[s.Period(begin=begin, end=end) for begin, end in periods])
        for since, periods in history
    ]


@router.post(
    "/calendar/hours",
    auth=ADMIN,
    response={200: Done, **refusals(403, 422)},
    summary=_("Set the working hours from a day on"),
)
def set_hours(request: ApiRequest, body: s.HoursIn) -> Done:
    periods = [(period.begin, period.end) for period in body.periods]
    services.set_hours(actor=request.auth, at=timezone.now(), since=body.since, periods=periods)
    return Done()


@rules.get(
    "/policy",
    auth=ANY,
    response={200: s.PolicyOut, **refusals(403, 422)},
    summary=_("Read the rules that hold on an area"),
)
def read_policy(request: ApiRequest, area: str) -> s.PolicyOut:
    known = policy.policy_for(reading.area_of(area).path)
    return _policy(known.pk if known else None)


@rules.post(
    "/policy",
    auth=ADMIN,
    response={200: s.PolicyOut, **refusals(403, 422)},
    summary=_("Adopt a preset"),
    description=_("From now on; limits already running keep their length."),
)
def adopt(request: ApiRequest, body: s.PresetIn) -> s.PolicyOut:
    adopted = policy.adopt_preset(
        actor=request.auth, area=reading.area_of(body.area), name=body.preset, at=timezone.now()
    )
    return _policy(adopted.pk)


def _policy(ident: int | None) -> s.PolicyOut:
    if ident is None:
        name = "street_office"
        return s.PolicyOut(
            area=None,
            version=0,
            preset=name,
            since=None,
            rules=policy.preset(name),
            presets=[*policy.PRESETS],
        )
    found = Policy.objects.select_related("area").get(pk=ident)
    return s.PolicyOut.of(found, area=place(found.area), rules=found.data, presets=[*policy.PRESETS])
