"""Reads of the audit trail, for those whose post is to audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import Q, QuerySet

from gezhi.foundation.audit.errors import NotAllowed
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.ids import id_in

GRANT = "audit"
PAGE = 100


class Reader(Protocol):
    """An actor whose posts can be asked (see foundation.actors.scope.Actor)."""

    def may(self, grant: str, path: str = "") -> bool: ...


@dataclass(frozen=True)
class AuditFilter:
    """Which entries a list shows; `actor` is part of a label, or the id of one."""

    actor: str = ""
    act: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    refused: bool = False  # only what was refused
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True)
class AuditPage:
    rows: list[AuditEntry]
    next_key: str = ""


def how_many(actor: Reader | None, wanted: AuditFilter) -> int:
    """How many entries a filter lets through."""
    return _read_by(actor, wanted).count()


def _read_by(actor: Reader | None, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    if actor is None or not actor.may(GRANT):
        raise NotAllowed
    return _filtered(wanted)


def entries(actor: Reader | None, wanted: AuditFilter) -> AuditPage:
    """One page of the trail, newest first, by keyset. The trail is that of the whole installation."""
    found = _read_by(actor, wanted)
    if last := id_in(wanted.after):
        found = found.filter(pk__lt=last)
    rows = list(found.order_by("-pk")[: wanted.limit + 1])
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return AuditPage(rows=rows, next_key=str(rows[-1].pk) if more else "")


def _filtered(wanted: AuditFilter) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.all()
    if words := wanted.actor.strip():
        found = found.filter(Q(actor_label__icontains=words) | Q(actor_id=words))
    if wanted.act:
        found = found.filter(act=wanted.act)
    if wanted.subject_kind:
        found = found.filter(subject_kind=wanted.subject_kind)
    if wanted.subject_id:
        found = found.filter(subject_id=wanted.subject_id)
    if wanted.refused:
        found = found.filter(allowed=False)
    if wanted.since:
        found = found.filter(at__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__lt=wanted.until)
    return found
