"""Who sits at the desk, on which area, and the frame around every page: rail, area, bell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.civic.notices.queries import unread_count
from gezhi.faces.console.places import Scope, scope_of
from gezhi.faces.console.reads import RailCounts, rail_counts
from gezhi.faces.look.middleware import from_htmx
from gezhi.faces.look.nav import NavItem
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.oversight.accountability.queries import reads_findings
from gezhi.oversight.accountability.stuck import reads_statistics
from gezhi.work.cases.services import sources_for

P = ParamSpec("P")
SETTINGS_GRANTS = {
    "manage_people",
    "manage_catalogue",
    "manage_calendar",
    "manage_system",
    "manage_keys",
    "audit",
}
OF_AN_AREA = ("today", "cases", "map", "territory", "findings", "stuck")  # pages an area narrows
PASSING = ("after", "case", "part")  # parts of an address that end with the area they were for


@dataclass
class Desk:
    """One request at the desk: who asks, when, and on which area."""

    request: HttpRequest
    actor: Actor
    at: datetime

    @cached_property
    def scope(self) -> Scope:
        """The area of the page, from `?area=`, or the area of the actor's posts."""
        return scope_of(self.actor, self.request.GET.get("area", ""))

    @property
    def htmx(self) -> bool:
        """Whether a part of a page is asked for."""
        return from_htmx(self.request)

    @cached_property
    def grants(self) -> set[str]:
        """Every grant of every post."""
        return {grant for seat in self.actor.seats for grant in seat.grants}

    @property
    def works_on_cases(self) -> bool:
        """False for those who only keep the system: they have no queue."""
        return bool(self.grants - SETTINGS_GRANTS)

    def url(self, name: str, *args: Any, **params: Any) -> str:
        """The address of a page of the console, the area kept, empty parameters left out."""
        return self.keep_area(reverse(f"console:{name}", args=args), **params)

    def keep_area(self, path: str, **params: Any) -> str:
        asked = {"area": self.request.GET.get("area", ""), **params}
        query = urlencode({key: value for key, value in asked.items() if value not in ("", None)})
        return f"{path}?{query}" if query else path

    @staticmethod
    def own(address: str) -> str:
        """An address a form or link asks to go on to, if it is one of this site; else ""."""
        return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""

    def page(
        self,
        template: str,
        context: Mapping[str, Any],
        *,
        on: str,
        status: int = 200,
        rail: RailCounts | None = None,
    ) -> HttpResponse:
        """A whole page inside the frame. `on` is the key of its entry in the rail."""
        rail = rail or rail_counts(self.actor, self.scope.path)
        framed = {**_frame(self, rail), "nav_on": on, "desk": self, **context}
        return render(self.request, template, framed, status=status)

    def part(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """A part of a page, for htmx."""
        return render(self.request, template, {"desk": self, **context}, status=status)


def at_desk(
    view: Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for people signed in and on a post; the view gets the Desk as its second argument."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if not actor:
            return redirect_to_login(request.get_full_path())
        if not actor.seats:
            words = _("You hold no post now. Ask whoever manages posts in your office to give you one.")
            raise NotAllowed("no_post", words)
        return view(request, Desk(request=request, actor=actor, at=timezone.now()), *args, **kwargs)

    return guarded


def _frame(desk: Desk, rail: RailCounts) -> dict[str, Any]:
    return {
        "nav": _rail(desk, rail),
        "trail": [(area.shown, _area_url(desk, area.code)) for area in desk.scope.trail],
        "area_choices": [(area.shown, _area_url(desk, area.code)) for area in desk.scope.below],
        "area_choices_label": desk.scope.below_label,
        "search_url": reverse("console:search") if desk.works_on_cases else "",
        "bell_url": reverse("console:notices"),
        "bell_count": unread_count(desk.actor),
        "may_register": bool(sources_for(desk.actor)),
    }


def _rail(desk: Desk, rail: RailCounts) -> list[NavItem]:
    """What the actor's posts may use, and nothing else."""
    items = [NavItem("today", pgettext("navigation", "Today"), desk.url("today"), "today", rail.mine)]
    if desk.works_on_cases:
        items += [
            NavItem("cases", pgettext("navigation", "Cases"), desk.url("cases"), "cases", rail.active),
            NavItem("map", pgettext("navigation", "Map"), desk.url("map"), "map"),
            NavItem("territory", pgettext("navigation", "Grids"), desk.url("territory"), "grid"),
        ]
    if where := _responsibility(desk):
        words = pgettext("navigation", "Responsibility")
        items.append(NavItem("accountability", words, desk.keep_area(where), "history"))
    if desk.grants & SETTINGS_GRANTS:
        to_settings = desk.keep_area(reverse("settings:index"))
        items.append(
            NavItem("settings", pgettext("navigation", "Settings"), to_settings, "settings", foot=True)
        )
    return items


def _responsibility(desk: Desk) -> str:
    """Where findings or statistics of stuck places open for this post; "" where neither does."""
    if reads_findings(desk.actor):
        return reverse("accountability:findings")
    return reverse("accountability:stuck") if reads_statistics(desk.actor) else ""


def _area_url(desk: Desk, code: str) -> str:
    """This page for another area where it is a page of areas, the list of cases for it otherwise."""
    match = desk.request.resolver_match
    if match is not None and match.url_name in OF_AN_AREA:
        kept = {k: v for k, v in desk.request.GET.items() if k not in PASSING}
        return f"{desk.request.path}?{urlencode({**kept, 'area': code})}"
    return f"{reverse('console:cases')}?{urlencode({'area': code})}"
