"""Handing over a shift: what is open, what happened, words for the next; the next confirms having read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.queue import TABS
from gezhi.faces.look.inputs import PhotoForm
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import GezhiError, NotAllowed
from gezhi.work.cases.models import Case
from gezhi.work.desk import services
from gezhi.work.desk.models import NOTE_LIMIT, HandoverNote
from gezhi.work.desk.queries import (
    OPEN_STAGES,
    handed_over_at,
    note_for,
    note_to_confirm,
    notes_of,
    standing,
)
from gezhi.work.desk.rules import LONGEST_SHIFT, WATCHES, DeskPlace

SHIFT = timedelta(hours=8)
MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Figure:
    """One number of a note; `url` leads to the cases where there is a list of them."""

    number: int
    words: str
    url: str = ""
    tone: str = ""


class NoteForm(PhotoForm):
    """Words for the next shift."""

    since = forms.CharField(
        label=gettext_lazy("The shift began"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    text = forms.CharField(
        label=gettext_lazy("For the next shift"),
        required=False,
        help_text=gettext_lazy("What must be watched, who was promised what, which machine does not work."),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": NOTE_LIMIT}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How things stand at the chosen desk, the note to write, and the notes before."""
    places = services.may_write(desk.actor)
    if not places and not desk.grants & WATCHES:
        raise NotAllowed("no_desk", _("Handover notes belong to desks that work in shifts."))
    given = request.POST if request.method == "POST" else request.GET
    place = next((one for one in places if one.key == given.get("desk")), places[0] if places else None)
    notes = notes_of(desk.actor, area_path=desk.scope.path)
    if place is None:
        return desk.page("console/handover.html", {"notes": notes}, on="today")
    since = _since(given.get("since", ""), place, desk)
    form = NoteForm(data=request.POST or None, initial={"since": f"{timezone.localtime(since):{MOMENT}}"})
    status = 200
    if request.method == "POST":
        form.as_sent()
        try:
            note = _written(desk, place, form)
        except GezhiError as error:
            form.refuse(error)
            status = error.status
        else:
            messages.success(request, _("The note is kept. The next shift confirms it here."))
            return redirect(desk.url("handover_note", note.pk))
    context = _context(desk, place, places, since, notes)
    return desk.page("console/handover.html", {**context, "form": form}, on="today", status=status)


@require_safe
@at_desk
def note(request: HttpRequest, desk: Desk, note_id: int) -> HttpResponse:
    """One note as it was written, to be read, confirmed and printed."""
    found = note_for(desk.actor, note_id)
    context = {
        "note": found,
        "place": _named(found.area, found.grant),
        "figures": _figures(found.counts),
        "emergencies": _cases(desk, found.counts.get("emergencies", [])),
        "may_confirm": found.read_by is None and services.may_confirm(desk.actor, found),
        "own": found.written_by_id == desk.actor.user_id,
    }
    return desk.page("console/handover_note.html", context, on="today")


@require_POST
@at_desk
def confirm(request: HttpRequest, desk: Desk, note_id: int) -> HttpResponse:
    """The next shift has read it."""
    services.confirm_note(actor=desk.actor, at=desk.at, note_id=note_id)
    messages.success(request, _("Confirmed. The desk is yours."))
    return redirect(desk.url("handover_note", note_id))


def _written(desk: Desk, place: DeskPlace, form: NoteForm) -> HandoverNote:
    moment = _moment(str(form.data.get("since", "")))
    return services.write_note(
        actor=desk.actor,
        at=desk.at,
        area_id=place.area_id,
        grant=place.grant,
        since=moment or desk.at,
        text=str(form.data.get("text", "")),
    )


def _context(
    desk: Desk, place: DeskPlace, places: list[DeskPlace], since: datetime, notes: list[HandoverNote]
) -> dict[str, Any]:
    now = standing(desk.actor, place.area_path, since=since, at=desk.at)
    areas = Area.objects.in_bulk([one.area_id for one in places])
    area = areas[place.area_id]
    return {
        "desks": [(one.key, _named(areas[one.area_id], one.grant)) for one in places],
        "place": place,
        "place_name": _named(area, place.grant),
        "figures": _figures(now.as_json(), area=area.code, desk=desk),
        "emergencies": _cases(desk, now.emergencies),
        "notes": notes,
        "waiting": note_to_confirm(desk.actor, area_path=desk.scope.path),
        "since": since,
    }


def _since(said: str, place: DeskPlace, desk: Desk) -> datetime:
    """When the shift began: as said, else when this desk was handed over last, else eight hours ago."""
    moment, at = _moment(said), desk.at
    if moment and at - LONGEST_SHIFT <= moment < at:
        return moment
    last = handed_over_at(desk.actor, place)
    return last if last and at - timedelta(days=1) <= last < at else at - SHIFT


def _moment(said: str) -> datetime | None:
    try:
        moment = parse_datetime(said)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def _figures(counts: dict[str, Any], *, area: str = "", desk: Desk | None = None) -> list[Figure]:
    def link(stage: str) -> str:
        return desk.keep_area(desk.url("cases"), stage=stage, area=area) if desk else ""

    labels = dict(TABS)
    stages = counts.get("stages", {})
    urgent = counts.get("urgent", len(counts.get("emergencies", [])))  # notes of before kept only the newest
    found = [Figure(stages.get(stage, 0), str(labels[stage]), link(stage)) for stage in OPEN_STAGES]
    return [
        *found,
        Figure(counts.get("overdue", 0), pgettext("figure", "overdue"), link("overdue"), "r"),
        Figure(counts.get("supervised", 0), pgettext("figure", "under formal supervision"), tone="a"),
        Figure(counts.get("requests", 0), pgettext("figure", "requests undecided"), tone="a"),
        Figure(urgent, pgettext("figure", "emergencies this shift"), tone="r"),
        Figure(counts.get("reported", 0), pgettext("figure", "came in this shift")),
        Figure(counts.get("closed", 0), pgettext("figure", "closed this shift")),
    ]


def _cases(desk: Desk, numbers: list[str]) -> list[Case]:
    """The cases a note names, as far as they are in sight now."""
    seen = Case.objects.visible_to(desk.actor).filter(number__in=numbers)
    return list(seen.select_related("item", "area").order_by("-reported_at"))


def _named(area: Area, grant: str) -> str:
    """海棠街道 派遣席."""
    names = {
        "intake": pgettext("desk", "intake desk"),
        "dispatch": pgettext("desk", "dispatch desk"),
        "desk": pgettext("desk", "supervision desk"),
        "call_back": pgettext("desk", "call-back desk"),
        "": pgettext("desk", "desk"),
    }
    return _("%(area)s %(desk)s") % {"area": area.shown, "desk": names.get(grant, grant)}
