"""Photos on their way into a case."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import File as Sent
from ninja import Router
from ninja.files import UploadedFile
from ninja.responses import Status

from gezhi.faces.api.access import SEND, ApiRequest
from gezhi.faces.api.shapes.base import refusals
from gezhi.faces.api.shapes.reports import FileOut
from gezhi.faces.look.uploads import token_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.files.services import store_photo

router = Router(tags=["photos"])


@router.post(
    "/files",
    auth=SEND,
    response={201: FileOut, **refusals(403, 413, 422)},
    summary=_("Send a photo"),
    description=_(
        "JPEG, PNG or WebP up to 12 MB, as `photo` of a multipart form. What the camera wrote into it is "
        "read and then taken out."
    ),
)
def send_photo(request: ApiRequest, photo: Sent[UploadedFile]) -> Status[FileOut]:
    return Status(201, kept(request, request.auth, photo))


def kept(request: HttpRequest, actor: Actor, photo: UploadedFile) -> FileOut:
    """Store a photo and say how it is named until it hangs on a case."""
    file = store_photo(actor=actor, upload=photo, name=photo.name or "", at=timezone.now())  # type: ignore[arg-type]
    return FileOut.of(file, id=token_of(file))
