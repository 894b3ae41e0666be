"""A witness of the case loop: after every act it looks at a case and holds it to the properties of
docs/case-loop.md, by its own account of states, clocks and people."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Model

from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import elapsed
from gezhi.work.cases.models import Asker, Case, CaseEvent, Clock, Part, Request
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.replay import differences
from gezhi.work.cases.states import ACTIVE, ENDED, PAUSING, State
from gezhi.work.cases.who import WHO

WITH_AGENCY = (State.DISPATCHED, State.HANDLING)
# The clock that measures the owner in each state, where it is always the same one.
OF_STATE = {
    State.REPORTED: "intake",
    State.CHECKING: "check",
    State.FILED: "dispatch",
    State.BANKED: "review",
    State.DONE: "desk",
    State.VERIFYING: "verify",
    State.VERIFIED: "close",
}
BESIDE_THE_OWNER = ("whole", "part", "summons")
# What does not bring the case further: who can do only these cannot do what they owe.
IDLE = {
    "note", "add", "urge", "supervise", "progress", "arrive", "contact", "whistle", "add_part", "hand_over",
    "outcome", "rate_part", "request_cancel", "request_exclusion", "request_extension", "request_suspension",
}  # fmt: skip
WORKED = {"report_result", "report_part", "progress", "solve", "arrive", "attend"}


@dataclass
class Look:
    """Everything there is to one case at one moment."""

    case: Case
    events: list[CaseEvent]
    clocks: list[Clock]
    parts: list[Part]
    requests: list[Request]
    askers: list[Asker]

    def plain(self) -> list[list[dict[str, Any]]]:
        """As values, to be compared with another look."""
        return [
            [_plain(row) for row in rows]
            for rows in ([self.case], self.events, self.clocks, self.parts, self.requests, self.askers)
        ]

    @property
    def open_clocks(self) -> dict[str, Clock]:
        return {clock.key: clock for clock in self.clocks if clock.ended_at is None}


def look_at(case_id: UUID) -> Look:
    case = Case.objects.get(pk=case_id)
    return Look(
        case=case,
        events=list(case.events.order_by("seq")),
        clocks=list(Clock.objects.filter(case=case).order_by("pk")),
        parts=list(Part.objects.filter(case=case).order_by("pk")),
        requests=list(Request.objects.filter(case=case).order_by("pk")),
        askers=list(Asker.objects.filter(case=case).order_by("pk")),
    )


def _plain(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


class Witness:
    """Remembers what it saw of each case, and the stretches of time each clock ran."""

    def __init__(self) -> None:
        self.last: dict[UUID, Look] = {}
        self.ran: dict[int, list[list[datetime]]] = defaultdict(list)  # by clock: [from, until] or [from]
        self.staff: dict[int, Actor] = {}

    def meet(self, at: datetime) -> None:
        """Who holds which posts now."""
        self.staff = {
            user.pk: actor_of(user, at=at) for user in User.objects.filter(is_active=True).order_by("pk")
        }

    def look(self, case_id: UUID, at: datetime) -> Look:
        """Look at a case and hold it to everything; AssertionError says what is broken."""
        seen = look_at(case_id)
        at = max(at, seen.case.moved_at)
        _tells_its_story(seen, self.last.get(case_id))
        _has_one_owner(seen)
        self.owner_can_act(seen, at)
        _requests_have_their_clocks(seen)
        _runs_the_clocks_of_its_state(seen)
        _is_due_when_the_owner_is(seen)
        _parts_stand_as_they_should(seen)
        self._is_verified_from_outside(seen)
        self._counts(seen)
        _owners_add_up(seen, at)
        self.last[case_id] = seen
        return seen

    def unchanged(self, case_id: UUID) -> None:
        """Nothing of the case is different from the last look."""
        assert look_at(case_id).plain() == self.last[case_id].plain(), "a refused act left a trace"

    def owner_can_act(self, seen: Look, at: datetime) -> None:
        case = seen.case
        if case.state not in ACTIVE and not _still_asks_somebody(case, at):
            return
        people = [actor for actor in self.staff.values() if _owns(case, actor)]
        # With nobody there the desk is shown as vacant; a person asked is never nobody.
        assert people or case.owner_agency_id or not case.owner_user_id, f"{case.state}: the owner has left"
        for actor in people:
            if {act.code for act in allowed_acts(case, actor, at=at)} - IDLE:
                return
        assert not people, f"{case.state}: none of {[a.label for a in people]} can do what they owe"

    def _is_verified_from_outside(self, seen: Look) -> None:
        case = seen.case
        if case.state != State.VERIFYING:
            return
        assert case.verifier_id is not None
        actor = self.staff[case.verifier_id]
        inside = [_in_charge(seen), *(part.agency_path for part in seen.parts if part.live)]
        assert not any(actor.in_agency(path) for path in inside), "an agency verifies its own work"
        worked = {event.user_id for event in seen.events if event.act in WORKED}
        assert case.verifier_id not in worked, "somebody verifies their own work"

    def _counts(self, seen: Look) -> None:
        """The time a clock says it has used is the time it was seen to run."""
        moment = seen.case.moved_at
        for clock in seen.clocks:
            stretches = self.ran[clock.pk]
            begun = bool(stretches) and len(stretches[-1]) == 1
            if clock.resumed_at is not None and not begun:
                stretches.append([moment])
            elif clock.resumed_at is None and begun:
                stretches[-1].append(moment)
            counted = sum(_between(s[0], s[1], clock) for s in stretches if len(s) == 2)
            if clock.resumed_at is not None:
                counted += _between(stretches[-1][0], clock.resumed_at, clock)
            assert clock.used == counted, f"{clock.key} says {clock.used} s, but ran {counted} s"


def _in_charge(seen: Look) -> str:
    """The agency the case was given to, though it may have assigned it down to a station of its own since."""
    chain: list[str] = []
    for event in seen.events:
        path = event.change.get("lead_path")
        if path is not None:
            chain = [*chain, path] if chain and path.startswith(chain[0]) else [path] if path else []
    return chain[0] if chain else ""


def _still_asks_somebody(case: Case, at: datetime) -> bool:
    """A closed case does while a poor word is to be followed up, or a call can still be made."""
    if case.state != State.CLOSED or case.window_until is None:
        return False
    return case.follow_up or (case.to_call and at < case.window_until)


def _between(start: datetime, end: datetime, clock: Clock) -> int:
    return elapsed(start=start, end=end, working=clock.working, calendar=calendar())


def _owns(case: Case, actor: Actor) -> bool:
    if case.owner_agency_id:
        return WHO["handler"](case, actor)
    if case.owner_user_id:
        return actor.user_id == case.owner_user_id
    return actor.may(case.owner_grant, case.owner_path)


def _tells_its_story(seen: Look, before: Look | None) -> None:
    """Events are numbered, follow each other in time and state, are never altered, and replay to the row."""
    case, events = seen.case, seen.events
    assert [event.seq for event in events] == list(range(1, case.seq + 1))
    for first, second in pairwise(events):
        assert first.at <= second.at
        assert first.to_state == second.from_state
    assert (events[-1].to_state, events[-1].at) == (case.state, case.moved_at)
    assert all(event.owner_grant for event in events if event.to_state not in ENDED)
    if before is not None:
        known = [_plain(event) for event in before.events]
        assert [_plain(event) for event in events[: len(known)]] == known, "an event was altered"
    assert differences(case) == {}


def _has_one_owner(seen: Look) -> None:
    case = seen.case
    kinds = [bool(case.owner_agency_id), bool(case.owner_user_id) and not case.owner_agency_id]
    kinds.append(bool(case.owner_path))
    assert sum(kinds) == (0 if case.state in ENDED else 1), f"{case.state} has {sum(kinds)} owners"
    assert bool(case.owner_grant) is (case.state not in ENDED)


def _requests_have_their_clocks(seen: Look) -> None:
    case = seen.case
    asked = [request for request in seen.requests if request.outcome == "open"]
    assert [request.kind for request in asked] == ([case.open_request] if case.open_request else [])
    assert bool(case.open_request) is bool(case.request_grant) is bool(case.request_path)
    assert all(request.decided_at for request in seen.requests if request.outcome != "open")
    decision = seen.open_clocks.get("decision")
    assert (decision is not None) is bool(case.open_request), "a request and its decision clock differ"


def _runs_the_clocks_of_its_state(seen: Look) -> None:
    """Which clocks are open, and which of them run."""
    found = {key: clock.resumed_at is not None for key, clock in seen.open_clocks.items()}
    assert found == _expected(seen, found), f"{seen.case.state} after {seen.events[-1].act}"


def _expected(seen: Look, found: dict[str, bool]) -> dict[str, bool]:
    case, state = seen.case, seen.case.state
    wanted: dict[str, bool] = {}
    if state in ACTIVE:
        wanted["whole"] = state not in PAUSING
    if kind := OF_STATE.get(State(state)):
        wanted[kind] = True
    if state == State.CHECKING:
        wanted["intake"] = False
    if state == State.DISPATCHED:
        wanted["sign"] = case.open_request != "return"
    if state in (*WITH_AGENCY, State.SUSPENDED):
        wanted["handle"] = state != State.SUSPENDED and case.open_request != "return"
    elif state == State.FILED and "handle" in found:
        wanted["handle"] = False  # kept for the agency that returned it, should it get it again
    if "contact" in found and state in (State.HANDLING, State.SUSPENDED):
        wanted["contact"] = state == State.HANDLING
    wanted |= _expected_beside(seen)
    return wanted


def _expected_beside(seen: Look) -> dict[str, bool]:
    case, state = seen.case, seen.case.state
    wanted: dict[str, bool] = {}
    if case.open_request:
        wanted["decision"] = True
    if case.supervised:
        assert state in ACTIVE, "a supervision outlived the work"
        wanted["reply"] = True
    if case.follow_up or case.to_call:
        wanted["call_back"] = True
    for part in seen.parts:
        if part.is_open and part.role != Part.Role.OFFERED:
            kind = "summons" if part.role == Part.Role.SUMMONED else "part"
            wanted[f"{kind}:{part.agency_id}"] = kind == "summons" or state not in PAUSING
    return wanted


def _is_due_when_the_owner_is(seen: Look) -> None:
    case = seen.case
    owed = [
        (clock.due_at, clock.warn_at)
        for clock in seen.clocks
        if clock.resumed_at is not None
        and clock.kind not in BESIDE_THE_OWNER
        and (clock.kind != "decision" or case.open_request == "return")
    ]
    nearest = min(owed, key=lambda points: points[0] or case.moved_at, default=(None, None))
    assert (case.due_at, case.warn_at) == nearest or any(case.due_at == due for due, _warn in owed)
    assert case.due_at == nearest[0], "the case is due at another time than its owner"
    if case.state in ACTIVE and case.state != State.SUSPENDED:
        assert case.due_at is not None, f"{case.state} is never due"


def _parts_stand_as_they_should(seen: Look) -> None:
    case = seen.case
    live = [part for part in seen.parts if part.live]
    assert not live or (case.shared and case.state not in ENDED)
    assert all(part.agency_id != case.lead_agency_id for part in live), "the lead takes part beside itself"
    offered = [part for part in live if part.role == Part.Role.OFFERED]
    assert len(offered) == (1 if case.open_request == "transfer" else 0)
    assert all(part.ended_at for part in seen.parts if not part.live)
    if case.state == State.CLOSED:
        assert not any(part.is_open for part in live), "somebody owes a part of a closed case"


def _owners_add_up(seen: Look, at: datetime) -> None:
    """The times of the owners of active states, pauses left out, are the whole time."""
    whole = next(clock for clock in seen.clocks if clock.kind == "whole")
    total = 0
    for event, following in zip(seen.events, [*seen.events[1:], None], strict=True):
        if event.to_state in ACTIVE and event.to_state not in PAUSING:
            total += _between(event.at, following.at if following else at, whole)
    used = whole.used + (_between(whole.resumed_at, at, whole) if whole.resumed_at else 0)
    assert used == total, f"the owners had it {total} s, the whole clock says {used} s"


def askers_follow(cases: list[UUID]) -> None:
    """Whoever asked waits where their report was merged into."""
    into = dict(Case.objects.filter(pk__in=cases).values_list("pk", "merged_into"))
    for asker in Asker.objects.filter(first_case__in=cases):
        home: UUID = asker.first_case_id
        while into[home] is not None:
            home = into[home]
        assert asker.case_id == home, "an asker waits for another case than their report became"
