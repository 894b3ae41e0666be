"""Post messages, drain them, retry the dead ones."""

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from gezhi.foundation.outbox.models import OutboxMessage, OutboxReceipt
from gezhi.foundation.plans import plans_kept

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
KEPT = timedelta(days=30)  # what was delivered; a dead letter stays until somebody has seen to it
AT_ONCE = 1000

Consumer = Callable[[OutboxMessage], None]
Subscriptions = Mapping[str, Sequence[tuple[str, Consumer]]]


@dataclass(frozen=True)
class Letter:
    """A message to post. `due_at` None: at once."""

    topic: str
    key: str
    payload: dict[str, Any]
    at: datetime
    due_at: datetime | None = None


def post_all(letters: Iterable[Letter]) -> None:
    """Write messages; call it inside the transaction of the change they tell of."""
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=letter.topic,
            key=letter.key,
            payload=letter.payload,
            created_at=letter.at,
            due_at=letter.due_at or letter.at,
        )
        for letter in letters
    )


def post(
    *, topic: str, key: str, payload: dict[str, Any], at: datetime, due_at: datetime | None = None
) -> None:
    """Write one message; call it inside the transaction of the change it tells of."""
    post_all([Letter(topic=topic, key=key, payload=payload, at=at, due_at=due_at)])


@plans_kept()
def drain(*, subscriptions: Subscriptions, at: datetime, limit: int = 100) -> int:
    """Deliver up to `limit` messages that are due, oldest first; return how many were taken.

    At least once: a message whose worker dies is taken again when its lease ends. Every consumer
    leaves a receipt in the transaction of its own writes, so those writes happen once.
    """
    taken = _lease(at=at, limit=limit)
    for message in taken:
        _deliver(message, subscriptions, at)
    return len(taken)


def retry(*, message_id: int, at: datetime) -> None:
    """Give a dead message its attempts back. Authorised by the caller (see actors.services)."""
    OutboxMessage.objects.filter(pk=message_id, dead_at__isnull=False).update(
        dead_at=None, attempts=0, due_at=at, leased_until=None
    )


def forget_delivered(*, at: datetime) -> int:
    """Delete what was delivered long ago, a batch a transaction; its record is the event or the audit row."""
    over, forgotten = OutboxMessage.objects.filter(done_at__lt=at - KEPT).order_by("pk"), 0
    while ids := list(over.values_list("pk", flat=True)[:AT_ONCE]):
        OutboxMessage.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
    return forgotten


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th failure: 10 s, 20 s, 40 s … at most an hour."""
    return min(timedelta(seconds=10 * 2 ** (attempts - 1)), timedelta(hours=1))


def _lease(*, at: datetime, limit: int) -> list[OutboxMessage]:
    with transaction.atomic():
        waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None, due_at__lte=at).exclude(
            leased_until__gt=at
        )
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        taken = list(waiting.order_by("id")[:limit])
        OutboxMessage.objects.filter(pk__in=[m.pk for m in taken]).update(leased_until=at + LEASE)
    return taken


def _deliver(message: OutboxMessage, subscriptions: Subscriptions, at: datetime) -> None:
    consumers = subscriptions.get(message.topic, ())
    try:
        for name, consume in consumers[:-1]:
            with transaction.atomic():
                _once(message, name, consume)
        with transaction.atomic():  # that it is done is written with the last consumer's own writes
            for name, consume in consumers[-1:]:
                _once(message, name, consume)
            OutboxMessage.objects.filter(pk=message.pk).update(done_at=at, leased_until=None)
    except Exception:  # a consumer may fail in any way; the message keeps the reason and is tried again
        _failed(message, at, traceback.format_exc(limit=-4))


def _once(message: OutboxMessage, name: str, consume: Consumer) -> None:
    """Let a consumer do its part unless its receipt is there; one never taken before cannot have any."""
    if message.attempts or message.leased_until or message.last_error:
        _, fresh = OutboxReceipt.objects.get_or_create(message=message, consumer=name)
    else:
        OutboxReceipt.objects.create(message=message, consumer=name)
        fresh = True
    if fresh:
        consume(message)


def _failed(message: OutboxMessage, at: datetime, error: str) -> None:
    attempts = message.attempts + 1
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=attempts,
        leased_until=None,
        last_error=error[-4000:],
        due_at=at + back_off(attempts),
        dead_at=at if attempts >= MAX_ATTEMPTS else None,
    )
