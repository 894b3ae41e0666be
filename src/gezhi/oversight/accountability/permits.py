"""Who may record, appeal and decide. Faces ask it for their buttons, services before they write."""

from collections.abc import Iterable
from datetime import datetime

from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.queries import manned
from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.areas.fields import covers
from gezhi.foundation.areas.models import Area
from gezhi.oversight.accountability.models import Finding
from gezhi.oversight.accountability.rules import GRAVITY, LEADS, MILDEST
from gezhi.oversight.accountability.trace import Subject
from gezhi.work.cases.models import Case

NO_AGENCY = "-/"  # a path no seat lies on


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
    if _concerned(actor, subject.agency, subject.post):
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


def _concerned(actor: Actor, agency: Agency | None, post: Post | None) -> bool:
    """Whether the actor belongs to whom it is about."""
    own_post = post is not None and post.user_id == actor.user_id
    return own_post or actor.in_agency(agency.path if agency else NO_AGENCY)


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
    """The post on which this approver may decide the appeal: of a level above the one that recorded it.

    Where nobody above holds such a post, another approver of the same level; never who recorded it, nor who
    belongs to whom it is about.
    """
    if actor is None or actor.user_id is None or finding.state != Finding.State.APPEALED:
        return None
    mine = actor.user_id in (finding.recorded_by_id, finding.appeal.by_id)
    if mine or _concerned(actor, finding.agency, finding.post):
        return None
    seats = actor.seats_with("approve", finding.level_path)
    above = [seat for seat in seats if seat.area_path != finding.level_path]
    if above or somebody_above(finding, at=at):
        return max(above, key=lambda seat: len(seat.area_path), default=None)
    return seats[0] if seats else None


def somebody_above(finding: Finding, *, at: datetime) -> bool:
    """Whether anybody holds a post of approver above the level that recorded it."""
    areas = Area.objects.filter(path__in=finding.decided_above).values_list("pk", flat=True)
    return any(_held(manned("approve").get(area, ()), at) for area in areas)


def _held(times: Iterable[tuple[datetime, datetime | None]], at: datetime) -> bool:
    return any(since <= at and (until is None or until > at) for since, until in times)
