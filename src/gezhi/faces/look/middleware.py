"""Who is asking, and how errors of the catalogue are shown."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError

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
    """Shows an error of the catalogue that no view has caught as a page with its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, GezhiError):
            return None
        return render(request, "look/refused.html", {"error": exception}, status=exception.status)
