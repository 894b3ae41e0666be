"""The way of one case as stretches that somebody answers for, with their figures from the record.

Three sorts: the time of each owner, the part of each agency beside the lead, the time each request waited.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area
from gezhi.work.cases import queries
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.models import Case, CaseEvent, Clock, Part, Request
from gezhi.work.cases.queries import Span
from gezhi.work.cases.states import ClockKind

DESKS = ("intake", "dispatch", "desk", "call_back", "approve", "appraise")
RETURNS = ("return", "agree_return")
BESIDE = {Part.Role.CO_HANDLER: ClockKind.PART, Part.Role.SUMMONED: ClockKind.SUMMONS}


@dataclass(frozen=True)
class Measure:
    """One limit within a stretch, in seconds of its own kind of time."""

    kind: str
    used: int
    limit: int
    working: bool
    running: bool = False

    @property
    def late(self) -> int:
        return max(0, self.used - self.limit)


@dataclass(frozen=True)
class Subject:
    """Whom a stretch may be held against: an agency, or a post with whoever held it then."""

    agency: Agency | None = None
    post: Post | None = None

    @property
    def key(self) -> str:
        return f"post-{self.post.pk}" if self.post else f"agency-{self.agency.pk if self.agency else 0}"


@dataclass(frozen=True)
class Stretch:
    """A part of the way. `key` names it for good; `grant` is what was due; `since` to `until` (None: now)."""

    key: str
    sort: str  # "owner", "part" or "request"
    grant: str
    name: str
    since: datetime
    until: datetime | None
    seconds: int
    longest: bool = False
    returns: int = 0
    reworks: int = 0
    measures: tuple[Measure, ...] = ()
    agency: Agency | None = None
    desk_path: str = ""  # the area of the desk that had it
    user_id: int | None = None
    undecided: bool = False  # a request nobody has decided yet
    said: tuple[str, ...] = field(default=())  # the acts done meanwhile

    @property
    def late(self) -> int:
        """Seconds over all its limits together."""
        return sum(measure.late for measure in self.measures)

    @property
    def stuck(self) -> bool:
        """Whether anything here says that the case stuck."""
        return bool(self.late or self.longest or self.returns or self.reworks)


def stretches(case: Case, events: Sequence[CaseEvent], *, at: datetime) -> list[Stretch]:
    """All stretches of a case, in the order they began. Six queries, however long the way."""
    clocks = list(Clock.objects.filter(case=case))
    agencies = _agencies(case, events)
    found = [*_owners(events, clocks, agencies, at), *_parts(case, clocks, agencies, at)]
    found += _requests(case, events, clocks, agencies, at)
    return sorted(found, key=lambda one: (one.since, one.sort != "owner"))


def _agencies(case: Case, events: Iterable[CaseEvent]) -> dict[int, Agency]:
    named = {event.change.get(key) for event in events for key in ("owner_agency_id", "lead_agency_id")}
    named |= set(Part.objects.filter(case=case).values_list("agency_id", flat=True))
    return Agency.objects.select_related("area").in_bulk([pk for pk in named if pk])


def _owners(
    events: Sequence[CaseEvent], clocks: Iterable[Clock], agencies: dict[int, Agency], at: datetime
) -> Iterable[Stretch]:
    spans = queries.trace(events, at=at)
    running = [clock for clock in clocks if clock.ended_at is None and clock.kind not in _NOT_OWNED]
    state: dict[str, Any] = {}
    by_seq = {span.seq: span for span in spans}
    for event in events:
        state.update(event.change)
        span = by_seq.get(event.seq)
        if span is None:
            continue
        measures = [Measure(c["kind"], c["used"], c["limit"], c["working"]) for c in span.ended]
        if span.until is None:
            measures += [_measure(clock, at) for clock in running]
        yield Stretch(
            key=f"owner-{span.seq}",
            sort="owner",
            grant=span.grant,
            name=span.name,
            since=span.since,
            until=span.until,
            seconds=span.seconds(at),
            longest=span.longest and len(spans) > 1,
            returns=_returned(span, events),
            reworks=span.acts.count("rework"),
            measures=tuple(measures),
            agency=agencies.get(state.get("owner_agency_id") or 0),
            desk_path=str(state.get("owner_path") or "") if span.grant in DESKS else "",
            user_id=state.get("owner_user_id"),
            said=tuple(span.acts),
        )


_NOT_OWNED = {ClockKind.WHOLE, ClockKind.PART, ClockKind.SUMMONS, ClockKind.DECISION}


def _returned(span: Span, events: Iterable[CaseEvent]) -> int:
    """1 where an agency's time ended by giving the case back."""
    ended = next((e for e in events if e.seq > span.seq and e.at == span.until and e.act in RETURNS), None)
    return int(span.grant == "handle" and ended is not None)


def _measure(clock: Clock, at: datetime) -> Measure:
    running = clock.ended_at is None
    return Measure(clock.kind, used_by(clock, at), clock.seconds, clock.working, running=running)


