"""Responsibility traced back: the way of a case, findings, appeals, and where cases stick."""

from datetime import date, datetime, time, timedelta
from typing import Literal

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from ninja.responses import Status

from gezhi.faces.api import reading
from gezhi.faces.api.access import ACT, READ, ApiRequest
from gezhi.faces.api.routes.cases import CaseKey
from gezhi.faces.api.shapes import accountability as s
from gezhi.faces.api.shapes.base import Choice, Id, Page, key_in, key_out, refusals
from gezhi.faces.api.shapes.case_views import named, place
from gezhi.faces.look.cases.rows import title_of
from gezhi.faces.look.uploads import picture
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.files.models import File
from gezhi.foundation.ids import id_in
from gezhi.oversight.accountability import queries, services, stuck
from gezhi.oversight.accountability.models import Finding, Kind
from gezhi.oversight.accountability.permits import kinds_for, leads, may_appeal, seat_to_decide
from gezhi.oversight.accountability.rules import standing
from gezhi.oversight.accountability.trace import Measure, Stretch, stretches, subjects
from gezhi.work.cases import queries as cases
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.states import ClockKind, State

router = Router(tags=["responsibility"])
FINAL = pgettext_lazy("finding", "Final")
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


def _finding(finding: Finding, actor: Actor, at: datetime) -> s.FindingOut:
    appealed = finding.state != Finding.State.RECORDED
    state = standing(finding.state, appeal_until=finding.appeal_until, at=at)
    may = {
        "appeal": may_appeal(actor, finding, at=at),
        "decide": seat_to_decide(actor, finding, at=at) is not None,
    }
    return s.FindingOut.of(
        finding,
        case=finding.facts["case"],
        area=place(finding.case.area),
        agency=named(finding.agency),
        post=finding.post_id,
        kind=Choice(code=finding.kind, name=str(Kind(finding.kind).label)),
        state=Choice(code=state, name=str(FINAL if state == "final" else Finding.State(state).label)),
        recorded_by=named(finding.recorded_by),
        appeal=_appeal(finding) if appealed else None,
        may=[word for word, true in may.items() if true],
    )


def _appeal(finding: Finding) -> s.AppealOut:
    made = finding.appeal
    photos = [_photo(finding, file) for file in made.photos.order_by("pk")]
    return s.AppealOut.of(made, by=named(made.by), decided_by=named(made.decided_by), photos=photos)


def _photo(finding: Finding, file: File) -> s.AppealPhoto:
    full, thumb = (
        reverse("api:appeal_photo", args=[finding.pk, file.sha256, size]) for size in ("full", "thumb")
    )
    return s.AppealPhoto.of(file, full=full, thumb=thumb)


def _read(request: ApiRequest, ident: int, at: datetime) -> s.FindingOut:
    return _finding(queries.finding_for(request.auth, ident), request.auth, at)


@router.get(
    "/findings",
    auth=READ,
    response={200: Page[s.FindingOut], **refusals(403, 422)},
    summary=_("List findings of responsibility"),
    description=_("Those of your level and below, about your agency or your post; newest first."),
)
def list_findings(request: ApiRequest, wanted: Query[s.FindingWanted]) -> Page[s.FindingOut]:
    at = timezone.now()
    page = queries.page_of(
        request.auth,
        queries.FindingFilter(
            area_path=reading.area_of(wanted.area).path if wanted.area else "",
            agency_id=wanted.agency or 0,
            kind=wanted.kind or "",
            state=wanted.state or "",
            month=date.fromisoformat(f"{wanted.month}-01") if wanted.month else None,
            after=id_in(key_in(wanted.after)),
            limit=wanted.limit,
        ),
        at=at,
    )
    rows = [_finding(one, request.auth, at) for one in page.rows]
    return Page(rows=rows, next=key_out(str(page.next_key)) if page.next_key else "")


@router.get(
    "/findings/{finding}",
    auth=READ,
    response={200: s.FindingOut, **refusals(403, 404)},
    summary=_("Read a finding"),
)
def read_finding(request: ApiRequest, finding: Id) -> s.FindingOut:
    return _read(request, finding, timezone.now())


@router.get(
    "/findings/{finding}/photos/{sha256}/{size}",
    auth=READ,
    response={200: bytes, **refusals(403, 404)},
    summary=_("Get a photo of an appeal"),
    url_name="appeal_photo",
    openapi_extra={"responses": {200: {"content": {"image/jpeg": {"schema": {}}}}}},
)
def appeal_photo(
    request: ApiRequest, finding: Id, sha256: str, size: Literal["full", "thumb"]
) -> HttpResponse:
    return picture(queries.photo_of(request.auth, finding, sha256), size)


@router.post(
    "/findings/{finding}/appeal",
    auth=ACT,
    response={200: s.FindingOut, **refusals(403, 404, 409, 422)},
    summary=_("Appeal against a finding"),
    description=_("Once, by the head of the agency or the holder of the post, while there is time."),
)
def appeal_finding(request: ApiRequest, finding: Id, body: s.AppealIn) -> s.FindingOut:
    at = timezone.now()
    photos = reading.photos(body.photos)
    services.appeal(actor=request.auth, at=at, finding_id=finding, reason=body.reason, photos=photos)
    return _read(request, finding, at)


