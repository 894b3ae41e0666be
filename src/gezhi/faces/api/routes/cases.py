"""Cases: lists, records, reports, photos, contacts."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from ninja.params import functions as given
from ninja.responses import Status

from gezhi.faces.api import reading
from gezhi.faces.api.access import ACT, READ, REPORT, ApiRequest
from gezhi.faces.api.shapes import case_views as views
from gezhi.faces.api.shapes import cases as s
from gezhi.faces.api.shapes.base import Lat, Lon, key_out, moment_key, refusals
from gezhi.faces.api.shapes.reports import Received, ReportIn, SolveIn
from gezhi.faces.look.pictures import photo_of
from gezhi.faces.look.uploads import picture
from gezhi.work.cases import queries, services
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import Filter

router = Router(tags=["cases"])
CaseKey = Annotated[str, given.Path(description=_("Id or number of the case."), max_length=40)]


def _filter(wanted: s.CountsWanted, **more: Any) -> Filter:
    kind, _colon, code = wanted.item.partition(":")
    return Filter(
        area_path=reading.area_of(wanted.area).path if wanted.area else "",
        item_kind=kind,
        item_code=code,
        source=wanted.source,
        text=wanted.text,
        **more,
    )


@router.get("/cases", auth=READ, response={200: s.CasePage, **refusals(403, 422)}, summary=_("List cases"))
def list_cases(request: ApiRequest, wanted: Query[s.CaseWanted]) -> s.CasePage:
    at = timezone.now()
    asked = _filter(
        wanted,
        stage=wanted.stage,
        order=wanted.order,
        after=moment_key(wanted.after),
        limit=wanted.limit,
        reporter=request.auth.user_id or 0 if wanted.reported_by_me else 0,
        since=wanted.since,
        until=wanted.until,
        bbox=reading.bbox(wanted.bbox),
    )
    counts = None
    if wanted.counts:
        page, counts = queries.page_with_counts(request.auth, asked, at=at)
    else:
        page = queries.page_of(request.auth, asked, at=at)
    rows = [views.row(case) for case in page.rows]
    return s.CasePage(rows=rows, next=key_out(page.next_key), counts=counts)


@router.get(
    "/cases/counts",
    auth=READ,
    response={200: dict[str, int], **refusals(403, 422)},
    summary=_("Count cases by stage"),
    description=_("Ended cases are counted up to 1,000."),
)
def count_cases(request: ApiRequest, wanted: Query[s.CountsWanted]) -> dict[str, int]:
    return queries.counts(request.auth, _filter(wanted), at=timezone.now())


@router.get(
    "/cases/near",
    auth=READ,
    response={200: list[s.Near], **refusals(403, 422)},
    summary=_("Find open cases near a place"),
    description=_("Within 100 metres and seven days, nearest first: look here before you report."),
)
def near_cases(request: ApiRequest, lon: Lon, lat: Lat) -> list[s.Near]:
    return views.near(queries.near(request.auth, lon=lon, lat=lat, at=timezone.now()), request.auth)


@router.post(
    "/cases",
    auth=REPORT,
    response={200: Received, 201: Received, **refusals(403, 409, 422)},
    summary=_("Report a case"),
    description=_("The same id with the same content answers 200 and the case made before."),
)
def report(request: ApiRequest, said: ReportIn) -> Status[Received]:
    at = timezone.now()
    asked = reading.report(said, source=said.source, contact=said.contact, at=at)
    case, code = services.report(actor=request.auth, at=at, said=asked)
    return received(case, code)


@router.post(
    "/cases/solved",
    auth=REPORT,
    response={200: Received, 201: Received, **refusals(403, 409, 422)},
    summary=_("Report what was solved on the spot"),
    description=_("For items that allow it; a sample is verified by somebody else."),
)
def solve(request: ApiRequest, said: SolveIn) -> Status[Received]:
    at = timezone.now()
    case = services.solve(
        actor=request.auth,
        at=at,
        said=reading.report(said, source="patrol", contact=None, at=at),
        condition=reading.condition(said.condition),
        after=reading.photos(said.after, "after"),
        text=said.text,
    )
    return received(case, "")


def received(case: Case, code: str) -> Status[Received]:
    """201 for a new case, 200 for one received before."""
    fresh = not case.repeated
    told = Received(id=case.pk, number=case.number, state=case.state, code=code, fresh=fresh)
    return Status(201 if fresh else 200, told)


@router.get(
    "/cases/{case}", auth=READ, response={200: s.CaseOut, **refusals(403, 404)}, summary=_("Read a case")
)
def read_case(request: ApiRequest, case: CaseKey) -> s.CaseOut:
    found = queries.case_for(request.auth, case)
    return views.whole(found, request.auth, at=timezone.now())


@router.get(
    "/cases/{case}/acts",
    auth=READ,
    response={200: list[s.ActOut], **refusals(403, 404)},
    summary=_("List what you may do"),
)
def list_acts(request: ApiRequest, case: CaseKey) -> list[s.ActOut]:
    return views.acts(queries.case_for(request.auth, case), request.auth, at=timezone.now())


@router.get(
    "/cases/{case}/duplicates",
    auth=READ,
    response={200: list[s.Near], **refusals(403, 404)},
    summary=_("List possible duplicates"),
    description=_("Open cases near in place, time and matter."),
)
def list_duplicates(request: ApiRequest, case: CaseKey) -> list[s.Near]:
    found = queries.case_for(request.auth, case)
    return views.near(queries.duplicates_of(found, request.auth, at=timezone.now()), request.auth)


@router.get(
    "/cases/{case}/photos/{sha256}/{size}",
    auth=READ,
    response={200: bytes, **refusals(403, 404)},
    summary=_("Get a photo"),
    url_name="case_photo",
    openapi_extra={"responses": {200: {"content": {"image/jpeg": {"schema": {}}}}}},
)
def case_photo(
    request: ApiRequest,
    sha256: str,
    size: Literal["full", "thumb"],
    case: CaseKey,
) -> HttpResponse:
    found = queries.case_for(request.auth, case)
    return picture(photo_of(found.pk, sha256, request.auth), size)


@router.post(
    "/cases/{case}/contacts",
    auth=ACT,
    response={200: list[s.ContactOut], **refusals(403, 404, 422)},
    summary=_("See the askers' contacts"),
    description=_("For who calls them back. The purpose goes on record and is shown to the supervisor."),
)
def reveal(request: ApiRequest, body: s.PurposeIn, case: CaseKey) -> list[s.ContactOut]:
    found = queries.case_for(request.auth, case)
    contacts = services.reveal_contact(
        actor=request.auth, case=found, purpose=body.purpose, at=timezone.now()
    )
    return [s.ContactOut.of(contact) for contact in contacts]
