"""A case as a sheet of paper: facts, photos, story, clocks and room for signatures; never a contact."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gezhi.faces.console import steps
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.facts import facts_of
from gezhi.faces.look.cases import story
from gezhi.faces.look.cases.clocks import view_of
from gezhi.foundation.areas.queries import lineage
from gezhi.work.cases import queries
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import State

MOST_PHOTOS = 12


@require_safe
@never_cache
@at_desk
def sheet(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The case as it stands, to be printed or kept as a PDF by the browser."""
    found = queries.case_for(desk.actor, number)
    return render(request, "console/sheet.html", {"desk": desk, **_sheet(desk, found)})


def _sheet(desk: Desk, found: Case) -> dict[str, Any]:
    events = queries.events_of(found)
    entries = list(reversed(story.story_of(found, events)))
    photos = [photo for entry in entries for photo in entry.photos]
    return {
        "case": found,
        "state": State(found.state).label,
        "facts": facts_of(desk, found),
        "place": " ".join(area.shown for area in lineage(found.area_path)),
        "entries": entries,
        "photos": photos[:MOST_PHOTOS],
        "more_photos": max(0, len(photos) - MOST_PHOTOS),
        "clocks": [view_of(clock, at=desk.at) for clock in queries.clocks_of(found)],
        "holdings": steps.holdings(queries.trace(events, at=desk.at), at=desk.at),
        "printed_by": desk.actor.label,
    }
