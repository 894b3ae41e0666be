"""The worker's round of what leaves the system: claim, send, write down what came of it.

A delivery is claimed in a transaction of its own before anything is sent, so no two workers send the same.
If the sender dies after the claim, nobody knows whether the message went out: after a while it is marked
unsure, shown to who keeps the system, and never sent again by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from gezhi.civic.notices import rules, words
from gezhi.civic.notices.channels import CHANNELS, Channel, Failed, Message, Sent, Unsure
from gezhi.civic.notices.models import FAREWELLS, Delivery, Notice, Preference
from gezhi.civic.notices.services import awake
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.actors.services import authorise
from gezhi.foundation.audit.errors import NotFound, Refused
from gezhi.foundation.audit.services import record

State = Delivery.State
LOST = timedelta(minutes=10)  # a claim without an answer for so long is nobody's any more
REST = timedelta(minutes=1)  # how long a transport that is down is left alone
LATE = timedelta(minutes=30)  # what waited longer than this past its time asks anew whether it is night
BATCH = 20
DIGEST = 50
KEPT = timedelta(days=90)


@dataclass
class SendRound:
    """One worker's duty to send; it remembers which transports are down, so that no clock waits on them."""

    resting: dict[str, datetime] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=lambda: CHANNELS)

    def __call__(self, *, at: datetime) -> int:
        """Send what is due, at most a batch; return how many deliveries were dealt with."""
        ready = [code for code, channel in self.channels.items() if channel.ready()]
        if not ready:
            return 0
        dealt_with = _give_up_lost(at)
        for _n in range(BATCH):
            awake = [code for code in ready if self.resting.get(code, at) <= at]
            taken = _claim(awake, at) if awake else []
            if not taken:
                break
            self._send(taken, at)
            dealt_with += len(taken)
        return dealt_with

    def _send(self, taken: list[Delivery], at: datetime) -> None:
        taken = [one for one in taken if not _held_back(one, at)]
        if not taken:
            return
        channel = self.channels[taken[0].channel]
        wanted = [one for one in taken if _still_wanted(one, at)]
        _settle([one for one in taken if one not in wanted], State.NEEDLESS, at)
        message = _message(wanted, channel) if wanted else None
        if message is None:
            _settle(wanted, State.NEEDLESS, at)
            return
        answer = channel.send(message)
        if isinstance(answer, Sent):
            _settle(wanted, State.SENT, at)
        elif isinstance(answer, Unsure):
            _settle(wanted, State.UNSURE, at, error=answer.error)
        else:
            _put_back(wanted, answer, at)
            if answer.down:
                self.resting[channel.code] = at + REST


def _give_up_lost(at: datetime) -> int:
    lost = Delivery.objects.filter(state=State.CLAIMED, claimed_at__lt=at - LOST)
    if not lost.exists():  # a look costs less than a write that finds nothing
        return 0
    return lost.update(
        state=State.UNSURE, ended_at=at, error=_("The worker stopped while this was being sent.")
    )


def _waiting(channels: Sequence[str], at: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.QUEUED, next_at__lte=at, channel__in=channels)


def _claim(channels: Sequence[str], at: datetime) -> list[Delivery]:
    """Take the next due delivery; of what waited through quiet hours all of one recipient together."""
    if not _waiting(channels, at).exists():  # nearly always: no need to begin a transaction that writes
        return []
    with transaction.atomic():
        waiting = _waiting(channels, at)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        first = waiting.order_by("next_at", "pk").first()
        if first is None:
            return []
        taken = [first]
        if first.held:
            theirs = Q(user=first.user_id) if first.user_id else Q(asker=first.asker_id)
            more = waiting.filter(theirs, channel=first.channel, held=True).exclude(pk=first.pk)
            taken += more.order_by("created_at", "pk")[: DIGEST - 1]
        Delivery.objects.filter(pk__in=[one.pk for one in taken]).update(
            state=State.CLAIMED, claimed_at=at, tries=F("tries") + 1
        )
    known = Delivery.objects.select_related("user", "asker__first_case", "case__item")
    return list(known.filter(pk__in=[one.pk for one in taken]).order_by("created_at", "pk"))


