"""Who must act after an act: a desk on an area, an agency, or one person."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce

from django.db.models import Q

from gezhi.foundation.actors.models import Agency, Post, User
from gezhi.foundation.actors.queries import manned, roles_with
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.areas.models import Area
from gezhi.foundation.areas.queries import lineage
from gezhi.work.cases.models import Case
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import ENDED, LEVELS, State

DESKS = {
    State.REPORTED: "intake",
    State.FILED: "dispatch",
    State.DONE: "desk",
    State.VERIFIED: "desk",
    State.CLOSED: "call_back",
}
WORKED = ("report_result", "report_part", "attend", "progress", "solve", "arrive")
AGENCY_STATES = (State.DISPATCHED, State.HANDLING, State.SUSPENDED)


def settle_owner(move: Move) -> None:
    """Set the owner fields for the state the case is going to."""
    state = move.after
    if state in ENDED:
        _own(move, grant="", name="")
    elif move.case.open_request == "return":
        _to_desk(move, "dispatch", move.case.level)
    elif state in AGENCY_STATES:
        _to_agency(move)
    elif state == State.BANKED:
        _to_desk(move, "approve", move.rules.approvers["bank"])
    elif state in (State.CHECKING, State.VERIFYING):
        _to_person(move, "check" if state == State.CHECKING else "verify")
    else:
        _to_desk(move, DESKS[state], move.case.level)


def _own(
    move: Move, *, grant: str, name: str, path: str = "", agency: int | None = None, user: int | None = None
) -> None:
    move.set(owner_grant=grant, owner_name=name, owner_path=path, owner_agency_id=agency, owner_user_id=user)


def _to_desk(move: Move, grant: str, level: str) -> None:
    area = desk_area(move.case.area_path, grant, level=level, at=move.at)
    _own(move, grant=grant, name=area.name, path=area.path)


def _to_agency(move: Move) -> None:
    agency = move.case.lead_agency
    assert agency is not None
    person = f" {move.case.assignee}" if move.case.assignee else ""
    _own(move, grant="handle", name=agency.name + person, agency=agency.pk, user=move.case.assignee_id)


def _to_person(move: Move, grant: str) -> None:
    user = move.inputs.user
    if user is None:  # the act was about something else; the same person still has it
        return
    _own(move, grant=grant, name=user.name, user=user.pk)


def desk_area(path: str, grant: str, *, level: str, at: datetime) -> Area:
    """The area whose desk owns a case: that of the policy's level, or the nearest above where somebody
    holds the grant now; where nobody does, the policy's level still, shown as a vacancy."""
    line = lineage(path)[::-1]
    start = _place_of(level, line)
    posts = manned(grant)
    for area in line[start:]:
        if any(since <= at and (until is None or until > at) for since, until in posts.get(area.pk, ())):
            return area
    return line[start]


def level_path(path: str, level: str) -> str:
    """The path of the area of this level over a place, or of the nearest above where there is none."""
    line = lineage(path)[::-1]
    return str(line[_place_of(level, line)].path)


def _place_of(level: str, line: Sequence[Area]) -> int:
    """Where the level stands in a line of areas from the ground up; the next above it, else the last."""
    wanted = LEVELS.index(level)
    kinds = [LEVELS.index(area.kind) if area.kind in LEVELS else -1 for area in line]
    return next((n for n, kind in enumerate(kinds) if kind >= wanted), len(line) - 1)


def holders(case: Case, *, at: datetime) -> list[User]:
    """The people who can act now as the case's owner: they are told when it becomes theirs."""
    if case.owner_user_id:
        return list(User.objects.filter(pk=case.owner_user_id))
    if case.owner_agency_id:
        agency = Agency.objects.get(pk=case.owner_agency_id)
        return holding(Q(agency=agency), ("handle",), at)
    if case.owner_grant:
        return holding(Q(area__path=case.owner_path), (case.owner_grant,), at)
    return []


def leaders(case: Case, *, at: datetime) -> list[User]:
    """Whoever leads where the case's owner stands: told when a limit has run out."""
    if case.owner_agency_id:
        agency = Agency.objects.get(pk=case.owner_agency_id)
        return holding(Q(agency=agency), ("agency_head",), at)
    path = case.owner_path or case.area_path
    return holding(Q(area__path__in=ancestors(path)), ("lead", "approve"), at)


def holding(where: Q, grants: Iterable[str], at: datetime) -> list[User]:
    """Everybody who holds one of these grants now by a post that fits `where`."""
    roles = [code for grant in grants for code in roles_with(grant)]
    posts = Post.objects.current(at).filter(where, role__in=roles)
    return list(User.objects.filter(pk__in=posts.values("user_id"), is_active=True))


def choose_verifier(move: Move, *, worked: int | None = None) -> User | None:
    """The reporting worker if outside the agency, else the nearest other with the duty, else a level up.

    Not eligible: whoever has a post in the lead agency or below it, and whoever worked on the result
    (`worked`: somebody whose event is only being written).
    """
    case = move.case
    lineage = ancestors(case.area_path)
    barred = _barred(case, at=move.at) | ({worked} if worked else set())
    found = (
        Post.objects.current(move.at)
        .filter(role__in=roles_with("verify"), area__path__in=lineage, user__is_active=True)
        .exclude(user__in=barred)
        .select_related("area", "user")
    )
    posts = sorted(found, key=lambda p: (p.user_id != case.reporter_id, lineage.index(p.area.path), p.pk))
    return posts[0].user if posts else None


def may_verify(move: Move, user: User) -> bool:
    """Whether this person may verify this case: the duty there, and outside the agency."""
    posts = Post.objects.current(move.at).filter(
        user=user, role__in=roles_with("verify"), area__path__in=ancestors(move.case.area_path)
    )
    return posts.exists() and user.pk not in _barred(move.case, at=move.at)


def handled_by(case: Case, actor: Actor) -> bool:
    """Whether the actor is of the agency that handles the case, or of the one that assigned it down to that.

    Such a person neither verifies it nor decides on it, from whatever post. Only for people of the same line
    of agencies, who are few, is the record read.
    """
    if actor.in_agency(case.lead_path):
        return True
    root = case.lead_path.partition("/")[0]
    if not root or not actor.in_agency(f"{root}/"):
        return False
    told = case.events.filter(change__has_key="lead_path").order_by("seq")
    return actor.in_agency(reduce(_top, told.values_list("change__lead_path", flat=True), ""))


def _top(top: str, told: str | None) -> str:
    """The uppermost agency of a line: assigned down it stays the same, any other agency begins another."""
    return told if told is not None and not (top and told.startswith(top)) else top


def _barred(case: Case, *, at: datetime) -> set[int]:
    """Who belongs to the handling agency or took part, and whoever it was ever assigned to."""
    worked, top = {case.assignee_id}, ""
    record = case.events.order_by("seq")
    for act, user_id, lead, assignee in record.values_list(
        "act", "user_id", "change__lead_path", "change__assignee_id"
    ):
        top = _top(top, lead)
        worked |= {assignee, user_id if act in WORKED else None}
    if case.on_the_spot:
        worked.add(case.reporter_id)
    if case.lead_path:
        inside = within("agency__path", _top(top, case.lead_path))
        for part in case.live_parts:
            inside |= within("agency__path", part.agency_path)
        worked |= set(Post.objects.current(at).filter(inside).values_list("user_id", flat=True))
    return {user_id for user_id in worked if user_id is not None}
