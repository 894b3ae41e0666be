"""Reads of findings. All start from what the actor may see."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from gezhi.foundation.actors.models import Agency, Post, User
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.files.models import File
from gezhi.oversight.accountability.models import Finding, Kind
from gezhi.oversight.accountability.permits import seat_to_decide
from gezhi.oversight.accountability.rules import LEADS
from gezhi.work.cases.models import Case

PAGE = 50
STATES = (*Finding.State.values, "final")
OPENS = {*LEADS, "audit", "agency_head"}  # grants whose holders find the list in their rail


@dataclass(frozen=True)
class FindingFilter:
    """What a list of findings shows. `month` is its first day; `state` one of STATES."""

    area_path: str = ""
    agency_id: int = 0
    kind: str = ""
    state: str = ""
    month: date | None = None
    after: int = 0  # the id of the last row of the page before
    limit: int = PAGE


@dataclass(frozen=True)
class FindingPage:
    rows: list[Finding]
    next_key: int = 0  # 0 on the last page


def reads_findings(actor: Actor | None) -> bool:
    """Whether findings are a part of this actor's work, so that a way to them belongs in the rail."""
    return actor is not None and any(seat.grants & OPENS for seat in actor.seats)


def finding_for(actor: Actor | None, ident: int) -> Finding:
    """One finding; NotFound when it is not there or not to be seen."""
    found = _whole(Finding.objects.visible_to(actor)).filter(pk=ident).first()
    if found is None:
        raise NotFound
    return found


def page_of(actor: Actor | None, wanted: FindingFilter, *, at: datetime) -> FindingPage:
    """One page of the list, newest first, by keyset."""
    found = _whole(filtered(actor, wanted, at=at))
    if wanted.after:
        found = found.filter(pk__lt=wanted.after)
    rows = list(found.order_by("-pk")[: wanted.limit + 1])
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return FindingPage(rows=rows, next_key=rows[-1].pk if more else 0)


def filtered(actor: Actor | None, wanted: FindingFilter, *, at: datetime) -> QuerySet[Finding]:
    found = Finding.objects.visible_to(actor)
    if wanted.area_path:
        found = found.filter(within("area_path", wanted.area_path))
    if wanted.agency_id:
        found = found.filter(agency=wanted.agency_id)
    if wanted.kind in Kind.values:
        found = found.filter(kind=wanted.kind)
    if wanted.state == "final":
        found = found.filter(state=Finding.State.RECORDED, appeal_until__lte=at)
    elif wanted.state == Finding.State.RECORDED:
        found = found.filter(state=Finding.State.RECORDED, appeal_until__gt=at)
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.month:
        begin, end = month_bounds(wanted.month)
        found = found.filter(recorded_at__gte=begin, recorded_at__lt=end)
    return found


def month_bounds(first: date) -> tuple[datetime, datetime]:
    """The first moment of a month and that of the next, in local time."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begin, end = (make_aware(datetime.combine(day, time())) for day in (first, following))
    return begin, end


def of_case(actor: Actor | None, case: Case) -> list[Finding]:
    """What was found about one case, newest first."""
    return list(_whole(Finding.objects.visible_to(actor)).filter(case=case).order_by("-pk"))


def open_to_appeal(actor: Actor, *, at: datetime) -> int:
    """How many findings this actor may still appeal against, as head of an agency or holder of a post."""
    own = Q(post__user=actor.user_id) if actor.user_id else Q(pk__in=[])
    for seat in actor.seats_with("agency_head"):
        if seat.agency_path:
            own |= within("agency_path", seat.agency_path)
    found = Finding.objects.visible_to(actor).filter(own, state=Finding.State.RECORDED, appeal_until__gt=at)
    return found.count()


def open_to_decide(actor: Actor, *, at: datetime) -> int:
    """How many appeals wait for this approver; asked only of those who approve."""
    if not actor.seats_with("approve"):
        return 0
    waiting = _whole(Finding.objects.visible_to(actor)).filter(state=Finding.State.APPEALED)
    return sum(seat_to_decide(actor, one, at=at) is not None for one in waiting)


def agencies_found(actor: Actor | None) -> list[Agency]:
    """The agencies that findings in sight are about."""
    ids = Finding.objects.visible_to(actor).exclude(agency=None).values("agency_id")
    return list(Agency.objects.filter(pk__in=ids).order_by("path"))


def photo_of(actor: Actor | None, ident: int, sha256: str) -> File:
    """A photo of an appeal this actor sees; NotFound otherwise."""
    finding = finding_for(actor, ident)
    found = File.objects.filter(sha256=sha256, pk__in=_photos(finding)).first()
    if found is None:
        raise NotFound
    return found


def _photos(finding: Finding) -> list[int]:
    if finding.state == Finding.State.RECORDED:
        return []
    return list(finding.appeal.photos.values_list("pk", flat=True))


def concerned(finding: Finding, *, at: datetime) -> list[User]:
    """Who is told of a finding: the holder of the post it is about, and the heads of the agency.

    Where the agency has no head of its own, those of the nearest agency above that has one; they may appeal.
    """
    people = {finding.post.user_id} if finding.post else set()
    heads = Post.objects.current(at).filter(role__in=roles_with("agency_head"), user__is_active=True)
    for path in ancestors(finding.agency_path):
        found = set(heads.filter(agency__path=path).values_list("user_id", flat=True))
        if found - {finding.recorded_by_id}:
            people |= found
            break
    return list(User.objects.filter(pk__in=people, is_active=True).order_by("pk"))


def _whole(found: QuerySet[Finding]) -> QuerySet[Finding]:
    return found.select_related(
        "case__item", "case__area", "agency__area", "post__role", "post__area", "post__user", "recorded_by",
        "recorded_post__role", "recorded_post__area", "appeal__by", "appeal__decided_by",
        "appeal__decided_post__role", "appeal__decided_post__area",
    )  # fmt: skip
