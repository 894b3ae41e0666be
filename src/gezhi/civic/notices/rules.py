"""Who is told of what: one table from the acts of the case loop, and how far a person may be disturbed.

Read it beside work/cases/table.py: every act of the loop is in TELLS or, on purpose, in SILENT.
`hears` names a group of people (hearers.py). Who belongs to several groups of one act is told once, by the
first line; whoever did the act is not told of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.timezone import localtime, make_aware
from django.utils.translation import pgettext_lazy

from gezhi.civic.notices.models import Kind

K = Kind
IN_APP, EMAIL = "in_app", "email"


@dataclass(frozen=True)
class Tell:
    """One line of the table: after this act these people get a notice of this kind."""

    act: str
    hears: str
    kind: Kind


TELLS: tuple[Tell, ...] = (
    #    act                   who hears            kind
    # -- taking in
    Tell("report",             "owner",             K.YOURS),
    Tell("solve",              "owner",             K.YOURS),
    Tell("answer",             "call-back desk",    K.YOURS),
    Tell("answer",             "reporter",          K.NEWS),
    Tell("ask_check",          "owner",             K.YOURS),
    Tell("check_result",       "owner",             K.YOURS),
    Tell("recall_check",       "owner",             K.YOURS),
    Tell("recall_check",       "former",            K.GONE),
    Tell("file",               "owner",             K.YOURS),
    Tell("file",               "reporter",          K.NEWS),
    Tell("file_dispatch",      "owner",             K.YOURS),
    Tell("file_dispatch",      "reporter",          K.NEWS),
    Tell("refuse",             "reporter",          K.NEWS),
    Tell("forward",            "reporter",          K.NEWS),
    Tell("merge",              "former",            K.GONE),
    Tell("merge",              "reporter",          K.NEWS),
    Tell("absorb",             "owner",             K.IN_HAND),
    Tell("let_go",             "owner",             K.IN_HAND),
    Tell("withdraw",           "former",            K.GONE),
    Tell("restore",            "owner",             K.YOURS),
    Tell("restore",            "reporter",          K.NEWS),
    # -- to an agency, and back
    Tell("dispatch",           "owner",             K.YOURS),
    Tell("designate",          "owner",             K.YOURS),
    Tell("designate",          "former",            K.GONE),
    Tell("raise",              "owner",             K.YOURS),
    Tell("raise",              "former",            K.GONE),
    Tell("send_back",          "owner",             K.YOURS),
    Tell("assign",             "owner",             K.YOURS),
    Tell("assign",             "former",            K.GONE),
    Tell("release",            "new owner",         K.YOURS),
    Tell("return",             "owner",             K.YOURS),
    Tell("request_return",     "deciders",          K.DECIDE),
    Tell("agree_return",       "requester",         K.DECIDED),
    Tell("agree_return",       "owner",             K.YOURS),
    Tell("decline_return",     "requester",         K.DECIDED),
    Tell("decline_return",     "owner",             K.YOURS),
    Tell("request_transfer",   "offered",           K.PART),
    Tell("accept_transfer",    "deciders",          K.DECIDE),
    Tell("accept_transfer",    "lead",              K.IN_HAND),
    Tell("reject_transfer",    "requester",         K.DECIDED),
    Tell("agree_transfer",     "owner",             K.YOURS),
    Tell("agree_transfer",     "requester",         K.DECIDED),
    Tell("decline_transfer",   "requester",         K.DECIDED),
    # -- handling, and those beside the lead
    Tell("add_part",           "called",            K.PART),
    Tell("remove_part",        "of the part",       K.GONE),
    Tell("excuse_part",        "of the part",       K.GONE),
    Tell("return_part",        "lead",              K.IN_HAND),
    Tell("report_part",        "lead",              K.IN_HAND),
    Tell("whistle",            "called",            K.PART),
    Tell("attend",             "street dispatcher", K.IN_HAND),
    Tell("rate_part",          "of the part",       K.IN_HAND),
    Tell("request_extension",  "deciders",          K.DECIDE),
    Tell("approve_extension",  "requester",         K.DECIDED),
    Tell("deny_extension",     "requester",         K.DECIDED),
    Tell("request_suspension", "deciders",          K.DECIDE),
    Tell("approve_suspension", "requester",         K.DECIDED),
    Tell("deny_suspension",    "requester",         K.DECIDED),
    Tell("resume",             "owner",             K.YOURS),
    Tell("bank",               "owner",             K.YOURS),
    Tell("bank",               "lead",              K.IN_HAND),
    Tell("bank",               "reporter",          K.NEWS),
    Tell("strike_off",         "owner",             K.YOURS),
    Tell("report_result",      "owner",             K.YOURS),
    # -- verifying and closing
    Tell("send_verify",        "owner",             K.YOURS),
    Tell("reassign",           "owner",             K.YOURS),
    Tell("reassign",           "former",            K.GONE),
    Tell("recall_verify",      "owner",             K.YOURS),
    Tell("recall_verify",      "former",            K.GONE),
    Tell("verify",             "owner",             K.YOURS),
    Tell("rework",             "owner",             K.YOURS),
    Tell("close",              "call-back desk",    K.YOURS),
    Tell("close",              "reporter",          K.NEWS),
    Tell("force_close",        "call-back desk",    K.YOURS),
    Tell("force_close",        "former",            K.GONE),
    Tell("force_close",        "reporter",          K.NEWS),
    # -- watching over it
    Tell("urge",               "owner",             K.URGED),
    Tell("supervise",          "owner",             K.WATCHED),
    Tell("reply",              "supervisor",        K.WATCHED),
    Tell("request_cancel",     "deciders",          K.DECIDE),
    Tell("approve_cancel",     "requester",         K.DECIDED),
    Tell("approve_cancel",     "former",            K.GONE),
    Tell("approve_cancel",     "reporter",          K.NEWS),
    Tell("deny_cancel",        "requester",         K.DECIDED),
    Tell("request_exclusion",  "deciders",          K.DECIDE),
    Tell("approve_exclusion",  "requester",         K.DECIDED),
    Tell("deny_exclusion",     "requester",         K.DECIDED),
    Tell("take_back",          "new owner",         K.YOURS),
    Tell("take_back",          "former deciders",   K.GONE),
    Tell("add",                "owner",             K.IN_HAND),
    # -- after closing
    Tell("call_back",          "call-back desk",    K.YOURS),
    Tell("rate",               "call-back desk",    K.YOURS),
    Tell("reopen",             "owner",             K.YOURS),
    Tell("reopen",             "reporter",          K.NEWS),
    # -- the worker's word
    Tell("warn",               "owing",             K.WARN),
    Tell("overdue",            "owing",             K.OVERDUE),
    Tell("overdue",            "summoner",          K.IN_HAND),
    Tell("escalate",           "leaders",           K.LEADER),
)  # fmt: skip

# A request that lapses because the case went elsewhere, whatever the act was.
ON_LAPSE = ("requester", K.DECIDED)

SILENT: Mapping[str, str] = {
    "sign": "the agency has had it since the dispatch; the dispatcher sees it in the list",
    "contact": "between the handler and the asker",
    "arrive": "the asker is told; inside it is a line of the record",
    "progress": "a line of the record",
    "sign_part": "nobody has to act on it",
    "hand_over": "the case stays where it is",
    "outcome": "the case stays where it is",
    "review": "whoever reviews sets the next day themselves",
    "note": "a line of the record",
    "follow_up": "it ends what the call-back desk had in hand",
    "archive": "the system files away what is settled",
}

# What askers are told, in words.py; everything else they see on the page of their report.
ASKER_HEARS = (
    "report", "answer", "file", "file_dispatch", "sign", "arrive", "refuse", "forward", "merge", "bank",
    "strike_off", "restore", "approve_cancel", "close", "force_close", "reopen",
)  # fmt: skip

# What notices tell of beside the acts of the case loop, where rooms further up the house call tell_staff.
BESIDE: Mapping[str, Promise] = {
    "finding.record": pgettext_lazy("notice", "A decision was recorded; an appeal is possible for some days"),
    "finding.appeal": pgettext_lazy("notice", "There is an appeal against a decision"),
    "finding.decide": pgettext_lazy("notice", "The appeal was decided"),
}

# Kinds that come to everybody of a desk, at every hour: by e-mail only where somebody asks for it.
BY_EMAIL = frozenset(Kind) - {K.DESK, K.WARN, K.IN_HAND, K.NEWS, K.GONE}
DESKS = ("intake", "dispatch", "desk", "call_back")


def tells_of(act: str) -> list[Tell]:
    """The lines of one act, in order."""
    return _BY_ACT.get(act, [])


_BY_ACT: dict[str, list[Tell]] = {}
for _tell in TELLS:
    _BY_ACT.setdefault(_tell.act, []).append(_tell)


def at_desk(kind: Kind, grant: str) -> Kind:
    """What waits for a person or an agency is told apart from what comes to a desk with many people."""
    return K.DESK if kind is K.YOURS and grant in DESKS else kind


def default_channels(kind: str) -> frozenset[str]:
    """How somebody is told who has not chosen."""
    return frozenset({IN_APP, EMAIL} if kind in BY_EMAIL else {IN_APP})


def end_of_quiet(at: datetime, *, since: time, until: time) -> datetime:
    """When somebody may be disturbed again: `at` itself outside the quiet hours, else their end.

    The hours may pass midnight; from and until the same mean no quiet hours.
    """
    local = localtime(at)
    now = local.time()
    inside = since <= now < until if since <= until else now >= since or now < until
    if not inside:
        return at
    day = local.date() if now < until else local.date() + timedelta(days=1)
    return make_aware(datetime.combine(day, until))


BACK_OFF = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=4), timedelta(hours=12), timedelta(hours=24),
)  # fmt: skip


def next_try(tries: int) -> timedelta | None:
    """How long to wait after the n-th attempt that failed; None: give up."""
    return BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None
