"""What an act does to the clocks of a case: the words in the `clocks` column of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from django.utils.timezone import localdate, make_aware

from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Limit, LimitKind, elapsed, points
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import ACTIVE, PAUSING, ClockKind

CHANGING = (
    "user", "limit_kind", "limit_amount", "working", "seconds", "used", "resumed_at", "paused_at", "ended_at",
    "half_at", "warn_at", "due_at", "grace_at", "mark", "next_at",
)  # fmt: skip
ENDING = ("user", "used", "resumed_at", "ended_at", "next_at")
OF_LEAD = ("sign", "handle", "contact")
MARKS = ("warn", "due", "grace")


@dataclass(frozen=True)
class Ops:
    """A chain of clock operations, joined with |."""

    steps: tuple[Callable[[Move], None], ...] = ()
    words: tuple[str, ...] = ()

    def __or__(self, other: "Ops") -> "Ops":
        return Ops(self.steps + other.steps, self.words + other.words)

    def run(self, move: Move) -> None:
        for step in self.steps:
            step(move)


NONE = Ops()


def starts(kind: str, *, limit: str = "") -> Ops:
    """Start a clock with the policy's limit of that name (or the condition's, for "handle")."""
    return Ops((lambda move: _start(move, kind, limit or kind),), (f"starts {kind}",))


def ends(kind: str) -> Ops:
    return Ops((lambda move: _each(move, kind, end_clock),), (f"ends {kind}",))


def ends_all() -> Ops:
    """Everything but the decision on a request that outlives this act."""

    def step(move: Move) -> None:
        for key in list(move.clocks):
            if key != ClockKind.DECISION or not move.case.open_request:
                end_clock(move, key)

    return Ops((step,), ("ends all",))


def pauses(kind: str) -> Ops:
    return Ops((lambda move: _each(move, kind, _pause),), (f"pauses {kind}",))


def resumes(kind: str) -> Ops:
    """Go on with a paused clock, or with the whole clock a closing had ended."""

    def step(move: Move) -> None:
        if kind == ClockKind.WHOLE and kind not in move.clocks:
            move.clocks[kind] = Clock.objects.get(case=move.case, kind=kind)
        _each(move, kind, _resume)

    return Ops((step,), (f"resumes {kind}",))


def part_starts() -> Ops:
    """One clock for each agency the act asks, with the limit of its share of the work."""
    return Ops((_start_parts,), ("starts part",))


def summons_start() -> Ops:
    """One clock for each department a whistle calls, by the kind of the whistle."""
    return Ops((_start_summonses,), ("starts summons",))


def part_ends() -> Ops:
    """The clock of the part this act is about."""

    def step(move: Move) -> None:
        part = move.inputs.part
        assert part is not None
        kind = ClockKind.SUMMONS if part.role == part.Role.SUMMONED else ClockKind.PART
        end_clock(move, f"{kind}:{part.agency_id}")

    return Ops((step,), ("ends part",))


def runs_until(kind: str) -> Ops:
    """A clock of natural days to the end of the day the act names."""
    return Ops((lambda move: _start_until(move, kind),), (f"starts {kind}",))


def extends() -> Ops:
    """Move the due point of handling to what was asked for, and that of the whole case by as much."""
    return Ops((_extend,), ("extends handle",))


def contact_starts() -> Ops:
    """Somebody waits for an answer: the handler owes a first contact."""

    def step(move: Move) -> None:
        if move.case.askers.filter(withdrawn_at=None).exists():
            _start(move, "contact", "contact")

    return Ops((step,), ("starts contact",))


def contact_ends() -> Ops:
    """The asker was reached; a call nobody answered leaves the duty."""

    def step(move: Move) -> None:
        if move.inputs.words["reached"] == "yes":
            end_clock(move, "contact")

    return Ops((step,), ("ends contact",))


def call_back_ends() -> Ops:
    """Unless the asker was not reached, or said something that must be followed up."""

    def step(move: Move) -> None:
        if not (move.case.to_call or move.case.follow_up):
            end_clock(move, "call_back")

    return Ops((step,), ("ends call_back",))


def call_back_starts() -> Ops:
    """The case was drawn for a call-back, or rated poorly."""

    def step(move: Move) -> None:
        if move.case.to_call or move.case.follow_up:
            _start(move, "call_back", "call_back")

    return Ops((step,), ("starts call_back",))


def handle_starts() -> Ops:
    """At dispatch: go on for the same agency, anew for another."""
    return Ops((_start_handle,), ("starts handle",))


def sets_whole() -> Ops:
    """At filing the whole limit becomes known: the condition's limit and the desks' limits."""
    return Ops((_set_whole,), ("sets whole",))


def limit_of(move: Move, name: str) -> Limit:
    """The limit of this name for this case: the desks' run by the clock when the matter is an emergency."""
    if name == "handle":
        assert move.case.condition is not None
        return move.case.condition.limit
    if name == "rework":
        full = limit_of(move, "handle")
        share = Decimal(str(move.rules.rework_share))
        return Limit(kind=full.kind, amount=(full.amount * share).quantize(Decimal("0.0001")))
    if name == "whole":
        return _whole_limit(move)
    if name == "sign" and move.case.emergency:
        name = "sign_emergency"
    limit = move.rules.limits[name]
    if move.case.emergency and limit.kind == LimitKind.WORK_HOURS:
        return Limit(kind=LimitKind.CLOCK_HOURS, amount=limit.amount)
    return limit


