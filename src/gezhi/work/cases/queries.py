"""Reads of cases. All start from what the actor may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.actors.queries import agencies, roles_with
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.codes.cells import cell, neighbours
from gezhi.foundation.files.models import File
from gezhi.territory.layers.queries import in_box
from gezhi.territory.layers.rules import Bbox, distance_m
from gezhi.work.cases.models import Asker, Case, CaseEvent, Clock, Part, ways_to_see
from gezhi.work.cases.move import Move
from gezhi.work.cases.owners import choose_verifier, may_verify
from gezhi.work.cases.services import code_index
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, BEFORE_FILING, ENDED, OPEN, ClockKind, State
from gezhi.work.matters.queries import item_ids, items_by_id

STAGES: dict[str, Sequence[State]] = {
    "intake": BEFORE_FILING,
    "dispatch": (State.FILED,),
    "sign": (State.DISPATCHED,),
    "handling": (State.HANDLING, State.SUSPENDED, State.BANKED),
    "bank": (State.BANKED,),  # the problem bank alone
    "verify": AFTER_WORK,
    "closed": (State.CLOSED,),
    "ended": ENDED,
}
NEAR = timedelta(days=7)
NEAR_METRES = 100.0
PAGE = 50
MOST_ENDED = 1000
WITH_ENDED = ("all", "closed", "ended")


@dataclass(frozen=True)
class Filter:
    """What a list of cases shows.

    `stage`: a key of STAGES, or "mine", "decide", "overdue", "active", "all".
    """

    stage: str = "all"
    area_path: str = ""
    item_code: str = ""
    item_kind: str = ""
    source: str = ""
    text: str = ""  # part of the number, title or address
    reporter: int = 0  # the user who reported
    since: datetime | None = None  # reported then or later
    until: datetime | None = None  # reported before
    bbox: Bbox | None = None  # west, south, east, north
    order: str = "due"  # "due" (least time left first) or "new"
    after: str = ""  # the key of the last row of the page before
    limit: int = PAGE


@dataclass(frozen=True)
class CasePage:
    rows: list[Case]
    next_key: str = ""  # empty on the last page


@dataclass
class Span:
    """One owner's time on a case, for the responsibility trace."""

    grant: str
    name: str
    since: datetime
    until: datetime | None
    acts: list[str] = field(default_factory=list)
    late_seconds: int = 0
    longest: bool = False
    seq: int = 0  # of its first event
    ended: list[dict[str, Any]] = field(default_factory=list)  # the owner's clocks that ended meanwhile

    def seconds(self, at: datetime) -> int:
        return int(((self.until or at) - self.since).total_seconds())


def case_for(actor: Actor | None, ident: str | UUID) -> Case:
    """One case by id or number; NotFound when it is not there or not to be seen."""
    seen = Case.objects.visible_to(actor).select_related(
        "item__matter_class", "condition", "area", "owner_agency", "owner_user", "lead_agency", "assignee",
        "reporter", "merged_into",
    )  # fmt: skip
    try:
        found = seen.filter(pk=UUID(str(ident))).first()
    except ValueError:
        found = seen.filter(number=str(ident)).first()
    if found is None:
        raise NotFound
    return veil(found, actor)


def id_of(actor: Actor | None, ident: str) -> UUID:
    """The id of a case named by id or number, for `perform`, which looks itself whether the actor sees it."""
    try:
        return UUID(ident)
    except ValueError:
        found = Case.objects.visible_to(actor).filter(number=ident).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound
    return found


def veil(case: Case, actor: Actor | None) -> Case:
    """Take a sealed matter's words away from who sees the case but does not serve it.

    Disputes and family need are for those who handle them; others see that there is a case, and its clocks.
    """
    case.veiled = bool(case.item and case.item.sealed) and not _serves(case, actor)
    if case.veiled:
        case.description = gettext("The content of this matter is sealed.")
        case.answer = ""
        case.first_photo = None
    return case


