"""Random people do random acts on several cases for as long as one likes; the loop's properties hold.

GEZHI_FIRE_STEPS says how many acts (1,000 in an ordinary run, always the same ones; more are random).
"""

import os
import sys
import zlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.town import START, Town
from tests.work import telling
from tests.work.telling import Teller
from tests.work.witness import Witness, askers_follow

from gezhi.foundation.actors.models import Agency, Post, Role, User
from gezhi.foundation.actors.queries import forget_posts
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.kept import forget_all
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases import apply
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case, CaseEvent, Policy
from gezhi.work.cases.move import Move
from gezhi.work.cases.perform import perform
from gezhi.work.cases.policy import policy_for, preset, rules_for
from gezhi.work.cases.services import (
    VISITOR,
    Contact,
    Report,
    asker_actor,
    leave_nothing_with,
    report,
    solve,
    tick,
)
from gezhi.work.cases.states import ENDED, State
from gezhi.work.cases.table import TABLE
from gezhi.work.cases.who import WHO

STEPS = int(os.environ.get("GEZHI_FIRE_STEPS", "1000"))
IN_A_ROW = 60  # acts on one set of cases before everything begins anew
CASES_AT_ONCE = 4
SEEDS = st.integers(0, 2**32 - 1)
POLICIES: tuple[dict[str, Any], ...] = (
    preset("street_office"),
    preset("district_centre"),
    {**preset("street_office"), "desk_level": "community"},
)
GAPS = [timedelta(minutes=m) for m in (1, 7, 31, 65, 200)] + [
    timedelta(hours=h) for h in (9, 14, 26, 64, 24 * 12, 24 * 20)
]
# People who may leave their posts and come back; the others stay, so that somebody always can.
RESTLESS = ("worker", "worker2", "inspector", "handler", "head", "clerk", "dispatcher")
BY_NOBODY = {"absorb", "let_go", "release", "warn", "overdue", "escalate", "archive"}  # only the system does
# Acts that may be done almost always: too many of them and little else would happen.
SELDOM = {
    "note", "add", "urge", "supervise", "force_close", "forward", "refuse", "answer", "merge", "withdraw",
    "request_cancel", "raise", "return", "recall_verify", "request_exclusion", "call_back",
}  # fmt: skip
# Acts that end what others might go on with.
SPOILING = {
    "take_back", "decline_transfer", "reject_transfer", "deny_suspension", "remove_part", "excuse_part",
    "return_part", "bank",
}  # fmt: skip
MANY_ACTS = (State.HANDLING, State.SUSPENDED, State.CLOSED)
done: Counter[str] = Counter()  # act or refusal → how often, of the whole run


