"""What is asked of somebody else about a case and decided by them. Words of the table's apply column.

One question at a time: the case's open_request names it, request_grant and request_path who decides.
"""

from datetime import datetime, timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.audit.errors import Invalid
from gezhi.work.cases import apply, parts
from gezhi.work.cases.clocks import end_clock, end_of
from gezhi.work.cases.models import Part, Request
from gezhi.work.cases.move import Move
from gezhi.work.cases.owners import desk_area
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, IN_WORK, State

Kind, Outcome = Request.Kind, Request.Outcome
LONGEST = timedelta(days=3 * 366)

# Where a request can still be decided; in any other state it lapses.
STANDS_IN = {
    Kind.RETURN: (State.DISPATCHED, State.HANDLING),
    Kind.TRANSFER: (State.HANDLING,),
    Kind.EXTENSION: (State.HANDLING,),
    Kind.SUSPENSION: (State.HANDLING,),
    Kind.CANCEL: ACTIVE,
    Kind.EXCLUSION: (*IN_WORK, *AFTER_WORK, State.CLOSED),
}


def _ask(move: Move, kind: str, *, grant: str, level: str, until: datetime | None = None) -> None:
    Request.objects.create(
        case=move.case,
        kind=kind,
        reason=move.inputs.text,
        until=until,
        asked_at=move.at,
        asked_by_id=move.actor.user_id,
        agency_id=move.case.lead_agency_id,
    )
    move.set(open_request=kind)
    _wait_for(move, grant, level)


def _wait_for(move: Move, grant: str, level: str) -> None:
    area = desk_area(move.case.area_path, grant, level=level, at=move.at)
    move.set(request_grant=grant, request_path=area.path)


def ask_return(move: Move) -> None:
    _ask(move, Kind.RETURN, grant="dispatch", level=move.case.level)


def ask_transfer(move: Move) -> None:
    """The agency it is to go to is asked first; it sees the case until the request is decided."""
    agency = move.inputs.agency
    assert agency is not None
    if agency.pk == move.case.lead_agency_id:
        raise Invalid({"agency": _("Choose another agency than your own.")})
    Part.objects.create(
        case=move.case, role=Part.Role.OFFERED, agency=agency, agency_path=agency.path, asked_at=move.at
    )
    _ask(move, Kind.TRANSFER, grant="handle", level=move.case.level)
    move.case.__dict__.pop("live_parts", None)
    move.set(shared=True)


def accept_transfer(move: Move) -> None:
    """The other agency would take it; the dispatcher has the last word."""
    _wait_for(move, "dispatch", move.case.level)


def agree_transfer(move: Move) -> None:
    offered = _offered(move)
    _close(move, Outcome.AGREED)
    parts.end(offered, move, Part.State.DONE)
    apply.lead(move, offered.agency)


def decline_transfer(move: Move) -> None:
    _close(move, Outcome.DECLINED)
    parts.end(_offered(move), move, Part.State.RETURNED)


def _offered(move: Move) -> Part:
    return next(part for part in move.case.live_parts if part.role == Part.Role.OFFERED)


def ask_extension(move: Move) -> None:
    """A second extension is decided a level higher, where the policy says so."""
    until = _day(move)
    due = move.clocks["handle"].due_at
    if due is not None and until <= due:
        raise Invalid({"until": _("Choose a day after the present limit.")})
    what = "second_extension" if move.case.extensions else "extension"
    _ask(move, Kind.EXTENSION, grant="approve", level=move.rules.approvers[what], until=until)


def approve_extension(move: Move) -> None:
    _close(move, Outcome.AGREED)
    move.set(extensions=move.case.extensions + 1)


def ask_suspension(move: Move) -> None:
    level = move.rules.approvers["suspension"]
    _ask(move, Kind.SUSPENSION, grant="approve", level=level, until=_day(move))


def approve_suspension(move: Move) -> None:
    until = move.case.requests.get(outcome=Outcome.OPEN).until
    _close(move, Outcome.AGREED)
    move.set(waits_until=until)


def bank(move: Move) -> None:
    """A problem that cannot be solved for now is kept in sight, with a day to look at it again."""
    _day(move)
    move.set(answer=move.inputs.words["told"])


def review(move: Move) -> None:
    _day(move)


def ask_cancel(move: Move) -> None:
    _ask(move, Kind.CANCEL, grant="approve", level=move.rules.approvers["cancel"])


def approve_cancel(move: Move) -> None:
    _close(move, Outcome.AGREED)
    move.set(answer=move.inputs.text)


def ask_exclusion(move: Move) -> None:
    _ask(move, Kind.EXCLUSION, grant="appraise", level=move.rules.approvers["exclusion"])


def approve_exclusion(move: Move) -> None:
    _close(move, Outcome.AGREED)
    move.set(excluded=True)


def agree_return(move: Move) -> None:
    _close(move, Outcome.AGREED)
    apply.give_back(move)


def decline(move: Move) -> None:
    _close(move, Outcome.DECLINED)


def take_back(move: Move) -> None:
    """Whoever asked thinks better of it."""
    _withdraw(move, Outcome.TAKEN_BACK)


def lapse(move: Move) -> None:
    """The case has gone where the open request has no meaning any more."""
    kind = move.case.open_request
    if kind and State(move.new_state) not in STANDS_IN[Kind(kind)]:
        _withdraw(move, Outcome.LAPSED)
        end_clock(move, "decision")


def _withdraw(move: Move, outcome: str) -> None:
    if move.case.open_request == Kind.TRANSFER:
        parts.end(_offered(move), move, Part.State.REMOVED)
    _close(move, outcome)


def _close(move: Move, outcome: str) -> None:
    Request.objects.filter(case=move.case, outcome=Outcome.OPEN).update(
        outcome=outcome, decided_at=move.at, decided_by_id=move.actor.user_id
    )
    move.set(open_request="", request_grant="", request_path="")


def _day(move: Move) -> datetime:
    """The end of the day the act names: after today, within three years."""
    assert move.inputs.until is not None
    if not timedelta(0) < move.inputs.until - localdate(move.at) <= LONGEST:
        raise Invalid({"until": _("Choose a day after today, within three years.")})
    return end_of(move.inputs.until)
