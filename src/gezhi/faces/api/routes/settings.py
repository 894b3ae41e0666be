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
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.foundation.clocks import queries, services
from gezhi.foundation.clocks.official import ListedDay
from gezhi.foundation.clocks.queries import STANDARD_HOURS
from gezhi.foundation.clocks.rules import Period as Hours
from gezhi.work.cases import policy
from gezhi.work.cases.models import Policy
from gezhi.work.cases.policy_effects import effects
from gezhi.work.cases.rulebook import PRESETS, complete, merged, preset

router = Router(tags=["calendar"])
rules = Router(tags=["policy"])
Year = Annotated[int, Field(ge=2000, le=2100)]
Month = Annotated[int, Field(ge=1, le=12)]
Version = Annotated[int, Field(ge=1, le=1_000_000)]


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


@router.get(
    "/calendar/years/{year}/list",
    auth=ANY,
    response={200: s.ListOut, **refusals(403, 422)},
    summary=_("Read the official list of a year"),
)
def read_list(request: ApiRequest, year: Year) -> s.ListOut:
    return _list(year)


@router.put(
    "/calendar/years/{year}/list",
    auth=ADMIN,
    response={200: s.ListOut, **refusals(403, 422)},
    summary=_("Import the official list of a year"),
    description=_("All or none; the same list again changes nothing. Running limits follow."),
)
def take_list(request: ApiRequest, year: Year, body: s.ListIn) -> s.ListOut:
    days = [ListedDay(day.date, day.working, day.name) for day in body.days]
    services.take_list(actor=request.auth, at=timezone.now(), year=year, days=days)
    return _list(year)


@router.delete(
    "/calendar/years/{year}/list",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404, 422)},
    summary=_("Take an imported list back"),
)
def drop_list(request: ApiRequest, year: Year) -> Done:
    services.drop_list(actor=request.auth, at=timezone.now(), year=year)
    return Done()


def _list(year: int) -> s.ListOut:
    taken = queries.imported_list(year)
    return s.ListOut(
        year=year,
        official=queries.year_is_official(year),
        imported_at=taken.taken_at if taken else None,
        imported_by=taken.taken_by if taken else "",
        days=[s.ListedOut.of(day) for day in queries.official_days(year)],
    )


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


@rules.patch(
    "/policy",
    auth=ADMIN,
    response={200: s.PolicyOut, **refusals(403, 409, 422)},
    summary=_("Change rules"),
    description=_(
        "What is not said stays. A new version holds from now on; limits already running keep their length."
    ),
)
def change_policy(request: ApiRequest, body: s.RulesIn) -> s.PolicyOut:
    changed = policy.set_rules(
        actor=request.auth,
        area=reading.area_of(body.area),
        data=body.rules,
        at=timezone.now(),
        note=body.note,
        based_on=body.based_on,
    )
    return _policy(changed.pk)


@rules.post(
    "/policy/preview",
    auth=ADMIN,
    response={200: s.EffectsOut, **refusals(403, 422)},
    summary=_("See what a change of rules would touch"),
    description=_("Nothing is changed."),
)
def preview_policy(request: ApiRequest, body: s.RulesIn) -> s.EffectsOut:
    area = reading.area_of(body.area)
    if not policy.may_set(request.auth, area):
        raise NotAllowed
    wanted = merged(policy.standing_data(area.path), body.rules)
    told = effects(area=area, wanted=wanted, at=timezone.now())
    return s.EffectsOut(
        open_cases=told.open_cases,
        changes=[
            s.ChangeOut(
                rule=one.difference.word.name,
                before=one.difference.before,
                after=one.difference.after,
                why=one.why,
                count=one.count,
            )
            for one in told.touched
        ],
        own_rules=[place(one) for one in told.own_rules],
        vacant=[one.word.name for one in told.vacant],
    )


@rules.get(
    "/policy/versions",
    auth=ANY,
    response={200: list[s.VersionOut], **refusals(403, 422)},
    summary=_("List the versions of an area's rules"),
)
def list_policy_versions(request: ApiRequest, area: str) -> list[s.VersionOut]:
    return [
        s.VersionOut.of(one, by=one.who, rules=complete(one.data))
        for one in policy.versions_of(reading.area_of(area))
    ]


@rules.post(
    "/policy/versions/{version}/again",
    auth=ADMIN,
    response={200: s.PolicyOut, **refusals(403, 404, 409, 422)},
    summary=_("Let an older version hold again"),
)
def restore_policy(request: ApiRequest, version: Version, body: s.AgainIn) -> s.PolicyOut:
    area = reading.area_of(body.area)
    made = policy.go_back(actor=request.auth, area=area, version=version, at=timezone.now(), note=body.note)
    return _policy(made.pk)


def _policy(ident: int | None) -> s.PolicyOut:
    if ident is None:
        name = "street_office"
        return s.PolicyOut(
            id=0,
            area=None,
            version=0,
            preset=name,
            since=None,
            rules=complete(preset(name)),
            presets=[*PRESETS],
        )
    found = Policy.objects.select_related("area").get(pk=ident)
    return s.PolicyOut.of(found, area=place(found.area), rules=complete(found.data), presets=[*PRESETS])
