"""The case loop as one table: read it beside docs/case-loop.md.

Nothing but `perform` (perform.py) moves a case, and only along these rows. Buttons, the API's allowed
acts, the picture in the docs and the tests (every row × every role) all come from here. An act may have
several rows for one state: the first whose guard passes is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gezhi.work.cases import apply as a
from gezhi.work.cases import guards as g
from gezhi.work.cases.clocks import (
    NONE,
    Ops,
    ends,
    ends_all,
    handle_starts,
    pauses,
    resumes,
    sets_whole,
    starts,
)
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import AFTER_WORK, BEFORE_FILING
from gezhi.work.cases.states import State as S


@dataclass(frozen=True)
class Row:
    """One line of the table. `source` None: the act makes the case. `to` None: the state stays."""

    act: str
    source: S | None
    to: S | None
    who: str
    guard: Callable[[Move], g.Reason] = g.free
    apply: Callable[[Move], None] = a.nothing
    clocks: Ops = NONE
    may_go: tuple[S, ...] = ()  # other states `apply` may choose instead


def rows(act: str, sources: tuple[S, ...], to: S | None, who: str, *rest: object) -> tuple[Row, ...]:
    """The same row for several states."""
    return tuple(Row(act, source, to, who, *rest) for source in sources)  # type: ignore[arg-type]


LIVE = (*BEFORE_FILING, S.FILED, S.DISPATCHED, S.HANDLING, *AFTER_WORK)  # active, and reached by some row
TO_MERGE = (S.REPORTED, S.CHECKING, S.FILED, S.DISPATCHED, S.HANDLING)

TABLE: tuple[Row, ...] = (
    #   act             from            to             who             guard            apply            clocks
    Row("report",       None,           S.REPORTED,    "collector",    g.free,          a.nothing,       starts("intake") | starts("whole")),
    Row("solve",        None,           S.VERIFYING,   "collector",    g.free,          a.solve,         starts("whole") | starts("verify"), (S.CLOSED,)),
    Row("answer",       S.REPORTED,     S.CLOSED,      "intake",       g.is_advice,     a.answer,        ends_all()),
    Row("ask_check",    S.REPORTED,     S.CHECKING,    "intake",       g.free,          a.ask_check,     pauses("intake") | starts("check")),
    Row("check_result", S.CHECKING,     S.REPORTED,    "checker",      g.free,          a.check_result,  ends("check") | resumes("intake")),
    Row("recall_check", S.CHECKING,     S.REPORTED,    "intake or system",    g.free,          a.recall,        ends("check") | resumes("intake")),
    Row("file",         S.REPORTED,     S.FILED,       "intake",       g.free,          a.classify,      ends("intake") | sets_whole() | starts("dispatch")),
    Row("refuse",       S.REPORTED,     S.REFUSED,     "intake",       g.free,          a.refuse,        ends_all()),
    *rows("merge",      TO_MERGE,       S.MERGED,      "intake or dispatcher", g.free,  a.merge,         ends_all()),
    *rows("absorb",     LIVE,           None,          "system"),
    *rows("withdraw",   (*BEFORE_FILING, S.FILED), S.WITHDRAWN, "asker", g.free,        a.withdraw,      NONE),
    Row("dispatch",     S.FILED,        S.DISPATCHED,  "dispatcher",   g.free,          a.dispatch,      ends("dispatch") | starts("sign") | handle_starts()),
    Row("sign",         S.DISPATCHED,   S.HANDLING,    "handler",      g.no_request,    a.nothing,       ends("sign")),
    Row("assign",       S.HANDLING,     None,          "agency_head",  g.no_request,    a.assign,        NONE),
    *rows("release",    (S.DISPATCHED, S.HANDLING), None, "system", g.free,        a.release,       NONE),
    Row("return",       S.DISPATCHED,   S.FILED,       "handler",      g.in_sign_limit, a.give_back,     ends("sign") | pauses("handle") | starts("dispatch")),
    *rows("request_return", (S.DISPATCHED, S.HANDLING), None, "handler", g.may_return,  a.request_return, pauses("sign") | pauses("handle") | starts("decision")),
    *rows("agree_return", (S.DISPATCHED, S.HANDLING), S.FILED, "dispatcher", g.return_asked, a.agree_return, ends("decision") | ends("sign") | starts("dispatch")),
    *rows("decline_return", (S.DISPATCHED, S.HANDLING), None, "dispatcher", g.return_asked, a.decline_return, ends("decision") | resumes("sign") | resumes("handle")),
    Row("progress",     S.HANDLING,     None,          "handler",      g.free,          a.nothing,       NONE),
    Row("report_result", S.HANDLING,    S.DONE,        "handler",      g.no_request,    a.attach_result, ends("handle") | starts("desk")),
    Row("send_verify",  S.DONE,         S.VERIFYING,   "desk",         g.free,          a.send_verify,   ends("desk") | starts("verify")),
    Row("reassign",     S.VERIFYING,    None,          "desk or system", g.free,       a.send_verify,   ends("verify") | starts("verify")),
    Row("verify",       S.VERIFYING,    S.VERIFIED,    "verifier",     g.free,          a.verify,        ends("verify") | starts("close")),
    Row("close",        S.VERIFIED,     S.CLOSED,      "desk",         g.has_passed,    a.close,         ends_all()),
    *rows("rework",     (S.DONE, S.VERIFIED), S.HANDLING, "desk",      g.has_lead,      a.rework,        ends("desk") | ends("close") | starts("handle", limit="rework")),
    Row("rework",       S.VERIFIED,     S.FILED,       "desk",         g.failed_on_the_spot, a.file_unsolved, ends("close") | sets_whole() | starts("dispatch")),
    *rows("urge",       LIVE,           None,          "asker or dispatcher", g.once_a_day, a.urge,       NONE),
    *rows("add",        LIVE,           None,          "asker"),
    *rows("note",       (*LIVE, S.CLOSED), None,     "anyone"),
    Row("rate",         S.CLOSED,       None,          "asker",        g.not_rated,     a.rate,          NONE),
    Row("follow_up",    S.CLOSED,       None,          "call_back",    g.follow_up_open, a.follow_up,    ends("call_back")),
    Row("reopen",       S.CLOSED,       S.FILED,       "asker or call_back", g.reopens_filed, a.reopen,   ends("call_back") | resumes("whole") | starts("dispatch")),
    Row("reopen",       S.CLOSED,       S.REPORTED,    "asker or call_back", g.reopens_answered, a.reopen, ends("call_back") | resumes("whole") | starts("intake")),
    Row("archive",      S.CLOSED,       S.ARCHIVED,    "system",       g.window_over,   a.nothing,       ends_all()),
    *rows("warn",       (*LIVE, S.CLOSED), None,     "system"),
    *rows("overdue",    (*LIVE, S.CLOSED), None,     "system"),
    *rows("escalate",   (*LIVE, S.CLOSED), None,     "system"),
)  # fmt: skip


def rows_for(act: str, state: str | None) -> list[Row]:
    """The rows of an act from a state, in order."""
    return [row for row in TABLE if row.act == act and row.source == state]
