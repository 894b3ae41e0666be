"""What an act does to the clocks of a case: the words in the `clocks` column of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.timezone import localdate

from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import Limit, LimitKind, elapsed, points
from gezhi.work.cases.models import Clock
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import ClockKind

CHANGING = (
    "user", "limit_kind", "limit_amount", "working", "seconds", "used", "resumed_at", "paused_at", "ended_at",
    "half_at", "warn_at", "due_at", "grace_at", "mark", "next_at",
)  # fmt: skip
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
    return Ops((lambda move: _end(move, kind),), (f"ends {kind}",))


def ends_all() -> Ops:
    def step(move: Move) -> None:
        for kind in list(move.clocks):
            _end(move, kind)

    return Ops((step,), ("ends all",))


def pauses(kind: str) -> Ops:
    return Ops((lambda move: _pause(move, kind),), (f"pauses {kind}",))


def resumes(kind: str) -> Ops:
    """Go on with a paused clock, or with the whole clock a closing had ended."""
    return Ops((lambda move: _resume(move, kind),), (f"resumes {kind}",))


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


def _start(move: Move, kind: str, limit_name: str) -> None:
    if (old := move.clocks.get(kind)) is not None:
        if old.ended_at is None:
            return
        old.save()  # ended by this very act: let it go before another of its kind opens
    limit = limit_of(move, limit_name)
    clock = Clock(
        case=move.case,
        kind=kind,
        round=move.case.reworks + move.case.reopenings + 1,
        agency_id=move.case.lead_agency_id if kind in ("sign", "handle") else None,
        limit_kind=limit.kind,
        limit_amount=limit.amount,
        working=limit.working,
        seconds=_seconds(limit, move.at),
        started_at=move.at,
        resumed_at=move.at,
    )
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)
    move.clocks[kind] = clock
    move.touched.add(kind)


def _start_handle(move: Move) -> None:
    held = move.clocks.get("handle")
    if held is not None and held.agency_id == move.case.lead_agency_id:
        _resume(move, "handle")
        return
    if held is not None:
        _end(move, "handle")
        # the old clock and the new one are both open kinds of "handle" for a moment: save the end first
        move.clocks.pop("handle").save()
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


def _end(move: Move, kind: str) -> None:
    clock = move.clocks.get(kind)
    if clock is None or clock.ended_at is not None:
        return
    if clock._state.adding and kind != ClockKind.WHOLE:  # begun and ended in one moment: nobody had to wait
        del move.clocks[kind]
        return
    clock.used = used_by(clock, move.at)
    clock.ended_at, clock.resumed_at, clock.next_at = move.at, None, None
    clock.user_id = move.actor.user_id
    move.touched.add(kind)
    move.ended_clocks.append(
        {
            "kind": kind,
            "used": clock.used,
            "limit": clock.seconds,
            "late": max(0, clock.used - clock.seconds),
            "working": clock.working,
        }
    )


def _pause(move: Move, kind: str) -> None:
    clock = move.clocks.get(kind)
    if clock is None or clock.resumed_at is None:
        return
    clock.used = used_by(clock, move.at)
    clock.paused_at, clock.resumed_at, clock.next_at = move.at, None, None
    move.touched.add(kind)


def _resume(move: Move, kind: str) -> None:
    clock = move.clocks.get(kind)
    if clock is None and kind == ClockKind.WHOLE:
        clock = Clock.objects.get(case=move.case, kind=kind)
        move.clocks[kind] = clock
    if clock is None or clock.resumed_at is not None:
        return
    clock.ended_at, clock.paused_at, clock.resumed_at = None, None, move.at
    move.touched.add(kind)
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)


def _set_whole(move: Move) -> None:
    clock = move.clocks["whole"]
    limit = limit_of(move, "whole")
    if clock.working != limit.working:  # an emergency counts round the clock, from the report on
        clock.used, clock.resumed_at = 0, clock.started_at
    clock.limit_kind, clock.limit_amount = limit.kind, limit.amount
    clock.working, clock.seconds = limit.working, _seconds(limit, clock.started_at)
    move.touched.add("whole")
    set_points(clock, grace_seconds=move.rules.grace_minutes * 60)


def set_due(move: Move) -> None:
    """Bring the case's own due point up to date: the nearest of its running clocks but the whole one."""
    if not move.touched:
        return
    running = [
        c for c in move.clocks.values() if c.resumed_at and not c.ended_at and c.kind != ClockKind.WHOLE
    ]
    nearest = min(running, key=lambda c: c.due_at or move.at, default=None)
    move.case.due_at = nearest.due_at if nearest else None
    move.case.warn_at = nearest.warn_at if nearest else None


def save_clocks(move: Move) -> None:
    """Write the clocks an act touched; what it ended leaves the open ones."""
    touched = [move.clocks[kind] for kind in sorted(move.touched & move.clocks.keys())]
    Clock.objects.bulk_create(clock for clock in touched if clock._state.adding)
    for clock in touched:
        if not clock._state.adding:
            clock.save(update_fields=CHANGING)
