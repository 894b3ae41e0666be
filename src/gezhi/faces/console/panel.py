"""What the side panel of a list shows of a case: enough to decide the next step."""

from dataclasses import dataclass

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.facts import Facts, facts_of
from gezhi.faces.console.reads import waiting_askers
from gezhi.faces.look.cases.buttons import Buttons, Merge, buttons, merge_of
from gezhi.faces.look.cases.clocks import open_clocks, view_of
from gezhi.faces.look.cases.owing import Owed, owed_by
from gezhi.faces.look.cases.rows import state_tone
from gezhi.faces.look.cases.standing import Standing, brief
from gezhi.faces.look.clocks import ClockView
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.queries import duplicates_of
from gezhi.work.cases.states import State
from gezhi.work.matters.queries import Suggestion

MOST_DUPLICATES = 4


@dataclass(frozen=True)
class Near:
    """A case that may tell of the same thing."""

    case: Case
    metres: float
    merge: Merge | None


@dataclass(frozen=True)
class Panel:
    case: Case
    state: str
    state_tone: str
    clock: ClockView | None
    facts: Facts
    waiting: int
    near: list[Near]
    owed: Owed | None
    standing: Standing
    buttons: Buttons
    suggestion: Suggestion | None
    back: str  # where an act done here leads


def panel_of(desk: Desk, case: Case, *, back: str) -> Panel:
    """Gather the panel of a case this desk sees."""
    offered = buttons(case, allowed_acts(case, desk.actor, at=desk.at))
    dispatches = offered.main is not None and offered.main.code == "dispatch"
    owed = owed_by(desk.actor, [case]).get(case.pk)
    clock = open_clocks([case], keys={case.pk: owed.clock} if owed else None).get(case.pk)
    view = view_of(clock, at=desk.at) if clock else None
    return Panel(
        case=case,
        state=str(State(case.state).label),
        state_tone=state_tone(case.state),
        clock=view,
        facts=facts_of(desk, case),
        waiting=waiting_askers(case),
        near=near_of(desk, case),
        owed=owed,
        standing=brief(case, at=desk.at),
        buttons=offered,
        suggestion=suggested(desk, case) if dispatches else None,
        back=back,
    )


def near_of(desk: Desk, case: Case) -> list[Near]:
    """Possible duplicates, nearest first, each with how the two could become one."""
    found = duplicates_of(case, desk.actor, at=desk.at)[:MOST_DUPLICATES]
    return [Near(other, metres, merge_of(case, other, desk.actor)) for other, metres in found]


def suggested(desk: Desk, case: Case) -> Suggestion | None:
    """The agency the responsibility list names first."""
    found = answerable(case, at=desk.at)
    return found[0] if found else None
