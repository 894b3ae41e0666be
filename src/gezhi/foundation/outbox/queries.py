"""Reads of the outbox, for those who run the system. Who that is, the caller asks (it knows the posts)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from gezhi.foundation.outbox.models import OutboxMessage

PAGE = 50


@dataclass(frozen=True)
class Standing:
    """How the outbox stands: due and not delivered, delivered later (back-off or a set time), dead."""

    due: int
    later: int
    dead: int
    oldest: datetime | None  # since when the oldest due message waits


def standing(*, at: datetime) -> Standing:
    """Two queries, each over a small partial index."""
    waiting = OutboxMessage.objects.filter(done_at=None, dead_at=None).aggregate(
        due=Count("pk", filter=Q(due_at__lte=at)),
        later=Count("pk", filter=Q(due_at__gt=at)),
        oldest=Min("due_at", filter=Q(due_at__lte=at)),
    )
    dead = OutboxMessage.objects.filter(dead_at__isnull=False).count()
    return Standing(due=waiting["due"], later=waiting["later"], dead=dead, oldest=waiting["oldest"])


def dead_letters(*, after: int = 0, limit: int = PAGE) -> list[OutboxMessage]:
    """Messages that failed too often, newest first; `after` is the id of the last one of the page before."""
    dead = OutboxMessage.objects.filter(dead_at__isnull=False)
    if after:
        dead = dead.filter(pk__lt=after)
    return list(dead.order_by("-pk")[:limit])
