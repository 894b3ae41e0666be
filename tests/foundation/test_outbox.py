"""The outbox: delivered at least once, each consumer's part once, and what fails is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.queries import standing
from gezhi.foundation.outbox.services import (
    KEPT,
    LEASE,
    MAX_ATTEMPTS,
    back_off,
    drain,
    forget_delivered,
    post,
    retry,
)

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db

Consumer = Callable[[OutboxMessage], None]


def send(key: str = "k", *, due_at: datetime | None = None) -> OutboxMessage:
    post(topic="t", key=key, payload={"key": key}, at=AT, due_at=due_at)
    return OutboxMessage.objects.get(key=key)


def to(*consumers: Consumer) -> dict[str, tuple[tuple[str, Consumer], ...]]:
    return {"t": tuple((f"consumer {n}", consumer) for n, consumer in enumerate(consumers))}


def failing(message: OutboxMessage) -> None:
    raise RuntimeError("no answer")


def test_a_message_reaches_all_its_consumers_once() -> None:
    heard: list[str] = []
    send()
    listeners = to(lambda m: heard.append("one " + m.key), lambda m: heard.append("two " + m.key))
    assert [drain(subscriptions=listeners, at=AT), drain(subscriptions=listeners, at=AT)] == [1, 0]
    assert heard == ["one k", "two k"]


def test_a_message_nobody_listens_to_is_done() -> None:
    message = send()
    drain(subscriptions={}, at=AT)
    message.refresh_from_db()
    assert message.done_at == AT


def test_a_message_for_later_waits() -> None:
    send(due_at=AT + SECOND)
    assert standing(at=AT).later == 1
    assert drain(subscriptions={}, at=AT) == 0
    assert drain(subscriptions={}, at=AT + SECOND) == 1


def test_who_has_done_its_part_is_not_asked_again_when_another_fails() -> None:
    heard: list[str] = []
    message = send()
    drain(subscriptions=to(lambda m: heard.append("first"), failing), at=AT)
    message.refresh_from_db()
    assert (message.attempts, message.due_at, message.done_at) == (1, AT + 10 * SECOND, None)
    assert "RuntimeError: no answer" in message.last_error
    listeners = to(lambda m: heard.append("first"), lambda m: heard.append("second"))
    assert drain(subscriptions=listeners, at=AT + 9 * SECOND) == 0
    drain(subscriptions=listeners, at=AT + 10 * SECOND)
    assert heard == ["first", "second"]


def test_what_a_failing_consumer_wrote_is_taken_back() -> None:
    def half(message: OutboxMessage) -> None:
        send("written")
        failing(message)

    send()
    drain(subscriptions=to(half), at=AT)
    assert list(OutboxMessage.objects.values_list("key", flat=True)) == ["k"]


def test_after_the_last_attempt_a_message_lies_dead_until_it_is_tried_again() -> None:
    message, now = send(), AT
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert drain(subscriptions=to(failing), at=now) == 1
        now += back_off(attempt)
    assert drain(subscriptions=to(failing), at=now + timedelta(days=9)) == 0
    assert (standing(at=now).dead, standing(at=now).due) == (1, 0)
    heard: list[str] = []
    retry(message_id=message.pk, at=now)
    drain(subscriptions=to(lambda m: heard.append(m.key)), at=now)
    assert heard == ["k"]


def test_the_wait_doubles_up_to_an_hour() -> None:
    assert [back_off(n) // SECOND for n in range(1, 12)] == [
        10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600
    ]  # fmt: skip


def test_what_a_killed_worker_had_in_hand_is_taken_again_after_two_minutes() -> None:
    def killed(message: OutboxMessage) -> None:
        raise KeyboardInterrupt

    heard: list[str] = []
    send()
    with pytest.raises(KeyboardInterrupt):
        drain(subscriptions=to(killed), at=AT)
    listeners = to(lambda m: heard.append(m.key))
    assert drain(subscriptions=listeners, at=AT + LEASE - SECOND) == 0
    drain(subscriptions=listeners, at=AT + timedelta(minutes=2))
    assert heard == ["k"]


def test_what_was_delivered_long_ago_is_forgotten_and_a_dead_letter_is_not() -> None:
    send("delivered")
    drain(subscriptions=to(lambda _m: None), at=AT)
    OutboxMessage.objects.create(topic="t", key="dead", created_at=AT, due_at=AT, dead_at=AT)
    assert forget_delivered(at=AT + KEPT) == 0
    assert forget_delivered(at=AT + KEPT + SECOND) == 1
    assert list(OutboxMessage.objects.values_list("key", flat=True)) == ["dead"]