def _serves(case: Case, actor: Actor | None) -> bool:
    if actor is None:
        return False
    if actor.kind in ("asker", "system", "policy"):
        return True
    own = (case.reporter_id, case.owner_user_id, case.assignee_id, case.verifier_id)
    if actor.user_id in own or actor.in_agency(case.lead_path):
        return True
    if any(actor.in_agency(part.agency_path) for part in case.live_parts):
        return True
    return any(actor.may(g, case.area_path) for g in ("intake", "dispatch", "desk", "call_back", "lead"))


def todo(actor: Actor) -> Q:
    """The condition that this actor owes the next act: as a person, for an agency, or at a desk."""
    mine = Q(owner_user=actor.user_id) if actor.user_id else Q(pk__in=[])
    for seat in actor.seats:
        for grant in seat.grants & {"intake", "dispatch", "desk", "call_back", "approve"}:
            mine |= Q(owner_grant=grant, owner_path=seat.area_path, owner_user=None)
        if seat.agency_path and "handle" in seat.grants:
            at_agency = Q(owner_grant="handle", owner_user=None)
            mine |= at_agency & within("lead_path", seat.agency_path)  # the agency that owns it leads it
    # a closed case that nobody must call waits for the asker, not for the desk
    mine &= Q(state__in=ACTIVE) | Q(state=State.CLOSED, follow_up=True) | Q(state=State.CLOSED, to_call=True)
    return mine | to_decide(actor) | _parts_owed(actor)


def to_decide(actor: Actor) -> Q:
    """The condition that a request on the case waits for a desk of this actor."""
    found = Q(pk__in=[])
    for seat in actor.seats:
        for grant in seat.grants & {"approve", "appraise", "dispatch"}:
            found |= Q(request_grant=grant, request_path=seat.area_path)
    return found & ~Q(open_request="")


def _parts_owed(actor: Actor) -> Q:
    """The condition that an agency of this actor owes its part beside the lead."""
    paths = {s.agency_path for s in actor.seats if s.agency_path and "handle" in s.grants}
    if not paths:
        return Q(pk__in=[])
    mine = reduce(or_, (within("agency_path", path) for path in sorted(paths)))
    owed = Part.objects.filter(mine, live=True, state__in=(Part.State.ASKED, Part.State.SIGNED))
    return Q(pk__in=owed.values("case_id"))


def filtered(actor: Actor | None, wanted: Filter, *, at: datetime) -> QuerySet[Case]:
    """The visible cases a filter lets through, in no order yet."""
    return _of_stage(_narrowed(ways_to_see(actor, wanted.area_path), wanted), actor, wanted, at=at)


def _of_stage(found: QuerySet[Case], actor: Actor | None, wanted: Filter, *, at: datetime) -> QuerySet[Case]:
    if wanted.stage == "mine" and actor is not None:
        found = found.filter(todo(actor), state__in=OPEN)
    elif wanted.stage == "decide" and actor is not None:
        found = found.filter(to_decide(actor), state__in=OPEN)
    elif wanted.stage == "overdue":
        found = found.filter(state__in=ACTIVE, due_at__lt=at)
    elif wanted.stage == "active":
        found = found.filter(state__in=ACTIVE)
    elif wanted.stage in STAGES:
        found = found.filter(state__in=STAGES[wanted.stage])
    return found


def _narrowed(ways: list[Q], wanted: Filter) -> QuerySet[Case]:
    """The cases seen in these ways that fit everything a filter asks but the stage."""
    found = Case.objects.seen_by(ways).filter(**_equal(wanted))
    if wanted.bbox:
        found = found.filter(in_box(wanted.bbox))
    if wanted.text:
        words = wanted.text.strip()
        found = found.filter(
            Q(number__icontains=words) | Q(title__icontains=words) | Q(address__icontains=words)
        )
    return found


