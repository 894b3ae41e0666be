"""Who takes part beside the lead: co-handlers, and departments called by whistle (words of the table).

Each agency's share is a Part row with a clock of its own; the case knows only that it is shared.
"""

from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.audit.errors import Invalid
from gezhi.work.cases.clocks import end_clock
from gezhi.work.cases.guards import own_part
from gezhi.work.cases.models import Part
from gezhi.work.cases.move import Move
from gezhi.work.cases.refusals import guarded
from gezhi.work.cases.states import ClockKind

Role, State = Part.Role, Part.State
CLOCK_OF: dict[str, ClockKind] = {Role.CO_HANDLER: ClockKind.PART, Role.SUMMONED: ClockKind.SUMMONS}


def add(move: Move) -> None:
    """Ask agencies to co-handle; one that returned its part or was excused may be asked again."""
    _ask(move, Role.CO_HANDLER)


def whistle(move: Move) -> None:
    """Summon departments to the spot; each must report in within the limit of this kind of whistle."""
    _ask(move, Role.SUMMONED, whistle=move.inputs.words["kind"])


def _ask(move: Move, role: str, *, whistle: str = "") -> None:
    known = {part.agency_id: part for part in move.case.live_parts if part.role == role}
    for agency in move.inputs.agencies:
        if agency.pk == move.case.lead_agency_id:
            raise Invalid({"agencies": _("%(name)s leads this case already.") % {"name": agency.shown}})
        part = known.get(agency.pk)
        if part is not None and part.is_open:
            raise Invalid({"agencies": _("%(name)s has been asked already.") % {"name": agency.shown}})
        if part is not None:
            end(part, move, part.state)
        Part.objects.create(
            case=move.case,
            role=role,
            agency=agency,
            agency_path=agency.path,
            whistle=whistle,
            asked_at=move.at,
            text=move.inputs.text,
        )
    _changed(move)
    move.set(shared=True)


def remove(move: Move) -> None:
    end(_co_handler(move), move, State.REMOVED)


def excuse(move: Move) -> None:
    """Its help is not needed after all; that is said of the part, not held against the agency."""
    part = _co_handler(move)
    if part.state == State.DONE:
        raise guarded(move.case, _("This part is done already."), move.actor)
    end(part, move, State.EXCUSED)


def _co_handler(move: Move) -> Part:
    part = move.inputs.part
    assert part is not None
    if part.role != Role.CO_HANDLER:
        raise Invalid({"part": _("Choose one of the agencies that take part.")})
    return part


def sign(move: Move) -> None:
    _answer(move, State.SIGNED, Role.CO_HANDLER, State.ASKED)


def give_back(move: Move) -> None:
    """The lead or the dispatcher then excuses it, removes it or asks again."""
    _answer(move, State.RETURNED, Role.CO_HANDLER)


def report(move: Move) -> None:
    _answer(move, State.DONE, Role.CO_HANDLER, State.SIGNED)


def attend(move: Move) -> None:
    """A summoned department is here; whether in time is kept with its part."""
    part = _answer(move, State.DONE, Role.SUMMONED)
    clock = move.clocks.get(f"summons:{part.agency_id}")
    part.late = bool(clock and clock.due_at and move.at > clock.due_at)
    part.save(update_fields=["late"])


def _answer(move: Move, state: str, role: str, *before: str) -> Part:
    part = own_part(move, role, *before)
    assert part is not None
    part.state, part.answered_at, part.text = state, move.at, move.inputs.text or part.text
    part.save(update_fields=["state", "answered_at", "text"])
    move.inputs.part = part
    return part


def rate(move: Move) -> None:
    """The street's word on a department it summoned: answered or not, it is rated once."""
    part = move.inputs.part
    assert part is not None
    if part.role != Role.SUMMONED:
        raise Invalid({"part": _("Only departments called by whistle are rated.")})
    if part.stars is not None:
        raise Invalid({"part": _("This department was rated already.")})
    part.stars = move.inputs.stars
    part.save(update_fields=["stars"])


def becomes_lead(move: Move, agency: Agency) -> None:
    """An agency that gets the case itself owes no part beside it any more."""
    for part in move.case.live_parts:
        if part.agency_id == agency.pk:
            end(part, move, State.REMOVED)


def excuse_all(move: Move) -> None:
    """At the closing nobody owes a part any longer. A department that never came was late all the same."""
    for part in move.case.live_parts:
        if part.is_open:
            clock = move.clocks.get(f"summons:{part.agency_id}") if part.role == Role.SUMMONED else None
            late = bool(clock and clock.due_at and move.at > clock.due_at)
            part.state, part.late = State.EXCUSED, late
            part.save(update_fields=["state", "late"])


def end_all(move: Move) -> None:
    """The case has ended: nobody beside the lead needs to see it any longer."""
    if move.case.shared:
        Part.objects.filter(case=move.case, live=True).update(live=False, ended_at=move.at)
        _changed(move)


def end(part: Part, move: Move, state: str) -> None:
    """End one part, and its clock."""
    part.state, part.live, part.ended_at = state, False, move.at
    part.save(update_fields=["state", "live", "ended_at"])
    if kind := CLOCK_OF.get(part.role):
        end_clock(move, f"{kind}:{part.agency_id}")
    _changed(move)


def _changed(move: Move) -> None:
    move.case.__dict__.pop("live_parts", None)
