"""From the record of a case to what its asker is told: steps, the answer, no names."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from gezhi.faces.api.shapes.residents import ProgressOut, StepOut
from gezhi.faces.look.cases.asked import answer_in, events_for, is_own, leads
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors.models import Agency
from gezhi.work.cases.models import Asker, CaseEvent
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.queries import clocks_of
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
    "file_dispatch": pgettext_lazy("progress", "Accepted and passed to"),
    "designate": pgettext_lazy("progress", "Passed to"),
    "agree_transfer": pgettext_lazy("progress", "Passed to"),
    "raise": pgettext_lazy("progress", "Passed to the next level"),
    "contact": pgettext_lazy("progress", "Whoever handles it called you"),
    "arrive": pgettext_lazy("progress", "Whoever handles it is on the spot"),
    "approve_extension": pgettext_lazy("progress", "More time was granted"),
    "approve_suspension": pgettext_lazy("progress", "On hold"),
    "resume": pgettext_lazy("progress", "The work goes on"),
    "bank": pgettext_lazy("progress", "Cannot be solved for now, and stays on our list"),
    "strike_off": pgettext_lazy("progress", "Now it can be dealt with"),
    "force_close": pgettext_lazy("progress", "Ended by decision of the office"),
    "approve_cancel": pgettext_lazy("progress", "Ended without being dealt with"),
    "forward": pgettext_lazy("progress", "Passed to an office outside this one"),
    "restore": pgettext_lazy("progress", "Taken up after all"),
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
NOT_REACHED = pgettext_lazy("progress", "Whoever handles it tried to call you")
OWN = ("add", "urge", "rate", "withdraw")  # told to who did them alone


def progress(asker: Asker, *, at: datetime) -> ProgressOut:
    """How far a report is, for its asker."""
    case = asker.case
    events = [e for e in events_for(asker) if e.act in STEPS and (e.act not in OWN or is_own(e, asker))]
    agencies = leads(events)
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


def _in_vain(event: CaseEvent) -> bool:
    return event.act == "contact" and event.data.get("reached") != "yes"


def _step(event: CaseEvent, asker: Asker, agencies: dict[int, Agency]) -> StepOut:
    agency = agencies.get(event.pk)
    return StepOut(
        code=event.act,
        words=str(NOT_REACHED if _in_vain(event) else STEPS[event.act]),
        at=event.at,
        agency=agency.shown if agency else "",
        text=answer_in(event) or (event.text if event.act in OWN else ""),
    )