def _whole_limit(move: Move) -> Limit:
    known = move.case.condition is not None
    handle = limit_of(move, "handle" if known else "handle_unknown")
    desks = sum(
        _seconds(limit_of(move, name), move.at)
        for name in ("intake", "dispatch", "sign", "desk", "verify", "close")
    )
    seconds = _seconds(handle, move.at) + desks
    kind = LimitKind.WORK_HOURS if handle.working else LimitKind.CLOCK_HOURS
    return Limit(kind=kind, amount=(Decimal(seconds) / 3600).quantize(Decimal("0.0001")))


def _seconds(limit: Limit, at: datetime) -> int:
    """A limit in seconds under the hours in force on that day; the clock keeps it for good."""
    return limit.seconds(calendar(), on=localdate(at))


def _each(move: Move, kind: str, step: Callable[[Move, str], None]) -> None:
    """Do it to the clock of this kind, or to all where several may run."""
    for key in [key for key, clock in move.clocks.items() if clock.kind == kind]:
        step(move, key)


def _start(move: Move, kind: str, limit_name: str, *, slot: int = 0) -> None:
    _begin(move, kind, limit_of(move, limit_name), slot=slot)


def _begin(move: Move, kind: str, limit: Limit, *, slot: int = 0) -> None:
    key = f"{kind}:{slot}" if slot else kind
    if (old := move.clocks.get(key)) is not None:
        if old.ended_at is None:
            return
        old.save()  # ended by this very act: let it go before another of its kind opens
    clock = Clock(
        case=move.case,
        kind=kind,
        slot=slot,
        round=move.case.reworks + move.case.reopenings + 1,
        agency_id=slot or (move.case.lead_agency_id if kind in OF_LEAD else None),
        limit_kind=limit.kind,
        limit_amount=limit.amount,
        working=limit.working,
        seconds=_seconds(limit, move.at),
        started_at=move.at,
        resumed_at=move.at,
    )
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)
    move.clocks[key] = clock
    move.touched.add(key)


def _start_parts(move: Move) -> None:
    for agency in move.inputs.agencies:
        _start(move, "part", "part", slot=agency.pk)


def _start_summonses(move: Move) -> None:
    for agency in move.inputs.agencies:
        _start(move, "summons", f"summons_{move.inputs.words['kind']}", slot=agency.pk)


def _start_until(move: Move, kind: str) -> None:
    assert move.inputs.until is not None
    seconds = Decimal(int((end_of(move.inputs.until) - move.at).total_seconds()))
    hours = (seconds / 3600).quantize(Decimal("0.0001"))
    _begin(move, kind, Limit(kind=LimitKind.CLOCK_HOURS, amount=hours))


def end_of(day: date) -> datetime:
    """The midnight that ends a day."""
    return make_aware(datetime.combine(day + timedelta(days=1), time()))


def _extend(move: Move) -> None:
    asked = move.case.requests.filter(kind="extension").order_by("-pk").values_list("until", flat=True)[0]
    handle = move.clocks["handle"]
    assert handle.due_at is not None and asked is not None
    more = elapsed(start=handle.due_at, end=asked, working=handle.working, calendar=calendar())
    for key in ("handle", "whole"):
        clock = move.clocks[key]
        clock.seconds += more
        clock.mark = ""  # its points lie ahead again
        set_points(clock, grace_seconds=move.rules.grace_minutes * 60)
        move.touched.add(key)


def _start_handle(move: Move) -> None:
    held = move.clocks.get("handle")
    if held is not None and held.ended_at is None and held.agency_id == move.case.lead_agency_id:
        _resume(move, "handle")
        return
    _each(move, "handle", end_clock)
    _start(move, "handle", "handle")


