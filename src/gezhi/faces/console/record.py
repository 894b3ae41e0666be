"""One case: its story, its facts, its clocks, who had it, and what can be done now."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gezhi.civic.notices.services import read_of_case
from gezhi.faces.console import steps
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.facts import facts_of
from gezhi.faces.console.panel import near_of
from gezhi.faces.console.reads import same_place_before, waiting_askers
from gezhi.faces.look.cases import story
from gezhi.faces.look.cases.buttons import buttons
from gezhi.faces.look.cases.clocks import owner_clock, running
from gezhi.faces.look.cases.owing import owed_by
from gezhi.faces.look.cases.rows import state_tone, title_of
from gezhi.faces.look.cases.standing import standing_of
from gezhi.faces.look.maps import map_config
from gezhi.foundation.audit.errors import Invalid
from gezhi.work.cases import queries, services
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.states import ACTIVE, State

STAGE_OF = {state: stage for stage, states in queries.STAGES.items() for state in states}


@require_safe
@at_desk
def case(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """The page of one case; opening it reads its notices."""
    found = queries.case_for(desk.actor, number)
    read_of_case(actor=desk.actor, case=found, at=desk.at)
    return case_page(desk, found)


def case_page(
    desk: Desk, found: Case, *, extra: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a case, with what a form or a reveal adds to it."""
    context = {**record_of(desk, found), **(extra or {})}
    return desk.page("console/case.html", context, on="cases", status=status)


def record_of(desk: Desk, found: Case) -> dict[str, Any]:
    """Everything the page of a case shows."""
    events = queries.events_of(found)
    clocks = queries.clocks_of(found)
    clock = owner_clock(found, clocks, at=desk.at)
    return {
        "case": found,
        "title": f"{title_of(found)} · {found.address}",
        "state": State(found.state).label,
        "state_tone": state_tone(found.state),
        "stage": _stage(desk, found),
        "owed": owed_by(desk.actor, [found]).get(found.pk),
        "steps": steps.steps_of(found, events, clock),
        "entries": story.story_of(found, events),
        "facts": facts_of(desk, found),
        "clocks": running(clocks, at=desk.at),
        "holdings": steps.holdings(queries.trace(events, at=desk.at), at=desk.at),
        "near": near_of(desk, found) if found.state in ACTIVE else [],
        "before": same_place_before(found, desk.actor),
        "merged": list(queries.merged_with(found, desk.actor)),
        "waiting": waiting_askers(found),
        "standing": standing_of(found, events, clocks, at=desk.at),
        "may_reveal": desk.actor.may("see_contact", found.area_path),
        "buttons": buttons(found, allowed_acts(found, desk.actor, at=desk.at)),
        "map": _map(found, clock.tone if clock else "n"),
    }


@require_POST
@never_cache
@at_desk
def contact(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Open the asker's contact for a stated purpose; the look is recorded and shown once."""
    found = queries.case_for(desk.actor, number)
    purpose = request.POST.get("purpose", "")
    told: dict[str, Any] = {"purpose": purpose, "purpose_error": "", "contacts": None}
    status = 200
    try:
        told["contacts"] = services.reveal_contact(actor=desk.actor, case=found, purpose=purpose, at=desk.at)
    except Invalid as error:
        told["purpose_error"] = str(error.fields["purpose"])
        status = error.status
    if desk.htmx:
        shown = {"case": found, "may_reveal": True, "waiting": waiting_askers(found), **told}
        return desk.part("console/parts/contact.html", shown, status=status)
    return case_page(desk, found, extra=told, status=status)


def _stage(desk: Desk, found: Case) -> tuple[str, str]:
    """The list this case stands in, as words and address: the middle of the way back."""
    return str(State(found.state).label), desk.url("cases", stage=STAGE_OF[State(found.state)])


def _map(found: Case, tone: str) -> dict[str, Any]:
    pin = {"lon": found.lon, "lat": found.lat, "tone": tone}
    return map_config(pin=pin, zoom=15.6, grid=found.area_id)
