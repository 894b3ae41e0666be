"""What can be done with several cases at once: the acts told the same to all, and why one cannot go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from gezhi.faces.console.desk import Desk
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError, NotAllowed
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case
from gezhi.work.cases.move import Move
from gezhi.work.cases.queries import show_photos, veil
from gezhi.work.cases.states import State
from gezhi.work.cases.table import rows_for
from gezhi.work.cases.who import WHO
from gezhi.work.matters.queries import Suggestion

MOST = 100
# What each case must be judged for by itself (filing, verifying, results with photos) is not here.
IN_BULK = (
    "dispatch",
    "sign",
    "send_verify",
    "close",
    "agree_return",
    "decline_return",
    "agree_transfer",
    "decline_transfer",
    "approve_extension",
    "deny_extension",
    "approve_suspension",
    "deny_suspension",
    "approve_cancel",
    "deny_cancel",
    "approve_exclusion",
    "deny_exclusion",
    "resume",
    "urge",
    "supervise",
    "raise",
    "send_back",
    "merge",
    "note",
)
SAME_FOR_ALL = ("text", "line", "date", "choice", "stars", "case")  # kinds of inputs asked for once
BUTTONS = 2  # acts that stand on the bar itself


@dataclass
class Line:
    """One chosen case. `problem` says why it cannot go, or did not; `ready`: it may be tried (again)."""

    case: Case
    suggestions: list[Suggestion] = field(default_factory=list)
    chosen: str = ""
    problem: str = ""
    ready: bool = False
    done: bool = False
    went_to: str = ""  # the agency a case was dispatched to


def asked_of_all(act: Act) -> Act:
    """The act with the inputs that are asked for once; the others are left out, or asked for per case."""
    return replace(act, inputs=tuple(spec for spec in act.inputs if spec.kind in SAME_FOR_ALL))


def chosen_cases(desk: Desk, numbers: Sequence[str]) -> list[Case]:
    """The chosen cases this desk sees, in the order chosen, ready to be judged and shown."""
    wanted = list(dict.fromkeys(numbers))[:MOST]
    seen = Case.objects.visible_to(desk.actor).filter(number__in=wanted)
    seen = seen.select_related("area", "item", "condition__item", "lead_agency", "owner_agency", "owner_user")
    cases = {case.number: case for case in seen}
    show_photos(list(cases.values()))
    return [veil(cases[number], desk.actor) for number in wanted if number in cases]


def why_not(act: str, case: Case, desk: Desk) -> str:
    """Why an act cannot be done on a case as it stands; "" where it can be tried."""
    rows = rows_for(act, case.state)
    if not rows:
        words = _("Not possible while it stands at “%(state)s”.")
        return words % {"state": State(case.state).label}
    mine = [row for row in rows if WHO[row.who](case, desk.actor)]
    if not mine:
        return str(NotAllowed().message)
    move = Move(case=case, actor=desk.actor, at=desk.at)
    reasons = [str(row.guard(move)) for row in mine]
    return "" if not all(reasons) else reasons[0]


def possible(cases: Iterable[Case], desk: Desk) -> list[Act]:
    """The acts that can be done on one of these cases at least."""
    listed = list(cases)
    return [ACTS[act] for act in IN_BULK if any(not why_not(act, case, desk) for case in listed)]


def likely(cases: Iterable[Case], actor: Actor) -> list[Act]:
    """The acts most likely wanted for the cases of a list: by state and post alone, at no cost."""
    listed = list(cases)
    found = (act for act in IN_BULK if any(_carries(act, case, actor) for case in listed))
    return [ACTS[act] for _n, act in zip(range(BUTTONS), found, strict=False)]


def _carries(act: str, case: Case, actor: Actor) -> bool:
    kind = act.partition("_")[2]
    if act.startswith(("agree_", "decline_", "approve_", "deny_")) and case.open_request != kind:
        return False
    return any(WHO[row.who](case, actor) for row in rows_for(act, case.state))


class Answers:
    """Who may answer for the cases of a selection, found once for all that are alike."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.known: dict[tuple[int, str], list[Suggestion]] = {}

    def of(self, case: Case) -> list[Suggestion]:
        """The suggestions for a filed case; a component's keeper stands at its own place."""
        if case.condition is None:
            return []
        near = case.number if case.condition.item.kind == "component" else case.area_path
        key = (case.condition.pk, near)
        if key not in self.known:
            self.known[key] = answerable(case, at=self.desk.at)
        return self.known[key]


def judged(act: str, case: Case, desk: Desk, answers: Answers) -> Line:
    """A line for one case: ready for the act, or why not."""
    if problem := why_not(act, case, desk):
        return Line(case, problem=problem)
    if act != "dispatch":
        return Line(case, ready=True)
    found = answers.of(case)
    if not found:
        words = _("The responsibility list names nobody. Open the case and choose an agency.")
        return Line(case, problem=words)
    return Line(case, suggestions=found, chosen=str(found[0].agency.pk), ready=True)


def words_of(error: GezhiError) -> str:
    """What was refused, in one line."""
    return " ".join([str(text) for text in error.fields.values()] or [str(error.message)])
