"""Reads of one's own notices, of how one is told, and of what was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q

from gezhi.civic.notices.channels import ready_channels
from gezhi.civic.notices.models import Delivery, Notice, Preference
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.work.cases.models import Case

PAGE = 50


def unread_count(actor: Actor | None) -> int:
    """How many notices wait to be read."""
    return Notice.objects.visible_to(actor).filter(read_at=None).count()


def latest(actor: Actor | None, *, limit: int = 50, kind: str = "", unread: bool = False) -> list[Notice]:
    """The newest notices with their cases; `notice.in_sight` says whether the case may still be opened."""
    found = Notice.objects.visible_to(actor).select_related("case__item")
    if kind:
        found = found.filter(kind=kind)
    if unread:
        found = found.filter(read_at=None)
    seen = Exists(Case.objects.visible_to(actor).filter(pk=OuterRef("case_id")))
    return list(found.annotate(in_sight=seen)[:limit])


def unread_by_kind(actor: Actor | None) -> dict[str, int]:
    """How many of each kind wait to be read; kinds with none are left out."""
    unread = Notice.objects.visible_to(actor).filter(read_at=None).order_by()
    return dict(unread.values_list("kind").annotate(n=Count("pk")))


def preference_of(actor: Actor) -> Preference:
    """How oneself is told; the defaults for who has not chosen."""
    return Preference.objects.filter(pk=actor.user_id).first() or Preference()


@dataclass(frozen=True)
class Sending:
    """How what leaves the system stands."""

    ready: bool  # whether any channel is set up
    counts: dict[str, int]  # by state
    waiting: int  # queued and due
    oldest: datetime | None  # since when the oldest of these waits
    stuck: list[Delivery]


def sending(actor: Actor, *, at: datetime, after: int = 0) -> Sending:
    """For who keeps the system: counts of the last week, and what failed or nobody knows of."""
    if not actor.may("manage_system"):
        raise NotAllowed
    week = Q(ended_at=None) | Q(ended_at__gt=at - timedelta(days=7))
    counts = dict(Delivery.objects.filter(week).order_by().values_list("state").annotate(n=Count("pk")))
    due = Delivery.objects.filter(state=Delivery.State.QUEUED, next_at__lte=at)
    waiting = due.aggregate(n=Count("pk"), oldest=Min("next_at"))
    stuck = Delivery.objects.filter(state__in=(Delivery.State.FAILED, Delivery.State.UNSURE))
    if after:
        stuck = stuck.filter(pk__lt=after)
    rows = stuck.select_related("user", "case").order_by("-pk")[:PAGE]
    return Sending(
        ready=bool(ready_channels()),
        counts=counts,
        waiting=waiting["n"],
        oldest=waiting["oldest"],
        stuck=list(rows),
    )
