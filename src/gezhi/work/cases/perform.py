"""perform(): the one way a case moves."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gezhi.foundation.actors.queries import agencies
from gezhi.foundation.actors.scope import POLICY, SYSTEM, Actor
from gezhi.foundation.audit.errors import GezhiError, NotAllowed, NotFound
from gezhi.foundation.audit.services import record_refusal
from gezhi.foundation.plans import plans_kept
from gezhi.work.cases import levels, parts, requests
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.clocks import call_back_starts, ends_all, next_point
from gezhi.work.cases.inputs import clean
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.move import Inputs, Move
from gezhi.work.cases.owners import choose_verifier, settle_owner
from gezhi.work.cases.record import Done, done, write
from gezhi.work.cases.refusals import BY_TURN, guarded, not_now, taken_away
from gezhi.work.cases.states import ENDED, ClockKind, State
from gezhi.work.cases.table import TABLE, Row, rows_for
from gezhi.work.cases.who import WHO
from gezhi.work.matters.queries import condition_of

# To change one of these is to change the owner.
OWNER_FIELDS = {"assignee_id", "verifier_id", "open_request", "level", "lead_agency_id"}
FOLDED_AT_START = ("level", "title", "area_id", "area_path", "lon", "lat", "cell", "address", "item_id")
MARKING = {"warn": "warn", "due": "overdue", "grace": "escalate"}  # what is told of each point
Data = Mapping[str, Any]


@plans_kept()
def perform(act: str, case_id: UUID, *, actor: Actor, at: datetime, data: Data | None = None) -> Case:
    """Move one case along the table. Nothing else writes a case's state.

    One transaction: lock → find the row → authorise → guard → check inputs → apply → clocks → record →
    outbox. A refused attempt is audited after the rollback and raised again: NotFound, NotAllowed,
    Refused (with who was first) or Invalid (with the fields that are wrong).
    """
    try:
        with transaction.atomic():
            if act in ("merge", "restore"):
                _lock_both(case_id, (data or {}).get("case"))
            case = _locked(case_id, actor, act)
            # Two servers' clocks may differ a little: an act never lies before the one it follows.
            _move(case, act, actor=actor, at=max(at, case.moved_at), data=data or {})
    except GezhiError as error:
        record_refusal(
            actor=actor, act=act, subject_kind="cases.case", subject_id=str(case_id), at=at, reason=error.code
        )
        raise
    return case


def allowed_acts(case: Case, actor: Actor, *, at: datetime) -> list[Act]:
    """The acts this actor may do on the case as it stands, in the table's order."""
    if not actor.allows("cases:act"):
        return []
    move = Move(case=case, actor=actor, at=at)
    found: dict[str, Act] = {}
    for row in TABLE:
        if row.source != case.state or row.act in found or not WHO[row.who](case, actor):
            continue
        if not row.guard(move):
            found[row.act] = ACTS[row.act]
    return list(found.values())


def begin(case: Case, act: str, *, actor: Actor, at: datetime, inputs: Inputs) -> None:
    """The first act of a new case (report or solve): the case and its first event, in one transaction."""
    move = Move(case=case, actor=actor, at=at, inputs=inputs)
    move.set(**{name: getattr(case, name) for name in FOLDED_AT_START})
    write(case, [_carry_out(move, rows_for(act, None)[0])])


