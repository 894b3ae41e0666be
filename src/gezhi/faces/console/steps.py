"""The seven steps of a case with what each took, and who had it how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from gezhi.faces.look.cases.clocks import day_seconds
from gezhi.faces.look.clocks import ClockView, remaining
from gezhi.faces.look.words import span
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.queries import Span
from gezhi.work.cases.states import ENDED, State


@dataclass(frozen=True)
class StepRule:
    """A step is over with one of these acts; `clock` is what measured it."""

    name: Promise
    acts: tuple[str, ...]
    clock: str = ""


FILES = ("file", "file_dispatch")
DISPATCHES = ("dispatch", "file_dispatch", "designate")
CLOSES = ("close", "force_close")
STEPS = (
    StepRule(pgettext_lazy("step", "Report"), ("report", "solve")),
    StepRule(pgettext_lazy("step", "Accept and file"), (*FILES, "answer", "solve"), "intake"),
    StepRule(pgettext_lazy("step", "Dispatch"), (*DISPATCHES, "solve"), "dispatch"),
    StepRule(pgettext_lazy("step", "Handle"), ("report_result", "solve"), "handle"),
    StepRule(pgettext_lazy("step", "Verify"), ("verify",), "verify"),
    StepRule(pgettext_lazy("step", "Close and archive"), (*CLOSES, "answer", "solve"), "close"),
    StepRule(pgettext_lazy("step", "Rate"), ("rate",)),
)
CURRENT = {
    State.REPORTED: 1,
    State.CHECKING: 1,
    State.FILED: 2,
    State.DISPATCHED: 3,
    State.HANDLING: 3,
    State.SUSPENDED: 3,
    State.BANKED: 3,
    State.DONE: 4,
    State.VERIFYING: 4,
    State.VERIFIED: 5,
    State.CLOSED: 6,
}


@dataclass(frozen=True)
class Step:
    """`look`: "d" done, "c" current, "x" ended here, "" still ahead. `late`: past its limit."""

    name: str
    look: str
    detail: str
    late: bool = False


def steps_of(case: Case, events: Sequence[CaseEvent], clock: ClockView | None) -> list[Step]:
    """The seven steps of a case as it stands; what a rework or reopening undid is ahead again."""
    if case.state == State.ARCHIVED:
        current = len(STEPS)
    elif case.state in ENDED:
        return _ended_early(case, events)
    else:
        current = CURRENT[State(case.state)]
    steps = []
    for number, rule in enumerate(STEPS):
        if number < current:
            steps.append(_over(case, rule, events))
        elif number == current:
            late = clock is not None and clock.tone == "r"
            steps.append(Step(str(rule.name), "c", _now(case, clock), late=late))
        else:
            steps.append(Step(str(rule.name), "", ""))
    return steps


def _over(case: Case, rule: StepRule, events: Sequence[CaseEvent]) -> Step:
    """A step that lies behind; without the act it was passed over (answered at once, not rated)."""
    ending = next((event for event in reversed(events) if event.act in rule.acts), None)
    if ending is None:
        passed = pgettext("step", "not rated") if "rate" in rule.acts else "—"
        return Step(str(rule.name), "" if "rate" in rule.acts else "d", passed)
    took, late = _took(ending, rule)
    return Step(str(rule.name), "d", _moment(case, ending.at) + took, late=late)


def _took(ending: CaseEvent, rule: StepRule) -> tuple[str, bool]:
    """How long it took (“ · 6 分”, past the limit “ · 超 36 分”), and whether the limit was passed."""
    ended = next((clock for clock in ending.clocks if clock["kind"] == rule.clock), None)
    if ended is None:
        return "", False
    day = day_seconds(working=ended["working"], on=ending.at)
    if ended["late"]:
        return " · " + _("%(time)s late") % {"time": remaining(ended["late"], day)}, True
    return " · " + remaining(ended["used"], day), False


def _now(case: Case, clock: ClockView | None) -> str:
    if case.state == State.CLOSED:
        until = case.window_until
        return _("until %(day)s") % {"day": f"{localtime(until):%m-%d}"} if until else ""
    return clock.text if clock else ""


def _ended_early(case: Case, events: Sequence[CaseEvent]) -> list[Step]:
    """Refused, merged, withdrawn …: the steps it went through, then where it ended."""
    reached = 1
    for number, rule in enumerate(STEPS[1:5], start=1):
        if any(event.act in rule.acts for event in events):
            reached = number + 1
    end = events[-1]
    steps = [_over(case, rule, events) for rule in STEPS[:reached]]
    steps.append(Step(str(STEPS[reached].name), "x", f"{State(case.state).label} {_moment(case, end.at)}"))
    return steps + [Step(str(rule.name), "", "") for rule in STEPS[reached + 1 :]]


def _moment(case: Case, moment: datetime) -> str:
    """The hour; with the day where that is not the day of the report."""
    local = localtime(moment)
    return f"{local:%H:%M}" if local.date() == localdate(case.reported_at) else f"{local:%m-%d %H:%M}"


GRANTS = {
    "intake": pgettext_lazy("had it for", "intake"),
    "check": pgettext_lazy("had it for", "pre-check"),
    "dispatch": pgettext_lazy("had it for", "dispatch"),
    "handle": pgettext_lazy("had it for", "handling"),
    "desk": pgettext_lazy("had it for", "supervision"),
    "verify": pgettext_lazy("had it for", "verification"),
    "approve": pgettext_lazy("had it for", "the problem bank"),
    "call_back": pgettext_lazy("had it for", "call-back"),
}


@dataclass(frozen=True)
class Holding:
    """One owner's time on the case, in words."""

    name: str
    what: str
    late: str
    longest: bool


def holdings(spans: Sequence[Span], *, at: datetime) -> list[Holding]:
    """The responsibility trace: who had the case, for what, how long."""
    shown = []
    for one in spans:
        doing = GRANTS.get(one.grant, one.grant)
        words = {"what": doing, "time": span(one.seconds(at))}
        shown.append(
            Holding(
                name=one.name,
                what=(_("%(what)s, %(time)s") if one.until else _("%(what)s, %(time)s so far")) % words,
                late=_("Overdue %(time)s") % {"time": span(one.late_seconds)} if one.late_seconds else "",
                longest=one.longest and len(spans) > 1,
            )
        )
    return shown
