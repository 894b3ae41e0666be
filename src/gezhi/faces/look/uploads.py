"""Photos on their way into a case and out of it.

A chosen photo is stored at once, so that a form with a mistake never loses it; until it hangs on a case the
form carries it as a signed token, so that nobody can hang up (and so read) somebody else's photo by number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid, NotFound
from gezhi.foundation.files.models import File
from gezhi.foundation.files.queries import Variant, path_of
from gezhi.foundation.files.services import store_photo

SALT = "gezhi.kept-photo"
KEPT_FOR = timedelta(days=2)
MOST = 9


@dataclass(frozen=True)
class Kept:
    """A stored photo that a form carries along: `token` goes into a hidden field."""

    file: File
    token: str

    @property
    def url(self) -> str:
        return reverse("look:kept_photo", args=[self.token])


@dataclass(frozen=True)
class Taken:
    """What came of a form's photos: those stored, and why others were not."""

    kept: tuple[Kept, ...]
    problems: tuple[str | Promise, ...] = ()


def take_photos(
    uploads: Sequence["UploadedFile[Any]"],
    tokens: Iterable[str],
    *,
    actor: Actor,
    at: datetime,
    most: int = MOST,
) -> Taken:
    """Store newly chosen photos beside those a form already carries; the same photo counts once."""
    files = {file.pk: file for file in _carried(tokens)}
    problems: list[str | Promise] = []
    for upload in uploads:
        if len(files) >= most:
            problems.append(_("Only %(n)d photos can be sent; the rest were left out.") % {"n": most})
            break
        try:
            file = store_photo(actor=actor, upload=upload, name=upload.name or "", at=at)  # type: ignore[arg-type]
        except Invalid as error:
            problems += [
                _("%(label)s: %(words)s") % {"label": upload.name, "words": text}
                for text in error.fields.values()
            ]
        else:
            files[file.pk] = file
    return Taken(tuple(Kept(file, token_of(file)) for file in files.values()), tuple(problems))


def token_of(file: File) -> str:
    """The signed word by which a form carries a stored photo."""
    return signing.dumps(file.pk, salt=SALT, compress=False)


def file_of(token: str) -> File:
    """The photo of a token; NotFound when it is not ours or too old."""
    try:
        number = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        raise NotFound from None
    file = File.objects.filter(pk=number).first()
    if file is None:
        raise NotFound
    return file


def _carried(tokens: Iterable[str]) -> Iterable[File]:
    """Tokens that ran out while a page lay open are left out: the form then shows fewer pictures."""
    for token in tokens:
        try:
            yield file_of(token)
        except NotFound:
            continue


def picture(file: File, variant: Variant) -> HttpResponse:
    """The bytes of a photo, some hundred kilobytes. Who may see it has been asked before."""
    response = HttpResponse(path_of(file, variant).read_bytes(), content_type=file.media_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
