"""The worker goes on through trouble and stops when asked."""

from datetime import datetime
from threading import Event

import pytest
from django.db import OperationalError
from django.utils import timezone

from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import post
from gezhi.site import worker

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


def test_a_failure_of_another_kind_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, at: datetime) -> int:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(worker, "work_once", broken)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    with pytest.raises(ValueError, match="a mistake of ours"):
        worker.work_until(Event())