def _still_wanted(one: Delivery, at: datetime) -> bool:
    """Not when it was read inside meanwhile, the case is out of sight, or the asker has left."""
    if one.asker is not None:
        return one.asker.withdrawn_at is None
    assert one.user is not None
    if not one.user.is_active or words.outdated(one):
        return False
    notice = Notice.objects.filter(
        user=one.user, case=one.case_id, about=one.about, seq=one.seq, kind=one.kind
    )
    if notice.filter(read_at__isnull=False).exists():
        return False
    return one.kind in FAREWELLS or bool(one.about) or one.case.is_visible_to(actor_of(one.user, at=at))


def _message(deliveries: list[Delivery], channel: Channel) -> Message | None:
    """The words of these deliveries to one recipient; None when there is no address any more."""
    first = deliveries[0]
    key = f"gezhi-{first.channel}-{first.pk}"
    if first.asker is not None:
        to = channel.asker_address(first.asker)
        return words.to_asker(deliveries, first.asker, to=to, key=key) if to else None
    assert first.user is not None
    to = channel.staff_address(first.user)
    chosen = Preference.objects.filter(pk=first.user.pk).values_list("language", flat=True).first()
    language = chosen or "zh-hans"
    return words.to_staff(deliveries, to=to, language=language, key=key) if to else None


def _settle(deliveries: Sequence[Delivery], state: str, at: datetime, *, error: str = "") -> None:
    """Write down what came of it; what somebody else meanwhile called unsure is known now."""
    if deliveries:
        mine = Delivery.objects.filter(pk__in=[one.pk for one in deliveries])
        mine.filter(state__in=(State.CLAIMED, State.UNSURE)).update(state=state, ended_at=at, error=error)


def _put_back(deliveries: Sequence[Delivery], answer: Failed, at: datetime) -> None:
    """It certainly did not go out: wait longer each time, never into the night, and give up in the end."""
    for one in deliveries:
        wait = rules.next_try(one.tries) if answer.retry else None
        if wait is None:
            _settle([one], State.FAILED, at, error=answer.error)
        else:
            _queue_again(one, next_at=_awake(one, at + wait), error=answer.error)


def _held_back(one: Delivery, at: datetime) -> bool:
    """Let what comes out of a backlog wait for the morning where its recipient keeps quiet hours now."""
    if at - one.next_at <= LATE:
        return False
    morning = _awake(one, at)
    if morning == at:
        return False
    _queue_again(one, next_at=morning, error=one.error, held=True, tries=one.tries - 1)
    return True


def _awake(one: Delivery, at: datetime) -> datetime:
    """The first moment from `at` on when the recipient may be disturbed with this."""
    chosen = Preference.objects.filter(user=one.user_id).first() if one.user_id else None
    return awake(chosen or Preference(), at, urgent=one.case.emergency)


def _queue_again(one: Delivery, **changes: Any) -> None:
    """Back into the queue; also what somebody else, taking it for lost, has called unsure meanwhile."""
    mine = Delivery.objects.filter(pk=one.pk, state__in=(State.CLAIMED, State.UNSURE))
    mine.update(state=State.QUEUED, ended_at=None, **changes)


def resend(*, actor: Actor, at: datetime, delivery_id: int) -> None:
    """Send what failed, or what nobody knows of, once more: somebody has decided it and answers for it."""
    authorise(actor, grant="manage_system")
    with transaction.atomic():
        found = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if found is None:
            raise NotFound
        if found.state not in (State.FAILED, State.UNSURE):
            raise Refused("not_stuck", _("This message is on its way or was sent already."))
        found.state, found.tries, found.next_at, found.held = State.QUEUED, 0, at, False
        found.claimed_at = found.ended_at = None
        found.error = ""
        found.save(update_fields=["state", "tries", "next_at", "held", "claimed_at", "ended_at", "error"])
        record(actor=actor, act="resend_delivery", subject=found, at=at)


def forget_old(*, at: datetime) -> int:
    """What was settled long ago need not be kept: the outbox never tells the same event twice."""
    over = Delivery.objects.filter(ended_at__lt=at - KEPT)
    return over.delete()[0]