@router.post(
    "/findings/{finding}/decision",
    auth=ACT,
    response={200: s.FindingOut, **refusals(403, 404, 409, 422)},
    summary=_("Decide an appeal"),
    description=_("By an approver of the level above, never by who recorded the finding."),
)
def decide_appeal(request: ApiRequest, finding: Id, body: s.DecisionIn) -> s.FindingOut:
    at = timezone.now()
    services.decide(actor=request.auth, at=at, finding_id=finding, **body.model_dump())
    return _read(request, finding, at)


# -- the way of a case


@router.get(
    "/cases/{case}/way",
    auth=READ,
    response={200: list[s.StretchOut], **refusals(403, 404)},
    summary=_("Read the way of a case"),
    description=_("Who had it how long and where it stuck, from the record of its acts."),
)
def read_way(request: ApiRequest, case: CaseKey) -> list[s.StretchOut]:
    at = timezone.now()
    found = cases.case_for(request.auth, case)
    known = queries.of_case(request.auth, found)
    return [
        _stretch(part, found, request.auth, at, [one.pk for one in known if one.stretch == part.key])
        for part in stretches(found, cases.events_of(found), at=at)
    ]


def _stretch(part: Stretch, case: Case, actor: Actor, at: datetime, findings: list[int]) -> s.StretchOut:
    offered = subjects(case, part, at=at) if leads(actor, case) else []
    whom = []
    for one in offered:
        name = one.agency.shown if one.agency and not one.post else ""
        if one.post:
            name = f"{one.agency.shown if one.agency else one.post.area.shown} {one.post.role.shown}"
        whom.append(s.SubjectOut(key=one.key, name=name, kinds=kinds_for(actor, case, one)))
    return s.StretchOut.of(
        part,
        agency=named(part.agency),
        measures=[_measure(one) for one in part.measures],
        subjects=whom,
        findings=findings,
    )


def _measure(one: Measure) -> s.MeasureOut:
    return s.MeasureOut.of(one, kind=Choice(code=one.kind, name=str(ClockKind(one.kind).label)))


@router.post(
    "/cases/{case}/findings",
    auth=ACT,
    response={201: s.FindingOut, **refusals(403, 404, 409, 422)},
    summary=_("Record a finding"),
    description=_("By a leader outside the agency; the figures of that part of the way are kept with it."),
)
def record_finding(request: ApiRequest, body: s.FindingIn, case: CaseKey) -> Status[s.FindingOut]:
    at = timezone.now()
    made = services.record_finding(actor=request.auth, at=at, case=case, **body.model_dump())
    return Status(201, _read(request, made.pk, at))


# -- where cases stick


@router.get(
    "/stuck",
    auth=READ,
    response={200: s.StuckOut, **refusals(403, 422)},
    summary=_("Count where cases stick"),
    description=_("For those who lead, supervise or appraise an area. Pauses are left out."),
)
def count_stuck(request: ApiRequest, wanted: Query[s.StuckWanted]) -> s.StuckOut:
    found = stuck.statistics(request.auth, _counted(wanted), by=wanted.by, at=timezone.now())
    return s.StuckOut(
        total=s.FiguresOut.of(found.total, key=""),
        places=[s.FiguresOut.of(one, key=key) for key, one in stuck.in_order(found, wanted.by)],
        capped=found.capped,
    )


@router.get(
    "/stuck/cases",
    auth=READ,
    response={200: Page[s.StuckCase], **refusals(403, 422)},
    summary=_("List the cases behind a figure"),
)
def list_stuck(request: ApiRequest, wanted: Query[s.StuckCasesWanted]) -> Page[s.StuckCase]:
    at = timezone.now()
    found = stuck.cases_behind(
        request.auth,
        _counted(wanted),
        what=wanted.what,
        at=at,
        after=key_in(wanted.after),
        limit=wanted.limit,
    )
    rows = [
        s.StuckCase.of(
            case,
            title=title_of(case),
            state=Choice(code=case.state, name=str(State(case.state).label)),
            area=place(case.area),
            agency=named(case.lead_agency),
            passed=[_passed(clock, at) for clock in clocks],
        )
        for case, clocks in found.rows
    ]
    return Page(rows=rows, next=key_out(found.next_key) if found.next_key else "")


def _passed(clock: Clock, at: datetime) -> s.MeasureOut:
    used = used_by(clock, at)
    running = clock.ended_at is None
    return _measure(Measure(clock.kind, used, clock.seconds, clock.working, running=running))


def _counted(wanted: s.StuckWanted) -> stuck.StuckFilter:
    if not FIRST <= wanted.since <= wanted.until <= LAST:
        raise Invalid({"until": gettext_lazy("Give a last day from the first one on.")})
    kind, _colon, code = wanted.item.partition(":")
    return stuck.StuckFilter(
        since=_midnight(wanted.since),
        until=_midnight(wanted.until + timedelta(days=1)),
        area_path=reading.area_of(wanted.area).path if wanted.area else "",
        stage=wanted.stage,
        agency_id=wanted.agency or 0,
        item_kind=kind,
        item_code=code,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
