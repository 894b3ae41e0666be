"""Who hears what: the one explicit map from the outbox to its consumers, and the worker's other duties.

Whatever must reach a room further up the house is posted to the outbox and subscribed to here, so this
file answers what else happens when something happens.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.contrib.sessions.models import Session
from django.utils import timezone

from gezhi.civic.notices.sending import SendRound, forget_old
from gezhi.civic.notices.services import tell
from gezhi.foundation.clocks.queries import forget_calendar
from gezhi.foundation.files.services import sweep
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import Subscriptions, forget_delivered
from gezhi.oversight.accountability import telling as accountability
from gezhi.work.cases.services import leave_nothing_with, recount_open_clocks, tick


class Round(Protocol):
    """A duty the worker does again and again: do what is due at this moment, return how much that was."""

    def __call__(self, *, at: datetime) -> int: ...


@dataclass
class Daily:
    """A duty done when the worker starts and once a day from then on."""

    duty: Round
    done_at: datetime | None = None

    def __call__(self, *, at: datetime) -> int:
        if self.done_at is not None and at - self.done_at < timedelta(days=1):
            return 0
        done = self.duty(at=at)
        self.done_at = at  # only now: what failed is tried again, not put off until tomorrow
        return done


def _clear_sessions(*, at: datetime) -> int:
    """Sessions that ran out: each visitor who reports leaves one."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def _recount(message: OutboxMessage) -> None:
    """The calendar changed: running clocks move, ended ones stay."""
    forget_calendar()
    recount_open_clocks(at=timezone.now())


def _hand_over(message: OutboxMessage) -> None:
    """Somebody left a post: nothing open stays with them."""
    told = message.payload
    leave_nothing_with(user_id=told["user_id"], to_user_id=told.get("to_user_id"), at=timezone.now())


# topic → the consumers of it, each by the name its receipts are kept under (so a name never changes).
SUBSCRIPTIONS: Subscriptions = {
    "case.event": (("notices", tell),),
    "post.ended": (("cases.hand_over", _hand_over),),
    "calendar.changed": (("cases.clocks", _recount),),
    **dict.fromkeys(accountability.TOPICS, (("notices.findings", accountability.tell),)),
}

ROUNDS: tuple[Round, ...] = (
    tick,
    SendRound(),
    *(Daily(duty) for duty in (_clear_sessions, sweep, forget_old, forget_delivered)),
)