def _equal(wanted: Filter) -> dict[str, Any]:
    """What a filter asks of single columns."""
    asked = {
        "item__in": item_ids(wanted.item_kind, wanted.item_code) if wanted.item_code else None,
        "item__kind": wanted.item_kind if not wanted.item_code else "",
        "source": wanted.source,
        "reporter": wanted.reporter,
        "reported_at__gte": wanted.since,
        "reported_at__lt": wanted.until,
    }
    return {name: value for name, value in asked.items() if value not in ("", 0, None)}


def page_of(actor: Actor | None, wanted: Filter, *, at: datetime) -> CasePage:
    """One page of a list, by keyset: any page is as quick as the first."""
    return _page(ways_to_see(actor, wanted.area_path), actor, wanted, at=at)


def page_with_counts(actor: Actor | None, wanted: Filter, *, at: datetime) -> tuple[CasePage, dict[str, int]]:
    """One page of a list and the counts beside it."""
    ways = ways_to_see(actor, wanted.area_path)
    return _page(ways, actor, wanted, at=at), _counts(ways, actor, wanted, at=at)


def _page(ways: list[Q], actor: Actor | None, wanted: Filter, *, at: datetime) -> CasePage:
    found = _of_stage(_narrowed(ways, wanted), actor, wanted, at=at)
    rows = _in_order(found, wanted)
    more = len(rows) > wanted.limit
    del rows[wanted.limit :]
    show_photos(rows)
    rows = [veil(row, actor) for row in rows]
    return CasePage(rows=rows, next_key=_key(rows[-1], wanted.order) if more else "")


def _in_order(found: QuerySet[Case], wanted: Filter) -> list[Case]:
    """The rows of a page and one more. By time left, those without a limit come last.

    Only open cases have a limit, and where ended ones are asked for too the two are read one after the other:
    each by an index that is in order already.
    """
    most = wanted.limit + 1
    moment, _tilde, last = wanted.after.partition("~")
    then = datetime.fromisoformat(moment) if moment else None
    if wanted.order == "new":
        if then and last:
            found = found.filter(Q(reported_at__lt=then) | Q(pk__lt=UUID(last)), reported_at__lte=then)
        return _read(found.order_by("-reported_at", "-id")[:most])
    if not last and wanted.stage not in WITH_ENDED:
        return _read(found.order_by(F("due_at").asc(nulls_last=True), "id")[:most])
    rows: list[Case] = []
    without = found.filter(due_at=None).order_by("id")
    if last and not then:
        without = without.filter(pk__gt=UUID(last))
    else:
        limited = found.filter(due_at__isnull=False, state__in=OPEN).order_by("due_at", "id")
        if last:
            limited = limited.filter(Q(due_at__gt=then) | Q(pk__gt=UUID(last)), due_at__gte=then)
        rows = _read(limited[:most])
    return rows + _read(without[: most - len(rows)]) if len(rows) < most else rows


def _read(chosen: QuerySet[Case]) -> list[Case]:
    """The rows of a page with what a row shows. Chosen first by id alone, so that nothing wide is sorted."""
    found = Case.objects.filter(pk__in=chosen.values("pk")).order_by(*chosen.query.order_by)
    rows = list(found.select_related("area", "owner_user"))
    known, items = agencies().by_id, items_by_id()
    for row in rows:  # what memory holds need not be joined; what is newer than it is read when asked for
        if row.owner_agency_id in known:
            row.owner_agency = known[row.owner_agency_id]
        if row.item_id in items:
            row.item = items[row.item_id]
    return rows


def show_photos(cases: Sequence[Case]) -> None:
    """Give each case the first photo of its report as `first_photo`. One query."""
    shown = CaseEvent.photos.through.objects.filter(caseevent__case__in=cases, caseevent__seq=1)
    ordered = shown.annotate(case_id=F("caseevent__case_id")).select_related("file").order_by("-pk")
    first = {one.case_id: one.file for one in ordered}
    for case in cases:
        case.first_photo = first.get(case.pk)


