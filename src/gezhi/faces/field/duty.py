"""Who is on duty with the phone, and the frame around every field page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.civic.notices.queries import unread_count
from gezhi.faces.look.nav import NavItem
from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotAllowed

P = ParamSpec("P")
WALKS = ("solve", "check", "verify", "collect")  # grants of people who work on the spot


@dataclass
class Duty:
    """One request from the field: who asks, and when."""

    request: HttpRequest
    actor: Actor
    at: datetime

    @cached_property
    def seats(self) -> list[Seat]:
        """The posts one stands on out here: those on the smallest ground one walks, else all."""
        walked = [seat for seat in self.actor.seats if seat.grants & set(WALKS)] or list(self.actor.seats)
        smallest = max(len(seat.area_path) for seat in walked)
        return [seat for seat in walked if len(seat.area_path) == smallest]

    @cached_property
    def grounds(self) -> list[Area]:
        """The areas of these posts, in order of their codes."""
        return list(Area.objects.filter(pk__in={seat.area_id for seat in self.seats}).order_by("path"))

    @cached_property
    def area(self) -> Area:
        """The ground a page is about: the one of `?area=` among one's own, else the first."""
        asked = self.request.GET.get("area", "")
        return next((area for area in self.grounds if area.code == asked), self.grounds[0])

    @property
    def standing(self) -> str:
        """Where one stands, in a few words."""
        return self.seats[0].agency_name or self.grounds[0].shown

    def page(
        self, template: str, context: Mapping[str, Any], *, on: str = "", back: str = "", status: int = 200
    ) -> HttpResponse:
        """A whole page. With `on` it is one of the tabs; without, it leads `back`."""
        framed = {"tabs": self._tabs() if on else [], "tab_on": on, "back_url": back, "duty": self, **context}
        return render(self.request, template, framed, status=status)

    def part(self, template: str, context: Mapping[str, Any]) -> HttpResponse:
        """A part of a page, for htmx."""
        return render(self.request, template, {"duty": self, **context})

    def _tabs(self) -> list[NavItem]:
        return [
            NavItem("today", pgettext("field", "Today"), reverse("field:today"), "today"),
            NavItem("grid", pgettext("navigation", "Grid"), reverse("field:grid"), "grid"),
            NavItem(
                "messages",
                pgettext("navigation", "Messages"),
                reverse("field:messages"),
                "bell",
                unread_count(self.actor),
            ),
            NavItem("me", pgettext("navigation", "Me"), reverse("field:me"), "user"),
        ]


View = Callable[Concatenate[HttpRequest, Duty, P], HttpResponse]


def on_duty(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for people signed in and on a post; the view gets the Duty as its second argument."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if not actor:
            return redirect_to_login(request.get_full_path())
        if not actor.seats:
            raise NotAllowed(
                "no_post",
                _("You hold no post now. Ask whoever manages posts in your office to give you one."),
            )
        response = view(request, Duty(request=request, actor=actor, at=timezone.now()), *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded
