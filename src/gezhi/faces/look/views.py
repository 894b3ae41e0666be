"""The start page's fork, the demo's one-click sign-in, large type, forms from pages out of date."""

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_GET, require_POST

from gezhi.faces.look.middleware import as_message, from_htmx
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError

OUTDOORS = {"collect", "solve", "check", "verify"}
LARGE_TYPE_COOKIE = "elder"
A_YEAR = 365 * 24 * 3600


class OutOfDate(GezhiError):
    """The page was made for a session that has ended or changed."""

    status = 403


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to where their work is: the desk, the field page, or the residents' page."""
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    return redirect(_work(request, actor) if actor else "/")


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The address of a case in messages: leads to its page at the desk or on the phone, after signing in."""
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    if not actor:
        return redirect_to_login(request.get_full_path())
    part = "cases" if (work := _work(request, actor)) == "/desk/" else "case"
    return redirect(f"{work}{part}/{quote(number)}/")


def _work(request: HttpRequest, actor: Actor) -> str:
    """Where this person's work is, on the device at hand."""
    grants = {grant for seat in actor.seats for grant in seat.grants}
    on_phone = "Mobi" in request.headers.get("User-Agent", "")
    only_outdoors = bool(grants) and grants <= OUTDOORS
    at_hand = on_phone and bool(grants & (OUTDOORS | {"handle"}))
    return "/field/" if only_outdoors or at_hand else "/desk/"


@require_POST
def demo_sign_in(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as a person of the demo with one click. Outside the demo there is no such page."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(get_user_model(), username=username, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(_back(request, "/home/"))


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Switch the residents' pages to large type or back, kept in a cookie."""
    response = redirect(_back(request, "/"))
    if request.POST.get("elder") == "1":
        response.set_cookie(
            LARGE_TYPE_COOKIE, "1", max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(LARGE_TYPE_COOKIE)
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a page that is out of date: a page that says so, to htmx a message that leaves the form."""
    if not from_htmx(request):
        return csrf_failure(request, reason)
    words = _("This page is out of date. Reload it and send the form again; what you typed stays.")
    return as_message(OutOfDate("page_out_of_date", words))


def _back(request: HttpRequest, otherwise: str) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else otherwise
