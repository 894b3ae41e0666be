"""Who is asking, and how errors of the catalogue are shown."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError, Invalid, NotAllowed, NotFound, TooMany

GetResponse = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Puts the actor of the signed-in user on the request as `request.actor` (None for a visitor)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor | None:
    user = request.user
    return actor_of(user, at=timezone.now()) if user.is_authenticated else None


class RefusalMiddleware:
    """Shows an error of the catalogue that no view has caught, as a page or, to htmx, as a message.

    A part of a page that finds its reader signed out sends the whole page to the sign-in instead of
    showing the sign-in form inside the part. An address that only takes what is sent to it is nowhere to go,
    yet signing in again or going back may lead there: the reader is sent to the start page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if from_htmx(request) and response.status_code in (301, 302, 303):
            target = response["Location"]
            if urlsplit(target).path == settings.LOGIN_URL:
                page = _page_of(request)
                moved = HttpResponse(status=204)
                moved["HX-Redirect"] = redirect_to_login(page).url if page else target
                return moved
        if response.status_code == 405 and request.method == "GET" and not _is_of_programs(request):
            return redirect("look:home")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DataError):  # as PostgreSQL on a NUL: no person types that
            exception = GezhiError(
                "cannot_be_stored",
                _("Part of what was sent cannot be stored. Correct it and send it again."),
            )
        if not isinstance(exception, GezhiError):
            return None
        if from_htmx(request):
            return as_message(exception)
        context = {"error": exception, "heading": heading_of(exception), "back": _came_from(request)}
        return render(request, "look/refused.html", context, status=exception.status)


def from_htmx(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for, not a whole page."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def heading_of(error: GezhiError) -> str:
    """What happened, in a few words."""
    if isinstance(error, NotFound):
        return _("Not found")
    if isinstance(error, NotAllowed):
        return _("Not for your post")
    if isinstance(error, Invalid):
        return _("Something is missing or wrong")
    if isinstance(error, TooMany):
        return _("Too many at once")
    return _("That did not go through")


def as_message(error: GezhiError) -> HttpResponse:
    """An answer that leaves the page and what was typed as they are and says why at its foot."""
    text = " ".join([str(error.message), *(str(field) for field in error.fields.values())])
    response = HttpResponse(status=error.status)
    response["HX-Reswap"] = "none"
    response["HX-Push-Url"] = "false"
    response["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": "r"}})
    return response


def _is_of_programs(request: HttpRequest) -> bool:
    """Whether a script or a program asks, which wants the status as it is."""
    return from_htmx(request) or request.path.startswith("/api/")


def _page_of(request: HttpRequest) -> str:
    """The page a part is asked for, as path and query; "" where htmx does not name one of ours."""
    address = request.headers.get("HX-Current-URL", "")
    if not _is_ours(request, address):
        return ""
    page = urlsplit(address)
    return f"{page.path}?{page.query}" if page.query else page.path


def _came_from(request: HttpRequest) -> str:
    address = request.headers.get("Referer", "")
    return address if _is_ours(request, address) and address != request.build_absolute_uri() else ""


def _is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
