"""What an asker may know of a case's record: whose words are meant for them, which agency has it."""

from collections.abc import Iterable

from gezhi.foundation.actors.models import Agency
from gezhi.work.cases.models import Asker, CaseEvent
from gezhi.work.cases.queries import events_of

TO_THE_ASKER = ("answer", "close", "refuse", "forward", "approve_cancel")  # their text is the answer
TOLD_BESIDE = ("bank", "force_close")  # the text is for colleagues, the answer stands beside it


def events_for(asker: Asker) -> list[CaseEvent]:
    """What the progress is told from: after a merge the events of one's own report, then the joint case's."""
    joint = events_of(asker.case)
    if asker.first_case_id == asker.case_id:
        return joint
    return [*events_of(asker.first_case), *(event for event in joint if event.act != "report")]


def is_own(event: CaseEvent, asker: Asker) -> bool:
    """Whether this asker did it."""
    return event.actor_kind == "asker" and event.actor_id == str(asker.pk)


def answer_in(event: CaseEvent) -> str:
    """The words of an act that are meant for the asker."""
    if event.act in TOLD_BESIDE:
        return str(event.data.get("told", ""))
    return event.text if event.act in TO_THE_ASKER else ""


def leads(events: Iterable[CaseEvent]) -> dict[int, Agency]:
    """The agencies these events gave the case to, by the number of the event."""
    given = {event.pk: event.change.get("lead_agency_id") for event in events}
    agencies = Agency.objects.in_bulk({agency for agency in given.values() if agency})
    return {event: agencies[agency] for event, agency in given.items() if agency in agencies}
