"""The one write helper: a change, its audit row and its outbox message stand in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, models, transaction

from gezhi.foundation.audit.errors import Invalid, Text
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.outbox.services import post


class Who(Protocol):
    """What the audit needs to know of an actor (see foundation.actors.scope.Actor)."""

    @property
    def kind(self) -> str: ...
    @property
    def ident(self) -> str: ...
    @property
    def label(self) -> str: ...


class Manager(Who, Protocol):
    """An actor whose posts and scopes can be asked (see there)."""

    def may(self, grant: str, path: str = "") -> bool: ...
    def allows(self, scope: str) -> bool: ...


def record(
    *,
    actor: Who,
    act: str,
    subject: models.Model,
    at: datetime,
    detail: dict[str, Any] | None = None,
    topic: str = "",
) -> AuditEntry:
    """Write the audit row of a change just made, and with `topic` also the message that tells others.

    Must be called inside the transaction of the change (an AssertionError shows a forgotten one).
    """
    assert transaction.get_connection().in_atomic_block, "record() belongs inside the change's transaction"
    entry = AuditEntry.objects.create(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.ident,
        actor_label=actor.label,
        act=act,
        subject_kind=subject._meta.label_lower,
        subject_id=str(subject.pk),
        detail=detail or {},
    )
    if topic:
        post(
            topic=topic,
            key=f"audit:{entry.pk}",
            payload={"subject_id": str(subject.pk), **(detail or {})},
            at=at,
        )
    return entry


def record_refusal(
    *, actor: Who, act: str, subject_kind: str, subject_id: str, at: datetime, reason: str
) -> None:
    """Audit an attempt that was refused; call it after its transaction has rolled back."""
    AuditEntry.objects.create(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.ident,
        actor_label=actor.label,
        act=act,
        subject_kind=subject_kind,
        subject_id=subject_id,
        allowed=False,
        detail={"reason": reason},
    )


@contextmanager
def unless_taken(wrong: Mapping[str, Text]) -> Iterator[None]:
    """Add a row with a name of its own; where somebody was first with the name, it is Invalid."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Invalid(wrong) from None
