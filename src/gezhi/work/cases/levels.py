"""The level a case stands at, and who watches over it from above. Words of the table's apply column."""

from gezhi.work.cases import apply, requests
from gezhi.work.cases.clocks import end_clock
from gezhi.work.cases.guards import next_level
from gezhi.work.cases.models import Request
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import ACTIVE, ClockKind


def raise_(move: Move) -> None:
    """This level cannot solve it: it is dispatched anew one level up."""
    level = next_level(move)
    assert level is not None
    move.set(raised_from=move.case.level, level=level, **apply.NO_LEAD)


def send_back(move: Move) -> None:
    """Once the next level may find that the level below can do it."""
    move.set(level=move.case.raised_from, raised_from="", sent_back=True)


def designate(move: Move) -> None:
    """After a dispute a leader says whose case it is; that agency cannot return it."""
    agency = move.inputs.agency
    assert agency is not None
    if move.case.open_request == Request.Kind.RETURN:
        requests.decline(move)
        end_clock(move, ClockKind.DECISION)
    apply.lead(move, agency)
    move.set(designated=True)


def lapse(move: Move) -> None:
    """Nobody owes a reply on a case that is closed or ended; its clock ends with all others."""
    if move.case.supervised and move.new_state not in ACTIVE:
        move.set(supervised=False)