def _lock_both(case_id: UUID, other: Any) -> None:
    """Lock the two cases an act touches always in the same order, so that no two acts wait for each other."""
    named = Q(number=str(other)) | Q(merged__pk=case_id) | Q(pk=case_id)
    with suppress(ValueError):
        named |= Q(pk=UUID(str(other)))
    ids = Case.objects.filter(named).values("pk")
    list(Case.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def _locked(case_id: UUID, actor: Actor, act: str = "") -> Case:
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if not case.is_visible_to(actor):
        raise not_now(case, act, code="taken_away") if taken_away(case, actor) else NotFound
    return _recalled(case)


def _recalled(case: Case) -> Case:
    """With what memory holds of its surroundings, so that acts need not read them."""
    if case.condition_id and (condition := condition_of(case.condition_id)):
        case.condition = condition
    if case.condition and case.condition.item_id == case.item_id:
        case.item = case.condition.item
    if lead := agencies().by_id.get(case.lead_agency_id or 0):
        case.lead_agency = lead
    return case


def _move(case: Case, act: str, *, actor: Actor, at: datetime, data: Data) -> None:
    move = Move(case=case, actor=actor, at=at)
    row = _row(move, act)
    left = case.merged_into if act == "restore" else None
    move.inputs = clean(ACTS[act], data, case=case, actor=actor)
    steps = [_carry_out(move, row)]
    if follow := _automatic(move, act):
        steps.append(_carry_out(*follow))
    write(case, steps)
    if act == "merge":
        _tell_target(move.inputs.case, "absorb", move)
    elif act == "restore" and left is not None:
        _tell_target(left, "let_go", move)


def _row(move: Move, act: str) -> Row:
    """The row to follow: in this state, by this actor, past its guard."""
    candidates = rows_for(act, move.case.state)
    if not candidates:
        raise not_now(move.case, act)
    mine = [row for row in candidates if WHO[row.who](move.case, move.actor)]
    if not move.actor.allows("cases:act"):
        raise NotAllowed
    if not mine:
        by_turn = any(row.who in BY_TURN for row in candidates) and taken_away(move.case, move.actor)
        raise not_now(move.case, act, code="taken_away") if by_turn else NotAllowed
    reasons = []
    for row in mine:
        if not (reason := row.guard(move)):
            return row
        reasons.append(reason)
    raise guarded(move.case, reasons[0], move.actor)


def _carry_out(move: Move, row: Row) -> Done:
    """Apply a row to the case in memory; `write` puts it into the database."""
    before = move.case.state if move.case.seq else ""
    move.new_state = row.to or move.case.state
    row.apply(move)
    assert move.new_state in (row.to or before, *row.may_go, before), "apply chose a state not in its row"
    requests.lapse(move)
    levels.lapse(move)
    if move.new_state == State.CLOSED:
        parts.excuse_all(move)
    elif move.new_state in ENDED:
        parts.end_all(move)
    if move.new_state != before or OWNER_FIELDS & move.change.keys():
        settle_owner(move)
    move.set(state=str(move.new_state))
    row.clocks.run(move)
    if move.new_state == State.WITHDRAWN or (move.new_state == State.CLOSED and row.to != State.CLOSED):
        (ends_all() | call_back_starts()).run(move)  # where `apply` chose, the row cannot say it
    return done(move, row.act, before)


def _automatic(move: Move, act: str) -> tuple[Move, Row] | None:
    """The desk step the district's policy makes automatic after this act, as an act of the policy.

    Only the act that brings a case to the desk is followed: what the desk has taken back waits for people.
    """
    case, rules = move.case, move.rules
    follow = move.followed_by(POLICY)
    if act == "report_result" and rules.auto_send_verify:
        follow.inputs.user = choose_verifier(follow, worked=move.actor.user_id)
        return (follow, rows_for("send_verify", State.DONE)[0]) if follow.inputs.user else None
    if act == "verify" and rules.auto_close and case.verified_ok:
        follow.inputs.text = case.answer
        return follow, rows_for("close", State.VERIFIED)[0]
    return None


def _tell_target(target: Case | None, act: str, move: Move) -> None:
    """A merge, and its undoing, are events of the other case too (as long as that one is open)."""
    assert target is not None
    locked = _locked(target.pk, SYSTEM)
    row = rows_for(act, locked.state)
    if row:
        told = Move(
            case=locked, actor=SYSTEM, at=max(move.at, locked.moved_at), inputs=Inputs(case=move.case)
        )
        write(locked, [_carry_out(told, row[0])])
    elif act == "absorb":
        raise not_now(locked, act)


@plans_kept()
def mark_clock(case_id: UUID, *, key: str, at: datetime) -> None:
    """The worker's word that a clock has reached a point: warn, due or grace, as it stands under the lock.

    Past the grace a case of the grid or the community goes up a level by itself, where the policy says so.
    """
    with transaction.atomic():
        case = _locked(case_id, SYSTEM)
        move = Move(case=case, actor=SYSTEM, at=max(at, case.moved_at))
        clock = move.clocks.get(key)
        mark = _reached(clock, at) if clock else ""
        row = rows_for(MARKING[mark], case.state) if mark else []
        if clock is None or not row:
            kind, _colon, slot = key.partition(":")
            past = Clock.objects.filter(case=case, kind=kind, slot=int(slot or 0), next_at__lte=at)
            past.update(next_at=None)
            return  # told by another worker, put off meanwhile, or nothing to tell of in this state
        move.inputs.words["clock"] = clock.kind
        move.inputs.agency = clock.agency if clock.slot else None
        clock.mark = mark
        clock.next_at = next_point(clock)
        move.touched.add(key)
        steps = [_carry_out(move, row[0])]
        if mark == "grace" and (up := _by_timeout(move, clock)):
            steps.append(_carry_out(*up))
        write(case, steps)


def _reached(clock: Clock, at: datetime) -> str:
    """The last point passed that was not told yet; earlier ones a stopped worker missed are left out."""
    if clock.resumed_at is None or clock.next_at is None or clock.next_at > at:
        return ""
    if clock.grace_at and clock.grace_at <= at:
        return "grace"
    return "due" if clock.due_at and clock.due_at <= at else "warn"


def _by_timeout(move: Move, clock: Clock) -> tuple[Move, Row] | None:
    """Going up a level because the one below did not do it in time."""
    if clock.kind not in (ClockKind.DISPATCH, ClockKind.SIGN, ClockKind.HANDLE):
        return None
    follow = move.followed_by(SYSTEM)
    row = next(iter(rows_for("raise", move.case.state)), None)
    if row is None or row.guard(follow):
        return None
    follow.inputs.text = _("Not done in time at the level below.")
    return follow, row


def body_hash(body: Mapping[str, Any]) -> str:
    """A digest of what a client sent, to tell a repetition from another report under the same id."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
