"""Today: what waits for me, nearest limit first, and what I can begin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.look.cases.rows import Row, rows_of
from gezhi.faces.look.words import weekday
from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import Filter, page_of
from gezhi.work.cases.services import sources_for
from gezhi.work.cases.states import ACTIVE, State

SHOWN = 60
EVIDENCE = {State.CHECKING: "check", State.HANDLING: "result", State.VERIFYING: "verify"}


@dataclass(frozen=True)
class Task:
    """A case that waits for me: what I am to do with it."""

    row: Row
    verb: str
    photos: str  # how many photos the step asks for, in words


@dataclass(frozen=True)
class Start:
    """One of the large buttons on top."""

    label: str
    url: str
    icon: str


@require_safe
@on_duty
def today(request: HttpRequest, duty: Duty) -> HttpResponse:
    """My tasks as cards."""
    tasks = tasks_of(duty.actor, at=duty.at)
    late = sum(1 for task in tasks if task.row.case.due_at and task.row.case.due_at < duty.at)
    mine = Q(reporter=duty.actor.user_id, state__in=ACTIVE)
    context = {
        "tasks": tasks,
        "weekday": weekday(localdate(duty.at)),
        "late": late,
        "starts": starts(duty.actor),
        "under_way": Case.objects.visible_to(duty.actor).filter(mine).count(),
    }
    return duty.page("field/today.html", context, on="today")


def tasks_of(actor: Actor, *, at: datetime) -> list[Task]:
    """What waits for this actor, the least time left first."""
    cases = page_of(actor, Filter(stage="mine", limit=SHOWN), at=at).rows
    conditions = _with_conditions(cases)
    return [
        Task(row, row.owed.verb if row.owed else verb_of(row.case), _photos(row, conditions))
        for row in rows_of(cases, at=at, actor=actor)
    ]


def _photos(row: Row, conditions: Mapping[UUID, Case]) -> str:
    """Of who owes something beside the owner no evidence is asked."""
    return "" if row.owed else photos_asked(conditions.get(row.case.pk, row.case))


def _with_conditions(cases: Iterable[Case]) -> dict[UUID, Case]:
    """The same cases with their conditions loaded, in one query."""
    ids = [case.pk for case in cases]
    return Case.objects.select_related("condition").in_bulk(ids)


def verb_of(case: Case) -> str:
    """What the owner of a case is to do with it."""
    verbs = {
        State.REPORTED: pgettext("task", "File"),
        State.CHECKING: pgettext("task", "Check"),
        State.FILED: pgettext("task", "Dispatch"),
        State.DISPATCHED: pgettext("task", "Sign for"),
        State.HANDLING: pgettext("task", "Handle"),
        State.SUSPENDED: pgettext("task", "Suspended"),
        State.BANKED: pgettext("task", "Review"),
        State.DONE: pgettext("task", "Send to verify"),
        State.VERIFYING: pgettext("task", "Verify"),
        State.VERIFIED: pgettext("task", "Close"),
        State.CLOSED: pgettext("task", "Follow up"),
    }
    if case.state == State.CLOSED and case.to_call and not case.follow_up:
        return pgettext("task", "Call back")
    return verbs.get(State(case.state), str(State(case.state).label))


def photos_asked(case: Case) -> str:
    """How many photos the present step asks for, or ""."""
    step = EVIDENCE.get(State(case.state), "")
    number = 1 if step == "check" else case.condition.photos(step) if step and case.condition else 0
    if not number:
        return ""
    return ngettext("%(n)d photo on the spot", "%(n)d photos on the spot", number) % {"n": number}


def starts(actor: Actor) -> list[Start]:
    """What this actor may begin."""
    found = []
    if sources_for(actor):
        found.append(Start(pgettext("field", "Report"), reverse("field:report"), "report"))
    if actor.may("solve"):
        found.append(Start(_("Solve on the spot"), reverse("field:solve"), "solve"))
    found.append(Start(_("My reports"), reverse("field:mine"), "list"))
    found.append(Start(pgettext("navigation", "Map"), reverse("field:map"), "map"))
    return found