def set_points(clock: Clock, *, grace_seconds: int) -> None:
    """Compute the points of a running clock from where it resumed and what it had used."""
    assert clock.resumed_at is not None
    limit = Limit(kind=LimitKind(clock.limit_kind), amount=clock.limit_amount)
    found = points(
        start=clock.resumed_at,
        limit=limit,
        used=clock.used,
        grace_seconds=grace_seconds,
        calendar=calendar(),
        total=clock.seconds,
    )
    clock.half_at, clock.warn_at = found.half, found.warn
    clock.due_at, clock.grace_at = found.due, found.overdue
    clock.next_at = next_point(clock)


def next_point(clock: Clock) -> datetime | None:
    """The next point the worker must tell of, after the last one it told."""
    told = MARKS.index(clock.mark) + 1 if clock.mark else 0
    return (clock.warn_at, clock.due_at, clock.grace_at, None)[told]


def used_by(clock: Clock, at: datetime) -> int:
    """Seconds counted up to this moment."""
    if clock.resumed_at is None:
        return clock.used
    return clock.used + elapsed(
        start=clock.resumed_at, end=max(at, clock.resumed_at), working=clock.working, calendar=calendar()
    )


def end_clock(move: Move, key: str) -> None:
    """End one clock, if it is open."""
    clock = move.clocks.get(key)
    if clock is None or clock.ended_at is not None:
        return
    if clock._state.adding and key != ClockKind.WHOLE:  # begun and ended in one moment: nobody had to wait
        del move.clocks[key]
        return
    clock.used = used_by(clock, move.at)
    clock.ended_at, clock.resumed_at, clock.next_at = move.at, None, None
    clock.user_id = move.actor.user_id
    move.touched.add(key)
    move.ended_clocks.append(
        {
            "kind": clock.kind,
            "used": clock.used,
            "limit": clock.seconds,
            "late": max(0, clock.used - clock.seconds),
            "working": clock.working,
        }
    )


def _pause(move: Move, key: str) -> None:
    clock = move.clocks[key]
    if clock.resumed_at is None:
        return
    clock.used = used_by(clock, move.at)
    clock.paused_at, clock.resumed_at, clock.next_at = move.at, None, None
    move.touched.add(key)


def _resume(move: Move, key: str) -> None:
    clock = move.clocks[key]
    if clock.resumed_at is not None:
        return
    clock.ended_at, clock.paused_at, clock.resumed_at = None, None, move.at
    move.touched.add(key)
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)


def _set_whole(move: Move) -> None:
    clock = move.clocks["whole"]
    limit = limit_of(move, "whole")
    if clock.working != limit.working:  # an emergency counts round the clock, from the report on
        clock.used = _ran_before(clock, working=limit.working)
    clock.limit_kind, clock.limit_amount = limit.kind, limit.amount
    clock.working, clock.seconds = limit.working, _seconds(limit, clock.started_at)
    move.touched.add("whole")
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)


def _ran_before(clock: Clock, *, working: bool) -> int:
    """What the whole clock would have used before it last went on, had it always counted this way."""
    since = clock.resumed_at or clock.started_at
    told = clock.case.events.order_by("seq").values_list("to_state", "at")
    return sum(
        elapsed(start=begin, end=end, working=working, calendar=calendar())
        for (state, begin), (_next, end) in pairwise(told)
        if state in ACTIVE and state not in PAUSING and end <= since
    )


def set_due(move: Move) -> None:
    """Bring the case's own due point up to date: the nearest of the running clocks its owner owes."""
    if not move.touched:
        return
    running = [c for c in move.clocks.values() if c.resumed_at and not c.ended_at and owed(c, move.case)]
    nearest = min(running, key=lambda c: c.due_at or move.at, default=None)
    move.case.due_at = nearest.due_at if nearest else None
    move.case.warn_at = nearest.warn_at if nearest else None


def owed(clock: Clock, case: Case) -> bool:
    """Whether this clock measures the owner of the case, not somebody beside it or all together."""
    if clock.kind == ClockKind.DECISION:
        return case.open_request == "return"  # then the case itself waits with the dispatcher
    return clock.kind not in (ClockKind.WHOLE, ClockKind.PART, ClockKind.SUMMONS)


def save_clocks(move: Move) -> None:
    """Write the clocks an act touched; what it ended leaves the open ones."""
    touched = [move.clocks[key] for key in sorted(move.touched & move.clocks.keys())]
    new = [clock for clock in touched if clock._state.adding]
    for clock in touched:
        if not clock._state.adding:
            clock.save(update_fields=ENDING if clock.ended_at else CHANGING)
    Clock.objects.bulk_create(new)
