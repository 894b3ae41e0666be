"""Where cases stick: limits passed by stage, agency, matter, area and month, counted from the clocks.

What is counted (the page says the same to its readers):
* cases reported in the period, on ground the reader leads, supervises or appraises; cases excluded by
  decision are left out, and so are those closed by force, which are counted apart;
* a span is one limit that has run: those ended, and those running past due; a limit that still runs in time
  is not judged yet. The limit of the whole case is no span: it would count everything twice;
* used and limit are in the clock's own kind of time, pauses left out, so used / limit compares them all;
* the median and the 90th percentile of used / limit are exact to the percent: the database counts how many
  spans used 0 %, 1 %, 2 % … of their limit, and the ranks are read off those counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, Least, Substr, TruncMonth

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.oversight.accountability.rules import percentile
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.models import Case, Clock, Request
from gezhi.work.cases.states import ClockKind

READS = {"lead", "approve", "appraise", "desk"}
BY = ("stage", "agency", "item", "area", "month")
NO_AGENCY = -1  # of a filter: the desks' own limits
HIGHEST = 1000  # percent; what took longer than ten times its limit is told from nothing worse
MOST_RUNNING = 5000
PAGE = 50


@dataclass(frozen=True)
class StuckFilter:
    """What is counted: cases reported from-until (half-open) below an area, and which of their limits."""

    since: datetime
    until: datetime
    area_path: str = ""
    stage: str = ""
    agency_id: int = 0
    item_kind: str = ""
    item_code: str = ""


@dataclass
class Figures:
    """The figures of one place, or of all together. Times in seconds, ratios in percent."""

    spans: int = 0
    over: int = 0
    late: int = 0
    returns: int = 0
    reworks: int = 0
    undecided: int = 0  # requests nobody has decided, past due now
    summons: int = 0  # departments that reported in late or are late now
    cases: int = 0
    forced: int = 0
    excluded: int = 0
    used: Counter[int] = field(default_factory=Counter)  # how many spans by percent of their limit

    def take(self, other: "Figures") -> None:
        """Add what another place has."""
        for name in ADDED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.used += other.used

    @property
    def share(self) -> float | None:
        """Spans over their limit of all spans, in percent."""
        return round(self.over * 100 / self.spans, 1) if self.spans else None

    @property
    def median(self) -> int | None:
        return percentile(sorted(self.used.items()), 50)

    @property
    def p90(self) -> int | None:
        return percentile(sorted(self.used.items()), 90)


ADDED = ("spans", "over", "late", "returns", "reworks", "undecided", "summons", "cases", "forced", "excluded")


@dataclass(frozen=True)
class Stuck:
    """The statistics by key (a stage, the id of an agency, "kind:code" of an item, a path, "2026-11")."""

    places: dict[str, Figures]
    total: Figures
    capped: bool  # more limits run past due than were counted


def reads_statistics(actor: Actor | None) -> bool:
    """Whether the actor reads a whole area as who leads, supervises or appraises it."""
    return actor is not None and bool(_seats(actor))


def _seats(actor: Actor) -> list[str]:
    return [seat.area_path for seat in actor.seats if seat.sees == "area" and seat.grants & READS]


def statistics(actor: Actor | None, wanted: StuckFilter, *, by: str, at: datetime) -> Stuck:
    """The figures by one dimension of BY. Six queries, however many cases."""
    if actor is None or not reads_statistics(actor):
        raise NotAllowed
    places: defaultdict[str, Figures] = defaultdict(Figures)
    keys = _Keys(by, wanted)
    _count_ended(places, actor, wanted, keys)
    capped = _count_running(places, actor, wanted, keys, at)
    _count_moves(places, actor, wanted, keys)
    _count_cases(places, actor, wanted, keys)
    total = Figures()
    for place in places.values():
        total.take(place)
    places.pop("", None)
    return Stuck(places=dict(places), total=total, capped=capped)


class _Keys:
    """The grouping of one dimension, for queries that start from a clock, a request or a case."""

    def __init__(self, by: str, wanted: StuckFilter) -> None:
        self.by, self.base = by, wanted.area_path
        self.below = self._children() if by == "area" else []
        self.length = max((len(path) for path in self.below), default=len(self.base))

    def _children(self) -> list[str]:
        """The areas right below; without an area those at the top of the tree."""
        paths = Area.objects.filter(parent__path=self.base) if self.base else Area.objects.filter(parent=None)
        return list(paths.values_list("path", flat=True))

    def of(self, prefix: str, *, stage: Combinable, agency: str) -> dict[str, Combinable]:
        """What to group by: two words, the second empty but for items."""
        nothing = Value("")
        found: dict[str, dict[str, Combinable]] = {
            "stage": {"first": stage, "second": nothing},
            "agency": {"first": F(agency), "second": nothing},
            "item": {"first": F(f"{prefix}item__kind"), "second": F(f"{prefix}item__code")},
            "area": {"first": Substr(f"{prefix}area_path", 1, self.length), "second": nothing},
            "month": {"first": TruncMonth(f"{prefix}reported_at"), "second": nothing},
        }
        return found[self.by]

    def key(self, row: Mapping[str, Any]) -> str:
        """The key of a place; "-" for what has none (a desk's limit has no agency, a report no item yet)."""
        first, second = row["first"], row["second"]
        if self.by == "month":
            return f"{first:%Y-%m}"
        if self.by == "area":
            return next((path for path in self.below if str(first).startswith(path)), self.base or "-")
        if first is None:
            return "-"
        return f"{first}:{second}" if self.by == "item" else str(first)


def ground(actor: Actor, wanted: StuckFilter) -> QuerySet[Case]:
    """The cases a filter is about, with those excluded and those closed by force."""
    mine = Q(pk__in=[])
    for path in _seats(actor):
        mine |= within("area_path", path)
    found = Case.objects.visible_to(actor).filter(
        mine,
        within("area_path", wanted.area_path),
        reported_at__gte=wanted.since,
        reported_at__lt=wanted.until,
    )
    if wanted.item_code:
        found = found.filter(item__kind=wanted.item_kind, item__code=wanted.item_code)
    return found


def _rated(actor: Actor, wanted: StuckFilter) -> QuerySet[Case]:
    return ground(actor, wanted).filter(excluded=False, forced=False).order_by()


def _narrow(wanted: StuckFilter, *, stage: str = "kind", agency: str = "agency") -> Q:
    """Only this stage, only this agency, as far as the filter says so."""
    only = Q()
    if wanted.stage and stage:
        only &= Q(**{stage: wanted.stage})
    if wanted.agency_id == NO_AGENCY:
        only &= Q(**{f"{agency}__isnull": True})
    elif wanted.agency_id:
        only &= Q(**{agency: wanted.agency_id})
    return only


OVER = Q(used__gt=F("seconds"))


def _past_due(at: datetime) -> Q:
    """Running past due, or paused when it was already."""
    return Q(ended_at=None) & (Q(resumed_at__isnull=False, due_at__lt=at) | Q(resumed_at=None) & OVER)


def _clocks(actor: Actor, wanted: StuckFilter) -> QuerySet[Clock]:
    judged = Clock.objects.filter(_narrow(wanted), case__in=_rated(actor, wanted), seconds__gt=0)
    return judged.exclude(kind=ClockKind.WHOLE)


def _count_ended(places: dict[str, Figures], actor: Actor, wanted: StuckFilter, keys: _Keys) -> None:
    used, limit = Cast("used", BigIntegerField()), Cast("seconds", BigIntegerField())
    rows = (
        _clocks(actor, wanted)
        .filter(ended_at__isnull=False)
        .annotate(
            **keys.of("case__", stage=F("kind"), agency="agency"), percent=Least(used * 100 / limit, HIGHEST)
        )
        .values("first", "second", "percent")
        .annotate(
            spans=Count("pk"),
            over=Count("pk", filter=OVER),
            late=Sum(Greatest(used - limit, 0)),
            summons=Count("pk", filter=OVER & Q(kind=ClockKind.SUMMONS)),
        )
        .order_by()
    )
    for row in rows:
        place = places[keys.key(row)]
        place.spans += row["spans"]
        place.over += row["over"]
        place.late += row["late"]
        place.summons += row["summons"]
        place.used[row["percent"]] += row["spans"]


def _count_running(
    places: dict[str, Figures], actor: Actor, wanted: StuckFilter, keys: _Keys, at: datetime
) -> bool:
    """Those past due now, by the calendar; True where there were more than MOST_RUNNING."""
    waiting = _clocks(actor, wanted).filter(_past_due(at)).order_by("due_at", "pk")
    rows = list(waiting.annotate(**keys.of("case__", stage=F("kind"), agency="agency"))[: MOST_RUNNING + 1])
    for clock in rows[:MOST_RUNNING]:
        used = used_by(clock, at)
        if used <= clock.seconds:  # the due point is the last moment in time
            continue
        place = places[keys.key(vars(clock))]
        place.spans += 1
        place.over += 1
        place.late += used - clock.seconds
        place.used[min(used * 100 // clock.seconds, HIGHEST)] += 1
        place.undecided += clock.kind == ClockKind.DECISION
        place.summons += clock.kind == ClockKind.SUMMONS
    return len(rows) > MOST_RUNNING


def _count_moves(places: dict[str, Figures], actor: Actor, wanted: StuckFilter, keys: _Keys) -> None:
    """Returns (asked for and agreed, or free before signing) and reworks, at the agency that had the case."""
    cases = _rated(actor, wanted)
    for name, rows in (
        ("returns", _agreed_returns(wanted).filter(case__in=cases)),
        ("returns", _free_returns(wanted).filter(case__in=cases)),
        ("reworks", _reworks(wanted).filter(case__in=cases)),
    ):
        stage = "handle" if rows.model is Request else "kind"
        grouped = rows.annotate(
            **keys.of("case__", stage=Value(stage) if rows.model is Request else F(stage), agency="agency")
        )
        for row in grouped.values("first", "second").annotate(n=Count("pk", distinct=True)).order_by():
            place = places[keys.key(row)]
            setattr(place, name, getattr(place, name) + row["n"])


def _agreed_returns(wanted: StuckFilter) -> QuerySet[Any]:
    agreed = Request.objects.filter(_narrow(wanted, stage=""), kind="return", outcome="agreed")
    return agreed if wanted.stage in ("", ClockKind.HANDLE) else agreed.none()


def _free_returns(wanted: StuckFilter) -> QuerySet[Any]:
    """The limits to sign that ended with the case given back."""
    return Clock.objects.filter(
        _narrow(wanted), kind=ClockKind.SIGN, case__events__act="return", case__events__at=F("ended_at")
    )


def _reworks(wanted: StuckFilter) -> QuerySet[Any]:
    """The limits to handle that a rework began."""
    return Clock.objects.filter(
        _narrow(wanted), kind=ClockKind.HANDLE, case__events__act="rework", case__events__at=F("started_at")
    )


def _count_cases(places: dict[str, Figures], actor: Actor, wanted: StuckFilter, keys: _Keys) -> None:
    """How many cases there are, and how many were left out. By stage only all together."""
    found: QuerySet[Any] = ground(actor, wanted).filter(_narrow(wanted, stage="", agency="lead_agency"))
    grouped = found.annotate(**keys.of("", stage=Value(""), agency="lead_agency")).values("first", "second")
    counted = grouped.annotate(
        n=Count("pk"), out=Count("pk", filter=Q(excluded=True)), by_force=Count("pk", filter=Q(forced=True))
    )
    for row in counted.order_by():
        place = places[keys.key(row)]
        place.cases += row["n"]
        place.excluded += row["out"]
        place.forced += row["by_force"]


# -- the cases behind a figure


@dataclass(frozen=True)
class Behind:
    """A page of the cases behind a figure, each with its limits that were passed."""

    rows: list[tuple[Case, list[Clock]]]
    next_key: str = ""


def cases_behind(
    actor: Actor | None, wanted: StuckFilter, *, what: str, at: datetime, after: str = "", limit: int = PAGE
) -> Behind:
    """The cases the figure of this name counts, newest first, by keyset of the number."""
    if actor is None or not reads_statistics(actor):
        raise NotAllowed
    found = _behind(actor, wanted, what, at).select_related("item", "area", "lead_agency")
    if after:
        found = found.filter(number__lt=after)
    cases = list(found.order_by("-number")[: limit + 1])
    more = len(cases) > limit
    cases = cases[:limit]
    passed = defaultdict(list)
    clocks = Clock.objects.filter(OVER | _past_due(at), case__in=cases).exclude(kind=ClockKind.WHOLE)
    for clock in clocks.order_by("started_at", "pk"):
        passed[clock.case_id].append(clock)
    return Behind([(case, passed[case.pk]) for case in cases], cases[-1].number if more else "")


def _behind(actor: Actor, wanted: StuckFilter, what: str, at: datetime) -> QuerySet[Case]:
    if what in ("forced", "excluded"):
        return ground(actor, wanted).filter(_narrow(wanted, stage="", agency="lead_agency"), **{what: True})
    own = {"case": OuterRef("pk")}
    cases = _rated(actor, wanted)
    if what == "returns":
        return cases.filter(
            Exists(_agreed_returns(wanted).filter(**own)) | Exists(_free_returns(wanted).filter(**own))
        )
    if what == "reworks":
        return cases.filter(Exists(_reworks(wanted).filter(**own)))
    clocks = Clock.objects.filter(_narrow(wanted), seconds__gt=0, **own).exclude(kind=ClockKind.WHOLE)
    if what == "undecided":
        clocks = clocks.filter(_past_due(at), kind=ClockKind.DECISION)
    elif what == "summons":
        clocks = clocks.filter(OVER | _past_due(at), kind=ClockKind.SUMMONS)
    else:
        clocks = clocks.filter(OVER | _past_due(at))
    return cases.filter(Exists(clocks))


def in_order(stuck: Stuck, by: str) -> Iterable[tuple[str, Figures]]:
    """The places as they are listed: stages and months in their own order, others the worst first."""
    if by == "stage":
        order = {kind: n for n, kind in enumerate(ClockKind.values)}
        return sorted(stuck.places.items(), key=lambda row: order.get(row[0], len(order)))
    if by == "month":
        return sorted(stuck.places.items())
    return sorted(stuck.places.items(), key=lambda row: (-row[1].over, -row[1].late, -row[1].spans, row[0]))
