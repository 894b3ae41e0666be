"""Two people do the same thing, or what excludes each other, at the same moment over HTTP.

One of them succeeds, the other is told who was first and with what; never both, and never a broken page.
GEZHI_FIRE_PAIRS says how many pairs (200, the number that was asked for).
"""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from gezhi.faces.look.uploads import token_of
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.replay import differences
from tests.fire.conftest import key_of
from tests.fire.serving import Answer, Client, ended, free_port, wait_for_web, web
from tests.town import Town

PAIRS = int(os.environ.get("GEZHI_FIRE_PAIRS", "200"))
SECOND_WORDS = {"wrong_state", "not_now", "taken_away"}
PEOPLE = (
    "worker", "inspector", "intake", "clerk", "dispatcher", "desk", "head", "handler", "other_head",
    "other_handler", "leader", "leader2",
)  # fmt: skip


@dataclass(frozen=True)
class Try:
    """Somebody's attempt at an act."""

    who: str
    act: str
    told: dict[str, Any]


@pytest.fixture
def arena(open_town: Town, tmp_path: Path) -> Iterator["Arena"]:
    port = free_port()
    server = web(tmp_path / "web.log", port)
    with ended(server), ThreadPoolExecutor(2) as pool:
        server.start()
        wait_for_web(server, port)
        arena = Arena(open_town, port, pool)
        yield arena
        arena.close()
    assert "Traceback" not in server.log.read_text()


class Arena:
    """The town behind a port, with a connection for each of its people."""

    def __init__(self, town: Town, port: int, pool: ThreadPoolExecutor) -> None:
        self.town, self.pool = town, pool
        now = timezone.now()
        self.clients = {name: Client(port, key_of(town, name, at=now)) for name in PEOPLE}
        self.again = Client(port, key_of(town, "worker", at=now))  # the same person's second connection
        self.fought: Counter[str] = Counter()
        self.photos = [token_of(town.photo(5))]

    def close(self) -> None:
        for client in (*self.clients.values(), self.again):
            client.close()

    def report(self, **more: Any) -> dict[str, Any]:
        lon, lat = self.town.point(1)
        return {
            "id": str(uuid.uuid4()),
            "source": "talk",
            "description": "路边有一处问题",
            "point": {"lon": lon, "lat": lat},
            **more,
        }

    def send(self, who: str, path: str, body: dict[str, Any]) -> Answer:
        return self.clients[who].post(path, body)

    def new_case(self) -> str:
        answer = self.send("worker", "/cases", self.report())
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def do(self, case: str, one: Try) -> None:
        answer = self.send(one.who, f"/cases/{case}/acts/{one.act}", one.told)
        assert answer.status == 200, (one, answer)

    def at_once(self, *posts: tuple[Client, str, dict[str, Any]]) -> list[Answer]:
        """Both are sent at the same moment."""
        ready = Barrier(2)

        def post(client: Client, path: str, body: dict[str, Any]) -> Answer:
            ready.wait(10)
            return client.post(path, body)

        return list(self.pool.map(lambda each: post(*each), posts))

    def fight(self, case: str, one: Try, two: Try, *, other: str = "") -> Try:
        """Let two try at once, the second perhaps on another case; return the one who won."""
        before = CaseEvent.objects.count()
        tries = ((one, case), (two, other or case))
        answers = self.at_once(
            *((self.clients[t.who], f"/cases/{on}/acts/{t.act}", t.told) for t, on in tries)
        )
        assert sorted(answer.status for answer in answers) == [200, 409], (one, two, answers)
        won = 0 if answers[0].status == 200 else 1
        (winner, on), lost = tries[won], answers[1 - won].body
        name, done = self.town.users[winner.who].name, _in_english(winner.act)
        assert lost["code"] in SECOND_WORDS, lost
        assert name in lost["message"], (winner, lost)
        assert done in lost["message"], (winner, lost)
        acts = CaseEvent.objects.order_by("pk")[before:].values_list("act", flat=True)
        assert [act for act in acts if act != "absorb"] == [winner.act]
        assert differences(Case.objects.get(pk=on)) == {}
        self.fought[f"{one.act} / {two.act}"] += 1
        return winner


def _in_english(act: str) -> str:
    with override("en"):
        return str(ACTS[act].done)


def rubbish(arena: Arena) -> dict[str, Any]:
    return {"condition": arena.town.conditions["rubbish"].pk}


def to_sanitation(arena: Arena) -> dict[str, Any]:
    return {"agency": arena.town.agencies["SAN"].pk, "text": "说明"}


def to_water(arena: Arena) -> dict[str, Any]:
    return {"agency": arena.town.agencies["WAT"].pk, "text": "说明"}


def filed(arena: Arena) -> str:
    case = arena.new_case()
    arena.fight(case, Try("intake", "file", rubbish(arena)), Try("clerk", "file", rubbish(arena)))
    return case


def handled(arena: Arena) -> str:
    case = filed(arena)
    arena.fight(
        case,
        Try("dispatcher", "dispatch", to_sanitation(arena)),
        Try("clerk", "dispatch", to_sanitation(arena)),
    )
    arena.fight(case, Try("head", "sign", {}), Try("handler", "sign", {}))
    return case


