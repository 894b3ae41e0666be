"""The acts a person may do on a case: one that moves it on, one beside it, and the rest in a menu."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.acts import Act
from gezhi.work.cases.models import Case
from gezhi.work.cases.table import rows_for
from gezhi.work.cases.who import WHO

# The first of these that is allowed is the button: what somebody else waits for comes first, then the
# owner's own next step, then what only watches over the case.
MAIN = (
    "approve_extension",
    "approve_suspension",
    "approve_cancel",
    "approve_exclusion",
    "agree_return",
    "agree_transfer",
    "accept_transfer",
    "sign_part",
    "report_part",
    "attend",
    "file_dispatch",
    "file",
    "dispatch",
    "designate",
    "sign",
    "check_result",
    "reply",
    "report_result",
    "review",
    "send_verify",
    "verify",
    "close",
    "rework",
    "follow_up",
    "call_back",
    "resume",
    "progress",
    "rate_part",
    "supervise",
)
# What may stand beside the main button: the other answer to the same question, or the step before it.
BESIDE: dict[str, tuple[str, ...]] = {
    "approve_extension": ("deny_extension",),
    "approve_suspension": ("deny_suspension",),
    "approve_cancel": ("deny_cancel",),
    "approve_exclusion": ("deny_exclusion",),
    "agree_return": ("decline_return",),
    "agree_transfer": ("decline_transfer",),
    "accept_transfer": ("reject_transfer",),
    "sign_part": ("return_part",),
    "report_part": ("progress",),
    "close": ("rework",),
    "file_dispatch": ("file",),
    "file": ("ask_check",),
    "dispatch": ("send_back",),
    "reply": ("sign", "report_result", "dispatch", "file", "send_verify", "verify", "close"),
    "report_result": ("contact", "progress"),
    "progress": ("contact", "excuse_part"),
    "review": ("strike_off",),
    "resume": ("outcome",),
    "supervise": ("urge",),
}
Codes = tuple[str, ...]
GROUPS: tuple[tuple[Promise, Codes], ...] = (
    (
        pgettext_lazy("acts", "Intake and dispatch"),
        (
            "file", "file_dispatch", "answer", "ask_check", "check_result", "recall_check", "dispatch",
            "raise", "send_back", "merge", "restore", "forward", "refuse",
        ),
    ),
    (
        pgettext_lazy("acts", "Handling"),
        (
            "sign", "assign", "contact", "arrive", "progress", "report_result", "resume", "review",
            "strike_off", "hand_over", "outcome", "return",
        ),
    ),
    (
        pgettext_lazy("acts", "Working together"),
        (
            "sign_part", "report_part", "attend", "add_part", "excuse_part", "whistle", "rate_part",
            "return_part", "remove_part",
        ),
    ),
    (
        pgettext_lazy("acts", "Requests"),
        (
            "request_extension", "request_suspension", "request_return", "request_transfer",
            "request_exclusion", "request_cancel", "take_back",
        ),
    ),
    (
        pgettext_lazy("acts", "Decisions"),
        (
            "approve_extension", "deny_extension", "approve_suspension", "deny_suspension",
            "approve_exclusion", "deny_exclusion", "agree_return", "decline_return", "accept_transfer",
            "reject_transfer", "agree_transfer", "decline_transfer", "designate", "bank", "deny_cancel",
            "approve_cancel", "force_close",
        ),
    ),
    (
        pgettext_lazy("acts", "Verifying and closing"),
        ("send_verify", "reassign", "recall_verify", "verify", "close", "rework"),
    ),
    (pgettext_lazy("acts", "After closing"), ("call_back", "follow_up", "reopen")),
    (pgettext_lazy("acts", "Supervision"), ("urge", "supervise", "reply")),
)  # fmt: skip
OTHERS = pgettext_lazy("acts", "Other")


@dataclass(frozen=True)
class Group:
    """Acts of one kind in the menu, those that end a case or send it back last."""

    label: Promise
    acts: list[Act]


@dataclass(frozen=True)
class Buttons:
    """`beside` stands next to the main button because it answers the same question the other way."""

    main: Act | None
    beside: Act | None
    menu: list[Group]

    @property
    def few(self) -> list[Act]:
        """What the menu holds where that is so little that it needs no menu."""
        acts = [act for group in self.menu for act in group.acts]
        return acts if len(acts) <= 2 and not self.main else []


def buttons(case: Case, allowed: Sequence[Act]) -> Buttons:
    """Sort what is allowed on a case as it stands."""
    by_code = {act.code: act for act in allowed}
    main = next((by_code[code] for code in MAIN if code in by_code and _is_next(code, case)), None)
    others = BESIDE.get(main.code, ()) if main else ()
    beside = next((by_code[code] for code in others if code in by_code), None)
    return Buttons(main, beside, _grouped(act for act in allowed if act not in (main, beside)))


def _is_next(code: str, case: Case) -> bool:
    """What may be done long before it is time is the next step only once it is."""
    if code == "call_back":
        return case.to_call
    if code == "file_dispatch":
        return case.item is not None and case.item.conditions.filter(emergency=True).exists()
    if code == "rate_part":
        return not any(part.is_open for part in case.live_parts)
    return True


def _grouped(acts: Iterable[Act]) -> list[Group]:
    by_code = {act.code: act for act in acts}
    found = []
    for label, codes in GROUPS:
        inside = [by_code.pop(code) for code in codes if code in by_code]
        found.append(Group(label, sorted(inside, key=lambda act: act.tone == "danger")))
    found.append(Group(OTHERS, list(by_code.values())))
    return [group for group in found if group.acts]


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
