"""The worker goes on through trouble and stops when asked."""

from datetime import datetime, timedelta
from threading import Event

import pytest
from django.db import OperationalError
from django.utils import timezone

from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import post
from gezhi.site import worker
from gezhi.site.subscriptions import Daily

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the one consumer of this test has heard; no other subscription is in force."""
    keys: list[str] = []

    def hear(message: OutboxMessage) -> None:
        keys.append(message.key)

    monkeypatch.setattr(worker, "SUBSCRIPTIONS", {"test.said": (("test", hear),)})
    monkeypatch.setattr(worker, "ROUNDS", ())
    return keys


def test_a_round_delivers_messages_and_does_the_duties(
    heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    rounds: list[datetime] = []

    def duty(*, at: datetime) -> int:
        rounds.append(at)
        return 3

    monkeypatch.setattr(worker, "ROUNDS", (duty,))
    post(topic="test.said", key="hello", payload={}, at=now)
    assert worker.work_once(at=now) == 4
    assert worker.work_once(at=now) == 3
    assert heard == ["hello"]
    assert rounds == [now, now]


def test_it_waits_for_a_database_that_is_away(heard: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Event()
    outcomes = [OperationalError("gone"), 1, 0]

    def round_(*, at: datetime) -> int:
        outcome = outcomes.pop(0)
        if not outcomes:
            stop.set()
        if isinstance(outcome, OperationalError):
            raise outcome
        return outcome

    monkeypatch.setattr(worker, "work_once", round_)
    monkeypatch.setattr(worker, "DATABASE_AWAY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    worker.work_until(stop)
    assert outcomes == []


def test_a_duty_that_fails_ends_neither_the_others_nor_the_worker(
    heard: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, done = Event(), []

    def broken(*, at: datetime) -> int:
        raise UnicodeError("a mistake of ours")

    def good(*, at: datetime) -> int:
        done.append(at)
        if len(done) == 2:
            stop.set()
        return 0

    monkeypatch.setattr(worker, "ROUNDS", (broken, good))
    monkeypatch.setattr(worker, "FAILED_SECONDS", 0.01)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    worker.work_until(stop)
    assert len(done) == 2
    assert "a mistake of ours" in caplog.text


def test_one_round_alone_hides_no_failure(heard: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, at: datetime) -> int:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(worker, "ROUNDS", (broken,))
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="a mistake of ours")):
        worker.work_once(at=timezone.now())


@pytest.mark.parametrize("asked", [SystemExit, KeyboardInterrupt])
def test_it_stops_when_the_system_says_so(
    asked: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*, at: datetime) -> int:
        raise asked

    monkeypatch.setattr(worker, "work_once", told)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    with pytest.raises(asked):
        worker.work_until(Event())


def test_a_daily_duty_that_failed_is_tried_again_before_tomorrow() -> None:
    outcomes: list[int | Exception] = [OSError("the disk is full"), 7]

    def duty(*, at: datetime) -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    daily, now = Daily(duty), timezone.now()
    with pytest.raises(OSError, match="the disk is full"):
        daily(at=now)
    assert daily(at=now + timedelta(seconds=5)) == 7
    assert daily(at=now + timedelta(hours=23)) == 0
