"""The acts a person may do on a case, as buttons: the one that moves it on, and the rest in a menu."""

from dataclasses import dataclass

from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.acts import Act
from gezhi.work.cases.models import Case
from gezhi.work.cases.table import rows_for
from gezhi.work.cases.who import WHO

# The first of these that is allowed is the button; what is in none of them waits in the menu.
MAIN = (
    "agree_return",
    "file",
    "dispatch",
    "sign",
    "report_result",
    "check_result",
    "send_verify",
    "verify",
    "close",
    "rework",
    "follow_up",
)


@dataclass(frozen=True)
class Buttons:
    """`beside` stands next to the main button because it answers the same question the other way."""

    main: Act | None
    beside: Act | None
    menu: list[Act]


BESIDE = {
    "agree_return": "decline_return",
    "close": "rework",
    "file": "ask_check",
    "report_result": "progress",
}


def buttons(allowed: list[Act]) -> Buttons:
    """Sort what is allowed; acts that end a case or send it back come last."""
    codes = [act.code for act in allowed]
    by_code = dict(zip(codes, allowed, strict=True))
    main = next((by_code[code] for code in MAIN if code in by_code), None)
    beside = by_code.get(BESIDE.get(main.code, "")) if main else None
    rest = [act for act in allowed if act not in (main, beside)]
    rest.sort(key=lambda act: act.tone == "danger")
    return Buttons(main=main, beside=beside, menu=rest)


@dataclass(frozen=True)
class Merge:
    """How two cases become one: `younger` goes into `older`."""

    younger: Case
    older: Case


def merge_of(case: Case, other: Case, actor: Actor) -> Merge | None:
    """The younger of two into the older where that may be, else the other way round, else not at all."""
    younger, older = (case, other) if case.reported_at > other.reported_at else (other, case)
    if _may_merge(younger, actor):
        return Merge(younger, older)
    return Merge(older, younger) if _may_merge(older, actor) else None


def _may_merge(case: Case, actor: Actor) -> bool:
    return any(WHO[row.who](case, actor) for row in rows_for("merge", case.state))
