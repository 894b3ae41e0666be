"""Who may record, appeal and decide. Faces ask it for their buttons, services before they write."""

from datetime import datetime

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.areas.fields import covers, within
from gezhi.oversight.accountability.models import Finding
from gezhi.oversight.accountability.rules import GRAVITY, LEADS, MILDEST
from gezhi.oversight.accountability.trace import Subject
from gezhi.work.cases.models import Case


def leads(actor: Actor | None, case: Case) -> bool:
    """Whether the actor leads where the case is: only then is there anything to record."""
    return actor is not None and bool(_leading(actor, case))


def _leading(actor: Actor, case: Case) -> list[Seat]:
    seats = [seat for grant in LEADS for seat in actor.seats_with(grant, case.area_path)]
    return sorted(dict.fromkeys(seats), key=lambda seat: -len(seat.area_path)) if actor.user_id else []


def seat_to_record(actor: Actor, case: Case, subject: Subject, kind: str) -> Seat | None:
    """The post on which this leader may record this: the lowest that will do.

    Never in one's own agency, nor about a post of one's own. Anybody who leads where the case is may remind;
    what is graver takes a leader whose area holds the whole of the agency's, or of the post's.
    """
    agency_path = subject.agency.path if subject.agency else ""
    if (subject.post and subject.post.user_id == actor.user_id) or actor.in_agency(agency_path):
        return None
    ground = subject.post.area if subject.post else subject.agency.area if subject.agency else None
    if ground is None:
        return None
    return next(
        (seat for seat in _leading(actor, case) if kind == MILDEST or covers(seat.area_path, ground.path)),
        None,
    )


def kinds_for(actor: Actor, case: Case, subject: Subject) -> list[str]:
    """What this leader may decide about it; empty where nothing."""
    return [kind for kind in GRAVITY if seat_to_record(actor, case, subject, kind)]


def may_appeal(actor: Actor | None, finding: Finding, *, at: datetime) -> bool:
    """The head of the agency (or of one above it), or the holder of the post; once, while there is time."""
    if actor is None or actor.user_id is None:
        return False
    if finding.state != Finding.State.RECORDED or finding.appeal_until <= at:
        return False
    return speaks_for(actor, finding)


def speaks_for(actor: Actor, finding: Finding) -> bool:
    """Whether the actor answers for whom the finding is about."""
    if finding.post is not None and finding.post.user_id == actor.user_id:
        return True
    heads = [seat.agency_path for seat in actor.seats_with("agency_head") if seat.agency_path]
    return bool(finding.agency_path) and any(covers(path, finding.agency_path) for path in heads)


def seat_to_decide(actor: Actor | None, finding: Finding, *, at: datetime) -> Seat | None:
    """The post on which this approver may decide the appeal: the nearest of a level above the one that
    recorded it, or one of the same level where `deciders` finds nobody above."""
    if actor is None or actor.user_id is None or finding.state != Finding.State.APPEALED:
        return None
    if actor.user_id in _barred(finding) or actor.in_agency(finding.agency_path):
        return None
    seats = actor.seats_with("approve", finding.level_path)
    above = [seat for seat in seats if seat.area_path != finding.level_path]
    if above:
        return max(above, key=lambda seat: len(seat.area_path))
    if seats and actor.user_id in {user.pk for user in deciders(finding, at=at)}:
        return seats[0]
    return None


def deciders(finding: Finding, *, at: datetime) -> list[User]:
    """Who is to decide an appeal: the approvers of the nearest level above the one that recorded it where
    anybody may, else of the same level. One query.

    Never who recorded it or appealed, nor who belongs to whom it is about.
    """
    levels = [*finding.decided_above, finding.level_path]
    posts = Post.objects.current(at).filter(
        area__path__in=levels, role__in=roles_with("approve"), user__is_active=True
    )
    posts = posts.exclude(user__in=_barred(finding))
    if finding.agency_path:
        inside = Post.objects.current(at).filter(within("agency__path", finding.agency_path))
        posts = posts.exclude(user__in=inside.values("user"))
    by_level: dict[str, set[User]] = {}
    for post in posts.select_related("area", "user"):
        by_level.setdefault(post.area.path, set()).add(post.user)
    nearest: set[User] = next((by_level[path] for path in levels if path in by_level), set())
    return sorted(nearest, key=lambda user: user.pk)


def _barred(finding: Finding) -> set[int]:
    """Who recorded it, who appealed, and who holds the post it is about."""
    own = {finding.post.user_id} if finding.post else set()
    return {finding.recorded_by_id, finding.appeal.by_id} | own