def _parts(
    case: Case, clocks: Iterable[Clock], agencies: dict[int, Agency], at: datetime
) -> Iterable[Stretch]:
    """What each agency beside the lead owed: co-handling, or reporting in when it was summoned."""
    for part in Part.objects.filter(case=case, role__in=BESIDE).order_by("pk"):
        kind = BESIDE[Part.Role(part.role)]
        own = [
            clock
            for clock in clocks
            if clock.kind == kind and clock.slot == part.agency_id and clock.started_at == part.asked_at
        ]
        until = max((clock.ended_at for clock in own if clock.ended_at), default=None)
        until = until or part.ended_at or (part.answered_at if part.state == Part.State.DONE else None)
        yield Stretch(
            key=f"part-{part.pk}",
            sort="part",
            grant=part.role,
            name=agencies[part.agency_id].name,
            since=part.asked_at,
            until=until,
            seconds=int(((until or at) - part.asked_at).total_seconds()),
            returns=int(part.state == Part.State.RETURNED),
            measures=tuple(_measure(clock, at) for clock in own),
            agency=agencies[part.agency_id],
        )


def _requests(
    case: Case,
    events: Sequence[CaseEvent],
    clocks: Iterable[Clock],
    agencies: dict[int, Agency],
    at: datetime,
) -> Iterable[Stretch]:
    """How long what was asked waited for its decision. A return waits with the owner, so it is there."""
    for request in Request.objects.filter(case=case).exclude(kind=Request.Kind.RETURN).order_by("pk"):
        act = f"request_{request.kind}"
        asked = next((e for e in events if e.act == act and e.at == request.asked_at), None)
        path = str(asked.change.get("request_path", "")) if asked else ""
        until = request.decided_at
        own = [
            clock
            for clock in clocks
            if clock.kind == ClockKind.DECISION
            and clock.started_at >= request.asked_at
            and (until is None or clock.started_at < until)
        ]
        yield Stretch(
            key=f"request-{request.pk}",
            sort="request",
            grant=str(asked.change.get("request_grant", "")) if asked else "",
            name=_place(path),
            since=request.asked_at,
            until=until,
            seconds=int(((until or at) - request.asked_at).total_seconds()),
            measures=tuple(_measure(clock, at) for clock in own),
            agency=_offered(case, request, agencies),
            desk_path=path,
            undecided=until is None,
            said=(act,),
        )


def _place(path: str) -> str:
    area = Area.objects.filter(path=path).first() if path else None
    return area.name if area else ""


def _offered(case: Case, request: Request, agencies: dict[int, Agency]) -> Agency | None:
    """The agency a transfer waits for."""
    if request.kind != Request.Kind.TRANSFER:
        return None
    part = Part.objects.filter(case=case, role=Part.Role.OFFERED, asked_at=request.asked_at).first()
    return agencies.get(part.agency_id) if part else None


def subjects(case: Case, stretch: Stretch, *, at: datetime) -> list[Subject]:
    """Whom a stretch may be held against: the agency that had it, then the posts that did.

    A post counts when it was held at some moment of the stretch.
    """
    found = [Subject(agency=stretch.agency)] if stretch.agency else []
    where = Q(pk__in=[])
    if stretch.desk_path:
        where |= Q(area__path=stretch.desk_path, role__in=roles_with(stretch.grant))
    if stretch.user_id:
        own = Q(user_id=stretch.user_id, role__in=roles_with(stretch.grant))
        inside = Q(agency=stretch.agency) if stretch.agency else Q(area__path__in=ancestors(case.area_path))
        where |= own & inside
    held = Q(since__lt=stretch.until or at) & (Q(until=None) | Q(until__gt=stretch.since))
    posts = Post.objects.filter(where, held).select_related("role", "area", "agency", "user")
    return found + [Subject(agency=post.agency, post=post) for post in posts]


def frozen(case: Case, stretch: Stretch, *, at: datetime) -> dict[str, Any]:
    """The figures of a stretch as they stand at this moment, to be kept with a decision. No words of the
    report and no person's name: what the case is about is told by its item alone."""
    return {
        "case": case.number,
        "item": case.item.name if case.item else "",
        "item_en": case.item.name_en if case.item else "",
        "sort": stretch.sort,
        "grant": stretch.grant,
        "said": [act for act in stretch.said if stretch.sort == "request"],
        "since": stretch.since.isoformat(),
        "until": stretch.until.isoformat() if stretch.until else "",
        "at": at.isoformat(),
        "seconds": stretch.seconds,
        "late": stretch.late,
        "longest": stretch.longest,
        "returns": stretch.returns,
        "reworks": stretch.reworks,
        "undecided": stretch.undecided,
        "measures": [
            {
                "kind": one.kind,
                "used": one.used,
                "limit": one.limit,
                "late": one.late,
                "working": one.working,
                "running": one.running,
            }
            for one in stretch.measures
        ],
    }
