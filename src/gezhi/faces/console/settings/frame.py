"""The frame of the settings: which pages a person has, and the guard before each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.reads import RailCounts
from gezhi.foundation.audit.errors import NotAllowed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]


@dataclass(frozen=True)
class Entry:
    """One page of the settings. `grant` empty: for everybody on a post."""

    key: str
    label: Promise
    grant: str = ""
    scoped: bool = False  # whether the area of the top bar counts


ENTRIES = (
    Entry("people", pgettext_lazy("settings", "People and posts"), "manage_people", scoped=True),
    Entry("agencies", pgettext_lazy("settings", "Agencies"), "manage_people", scoped=True),
    Entry("roles", pgettext_lazy("settings", "Roles"), "manage_system"),
    Entry("areas", pgettext_lazy("settings", "Areas"), "manage_system", scoped=True),
    Entry("calendar", pgettext_lazy("settings", "Working calendar"), "manage_calendar"),
    Entry("catalogue", pgettext_lazy("settings", "Catalogue of matters"), "manage_catalogue"),
    Entry("duties", pgettext_lazy("settings", "Responsibility list"), "manage_catalogue", scoped=True),
    Entry("policy", pgettext_lazy("settings", "Rules and limits"), "manage_catalogue", scoped=True),
    Entry("outbox", pgettext_lazy("settings", "Outbox"), "manage_system"),
    Entry("sending", pgettext_lazy("settings", "Sending of notices"), "manage_system"),
    Entry("audit", pgettext_lazy("settings", "Audit log"), "audit"),
    Entry("keys", pgettext_lazy("settings", "API keys")),
)
BY_KEY: Mapping[str, Entry] = {entry.key: entry for entry in ENTRIES}


def entries_of(desk: Desk) -> list[Entry]:
    """What this person's posts open; nothing else is shown."""
    return [entry for entry in ENTRIES if not entry.grant or entry.grant in desk.grants]


def for_settings(key: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Only for people whose posts open this page."""
    entry = BY_KEY[key]

    def guard(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        def guarded(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if entry.grant and entry.grant not in desk.grants:
                raise NotAllowed
            return view(request, desk, *args, **kwargs)

        return at_desk(guarded)

    return guard


def show(
    desk: Desk, template: str, context: Mapping[str, Any], *, on: str, status: int = 200
) -> HttpResponse:
    """A page of the settings; never kept by a browser, since some show a secret once."""
    entry = BY_KEY[on]
    framed: dict[str, Any] = {"entries": entries_of(desk), "entry_on": entry, "scoped": entry.scoped}
    if entry.scoped:
        framed["trail"] = [(area.shown, _here(desk, on, area.code)) for area in desk.scope.trail]
        framed["area_choices"] = [(area.shown, _here(desk, on, area.code)) for area in desk.scope.below]
    rail = None if desk.works_on_cases else RailCounts(mine=0, active=0)
    response = desk.page(
        f"console/settings/{template}", {**framed, **context}, on="settings", status=status, rail=rail
    )
    response["Cache-Control"] = "no-store"
    return response


def back_to(desk: Desk, name: str, *args: Any, **params: Any) -> HttpResponse:
    """After a change: the page that shows it, the area kept."""
    return redirect(url(desk, name, *args, **params))


def url(desk: Desk, name: str, *args: Any, **params: Any) -> str:
    return desk.keep_area(reverse(f"settings:{name}", args=args), **params)


def _here(desk: Desk, on: str, code: str) -> str:
    """The page of an entry for another area, narrowed as it is now; from a page below it, the page itself."""
    address = reverse(f"settings:{on}")
    asked = desk.request.GET.items() if desk.request.path == address else ()
    kept = {key: value for key, value in asked if key not in ("after", "area")}
    return f"{address}?{urlencode({**kept, 'area': code})}"
