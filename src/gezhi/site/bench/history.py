"""Two years of cases, put in by COPY: eight events each, and the open clocks of those still under way.

What the rows say is made up, but their numbers are like a district's: one case in fifty is under way, most of
those with an agency; of the rest the last fortnight's are closed and the older ones archived.
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import Area
from gezhi.foundation.codes.cells import cell
from gezhi.site.bench.district import SIDE, District, middle_of
from gezhi.work.cases.states import AFTER_WORK, IN_WORK, State
from gezhi.work.matters.models import Condition

SPAN = timedelta(days=730)
ACTIVE_SHARE = 0.02
CLOSED_SHARE = 0.02
EVENTS = 8
BATCH = 2000
TABLES = ("cases_case", "cases_caseevent", "cases_clock")
STATES_UNDER_WAY = {
    State.REPORTED: 4, State.CHECKING: 1, State.FILED: 6, State.DISPATCHED: 10, State.HANDLING: 55,
    State.SUSPENDED: 3, State.BANKED: 4, State.DONE: 2, State.VERIFYING: 10, State.VERIFIED: 5,
}  # fmt: skip
STATES_ENDED = {
    State.ARCHIVED: 93, State.REFUSED: 3, State.MERGED: 2, State.WITHDRAWN: 1, State.FORWARDED: 0.5,
    State.CANCELLED: 0.5,
}  # fmt: skip
STAGE_CLOCK = {
    State.REPORTED: "intake", State.CHECKING: "check", State.FILED: "dispatch", State.DISPATCHED: "sign",
    State.HANDLING: "handle", State.DONE: "desk", State.VERIFYING: "verify", State.VERIFIED: "close",
    State.BANKED: "review",
}  # fmt: skip
DESK = {
    State.REPORTED: "intake", State.FILED: "dispatch", State.DONE: "desk", State.VERIFIED: "desk",
    State.CLOSED: "call_back",
}  # fmt: skip
ACTS = (
    ("report", "", "reported"), ("file", "reported", "filed"), ("dispatch", "filed", "dispatched"),
    ("sign", "dispatched", "handling"), ("progress", "handling", "handling"),
    ("report_result", "handling", "done"), ("send_verify", "done", "verifying"),
    ("verify", "verifying", "verified"),
)  # fmt: skip
CASE = (
    "id", "number", "body_hash", "source", "description", "reporter_id", "reported_at", "state", "level",
    "title", "area_id", "area_path", "lon", "lat", "cell", "address", "item_id", "condition_id",
    "owner_grant", "owner_name", "owner_path", "owner_agency_id", "owner_user_id", "lead_agency_id",
    "lead_path",
    "assignee_id", "verifier_id", "filed_at", "closed_at", "window_until", "seq", "moved_at", "due_at",
    "warn_at", "answer", "shared",
)  # fmt: skip
REST = {  # of the columns of a case: as a case without any of this has them
    "emergency": "f", "check_result": "", "open_request": "", "request_grant": "", "request_path": "",
    "raised_from": "", "sent_back": "f", "designated": "f", "supervised": "f", "enforcement": "f",
    "extensions": "0", "excluded": "f", "forced": "f", "to_call": "f", "on_the_spot": "f", "follow_up": "f",
    "returns": "0", "reworks": "0", "urges": "0", "reopenings": "0",
}  # fmt: skip
EVENT = (
    "case_id", "seq", "act", "from_state", "to_state", "at", "actor_kind", "actor_id", "actor_label",
    "user_id", "agency_id", "text", "data", "change", "clocks", "owner_grant", "owner_name",
)  # fmt: skip
CLOCK = (
    "case_id", "kind", "slot", "round", "limit_kind", "limit_amount", "working", "seconds", "used",
    "started_at", "resumed_at", "paused_at", "half_at", "warn_at", "due_at", "grace_at", "mark", "next_at",
)  # fmt: skip
NULL = r"\N"
# One case in a hundred in hand is shared with an agency of the district.
SHARE = """
    WITH taken AS (
        UPDATE cases_case SET shared = true
        WHERE state = 'handling' AND right(number, 2) = '07' RETURNING id, moved_at, lead_agency_id
    )
    INSERT INTO cases_part (case_id, role, state, live, agency_id, agency_path, whistle, asked_at, late, text)
    SELECT taken.id, 'co_handler', 'asked', true, agency.id, agency.path, '', moved_at, false, ''
    FROM taken JOIN actors_agency agency ON agency.code = 'HW' AND agency.id <> lead_agency_id
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A grid with who works there."""

    area: Area
    number: int
    worker: tuple[int, str]
    inspector: tuple[int, str]
    clerk: tuple[int, str]
    street_path: str
    agencies: tuple[Agency, ...]


class Writer:
    """Makes the rows of cases, from a seed."""

    def __init__(self, district: District, *, cases: int, now: datetime, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.now, self.cases = now, cases
        self.spots = _spots(district)
        self.handlers = {
            agency.pk: _person(district, f"handler{agency.code}") for agency in district.agencies
        }
        self.conditions = district.conditions
        # Some matters are reported far more often than others.
        self.weights = [1 / (n + 3) for n in range(len(self.conditions))]

    def batch(self, first: int, last: int) -> tuple[str, str, str]:
        """The rows of cases number first to last (not included), as COPY reads them."""
        cases: list[str] = []
        events: list[str] = []
        clocks: list[str] = []
        picked = self.random.choices(self.conditions, self.weights, k=last - first)
        for n, condition in zip(range(first, last), picked, strict=True):
            self._case(n, condition, cases, events, clocks)
        return "".join(cases), "".join(events), "".join(clocks)

    def _case(
        self, n: int, condition: Condition, cases: list[str], events: list[str], clocks: list[str]
    ) -> None:
        dice = self.random
        at = self.now - SPAN + SPAN * ((n + dice.random()) / self.cases)
        state = self._state(n)
        spot = dice.choice(self.spots)
        agency = dice.choice(spot.agencies)
        ident = _uuid7(at, dice)
        owner = self._owner(state, spot, agency)
        with_agency = state in (*IN_WORK, *AFTER_WORK, State.CLOSED, State.ARCHIVED) and state != State.FILED
        moments = [_text(at + timedelta(hours=3) * step) for step in range(EVENTS)]
        due = self.now + timedelta(days=dice.triangular(-2, 6, 1)) if state in STAGE_CLOCK else None
        lon, lat = middle_of(spot.number)
        lon += dice.uniform(-0.45, 0.45) * SIDE
        lat += dice.uniform(-0.45, 0.45) * SIDE
        over = state in (State.CLOSED, State.ARCHIVED)
        cases.append(
            f"{ident}\t{at:%Y-%m}-b{n:07}\t{n:064x}\tpatrol\t路边有一堆垃圾没人清，影响通行，第 {n} 件"
            f"\t{spot.worker[0]}\t{moments[0]}\t{state.value}\tstreet\t{condition.item.name}\t{spot.area.pk}"
            f"\t{spot.area.path}\t{lon:.6f}\t{lat:.6f}\t{cell(lon, lat)}\t青禾街 {n % 300} 号"
            f"\t{condition.item_id}\t{condition.pk}\t{owner}\t{agency.pk if with_agency else NULL}"
            f"\t{agency.path if with_agency else ''}\t{NULL}"
            f"\t{spot.worker[0] if state == State.VERIFYING or over else NULL}\t{moments[1]}"
            f"\t{moments[-1] if over else NULL}"
            f"\t{_text(self.now + timedelta(days=15 * dice.random())) if state == State.CLOSED else NULL}"
            f"\t{EVENTS}\t{moments[-1]}\t{_text(due) if due else NULL}"
            f"\t{_text(due - timedelta(hours=2)) if due else NULL}\t{'已清理' if over else ''}"
            f"\tf\t{_REST}\n"
        )
        self._events(ident, spot, agency, moments, events)
        if due is not None:
            self._clocks(ident, state, moments, due, clocks)

    def _state(self, n: int) -> State:
        """The newest are under way, those before them closed, the older ones at their end."""
        left = (self.cases - n) / self.cases
        if left <= ACTIVE_SHARE:
            return self._pick(STATES_UNDER_WAY)
        return State.CLOSED if left <= ACTIVE_SHARE + CLOSED_SHARE else self._pick(STATES_ENDED)

    def _pick(self, shares: dict[State, Any]) -> State:
        return self.random.choices(list(shares), list(shares.values()))[0]

    def _owner(self, state: State, spot: Spot, agency: Agency) -> str:
        """Grant, name, path, agency and person, as the columns stand."""
        if state in DESK:
            return f"{DESK[state]}\t{spot.street_path}\t{spot.street_path}\t{NULL}\t{NULL}"
        if state in (State.CHECKING, State.VERIFYING):
            person = spot.inspector if self.random.random() < 0.3 else spot.worker
            grant = "check" if state == State.CHECKING else "verify"
            return f"{grant}\t{person[1]}\t\t{NULL}\t{person[0]}"
        if state in (State.DISPATCHED, State.HANDLING, State.SUSPENDED):
            return f"handle\t{agency.name}\t\t{agency.pk}\t{NULL}"
        if state == State.BANKED:
            return f"approve\t{spot.street_path}\t{spot.street_path}\t{NULL}\t{NULL}"
        return f"\t\t\t{NULL}\t{NULL}"

    def _events(self, ident: str, spot: Spot, agency: Agency, moments: list[str], events: list[str]) -> None:
        handler = self.handlers[agency.pk]
        people = (spot.worker, spot.clerk, spot.clerk, handler, handler, handler, spot.clerk, spot.worker)
        for seq, (act, before, after), at, (pk, name) in zip(
            range(1, EVENTS + 1), ACTS, moments, people, strict=True
        ):
            held = agency.pk if people[seq - 1] is handler else NULL
            events.append(
                f"{ident}\t{seq}\t{act}\t{before}\t{after}\t{at}\tuser\t{pk}\t{name}\t{pk}\t{held}\t已到现场查看"
                f'\t{{}}\t{{"state": "{after}", "owner_grant": "handle", "owner_name": "{agency.name}", '
                f'"owner_path": "", "owner_agency_id": {agency.pk}, "owner_user_id": null}}'
                f'\t[{{"kind": "sign", "used": 600, "limit": 1800, "late": 0, "working": true}}]'
                f"\thandle\t{agency.name}\n"
            )

    def _clocks(self, ident: str, state: State, moments: list[str], due: datetime, clocks: list[str]) -> None:
        """The clock of the stage and that of the whole case; what the worker has told of, it is done with."""
        begun = moments[0]
        for kind, until in ((STAGE_CLOCK[state], due), ("whole", due + timedelta(days=2))):
            ahead = until - timedelta(hours=2) > self.now
            warn = _text(until - timedelta(hours=2))
            clocks.append(
                f"{ident}\t{kind}\t0\t1\twork_hours\t16\tt\t57600\t0\t{begun}\t{begun}\t{NULL}\t{begun}\t{warn}"
                f"\t{_text(until)}\t{_text(until + timedelta(hours=1))}"
                f"\t{'' if ahead else 'grace'}\t{warn if ahead else NULL}\n"
            )


_REST = "\t".join(REST.values())


def write(district: District, *, cases: int, now: datetime, seed: int = 20) -> None:
    """Put the history in and let the database look at it (ANALYZE), as it would have by and by."""
    writer = Writer(district, cases=cases, now=now, seed=seed)
    began = time.monotonic()
    with _without_indexes(), connection.cursor() as cursor:
        for first in range(0, cases, BATCH):
            parts = writer.batch(first, min(first + BATCH, cases))
            for table, columns, text in zip(TABLES, ((*CASE, *REST), EVENT, CLOCK), parts, strict=True):
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    copy.write(text)
        print(f"{cases} cases written in {time.monotonic() - began:.0f} s", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute(SHARE)
        for table in (*TABLES, "cases_part"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    print(f"indexed and analysed after {time.monotonic() - began:.0f} s", file=sys.stderr)


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Indexes are built at the end, all at once; rows that refer to others are not looked at one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        dropped = [*_constraints(cursor), *_indexes(cursor)]
        for drop, _make in dropped:
            cursor.execute(drop)
        yield
        for _drop, make in reversed(dropped):
            cursor.execute(make)
        cursor.execute("SET session_replication_role = DEFAULT")


def _constraints(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)",
        [list(TABLES)],
    )
    return [
        (f"ALTER TABLE {table} DROP CONSTRAINT {name}", f"ALTER TABLE {table} ADD CONSTRAINT {name} {meant}")
        for table, name, meant in cursor.fetchall()
    ]


def _indexes(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid::regclass::text = ANY(%s) AND NOT indisprimary "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        [list(TABLES)],
    )
    return [(f"DROP INDEX {name}", meant) for name, meant in cursor.fetchall()]


def _spots(district: District) -> list[Spot]:
    """Each grid with its people, and with the agencies cases there go to: the nearer ones more often."""
    by_area: dict[str, list[Agency]] = {}
    for agency in district.agencies:
        by_area.setdefault(agency.area.code, []).append(agency)
    root = next(area.code for area in district.areas.values() if area.kind == "district")
    spots = []
    for number, grid in enumerate(district.grids):
        street, community = grid.code[:9], grid.code[:12]
        near = by_area[street] * 5 + by_area[community] * 3
        spots.append(
            Spot(
                area=grid,
                number=number,
                worker=_person(district, f"worker{grid.code}"),
                inspector=_person(district, f"inspector{street}"),
                clerk=_person(district, f"clerk{street}"),
                street_path=district.areas[street].path,
                agencies=tuple(near + by_area[root]),
            )
        )
    return spots


def _person(district: District, username: str) -> tuple[int, str]:
    user = district.users[username]
    return user.pk, user.name


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")


def _uuid7(at: datetime, dice: random.Random) -> str:
    stamp = f"{int(at.timestamp() * 1000):012x}"
    rest = f"{dice.getrandbits(76):019x}"
    return f"{stamp[:8]}-{stamp[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"
