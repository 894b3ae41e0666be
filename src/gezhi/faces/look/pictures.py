"""The bytes of photos: of one's own before a form is sent, of a case to whoever may see the case."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.faces.look.uploads import file_of, picture
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.files.models import File
from gezhi.foundation.files.queries import Variant
from gezhi.work.cases.models import CaseEvent
from gezhi.work.cases.queries import case_for


@require_safe
def kept_photo(request: HttpRequest, token: str) -> HttpResponse:
    """The small picture of a photo that a form carries along."""
    return picture(file_of(token), "thumb")


@require_safe
def case_photo(request: HttpRequest, case_id: UUID, sha256: str, variant: Variant) -> HttpResponse:
    """A photo of a case for staff who may see the case."""
    actor = request.actor or None  # type: ignore[attr-defined]  # nobody is wrapped, too: see ActorMiddleware
    return picture(photo_of(case_id, sha256, actor), variant)


def photo_of(case_id: UUID, sha256: str, actor: Actor | None) -> File:
    """A photo that hangs on a case this actor sees; NotFound otherwise."""
    case = case_for(actor, case_id)
    if case.veiled or not CaseEvent.objects.filter(case=case, photos__sha256=sha256).exists():
        raise NotFound
    return File.objects.get(sha256=sha256)


def shots(case_id: UUID, files: list[File], *, tag: str = "") -> list[dict[str, str]]:
    """Photos of a case as the tag `photos` of the templates wants them."""
    return [
        {
            "url": reverse("look:case_photo", args=[case_id, file.sha256, "full"]),
            "thumb": reverse("look:case_photo", args=[case_id, file.sha256, "thumb"]),
            "tag": tag,
            "alt": _("Photo of the case"),
        }
        for file in files
    ]
