"""The case loop as one table: read it beside docs/case-loop.md.

Nothing but `perform` (perform.py) moves a case, and only along these rows. Buttons, the API's allowed
acts, the picture in the docs and the tests (every row × every role) all come from here. An act may have
several rows for one state: the first whose guard passes is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gezhi.work.cases import apply as a
from gezhi.work.cases import guards as g
from gezhi.work.cases import levels as l
from gezhi.work.cases import parts as p
from gezhi.work.cases import requests as q
from gezhi.work.cases.clocks import (
    NONE,
    Ops,
    call_back_ends,
    call_back_starts,
    contact_ends,
    contact_starts,
    ends,
    ends_all,
    extends,
    handle_starts,
    part_ends,
    part_starts,
    pauses,
    resumes,
    runs_until,
    sets_whole,
    starts,
    summons_start,
)
from gezhi.work.cases.move import Move, sets
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, BEFORE_FILING, IN_WORK, OPEN
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


RESTORABLE = (S.REFUSED, S.MERGED, S.CANCELLED)
TO_MERGE = (S.REPORTED, S.CHECKING, S.FILED, S.DISPATCHED, S.HANDLING)
WITH_AGENCY = (S.DISPATCHED, S.HANDLING)
SHARED = (S.FILED, S.DISPATCHED, S.HANDLING, S.SUSPENDED)  # others take part, whoever leads or will lead
CALLED = (*IN_WORK, *AFTER_WORK)  # departments may be on their way
ASSIGNED = (*WITH_AGENCY, S.SUSPENDED, S.BANKED, *AFTER_WORK)  # perhaps to one person of the agency
TAKEN = (*ASSIGNED, S.CLOSED)  # some agency answers for it

TABLE: tuple[Row, ...] = (
    # -- taking in                                     who             guard            apply            clocks
    Row("report",       None,           S.REPORTED,    "collector",    g.free,          a.nothing,       starts("intake") | starts("whole")),
    Row("solve",        None,           S.VERIFYING,   "collector",    g.free,          a.solve,         starts("whole") | starts("verify"), (S.CLOSED,)),
    Row("answer",       S.REPORTED,     S.CLOSED,      "intake",       g.is_advice,     a.answer,        ends_all() | call_back_starts()),
    Row("ask_check",    S.REPORTED,     S.CHECKING,    "intake",       g.free,          a.ask_check,     pauses("intake") | starts("check")),
    Row("check_result", S.CHECKING,     S.REPORTED,    "checker",      g.free,          a.check_result,  ends("check") | resumes("intake")),
    Row("recall_check", S.CHECKING,     S.REPORTED,    "intake or system", g.free,   sets(check_result=""), ends("check") | resumes("intake")),
    Row("file",         S.REPORTED,     S.FILED,       "intake",       g.free,          a.classify,      ends("intake") | sets_whole() | starts("dispatch")),
    Row("file_dispatch", S.REPORTED,    S.DISPATCHED,  "intake and dispatcher", g.free, a.file_dispatch, ends("intake") | sets_whole() | starts("sign") | handle_starts()),
    Row("refuse",       S.REPORTED,     S.REFUSED,     "intake",       g.free,          a.told,          ends_all()),
    Row("forward",      S.REPORTED,     S.FORWARDED,   "intake",       g.free,          a.told,          ends_all()),
    *rows("merge",      TO_MERGE,       S.MERGED,      "intake or dispatcher", g.free,  a.merge,         ends_all()),
    *rows("absorb",     ACTIVE,         None,          "system"),
    *rows("let_go",     ACTIVE,         None,          "system"),
    *rows("withdraw",   (*BEFORE_FILING, S.FILED), S.WITHDRAWN, "asker", g.free,        a.withdraw,      NONE),
    *rows("restore",    RESTORABLE,     S.REPORTED,    "intake",       g.within_undo,   a.restore,       resumes("whole") | starts("intake")),
    *rows("restore",    RESTORABLE,     S.REPORTED,    "reviewer",     g.in_review,     a.restore,       resumes("whole") | starts("intake")),
    # -- to an agency, and back
    Row("dispatch",     S.FILED,        S.DISPATCHED,  "dispatcher",   g.free,          a.dispatch,      ends("dispatch") | starts("sign") | handle_starts()),
    *rows("designate",  (S.FILED, S.DISPATCHED), S.DISPATCHED, "approver of designation", g.disputed, l.designate, ends("dispatch") | ends("sign") | starts("sign") | handle_starts()),
    *rows("raise",      (S.FILED, *WITH_AGENCY), S.FILED, "dispatcher or system", g.may_raise, l.raise_, ends("dispatch") | ends("sign") | ends("contact") | ends("handle") | starts("dispatch")),
    Row("send_back",    S.FILED,        S.FILED,       "dispatcher",   g.may_send_back, l.send_back,     ends("dispatch") | starts("dispatch")),
    Row("sign",         S.DISPATCHED,   S.HANDLING,    "handler",      g.no_request,    a.nothing,       ends("sign") | contact_starts()),
    Row("assign",       S.HANDLING,     None,          "agency_head",  g.no_request,    a.assign,        NONE),
    *rows("release",    ASSIGNED,       None,          "system",       g.free,          sets(assignee_id=None), NONE),
    Row("return",       S.DISPATCHED,   S.FILED,       "handler",      g.in_sign_limit, a.give_back,     ends("sign") | pauses("handle") | starts("dispatch")),
    *rows("request_return", WITH_AGENCY, None,         "handler",      g.may_return,    q.ask_return,    pauses("sign") | pauses("handle") | starts("decision")),
    *rows("agree_return", WITH_AGENCY,  S.FILED,       "dispatcher",   g.asked("return"), q.agree_return, ends("decision") | ends("sign") | ends("contact") | starts("dispatch")),
    *rows("decline_return", WITH_AGENCY, None,         "dispatcher",   g.asked("return"), q.decline,     ends("decision") | resumes("sign") | resumes("handle")),
    Row("request_transfer", S.HANDLING, None,          "handler",      g.may_return,    q.ask_transfer,  starts("decision")),
    Row("accept_transfer", S.HANDLING,  None,          "offered",      g.transfer_unanswered, q.accept_transfer, ends("decision") | starts("decision")),
    Row("reject_transfer", S.HANDLING,  None,          "offered",      g.transfer_unanswered, q.decline_transfer, ends("decision")),
    Row("agree_transfer", S.HANDLING,   S.DISPATCHED,  "dispatcher",   g.transfer_accepted, q.agree_transfer, ends("decision") | ends("contact") | starts("sign") | handle_starts()),
    Row("decline_transfer", S.HANDLING, None,          "dispatcher",   g.asked("transfer"), q.decline_transfer, ends("decision")),
    # -- handling
    Row("contact",      S.HANDLING,     None,          "handler",      g.contact_owed,  a.nothing,       contact_ends()),
    Row("arrive",       S.HANDLING,     None,          "handler",      g.free,          a.arrive,        NONE),
    Row("progress",     S.HANDLING,     None,          "handler or co-handler", g.free, a.nothing,       NONE),
    Row("add_part",     S.HANDLING,     None,          "handler or dispatcher", g.no_request, p.add,     part_starts()),
    *rows("remove_part", SHARED,        None,          "handler or dispatcher", g.has_parts, p.remove,   NONE),
    *rows("excuse_part", SHARED,        None,          "handler or dispatcher", g.has_parts, p.excuse,   NONE),
    *rows("sign_part",  SHARED,         None,          "co-handler",   g.part_unsigned, p.sign,          NONE),
    *rows("return_part", SHARED,        None,          "co-handler",   g.free,          p.give_back,     part_ends()),
    *rows("report_part", SHARED,        None,          "co-handler",   g.part_signed,   p.report,        part_ends()),
    *rows("whistle",    (S.FILED, S.HANDLING), None,   "dispatcher",   g.free,          p.whistle,       summons_start()),
    *rows("attend",     CALLED,         None,          "summoned",     g.free,          p.attend,        part_ends()),
    *rows("rate_part",  (*CALLED, S.CLOSED), None,  "dispatcher",   g.was_summoned,  p.rate,          NONE),
    Row("hand_over",    S.HANDLING,     None,          "handler",      g.not_handed_over, sets(enforcement=True), NONE),
    *rows("outcome",    (S.HANDLING, S.SUSPENDED), None, "handler",    g.handed_over,   sets(enforcement=False), NONE),
    Row("request_extension", S.HANDLING, None,         "handler",      g.may_extend,    q.ask_extension, starts("decision")),
    Row("approve_extension", S.HANDLING, None,         "decider",      g.asked("extension"), q.approve_extension, ends("decision") | extends()),
    Row("deny_extension", S.HANDLING,   None,          "decider",      g.asked("extension"), q.decline,  ends("decision")),
    Row("request_suspension", S.HANDLING, None,        "handler",      g.nothing_asked, q.ask_suspension, starts("decision")),
    Row("approve_suspension", S.HANDLING, S.SUSPENDED, "decider",      g.asked("suspension"), q.approve_suspension, ends("decision") | pauses("handle") | pauses("contact") | pauses("part") | pauses("whole")),
    Row("deny_suspension", S.HANDLING,  None,          "decider",      g.asked("suspension"), q.decline, ends("decision")),
    Row("resume",       S.SUSPENDED,    S.HANDLING,    "handler, approver or system", g.free, sets(waits_until=None), resumes("handle") | resumes("contact") | resumes("part") | resumes("whole")),
    Row("bank",         S.HANDLING,     S.BANKED,      "approver of bank", g.no_request, q.bank,         ends("handle") | ends("contact") | pauses("part") | pauses("whole") | runs_until("review")),
    Row("review",       S.BANKED,       None,          "approver of bank", g.free,      q.review,        ends("review") | runs_until("review")),
    Row("strike_off",   S.BANKED,       S.HANDLING,    "approver of bank", g.free,      a.nothing,       ends("review") | handle_starts() | resumes("part") | resumes("whole")),
    Row("report_result", S.HANDLING,    S.DONE,        "handler",      g.parts_done,    a.attach_result, ends("handle") | ends("contact") | starts("desk")),
    # -- verifying and closing
    Row("send_verify",  S.DONE,         S.VERIFYING,   "desk",         g.free,          a.send_verify,   ends("desk") | starts("verify")),
    Row("reassign",     S.VERIFYING,    None,          "desk or system", g.free,        a.send_verify,   ends("verify") | starts("verify")),
    Row("recall_verify", S.VERIFYING,   S.DONE,        "desk or system", g.has_lead,    sets(**a.NOT_VERIFIED), ends("verify") | starts("desk")),
    Row("verify",       S.VERIFYING,    S.VERIFIED,    "verifier",     g.free,          a.verify,        ends("verify") | starts("close")),
    Row("close",        S.VERIFIED,     S.CLOSED,      "desk",         g.has_passed,    a.answer,        ends_all() | call_back_starts()),
    *rows("rework",     (S.DONE, S.VERIFIED), S.HANDLING, "desk",      g.has_lead,      a.rework,        ends("desk") | ends("close") | starts("handle", limit="rework")),
    Row("rework",       S.VERIFIED,     S.FILED,       "desk",         g.failed_on_the_spot, a.file_unsolved, ends("close") | sets_whole() | starts("dispatch")),
    *rows("force_close", (*IN_WORK, *AFTER_WORK), S.CLOSED, "approver of force", g.free, a.force_close,  ends_all() | call_back_starts()),
    # -- watching over it
    *rows("urge",       ACTIVE,         None,          "asker, dispatcher or leader", g.once_a_day, a.urge, NONE),
    *rows("supervise",  ACTIVE,         None,          "leader",       g.unsupervised,  sets(supervised=True), starts("reply")),
    *rows("reply",      ACTIVE,         None,          "owner",        g.supervised,    sets(supervised=False), ends("reply")),
    *rows("request_cancel", ACTIVE,     None,          "intake or dispatcher", g.nothing_asked, q.ask_cancel, starts("decision")),
    *rows("approve_cancel", ACTIVE,     S.CANCELLED,   "decider",      g.asked("cancel"), q.approve_cancel, ends_all()),
    *rows("deny_cancel", ACTIVE,        None,          "decider",      g.asked("cancel"), q.decline,     ends("decision")),
    *rows("request_exclusion", TAKEN,   None,          "handler",      g.not_excluded,  q.ask_exclusion, starts("decision")),
    *rows("approve_exclusion", (S.FILED, *TAKEN),   None,          "decider",      g.asked("exclusion"), q.approve_exclusion, ends("decision")),
    *rows("deny_exclusion", (S.FILED, *TAKEN),      None,          "decider",      g.asked("exclusion"), q.decline,  ends("decision")),
    *rows("take_back",  WITH_AGENCY,    None,          "requester",    g.asked("return"), q.take_back,   ends("decision") | resumes("sign") | resumes("handle")),
    *rows("take_back",  OPEN,           None,          "requester",    g.asked_anything, q.take_back,    ends("decision")),
    *rows("add",        ACTIVE,         None,          "asker"),
    *rows("note",       OPEN,           None,          "anyone"),
    # -- after closing
    Row("call_back",    S.CLOSED,       None,          "caller",       g.may_call,      a.call_back,     call_back_ends() | call_back_starts()),
    Row("rate",         S.CLOSED,       None,          "asker",        g.not_rated,     a.rate,          call_back_starts()),
    Row("follow_up",    S.CLOSED,       None,          "call_back",    g.follow_up_open, sets(follow_up=False, to_call=False), ends("call_back")),
    Row("reopen",       S.CLOSED,       S.FILED,       "asker or call_back", g.reopens_filed, a.reopen,   ends("call_back") | resumes("whole") | starts("dispatch")),
    Row("reopen",       S.CLOSED,       S.REPORTED,    "asker or call_back", g.reopens_answered, a.reopen, ends("call_back") | resumes("whole") | starts("intake")),
    Row("archive",      S.CLOSED,       S.ARCHIVED,    "system",       g.window_over,   a.archive,       ends_all()),
    # -- the worker's word
    *rows("warn",       OPEN,           None,          "system"),
    *rows("overdue",    OPEN,           None,          "system"),
    *rows("escalate",   OPEN,           None,          "system"),
)  # fmt: skip


def rows_for(act: str, state: str | None) -> list[Row]:
    """The rows of an act from a state, in order."""
    return [row for row in TABLE if row.act == act and row.source == state]
