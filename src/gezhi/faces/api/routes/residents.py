"""What residents do without an account: report, follow by code, add, hurry, withdraw, rate, ask again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _
from ninja import File as Sent
from ninja import Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import Field

from gezhi.faces.api import reading
from gezhi.faces.api.progress import progress
from gezhi.faces.api.routes.acts import BY_ASKERS
from gezhi.faces.api.routes.cases import received
from gezhi.faces.api.routes.files import kept
from gezhi.faces.api.shapes.base import refusals
from gezhi.faces.api.shapes.reports import FileOut, Received, ResidentReportIn, inputs_of
from gezhi.faces.api.shapes.residents import CodeIn, ProgressOut
from gezhi.faces.look import limits
from gezhi.foundation.audit.errors import Invalid, NotFound, TooMany
from gezhi.work.cases import services
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.models import Asker
from gezhi.work.cases.perform import perform
from gezhi.work.cases.queries import asker_by_code
from gezhi.work.cases.services import VISITOR, asker_actor

router = Router(tags=["residents"])


def spend(limit: limits.Limit, whose: str, *, at: datetime) -> None:
    """Count together with the pages; TooMany beyond the limit."""
    if not limits.within(limit, whose, at=at):
        raise _too_many()


def _too_many() -> TooMany:
    return TooMany(
        "too_many",
        gettext_lazy(
            "Too much came from your connection in a short time. Please wait a while and try again. "
            "In an emergency call 110, 119 or 120."
        ),
    )


def _asker(request: HttpRequest, code: str, *, at: datetime) -> Asker:
    """The asker of a code. Wrong codes are counted per address, so that they cannot be guessed."""
    whose = limits.client_address(request)
    if limits.exhausted(limits.WRONG_CODES_OF_ADDRESS, whose, at=at):
        raise _too_many()
    asker = asker_by_code(code)
    if asker is None:
        limits.within(limits.WRONG_CODES_OF_ADDRESS, whose, at=at)
        raise NotFound(
            "wrong_code",
            gettext_lazy("There is no report with this code. Please compare it with what you wrote down."),
        )
    return asker


@router.post(
    "/residents/photos",
    response={201: FileOut, **refusals(413, 422)},
    summary=_("Send a photo"),
    description=_("As `photo` of a multipart form; give its id with the report."),
)
def send_photo_as_resident(request: HttpRequest, photo: Sent[UploadedFile]) -> Status[FileOut]:
    spend(limits.PHOTOS_OF_ADDRESS, limits.client_address(request), at=timezone.now())
    return Status(201, kept(request, VISITOR, photo))


@router.post(
    "/residents/reports",
    response={200: Received, 201: Received, **refusals(409, 422)},
    summary=_("Report without an account"),
    description=_("The answer holds the tracking code, once. Name and number are kept sealed."),
)
def report_as_resident(request: HttpRequest, said: ResidentReportIn) -> Status[Received]:
    at = timezone.now()
    spend(limits.REPORTS_OF_ADDRESS, limits.client_address(request), at=at)
    if said.contact.phone:
        spend(limits.REPORTS_OF_PHONE, said.contact.phone, at=at)
    asked = reading.report(said, source="resident", contact=said.contact, at=at)
    if asked.item is not None and not asked.item.public:
        raise Invalid({"item": gettext_lazy("There is no such item in the catalogue.")})
    case, code = services.report(actor=VISITOR, at=at, said=asked)
    return received(case, code)


@router.post(
    "/residents/progress",
    response={200: ProgressOut, **refusals(404, 422)},
    summary=_("Follow a report by its code"),
)
def follow(request: HttpRequest, body: CodeIn) -> ProgressOut:
    at = timezone.now()
    return progress(_asker(request, body.code, at=at), at=at)


def _act(act: Act) -> Callable[..., ProgressOut]:
    code = Field(max_length=40, description=_("The tracking code."))
    body_type = inputs_of(act, prefix="Resident", more={"code": (str, code)})

    def view(request: HttpRequest, body: Any) -> ProgressOut:
        at = timezone.now()
        asker = _asker(request, body.code, at=at)
        if asker.withdrawn_at is not None:
            raise NotFound
        spend(limits.ACTS_OF_ASKER, str(asker.pk), at=at)
        perform(act.code, asker.case_id, actor=asker_actor(asker), at=at, data=reading.told(act, body))
        return progress(Asker.objects.select_related("case", "first_case").get(pk=asker.pk), at=at)

    view.__annotations__["body"] = body_type
    view.__name__ = f"resident_{act.code}"
    return view


for code in BY_ASKERS:
    router.post(
        f"/residents/acts/{code}",
        response={200: ProgressOut, **refusals(404, 409, 422)},
        summary=code,  # worded in document.py, in the language of the request
        operation_id=f"resident_{code}",
    )(_act(ACTS[code]))