class Life(RuleBasedStateMachine):
    """A few cases of the town, its people, and time."""

    town: ClassVar[Town]

    def __init__(self) -> None:
        super().__init__()
        self.hold = transaction.atomic()
        self.hold.__enter__()
        self.at = START
        self.cases: list[UUID] = []
        self.witness = Witness()
        self.away: list[str] = []
        self.reported = 0
        self.acted = False  # since time passed or people changed
        self.draws = 0
        self.did: Counter[str] = Counter()  # how often each act, in this life

    def chance(self, seed: int) -> Random:
        """Another one each time: Hypothesis likes to draw the same seed again."""
        self.draws += 1
        return Random(f"{seed}/{self.draws}")

    @initialize(policy=st.sampled_from(range(len(POLICIES))))
    def begin(self, policy: int) -> None:
        district = self.town.areas["420599"]
        Policy.objects.create(
            area=district, version=2, preset="street_office", data=POLICIES[policy], since=START
        )
        for each in (policy_for, rules_for):
            each.forget()
        self.witness.meet(self.at)

    def teardown(self) -> None:
        try:
            if self.cases:
                told = OutboxMessage.objects.filter(topic="case.event").count()
                assert told == CaseEvent.objects.count()
        finally:
            transaction.set_rollback(True)
            self.hold.__exit__(None, None, None)
            forget_all()

    # -- what happens

    @precondition(lambda self: len(self.running()) < CASES_AT_ONCE)
    @rule(seed=SEEDS)
    def reports(self, seed: int) -> None:
        chance = self.chance(seed)
        if chance.random() < 0.15:
            self.solves()
            return
        grid = chance.randint(1, 4)
        lon, lat = self.town.point(grid)
        source, by = chance.choice(
            [("resident", ""), ("resident", ""), ("patrol", "worker"), ("hotline", "intake")]
        )
        contact = Contact(name="甲", phone="1") if by != "worker" else None
        said = Report(
            source=source,
            description="有一处问题",
            lon=lon,
            lat=lat,
            contact=contact,
            id=self.next_id(),
            photos=tuple(telling.PHOTOS[:1]),
        )
        try:
            case, _code = report(actor=self.actor(by) if by else VISITOR, at=self.at, said=said)
        except GezhiError:
            return  # has left the post
        self.take(case, "report")

    @precondition(lambda self: self.cases)
    @rule(seed=SEEDS)
    def moves(self, seed: int) -> None:
        for _n in range(3):
            self.somebody_acts(self.chance(seed), moving=True)

    @precondition(lambda self: self.cases)
    @rule(seed=SEEDS)
    def does(self, seed: int) -> None:
        for _n in range(3):
            self.somebody_acts(self.chance(seed), moving=False)

    @precondition(lambda self: self.cases)
    @rule(seed=SEEDS)
    def errs(self, seed: int) -> None:
        """Anybody tries anything, on any case, perhaps an ended one."""
        chance = self.chance(seed)
        case = Case.objects.get(pk=chance.choice(self.cases))
        act = chance.choice([act for act in ACTS if act not in BY_NOBODY | {"report", "solve"}])
        self.act(chance, act, case, chance.choice(self.actors(case)), strange=chance.random() < 0.5)

    @precondition(lambda self: self.acted)
    @rule(gap=st.sampled_from(GAPS), on_duty=st.booleans())
    def time_passes(self, gap: timedelta, on_duty: bool) -> None:
        self.acted = False
        self.at += gap
        if on_duty:
            note(f"{self.at:%m-%d %H:%M} the worker looks")
            tick(at=self.at)
            done["tick"] += 1
            self.look_around()

    @precondition(lambda self: self.acted)
    @rule(name=st.sampled_from(RESTLESS))
    def leaves_or_returns(self, name: str) -> None:
        self.acted = False
        user = self.town.users[name]
        note(f"{name} {'returns' if name in self.away else 'leaves'}")
        if name in self.away:
            self.away.remove(name)
            Post.objects.filter(user=user).update(until=None)
        elif len(self.away) < 3:
            self.away.append(name)
            Post.objects.filter(user=user).update(until=self.at)
        forget_posts()
        self.witness.meet(self.at)
        if name in self.away:
            leave_nothing_with(user_id=user.pk, at=self.at)
            done["leave"] += 1
        self.look_around()

    # -- how it happens

    def solves(self) -> None:
        lon, lat = self.town.point(1)
        before, after = telling.PHOTOS[:2]
        said = Report(source="patrol", description="", lon=lon, lat=lat, id=self.next_id(), photos=(before,),
                      item=self.town.conditions["rubbish"].item)  # fmt: skip
        try:
            case = solve(
                actor=self.actor("worker"),
                at=self.at,
                said=said,
                condition=self.town.conditions["rubbish"],
                after=[after],
                text="已清",
            )
        except GezhiError:
            return  # has left the post
        self.take(case, "solve")

    def running(self) -> list[UUID]:
        """The cases something can still be done with."""
        return [pk for pk in self.cases if self.witness.last[pk].case.state not in (*ENDED, State.CLOSED)]

    def look_around(self) -> None:
        """What the worker did, and whether whoever owns the other cases can still act."""
        seqs = dict(Case.objects.filter(pk__in=self.cases).values_list("pk", "seq"))
        for case_id, seq in seqs.items():
            if seq != self.witness.last[case_id].case.seq:
                self.witness.look(case_id, self.at)
            else:
                self.witness.owner_can_act(self.witness.last[case_id], self.at)

    def next_id(self) -> UUID:
        self.reported += 1
        return UUID(int=self.reported)

    def take(self, case: Case, act: str) -> None:
        note(f"{act} → {len(self.cases)}")
        done[act] += 1
        self.cases.append(case.pk)
        self.witness.look(case.pk, self.at)

    def actor(self, name: str) -> Actor:
        return self.witness.staff[self.town.users[name].pk]

    def actors(self, case: Case) -> list[Actor]:
        return [
            *self.witness.staff.values(),
            *(asker_actor(asker) for asker in self.witness.last[case.pk].askers),
        ]

    def somebody_acts(self, chance: Random, *, moving: bool) -> None:
        """An act of the case's state by somebody whose act it is, if there is anybody."""
        pool = self.running() if chance.random() < 0.85 else self.cases
        if chance.random() < 0.7:  # most of the table is about these: elsewhere there is little to do
            pool = [pk for pk in self.cases if self.witness.last[pk].case.state in MANY_ACTS] or pool
        case = Case.objects.get(pk=chance.choice(pool or self.cases))
        rows = [
            row
            for row in TABLE
            if row.source == case.state
            and row.act not in BY_NOBODY
            and bool(row.to) is moving
            and chance.random() < (0.1 if row.act in SELDOM else 0.35 if row.act in SPOILING else 1)
        ]
        chance.shuffle(rows)
        if chance.random() < 0.7:  # or whoever could do many things would hardly ever do the rare one
            rows.sort(key=lambda row: self.did[row.act])
        for row in rows:
            able = [
                actor
                for actor in self.actors(case)
                if WHO[row.who](case, actor) and case.is_visible_to(actor)
            ]
            if not able:
                continue
            actor = chance.choice(able)
            if not row.guard(Move(case=case, actor=actor, at=self.at)) or chance.random() < 0.03:
                self.act(chance, row.act, case, actor, strange=chance.random() < 0.1)
                return

    def act(self, chance: Random, act: str, case: Case, actor: Actor, *, strange: bool) -> None:
        self.acted = True
        if actor.kind == "user" and chance.random() < 0.2:
            actor = replace(actor, kind="key", ident="1", scopes=frozenset({"cases:act"}))
        others = list(Case.objects.filter(pk__in=self.cases).order_by("pk"))
        teller = Teller(self.town, chance, cases=others, at=self.at)
        data = (teller.strange if strange else teller.fitting)(act, case)
        note(f"{self.at:%m-%d %H:%M} {actor.label} {act} {self.cases.index(case.pk)} ({case.state}) {data}")
        at = self.at - timedelta(seconds=2) if chance.random() < 0.05 else self.at
        audited = AuditEntry.objects.count()
        try:
            perform(act, case.pk, actor=actor, at=at, data=data)
        except GezhiError as error:
            note(f"    {error}")
            done[f"refused {error.code}"] += 1
            self.witness.unchanged(case.pk)
            assert AuditEntry.objects.count() == audited + 1
            return
        done[act] += 1
        self.did[act] += 1
        assert AuditEntry.objects.count() == audited
        for case_id in self.cases:
            if case_id == case.pk or act in ("merge", "restore"):
                self.witness.look(case_id, self.at)
        if act in ("merge", "restore"):
            askers_follow(self.cases)


