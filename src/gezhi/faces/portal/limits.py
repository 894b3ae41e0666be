"""How often residents may ask, in the words of their pages; and bodies no larger than their photos can be."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from gezhi.faces.look.limits import Limit, within
from gezhi.faces.look.uploads import MOST
from gezhi.foundation.audit.errors import TooMany
from gezhi.foundation.files.photos import MAX_BYTES

P = ParamSpec("P")
LARGEST_BODY = MOST * MAX_BYTES + 1024 * 1024  # the photos with the form around them


def spend(limit: Limit, whose: str, *, at: datetime, times: int = 1) -> None:
    """Count; TooMany when it is more than the limit allows in this window."""
    if not within(limit, whose, at=at, times=times):
        raise too_many()


def too_many() -> TooMany:
    """The refusal in words."""
    return TooMany(
        "too_many",
        _(
            "Too much came from your connection in a short time. What you wrote is kept on this page: please "
            "wait a while and send it again. In an emergency call 110, 119 or 120."
        ),
    )


def small_body(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Refuse a body larger than its photos can be before a byte of it is read.

    The check against forged requests reads the body, so it comes after.
    """
    checked = csrf_protect(view)

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return render(request, "portal/too_large.html", status=413)
        return checked(request, *args, **kwargs)

    return csrf_exempt(guarded)