def the_whole_way(arena: Arena) -> None:
    """Every step of the main path is taken by two at once."""
    case = handled(arena)
    result = {"text": "已清运", "photos": arena.photos}
    arena.fight(case, Try("head", "report_result", result), Try("handler", "report_result", result))
    arena.fight(case, Try("desk", "send_verify", {}), Try("clerk", "send_verify", {}))
    verified = {"result": "true", "photos": arena.photos}
    asked = Case.objects.get(pk=case).verifier
    assert asked is not None
    won = arena.fight(case, Try(asked.username, "verify", verified), Try("desk", "recall_verify", {}))
    if won.act == "recall_verify":
        arena.do(case, Try("desk", "send_verify", {}))
        arena.do(case, Try(asked.username, "verify", verified))
    answer = {"text": "已清运，谢谢"}
    arena.fight(
        case, Try("desk", "close", answer), Try("clerk", "rework", {"reason": "partly", "text": "还剩"})
    )


def requests_and_their_answers(arena: Arena) -> None:
    """A question asked twice, and answered in two ways."""
    case = handled(arena)
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    asked = arena.fight(
        case,
        Try("head", "request_extension", {"until": until, "text": "备料"}),
        Try("handler", "request_suspension", {"until": until, "text": "下雨"}),
    )
    kind = asked.act.removeprefix("request_")
    arena.fight(
        case, Try("leader", f"approve_{kind}", {}), Try("leader2", f"deny_{kind}", {"text": "可以按时"})
    )
    if Case.objects.get(pk=case).state == "suspended":
        arena.fight(case, Try("head", "resume", {}), Try("leader", "resume", {}))
    back = {"reason": "not_ours", "text": "不归我们"}
    arena.fight(case, Try("head", "request_return", back), Try("handler", "request_return", back))
    arena.fight(
        case, Try("dispatcher", "agree_return", {}), Try("clerk", "decline_return", {"text": "在清单上"})
    )


def the_case_is_taken_away(arena: Arena) -> None:
    """Somebody acts on a case that at this moment goes to somebody else."""
    case = filed(arena)
    arena.do(case, Try("clerk", "dispatch", to_sanitation(arena)))
    back = {"reason": "not_ours", "text": "不归我们"}
    arena.fight(case, Try("handler", "sign", {}), Try("head", "return", back))
    case = handled(arena)
    arena.do(case, Try("head", "add_part", {"agencies": [arena.town.agencies["WAT"].pk], "text": "关阀"}))
    arena.do(case, Try("other_head", "sign_part", {}))
    part = Case.objects.get(pk=case).live_parts[0].pk
    arena.fight(
        case,
        Try("other_head", "report_part", {"text": "已关阀"}),
        Try("handler", "excuse_part", {"part": part, "text": "不需关阀"}),
    )
    arena.do(
        case,
        Try(
            "clerk", "whistle", {"kind": "joint", "agencies": [arena.town.agencies["WAT"].pk], "text": "联合"}
        ),
    )
    arena.fight(
        case, Try("other_head", "attend", {"text": "已到"}), Try("other_handler", "attend", {"text": "已到"})
    )
    arena.do(case, Try("handler", "request_return", back))
    arena.fight(case, Try("head", "take_back", {}), Try("dispatcher", "agree_return", {}))


def two_cases_into_each_other(arena: Arena) -> None:
    first, second = filed(arena), arena.new_case()
    arena.fight(
        first, Try("clerk", "merge", {"case": second}), Try("intake", "merge", {"case": first}), other=second
    )
    arena.fight(arena.new_case(), *_refuse_or_forward())


def _refuse_or_forward() -> tuple[Try, Try]:
    return (
        Try("intake", "refuse", {"reason": "lacking", "text": "请补充"}),
        Try("clerk", "forward", {"target": "police", "text": "已转公安"}),
    )


def one_report_twice(arena: Arena) -> None:
    """The same report is one case; another one under the same id is refused."""
    said = arena.report()
    once = (arena.clients["worker"], "/cases", said)
    answers = arena.at_once(once, (arena.again, "/cases", said))
    assert sorted(answer.status for answer in answers) == [200, 201], answers
    assert len({answer.body["number"] for answer in answers}) == 1
    arena.fought["report / report"] += 1
    said = arena.report()
    other = {**said, "description": "另一处"}
    answers = arena.at_once((arena.clients["worker"], "/cases", said), (arena.again, "/cases", other))
    assert sorted(answer.status for answer in answers) == [201, 409], answers
    assert {answer.body.get("code") for answer in answers if answer.status == 409} == {"same_id_other_body"}
    arena.fought["report / another report"] += 1


STORIES = (
    the_whole_way,
    requests_and_their_answers,
    the_case_is_taken_away,
    two_cases_into_each_other,
    one_report_twice,
)


def test_of_two_at_once_one_succeeds_and_the_other_is_told_who_was_first(arena: Arena) -> None:
    while arena.fought.total() < PAIRS:
        for story in STORIES:
            story(arena)
    assert arena.fought.total() >= PAIRS
