"""From the record of a case to what its asker is told: steps, the answer, no names."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from gezhi.faces.api.shapes.residents import ProgressOut, StepOut
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors.models import Agency
from gezhi.work.cases.models import Asker, CaseEvent
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.queries import clocks_of, events_of
from gezhi.work.cases.services import asker_actor
from gezhi.work.cases.states import ACTIVE, ClockKind

# The acts a resident is told of, in their words. What is between desks is not among them.
STEPS: dict[str, Promise] = {
    "report": pgettext_lazy("progress", "Received"),
    "solve": pgettext_lazy("progress", "Solved on the spot"),
    "answer": pgettext_lazy("progress", "Answered"),
    "ask_check": pgettext_lazy("progress", "Somebody goes to have a look"),
    "file": pgettext_lazy("progress", "Accepted"),
    "dispatch": pgettext_lazy("progress", "Passed to"),
    "sign": pgettext_lazy("progress", "Being handled"),
    "report_result": pgettext_lazy("progress", "Handled; the result is being checked"),
    "rework": pgettext_lazy("progress", "Not good enough yet; it is handled again"),
    "verify": pgettext_lazy("progress", "Checked on the spot"),
    "close": pgettext_lazy("progress", "Closed"),
    "refuse": pgettext_lazy("progress", "Not taken up"),
    "merge": pgettext_lazy("progress", "Joined with another report of the same"),
    "withdraw": pgettext_lazy("progress", "Withdrawn"),
    "add": pgettext_lazy("progress", "You added"),
    "urge": pgettext_lazy("progress", "You asked to hurry"),
    "rate": pgettext_lazy("progress", "You rated the result"),
    "follow_up": pgettext_lazy("progress", "Your rating was looked into"),
    "reopen": pgettext_lazy("progress", "Taken up again"),
}
SPOKEN = ("answer", "close", "refuse")  # acts whose words are meant for the asker
OWN = ("add", "urge", "rate", "withdraw")  # told to who did them alone


def progress(asker: Asker, *, at: datetime) -> ProgressOut:
    """How far a report is, for its asker."""
    case = asker.case
    agencies = Agency.objects.in_bulk(_agency_ids(events := _events(asker)))
    handling = [c for c in clocks_of(case) if c.kind == ClockKind.HANDLE and c.ended_at is None]
    acts = [] if asker.withdrawn_at else allowed_acts(case, asker_actor(asker), at=at)
    return ProgressOut(
        number=asker.first_case.number,
        title=title_of(asker.first_case),
        address=asker.first_case.address,
        open=case.state in ACTIVE,
        withdrawn=asker.withdrawn_at is not None,
        answer=case.answer if case.closed_at or case.state not in ACTIVE else "",
        handle_by=handling[0].due_at if handling else None,
        rate_until=case.window_until,
        steps=[_step(event, asker, agencies) for event in events],
        acts=[act.code for act in acts],
    )


def _events(asker: Asker) -> list[CaseEvent]:
    """One's own report's events, and after a merge those of the joint case; of others' own acts none."""
    told = events_of(asker.first_case)
    if asker.first_case_id != asker.case_id:
        told += [event for event in events_of(asker.case) if event.act != "report"]
    return [e for e in told if e.act in STEPS and (e.act not in OWN or _mine(e, asker))]


def _mine(event: CaseEvent, asker: Asker) -> bool:
    return event.actor_kind == "asker" and event.actor_id == str(asker.pk)


def _agency_ids(events: list[CaseEvent]) -> list[int]:
    return [int(event.data["agency"]) for event in events if event.data.get("agency")]


def _step(event: CaseEvent, asker: Asker, agencies: dict[int, Agency]) -> StepOut:
    agency = agencies.get(int(event.data.get("agency") or 0))
    spoken = event.act in SPOKEN or (event.act in OWN and _mine(event, asker))
    return StepOut(
        code=event.act,
        words=str(STEPS[event.act]),
        at=event.at,
        agency=agency.shown if agency else "",
        text=event.text if spoken else "",
    )
