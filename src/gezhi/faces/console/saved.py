"""Saved filters of the list of cases: chips above the list, and the page where they are put in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.foundation.audit.errors import Invalid, NotFound
from gezhi.work.desk import services
from gezhi.work.desk.models import NAME_LIMIT
from gezhi.work.desk.queries import filters_of

NOT_KEPT = ("after", "case", "part")  # parts of an address that are no part of a filter


@dataclass(frozen=True)
class Chip:
    """One saved filter above the list; `on` where the list shows just that."""

    name: str
    url: str
    on: bool


@dataclass(frozen=True)
class Saved:
    """What stands above the list: the chips, and the words that would be saved now ("" where they are)."""

    chips: list[Chip]
    words: str
    limit: int = NAME_LIMIT


def saved_for(desk: Desk, words: Mapping[str, str]) -> Saved:
    """The person's filters beside the list filtered by `words`."""
    here = {name: value for name, value in words.items() if value}
    chips = [Chip(one.name, _address(one.words), one.words == here) for one in filters_of(desk.actor)]
    known = any(chip.on for chip in chips)
    return Saved(chips, "" if known else urlencode(here))


def opening(desk: Desk) -> str:
    """Where the bare list leads: to the filter its reader opens it with, if there is one."""
    if desk.request.GET:
        return ""
    first = next((one for one in filters_of(desk.actor) if one.first), None)
    return _address(first.words) if first else ""


@require_safe
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All of one's filters, to be named, ordered and deleted."""
    kept = [(one, _address(one.words)) for one in filters_of(desk.actor)]
    return desk.page("console/filters.html", {"kept": kept, "limit": NAME_LIMIT}, on="cases")


@require_POST
@at_desk
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep the filter a list shows, and go on with it."""
    words = _words(request.POST.get("words", ""))
    try:
        services.save_filter(actor=desk.actor, at=desk.at, name=request.POST.get("name", ""), words=words)
    except Invalid as error:
        messages.warning(request, str(error.fields["name"]))
    else:
        messages.success(request, _("The filter is kept above the list."))
    return redirect(_address(words))


@require_POST
@at_desk
def change(request: HttpRequest, desk: Desk, filter_id: int) -> HttpResponse:
    """Rename, move, open with or delete one; the button says which."""
    wanted = request.POST.get("do", "rename")
    common: dict[str, Any] = {"actor": desk.actor, "at": desk.at, "filter_id": filter_id}
    try:
        if wanted == "rename":
            services.rename_filter(**common, name=request.POST.get("name", ""))
        elif wanted in ("up", "down"):
            services.move_filter(**common, step=-1 if wanted == "up" else 1)
        elif wanted in ("open", "plain"):
            services.open_with(**common, on=wanted == "open")
        elif wanted == "drop":
            services.drop_filter(**common)
        else:
            raise NotFound
    except Invalid as error:
        messages.warning(request, str(error.fields["name"]))
    return redirect(desk.url("filters"))


def _words(query: str) -> dict[str, str]:
    return {name: value for name, value in parse_qsl(query) if name not in NOT_KEPT}


def _address(words: Mapping[str, str]) -> str:
    kept = QueryDict(mutable=True)
    kept.update(dict(sorted(words.items())))  # PostgreSQL keeps words in no order
    return f"{reverse('console:cases')}?{kept.urlencode()}"