def _key(row: Case, order: str) -> str:
    moment = row.reported_at if order == "new" else row.due_at
    return f"{moment.isoformat() if moment else ''}~{row.pk}"


def counts(
    actor: Actor | None, wanted: Filter, *, at: datetime, most_ended: int = MOST_ENDED
) -> dict[str, int]:
    """How many visible cases stand in each stage, and overdue, mine and all, whatever stage is asked for.

    Those at their end are counted up to `most_ended`: nobody reads on from there. 0 leaves them out.
    """
    return _counts(ways_to_see(actor, wanted.area_path), actor, wanted, at=at, most_ended=most_ended)


def _counts(
    ways: list[Q], actor: Actor | None, wanted: Filter, *, at: datetime, most_ended: int = MOST_ENDED
) -> dict[str, int]:
    by_state: Counter[str] = Counter()
    overdue = 0
    for state, n, late in _open_by_state(ways, wanted, at=at):
        by_state[state] += n
        overdue += late if state in ACTIVE else 0
    seen = _narrowed(ways, wanted).order_by()
    found = {stage: sum(by_state[s] for s in states) for stage, states in STAGES.items()}
    found["ended"] = _ended(ways, wanted, most_ended)
    found["active"] = sum(by_state[s] for s in ACTIVE)
    found["all"] = by_state.total() + found["ended"]
    found["overdue"] = overdue
    found["mine"] = seen.filter(todo(actor), state__in=OPEN).count() if actor else 0
    return found


def _ended(ways: list[Q], wanted: Filter, most: int) -> int:
    """Up to `most`; the widest way comes first and is mostly enough."""
    if not ways or not most:
        return 0
    found = _narrowed(ways[:1], wanted).filter(state__in=ENDED).order_by()[:most].count()
    if found < most and ways[1:]:
        others = _narrowed(ways[1:], wanted).filter(~ways[0], state__in=ENDED).order_by()
        found += others[: most - found].count()
    return found


def _open_by_state(ways: list[Q], wanted: Filter, *, at: datetime) -> Iterable[tuple[str, int, int]]:
    """State, number and number past due of open cases. Each way to see them is counted for itself, without
    what an earlier one has counted: then each reads nothing but its index."""
    counted = [
        _narrowed([way & reduce(and_, (~other for other in ways[:n]), Q())], wanted)
        .filter(state__in=OPEN)
        .order_by()
        .values_list("state")
        .annotate(n=Count("*"), late=Count("due_at", filter=Q(due_at__lt=at)))
        for n, way in enumerate(ways)
    ]
    return counted[0].union(*counted[1:], all=True) if counted else []


def events_of(case: Case) -> list[CaseEvent]:
    """The story of a case, oldest first, with photos; only the acts where the case is veiled."""
    events = case.events.select_related("user", "agency").order_by("seq")
    if not case.veiled:
        return list(events.prefetch_related("photos"))
    found = list(events.defer("text").prefetch_related(Prefetch("photos", File.objects.none())))
    for event in found:
        event.text = ""
    return found


def clocks_of(case: Case) -> list[Clock]:
    """All clocks of a case in the order they started; the whole one last."""
    clocks = list(Clock.objects.filter(case=case).select_related("agency").order_by("started_at", "pk"))
    return sorted(clocks, key=lambda c: c.kind == "whole")


def trace(events: Iterable[CaseEvent], *, at: datetime) -> list[Span]:
    """Who had the case how long, from the record alone; the longest span is marked."""
    spans: list[Span] = []
    for event in events:
        span = spans[-1] if spans and spans[-1].until is None else None
        if span:
            _count_late(span, event)
        current = (event.owner_grant, event.owner_name)
        if span and (span.grant, span.name) == current:
            span.acts.append(event.act)
            continue
        if span:
            span.until = event.at
        if event.owner_grant:
            spans.append(Span(*current, since=event.at, until=None, acts=[event.act], seq=event.seq))
    active = [span for span in spans if span.grant != "call_back"]
    if active:
        max(active, key=lambda span: span.seconds(at)).longest = True
    return spans


