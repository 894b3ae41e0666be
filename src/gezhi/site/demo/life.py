"""The life of one case in the demo: from the report to wherever it has got by now."""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.files.models import File
from gezhi.site.demo.detours import Wait, call_back, detours, exclusion, first_contact, supervision
from gezhi.site.demo.matters import Happening
from gezhi.work.cases import queries, services
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.services import VISITOR, Contact, Report
from gezhi.work.cases.states import Source, State
from gezhi.work.matters.models import Condition

if TYPE_CHECKING:
    from gezhi.site.demo.simulate import Place, World

Step = Generator[datetime, None, tuple[Case, datetime]]  # yields moments, returns the case and the time
GREETINGS = ("", "麻烦看一下，", "您好，", "请尽快处理，")
RATINGS = ((5, 46), (4, 34), (3, 11), (2, 6), (1, 3))


def life(world: "World", what: Happening, place: "Place", at: datetime) -> Iterator[datetime]:
    """Yields the moment of each next act."""
    one = Life(world, what, place)
    yield at
    yield from one.live(at)


class Life:
    """One case with the people around it."""

    def __init__(self, world: "World", what: Happening, place: "Place") -> None:
        self.world, self.what, self.place = world, what, place
        self.case_id: UUID | None = None
        self.asker: Actor | None = None
        street = place.grid[:9]
        self.clerk = world.staff.clerk_of[street]
        self.leader = world.staff.leader_of[street]
        self.worker = world.staff.of_grid.get(place.grid)
        self.hand = ""  # whoever of the agency works on it
        self.condition = self._condition()

    def _condition(self) -> Condition:
        """The milder conditions of an item happen more often."""
        found = self.world.conditions[self.what.key]
        return self.world.random.choices(found, [1 + 2 * (not c.emergency) for c in found])[0]

    def act(self, act: str, who: str | Actor, at: datetime, **data: Any) -> Case:
        assert self.case_id is not None
        actor = self.world.staff.actor(who) if isinstance(who, str) else who
        return perform(act, self.case_id, actor=actor, at=at, data=data)

    def case(self) -> Case:
        """As it stands now; others may have moved it meanwhile."""
        assert self.case_id is not None
        return Case.objects.get(pk=self.case_id)

    def handler(self) -> str:
        """A person of the agency that has the case now."""
        people = self.world.staff.of_agency[self.world.agency_codes[self.case().lead_agency_id or 0]]
        return self.hand if self.hand in people else people[0]

    def live(self, at: datetime) -> Iterator[datetime]:
        source = self._source()
        solvable = source == Source.PATROL and self.condition.item.solve_on_spot
        if solvable and self.world.chance(0.6):
            case = self._solve(at)
        else:
            case = self._report(source, at)
            at = self.world.after(at, self.world.about(9), working=not self.condition.emergency)
            yield at
            case, at = yield from self._intake(case, at)
        if case.state in (State.FILED, State.DISPATCHED):
            case, at = yield from self._work(case, at)
        while case.state == State.VERIFYING:
            case, at = yield from self._verify(case, at)
        if case.state == State.CLOSED and case.lead_agency_id and self.world.chance(0.01):
            at = yield from exclusion(self, at)
        if case.state == State.CLOSED and self.asker:
            at = yield from self._judge(at)
            yield from call_back(self, self.case(), at)

    # -- collecting

    def _source(self) -> Source:
        if self.what.key.startswith("demand:") or self.worker is None:
            return Source.RESIDENT if self.world.chance(0.6) else Source.HOTLINE
        return self.world.random.choices((Source.PATROL, Source.RESIDENT, Source.HOTLINE), (68, 22, 10))[0]

    def _said(self, source: Source) -> Report:
        words, asked = self.world.random.choice(self.what.words), source != Source.PATROL
        if asked:
            words = self.world.random.choice(GREETINGS) + words
        n = self.world.random.randrange(10_000)
        contact = Contact(name=f"居民{n:04d}", phone=f"0000000{n:04d}") if asked else None
        known = source == Source.PATROL or self.world.chance(0.5)
        return Report(
            source=source,
            description=words,
            lon=self.place.lon,
            lat=self.place.lat,
            address=self.place.text,
            item=self.condition.item if known else None,
            photos=self._files(solved=False) if source != Source.HOTLINE else (),
            contact=contact,
        )

    def _files(self, *, solved: bool) -> tuple[File, ...]:
        ids = self.world.photo(self.what.theme, solved=solved)
        return tuple(file for file in self.world.pictures.values() if file.pk in ids)

    def _report(self, source: Source, at: datetime) -> Case:
        by = {Source.PATROL: self.worker, Source.HOTLINE: self.clerk}.get(source)
        actor = self.world.staff.actor(by) if by else VISITOR
        case, _code = services.report(actor=actor, at=at, said=self._said(source))
        self.case_id = case.pk
        if source != Source.PATROL:
            self.asker = services.asker_actor(Asker.objects.get(case=case))
        return case

    def _solve(self, at: datetime) -> Case:
        assert self.worker is not None
        case = services.solve(
            actor=self.world.staff.actor(self.worker),
            at=at,
            said=self._said(Source.PATROL),
            condition=self.condition,
            after=self._files(solved=True),
            text=self.what.done,
        )
        self.case_id = case.pk
        return case

    # -- intake and dispatch

    def _intake(self, case: Case, at: datetime) -> Step:
        world = self.world
        if self.condition.item.direct_answer:
            return self.act(
                "answer", self.clerk, at, text="可到社区服务站办理，请带身份证件，也可电话咨询。"
            ), at
        if self.asker and world.chance(0.03):
            return self.act("withdraw", self.asker, at, text="已经解决了，谢谢"), at
        if self.asker and world.chance(0.05):
            return self.act(
                "refuse", self.clerk, at, reason="lacking", text="请补充具体位置和照片，以便到场处理。"
            ), at
        if case.reporter_id is None and self.worker and world.chance(0.15):
            case, at = yield from self._check(case, at)
            if case.check_result == "untrue":
                return self.act(
                    "refuse", self.clerk, at, reason="not_true", text="网格员到场核实，未发现所述问题。"
                ), at
        if case.reporter_id is None and (twin := self._twin(case, at)):
            return self.act("merge", self.clerk, at, case=str(twin.pk)), at
        if self.condition.emergency and world.chance(0.6):
            agency = self._answers(case, at)
            told = {"condition": self.condition.pk, "agency": agency.pk, "text": "紧急，立即处置"}
            return self.act("file_dispatch", self.clerk, at, **told), at
        return self.act("file", self.clerk, at, condition=self.condition.pk), at

    def _answers(self, case: Case, at: datetime) -> Agency:
        """Who would answer for the case under the condition it is going to be filed under."""
        case.condition = self.condition
        return answerable(case, at=at)[0].agency

    def _check(self, case: Case, at: datetime) -> Step:
        world = self.world
        assert self.worker is not None
        self.act("ask_check", self.clerk, at, user=world.staff.users[self.worker].pk, text="请到现场看一下")
        at = world.after(at, world.about(50))
        yield at
        result = "untrue" if world.chance(0.2) else "true"
        photos = world.photo(self.what.theme, solved=result == "untrue")
        case = self.act("check_result", self.worker, at, result=result, photos=photos)
        at = world.after(at, world.about(8))
        yield at
        return case, at

    def _twin(self, case: Case, at: datetime) -> Case | None:
        near = queries.duplicates_of(case, self.world.staff.actor(self.clerk), at=at)
        same = [other for other, metres in near if metres < 40 and other.item_id == self.condition.item_id]
        return same[0] if same and same[0].state in ("filed", "dispatched", "handling") else None

    # -- handling

    def _work(self, case: Case, at: datetime) -> Step:
        world, hurry = self.world, self.condition.emergency
        if case.state == State.FILED:
            at = world.after(at, world.about(4, 0.6), working=not hurry)
            yield at
            if self.asker and world.chance(0.02):
                case = self.act("withdraw", self.asker, at, text="已自行解决")
                if case.state != State.FILED:
                    return case, at
                self.asker = None  # a hazard goes on without them
            suggested = answerable(case, at=at)
            agency = suggested[0].agency
            if len(suggested) > 1 and world.chance(0.05):
                at = yield from self._astray(suggested[1].agency, at)
            case = self.act("dispatch", self.clerk, at, agency=agency.pk)
        assert case.lead_agency is not None
        agency = case.lead_agency
        at = world.after(at, world.about(7, 0.55), working=not hurry)
        yield at
        case = yield from self._handle(case, agency, at)
        return case, case.moved_at

    def _astray(self, agency: Agency, at: datetime) -> Generator[datetime, None, datetime]:
        """First to the wrong agency, which sends it back."""
        world = self.world
        self.act("dispatch", self.clerk, at, agency=agency.pk)
        at = world.after(at, world.random.uniform(3, 20), working=not self.condition.emergency)
        yield at
        assert self.case_id is not None
        case = Case.objects.get(pk=self.case_id)
        act = "return" if case.due_at and at <= case.due_at else "request_return"
        self.act(act, world.staff.of_agency[agency.code][0], at, reason="not_ours", text="该处不由本单位管养")
        at = world.after(at, world.about(6))
        yield at
        if act == "request_return":
            self.act("agree_return", self.clerk, at)
        return at

    def _handle(self, case: Case, agency: Agency, at: datetime) -> Generator[datetime, None, Case]:
        world, people = self.world, self.world.staff.of_agency[agency.code]
        self.act("sign", people[0], at)
        self.hand = world.random.choice(people)
        if self.hand != people[0]:
            at = at + timedelta(minutes=1)
            self.act("assign", people[0], at, user=world.staff.users[self.hand].pk)
        if self.asker:
            at = yield from first_contact(self, at)
        limit = self.condition.limit
        minutes = limit.seconds(calendar()) / 60
        share = world.about(0.36, 0.5)  # of the limit; past 1 the case is late
        if world.chance(0.3):
            at = world.after(at, minutes * share * 0.3, working=limit.working)
            yield at
            self.act("arrive", self.handler(), at, text="已到现场，正在处理")
        at = yield from detours(self, at, slow=share > 0.9)
        at = world.after(at, max(minutes * share * 0.6, 5), working=limit.working)
        yield at
        if share > 1 and self.asker and world.chance(0.5):
            self.act("urge", self.asker, at, text="已经好几天了，请尽快")
        if share > 1 and world.chance(0.4):
            at = yield from supervision(self, at)
        photos = world.photo(self.what.theme, solved=True) + world.photo(self.what.theme, solved=True)
        return self._report_result(self.handler(), at, list(dict.fromkeys(photos)))

    def _report_result(self, who: str, at: datetime, photos: list[int]) -> Case:
        needed = self.condition.photos("result")
        extra = [f.pk for f in self.world.pictures.values() if f.pk not in photos]
        photos = [*photos, *extra[: max(0, needed - len(photos))]]
        return self.act("report_result", who, at, text=self.what.done or "已办理", photos=photos)

    # -- verification and judgement

    def _verify(self, case: Case, at: datetime) -> Step:
        world = self.world
        at = world.after(at, world.about(34, 0.5))
        yield at
        solved = not world.chance(0.06)
        verifier = world.staff.by_id(case.owner_user_id)
        photos = world.photo(self.what.theme, solved=solved)
        result = "true" if solved else "untrue"
        case = self.act("verify", verifier, at, result=result, photos=photos)
        if solved:
            return case, at
        at = world.after(at, world.about(12))
        yield at
        case = self.act("rework", self.clerk, at, reason="unsolved", text="现场仍有问题，请返工")
        if case.state == State.FILED:
            return (yield from self._work(case, at))
        at = world.after(at, world.about(60), working=True)
        yield at
        agency = self.world.agency_codes[case.lead_agency_id or 0]
        who = world.staff.of_agency[agency][0]
        return self._report_result(who, at, world.photo(self.what.theme, solved=True)), at

    def _judge(self, at: datetime) -> Wait:
        world = self.world
        if not world.chance(0.45):
            return at
        assert self.asker is not None
        at = at + timedelta(minutes=world.about(600))
        yield at
        stars = world.random.choices([s for s, _w in RATINGS], [w for _s, w in RATINGS])[0]
        self.act("rate", self.asker, at, stars=stars, text="" if stars > 2 else "问题又出现了")
        if stars > 2:
            return at
        if world.chance(0.4):
            at = at + timedelta(minutes=3)
            yield at
            case = self.act("reopen", self.asker, at, text="请重新处理")
            if case.state == State.REPORTED:
                at = world.after(at, world.about(9))
                yield at
                case = self.act("file", self.clerk, at, condition=self.condition.pk)
            case, at = yield from self._work(case, at)
            while case.state == State.VERIFYING:
                case, at = yield from self._verify(case, at)
            return at
        at = world.after(at, world.about(300))
        yield at
        self.act("follow_up", self.clerk, at, text="电话回访，已说明情况并再次清理，居民表示理解")
        return at