@pytest.fixture
def life(town: Town, monkeypatch: pytest.MonkeyPatch) -> type[Life]:
    """The town with a station below the sanitation agency and people in every agency."""
    _settle(town, "station", "测试·环卫站员", "handler", _station(town))
    _settle(town, "odd_head", "测试·其他负责人", "agency_head", town.agencies["ODD"])
    telling.PHOTOS[:] = [town.photo(shade) for shade in (10, 60, 110)]
    # Samples are drawn by a secret of the installation: here by the case alone, and half of all.
    monkeypatch.setattr(
        apply, "drawn", lambda move, what, percent: zlib.crc32(f"{what}{move.case.pk}".encode()) % 2
    )
    return type("LifeInTown", (Life,), {"town": town})


def _station(town: Town) -> Agency:
    above = town.agencies["SAN"]
    town.agencies["STA"] = Agency.objects.create(
        code="STA", path=f"{above.path}STA/", kind="station", name="测试环卫站", area=above.area, functions=[]
    )
    return town.agencies["STA"]


def _settle(town: Town, username: str, name: str, role: str, agency: Agency) -> None:
    user = town.users[username] = User.objects.create(username=username, name=name)
    since = START - timedelta(days=400)
    Post.objects.create(
        user=user, role=Role.objects.get(pk=role), area=agency.area, agency=agency, since=since
    )


def test_random_people_never_break_the_loop(life: type[Life]) -> None:
    done.clear()
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=max(1, STEPS // IN_A_ROW),
            stateful_step_count=IN_A_ROW,
            deadline=None,
            phases=[Phase.generate],  # what failed is told as a story; to make it shorter takes minutes
            database=None,
            derandomize="GEZHI_FIRE_STEPS" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    if "GEZHI_FIRE_STEPS" in os.environ:  # a long run tells what it did
        sys.stdout.write(f"{done.total()} steps: {dict(done.most_common())}\n")
    never = {row.act for row in TABLE} - done.keys() - BY_NOBODY
    assert not never or STEPS < 20_000, f"these acts were never done: {never}"
