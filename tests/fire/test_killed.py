"""Web and worker are killed (kill −9) again and again while eight clients report, and retry what was cut off.

Nothing is lost, nothing is doubled, whoever waits is told once. GEZHI_FIRE_REPORTS says how many reports
(200 in an ordinary run).
"""

import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest
from django.db.models import Count, Q
from django.utils import timezone

from gezhi.civic.notices.models import Notice
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases.models import Asker, Case, CaseEvent, Clock
from gezhi.work.cases.replay import differences
from tests.fire.conftest import key_of
from tests.fire.mailbox import Mailbox, mailbox
from tests.fire.serving import Client, Part, ended, free_port, kill, wait_for_web, web, worker
from tests.town import Town

REPORTS = int(os.environ.get("GEZHI_FIRE_REPORTS", "200"))
CLIENTS = 8
LEASE = 3.0  # seconds; so long what a killed worker had in hand waits for the next
GIVE_UP = 240.0


@dataclass
class Storm:
    """What the clients did and heard."""

    heard: dict[str, str] = field(default_factory=dict)  # id → number the product acknowledged
    answers: Counter[str] = field(default_factory=Counter)
    over: Event = field(default_factory=Event)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox() as box:
        monkeypatch.setenv("GEZHI_EMAIL_URL", box.url)
        yield box


def test_kill_9_loses_nothing_and_doubles_nothing(open_town: Town, tmp_path: Path, box: Mailbox) -> None:
    port, storm = free_port(), Storm()
    pages, hands = web(tmp_path / "web.log", port), worker(tmp_path / "worker.log", lease=LEASE)
    secret = key_of(open_town, "worker", at=timezone.now())
    with ended(pages, hands), ThreadPoolExecutor(CLIENTS) as pool:
        pages.start()
        hands.start()
        wait_for_web(pages, port)
        shares = [[str(uuid.uuid4()) for _r in range(REPORTS // CLIENTS)] for _c in range(CLIENTS)]
        try:
            clients = [pool.submit(report_all, share, open_town, port, secret, storm) for share in shares]
            kill_as_it_goes(storm, pages, hands, port)
            for client in clients:
                client.result()
        finally:
            storm.over.set()
        wait_until(drained, hands)
    ids = [ident for share in shares for ident in share]
    everything_is_there_once(ids, storm)
    everybody_was_told_once(ids, box)
    assert storm.answers["cut off"] > 0, "nothing was ever in flight when the web was killed"


def report_all(share: list[str], town: Town, port: int, secret: str, storm: Storm) -> None:
    """Send each report until it is acknowledged, always under the same id."""
    client = Client(port, secret)
    lon, lat = town.point(1)
    for ident in share:
        said = {
            "id": ident,
            "source": "talk",
            "description": f"问题 {ident}",
            "point": {"lon": lon, "lat": lat},
            "contact": {"name": "甲居民", "email": address(ident)},
        }
        while not storm.over.is_set():
            try:
                answer = client.post("/cases", said)
            except (OSError, HTTPException, ValueError):
                storm.answers["cut off"] += 1
                time.sleep(0.05)
                continue
            storm.answers[str(answer.status)] += 1
            if answer.status in (200, 201):
                storm.heard[ident] = answer.body["number"]
                break
            assert answer.status == 503, answer  # busy is said, and tried again
    client.close()


def address(ident: str) -> str:
    return f"{ident}@example.invalid"


def kill_as_it_goes(storm: Storm, pages: Part, hands: Part, port: int) -> None:
    """By how far the reports have come, not by the clock: one web process, the worker, the whole web, in turn."""

    def one_web_process() -> None:
        serving = pages.below()
        kill(serving[-1])  # its parent starts another

    def the_worker() -> None:
        hands.kill()
        hands.start()

    def the_whole_web() -> None:
        pages.kill()
        pages.start()
        wait_for_web(pages, port)

    turns: list[Callable[[], None]] = [
        one_web_process,
        the_worker,
        the_whole_web,
        the_worker,
        one_web_process,
        the_worker,
    ]
    for turn, act in enumerate(turns, start=1):
        wait_until(lambda turn=turn: len(storm.heard) >= REPORTS * turn // (len(turns) + 1), pages)
        act()


def wait_until(happened: Callable[[], bool], part: Part) -> None:
    deadline = time.monotonic() + GIVE_UP
    while not happened():
        assert time.monotonic() < deadline, part.log.read_text()[-4000:]
        time.sleep(0.05)


def drained() -> bool:
    return not OutboxMessage.objects.filter(done_at=None, topic="case.event").exists()


def everything_is_there_once(ids: list[str], storm: Storm) -> None:
    found = {str(pk): number for pk, number in Case.objects.values_list("pk", "number")}
    assert found == storm.heard
    assert set(found) == set(ids)
    reported = CaseEvent.objects.filter(act="report").values_list("case", flat=True)
    assert sorted(map(str, reported)) == sorted(ids)
    for kind in ("intake", "whole"):
        clocks = Clock.objects.filter(kind=kind, ended_at=None, resumed_at__isnull=False)
        assert sorted(map(str, clocks.values_list("case", flat=True))) == sorted(ids)
    assert sorted(map(str, Asker.objects.values_list("case", flat=True))) == sorted(ids)
    messages = OutboxMessage.objects.filter(topic="case.event")
    assert sorted(messages.values_list("key", flat=True)) == sorted(f"case:{ident}:1" for ident in ids)
    assert not messages.filter(Q(dead_at__isnull=False) | ~Q(last_error="")).exists()
    assert all(differences(case) == {} for case in Case.objects.all())


def everybody_was_told_once(ids: list[str], box: Mailbox) -> None:
    """The intake desk has one notice of each report; no asker has two letters."""
    told = Notice.objects.values("case", "user", "kind").annotate(n=Count("pk"))
    assert {row["n"] for row in told} == {1}
    desks = Counter(Notice.objects.values_list("user__username", flat=True))
    assert desks
    assert set(desks.values()) == {len(ids)}, desks
    twice = {to: n for to, n in box.received.items() if n > 1}
    assert not twice
    assert set(box.received) <= {address(ident) for ident in ids}
