"""The way of a case, findings and their facts in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from gezhi.faces.console.steps import GRANTS
from gezhi.faces.look.cases.clocks import day_seconds
from gezhi.faces.look.clocks import remaining
from gezhi.faces.look.words import span
from gezhi.foundation.language import named
from gezhi.oversight.accountability.models import Finding, Kind
from gezhi.oversight.accountability.rules import standing
from gezhi.oversight.accountability.trace import Measure, Stretch
from gezhi.work.cases.models import Part, Request
from gezhi.work.cases.states import ClockKind

FINAL = pgettext_lazy("finding", "Final")
STATE_TONES = {
    "recorded": "a", "final": "n", "appealed": "b", "upheld": "n", "changed": "t", "withdrawn": "g",
}  # fmt: skip
KIND_TONES = {"reminder": "b", "talk": "a", "bulletin": "a", "accountability": "r"}
Chip = tuple[str, str]


def state_words(state: str) -> str:
    """A state as it is shown, `final` among them."""
    return str(FINAL if state == "final" else Finding.State(state).label)


def state_chip(finding: Finding, *, at: datetime) -> Chip:
    state = standing(finding.state, appeal_until=finding.appeal_until, at=at)
    return state_words(state), STATE_TONES[state]


def kind_chip(kind: str) -> Chip:
    return str(Kind(kind).label), KIND_TONES[kind]


def owed_words(sort: str, grant: str, said: Iterable[str] = ()) -> str:
    """What was due in a stretch: handling, co-handling, the decision on an extension."""
    if sort == "part":
        return str(Part.Role(grant).label)
    if sort == "request":
        asked = next((act.removeprefix("request_") for act in said), "")
        words = pgettext("stretch", "decision on: %(what)s")
        if asked in Request.Kind.values:
            return words % {"what": Request.Kind(asked).label}
        return str(pgettext("stretch", "decision on a request"))
    return str(GRANTS.get(grant, grant))


@dataclass(frozen=True)
class Line:
    """One limit of a stretch: what it measured, and how it was kept; `tone` is "r" where it was passed."""

    name: str
    text: str
    tone: str


def limit_line(kind: str, used: int, limit: int, *, working: bool, running: bool, on: datetime) -> Line:
    """签收 · 用 1 小时 / 限 30 分 · 超 30 分."""
    day = day_seconds(working=working, on=on)
    words = {"used": remaining(used, day), "limit": remaining(limit, day)}
    text = (_("%(used)s so far of %(limit)s") if running else _("%(used)s of %(limit)s")) % words
    if used > limit:
        text += " · " + _("Overdue %(time)s") % {"time": remaining(used - limit, day)}
    return Line(str(ClockKind(kind).label), text, "r" if used > limit else "")


@dataclass(frozen=True)
class Leg:
    """A stretch as the page shows it."""

    key: str
    name: str
    owed: str
    since: datetime
    until: datetime | None
    took: str
    lines: list[Line]
    chips: list[Chip]
    stuck: bool
    sort: str


def leg_of(stretch: Stretch) -> Leg:
    """A stretch of the way in words."""
    return Leg(
        key=stretch.key,
        name=stretch.agency.shown if stretch.agency and not stretch.user_id else stretch.name,
        owed=owed_words(stretch.sort, stretch.grant, stretch.said),
        since=stretch.since,
        until=stretch.until,
        took=span(stretch.seconds),
        lines=[_line(measure, stretch.since) for measure in stretch.measures],
        chips=chips_of(
            longest=stretch.longest,
            returns=stretch.returns,
            reworks=stretch.reworks,
            undecided=stretch.undecided and stretch.late > 0,
        ),
        stuck=stretch.stuck,
        sort=stretch.sort,
    )


def _line(measure: Measure, on: datetime) -> Line:
    return limit_line(
        measure.kind, measure.used, measure.limit, working=measure.working, running=measure.running, on=on
    )


def chips_of(*, longest: bool, returns: int, reworks: int, undecided: bool) -> list[Chip]:
    """What else says that a case stuck here."""
    found = []
    if longest:
        found.append((str(_("longest")), "a"))
    if returns:
        found.append((str(pgettext("stretch", "given back")), "a"))
    if reworks:
        found.append((ngettext("%(n)s rework", "%(n)s reworks", reworks) % {"n": reworks}, "a"))
    if undecided:
        found.append((str(pgettext("stretch", "undecided past due")), "r"))
    return found


@dataclass(frozen=True)
class Facts:
    """The frozen facts of a finding in words."""

    case: str
    item: str
    owed: str
    since: datetime | None
    until: datetime | None
    at: datetime | None
    took: str
    lines: list[Line]
    chips: list[Chip]


def facts_of(finding: Finding) -> Facts:
    """What the record said on the day of the decision."""
    told: dict[str, Any] = finding.facts
    since = parse_datetime(told["since"])
    assert since is not None
    return Facts(
        case=told["case"],
        item=named(told["item"], told["item_en"]),
        owed=owed_words(told["sort"], told["grant"], told["said"]),
        since=since,
        until=parse_datetime(told["until"]) if told["until"] else None,
        at=parse_datetime(told["at"]),
        took=span(told["seconds"]),
        lines=[
            limit_line(
                one["kind"],
                one["used"],
                one["limit"],
                working=one["working"],
                running=one["running"],
                on=since,
            )
            for one in told["measures"]
        ],
        chips=chips_of(
            longest=told["longest"],
            returns=told["returns"],
            reworks=told["reworks"],
            undecided=told["undecided"] and told["late"] > 0,
        ),
    )
