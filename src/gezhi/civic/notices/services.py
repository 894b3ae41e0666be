"""Writing notices from the events of cases, and marking them read."""

from collections.abc import Iterable
from datetime import datetime

from gezhi.civic.notices.models import Notice
from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.owners import holders, leaders

NEWS_TO_REPORTER = ("file", "refuse", "merge", "close", "answer")


def tell(message: OutboxMessage) -> None:
    """Outbox consumer of "case.event": one notice to each person who must know of this event."""
    case_id, seq = message.payload["case"], message.payload["seq"]
    event = CaseEvent.objects.select_related("case").filter(case=case_id, seq=seq).first()
    if event is None:  # lawfully deleted meanwhile
        return
    told = [
        Notice(user=user, case=event.case, kind=kind, seq=event.seq, created_at=event.at)
        for kind, users in _who_hears(event)
        for user in users
        if user.pk != event.user_id
    ]
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def _who_hears(event: CaseEvent) -> Iterable[tuple[str, list[User]]]:
    case, at = event.case, event.at
    if event.act == "warn":
        yield Notice.Kind.WARN, _now_holding(event, at)
    elif event.act == "overdue":
        yield Notice.Kind.OVERDUE, _now_holding(event, at)
    elif event.act == "escalate":
        yield Notice.Kind.LEADER, leaders(case, at=at)
    elif event.act == "urge":
        yield Notice.Kind.URGED, _now_holding(event, at)
    elif {"owner_grant", "owner_user_id"} & event.change.keys() and event.owner_grant not in (
        "",
        "call_back",
    ):
        yield Notice.Kind.YOURS, _now_holding(event, at)
    if event.act == "rate" and case.follow_up:
        yield Notice.Kind.YOURS, _now_holding(event, at)
    if event.act in NEWS_TO_REPORTER and case.reporter is not None:
        yield Notice.Kind.NEWS, [case.reporter]


def _now_holding(event: CaseEvent, at: datetime) -> list[User]:
    """The owner's people, unless the case has moved on since: then the later event tells its own owner."""
    if event.case.owner_grant != event.owner_grant:
        return []
    return holders(event.case, at=at)


def mark_read(*, actor: Actor, ids: Iterable[int] | None, at: datetime) -> int:
    """Mark one's own notices read: those of `ids`, or all. Returns how many were unread."""
    unread = Notice.objects.visible_to(actor).filter(read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=at)


def read_of_case(*, actor: Actor, case: Case, at: datetime) -> None:
    """Opening a case reads its notices."""
    Notice.objects.visible_to(actor).filter(case=case, read_at=None).update(read_at=at)
