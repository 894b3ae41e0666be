"""The start page, who is responsible here, and what all pages for residents share."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.faces.portal.here import place_name, responsible_for
from gezhi.faces.portal.place import begin, describe, read


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page for residents under the name of their district; never kept by browsers or proxies."""
    name = place_name()
    title = _("%(place)s · Residents' service") % {"place": name} if name else _("Residents' service")
    response = render(request, template, {"place_name": title, **context}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What one can do here."""
    return page(request, "portal/home.html", {})


@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """Who is responsible at a place: found by address or on the map."""
    where = read(request.GET) if request.GET else begin()
    said = describe(where.chosen) if where.chosen else None
    board = responsible_for(said.area, at=timezone.now()) if said and said.area else None
    return page(request, "portal/here.html", {"where": where, "said": said, "board": board})