def _count_late(span: Span, event: CaseEvent) -> None:
    """The clocks this act ended that measured the owner, not somebody beside it or all together."""
    beside = {ClockKind.WHOLE, ClockKind.PART, ClockKind.SUMMONS, ClockKind.DECISION}
    if span.acts[0] == "request_return":  # then the owner is the desk that decides
        beside.remove(ClockKind.DECISION)
    own = [clock for clock in event.clocks if clock["kind"] not in beside]
    span.ended += own
    span.late_seconds += sum(clock["late"] for clock in own)


def near(
    actor: Actor | None,
    *,
    lon: float,
    lat: float,
    at: datetime,
    item_kind: str = "",
    exclude: UUID | None = None,
) -> list[tuple[Case, float]]:
    """Open cases near in place and time, nearest first, with the distance in metres: possible duplicates."""
    found = (
        Case.objects.visible_to(actor)
        .active()
        .filter(cell__in=neighbours(cell(lon, lat)), reported_at__gt=at - NEAR, reported_at__lte=at + NEAR)
        .exclude(pk__in=[exclude] if exclude else [])
        .select_related("item")
    )
    measured = [(case, distance_m(lon, lat, case.lon, case.lat)) for case in found[:200]]
    return sorted((m for m in measured if m[1] <= NEAR_METRES), key=lambda m: m[1])


def duplicates_of(case: Case, actor: Actor | None, *, at: datetime) -> list[tuple[Case, float]]:
    """Open cases near in place, time and matter: same class of matter, or one of them not classified yet."""
    around = near(actor, lon=case.lon, lat=case.lat, at=case.reported_at, exclude=case.pk)
    return [(other, metres) for other, metres in around if _like(case, other)]


def _like(case: Case, other: Case) -> bool:
    if case.item is None or other.item is None:
        return True
    return (case.item.kind, case.item.code[:2]) == (other.item.kind, other.item.code[:2])


def merged_with(case: Case, actor: Actor | None) -> QuerySet[Case]:
    """Cases merged into this one."""
    return Case.objects.visible_to(actor).filter(merged_into=case).order_by("reported_at")


def asker_by_code(code: str) -> Asker | None:
    """The asker of a tracking code as typed, or None. The face limits how often one may try."""
    return Asker.objects.select_related("case").filter(code_index=code_index(code)).first()


def assignable(case: Case, *, at: datetime) -> QuerySet[User]:
    """The people inside the lead agency a case may be assigned to."""
    posts = Post.objects.current(at).filter(
        within("agency__path", case.lead_path or "-/"), role__in=roles_with("handle")
    )
    return User.objects.filter(pk__in=posts.values("user_id"), is_active=True).order_by("name")


def checkers(case: Case, *, at: datetime) -> list[User]:
    """The people who can check on the spot, those of the nearest area first."""
    return _posted(case, "check", at)


def verifiers(case: Case, *, at: datetime) -> list[User]:
    """The people outside the agency who can verify, the one the rules propose first; not who has it now."""
    move = Move(case=case, actor=Actor(kind="policy", ident="", label=""), at=at)
    first = choose_verifier(move, worked=case.verifier_id)
    told = (first.pk if first else None, case.verifier_id)
    others = [u for u in _posted(case, "verify", at) if u.pk not in told and may_verify(move, u)]
    return [first, *others] if first else others


def _posted(case: Case, grant: str, at: datetime) -> list[User]:
    posts = Post.objects.current(at).filter(
        role__in=roles_with(grant), area__path__in=ancestors(case.area_path), user__is_active=True
    )
    ordered = posts.select_related("user").order_by("-area__path", "pk")
    return list(dict.fromkeys(post.user for post in ordered))
