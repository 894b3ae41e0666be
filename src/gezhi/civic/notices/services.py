"""Writing notices from the events of cases, marking them read, and choosing how one is told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gezhi.civic.notices import rules
from gezhi.civic.notices.channels import CHANNELS, Channel, ready_channels
from gezhi.civic.notices.hearers import GROUPS
from gezhi.civic.notices.models import Delivery, Kind, Notice, Preference
from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid, NotAllowed
from gezhi.foundation.audit.services import record
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases.models import Asker, Case, CaseEvent

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Happening:
    """What notices are written of: an event of a case or, with `about`, a step of something beside it."""

    case_id: UUID
    seq: int
    act: str
    at: datetime
    urgent: bool = False  # reaches people in their quiet hours
    about: str = ""

    def fields(self) -> dict[str, Any]:
        """What a notice and a delivery keep of it."""
        return {"case_id": self.case_id, "about": self.about, "seq": self.seq, "act": self.act}


def tell(message: OutboxMessage) -> None:
    """Outbox consumer of "case.event": tell everybody who must know of this event, once each.

    The notices, and what is to go out by other channels, are written with the outbox's receipt; sending
    is somebody else's duty (sending.py).
    """
    case_id, seq = message.payload["case"], message.payload["seq"]
    known = CaseEvent.objects.select_related("case__assignee", "case__reporter")
    event = known.filter(case=case_id, seq=seq).first()
    if event is None:  # lawfully deleted meanwhile
        return
    channels = ready_channels()
    tell_staff(_happening(event), who_hears(event), channels)
    if channels and event.act in rules.ASKER_HEARS:
        _tell_askers(event, channels)


def who_hears(event: CaseEvent) -> dict[User, Kind]:
    """Who is told of an event, and as what: the first line of the table somebody belongs to."""
    lines = [(tell.hears, tell.kind) for tell in rules.tells_of(event.act)]
    lapsed = event.change.get("open_request") == "" and event.act != "take_back"
    if lapsed and all(hears != "requester" for hears, _kind in lines):
        lines.append(rules.ON_LAPSE)
    told: dict[User, Kind] = {}
    for hears, kind in lines:
        for user in GROUPS[hears](event):
            if user.is_active and user.pk != event.user_id:
                told.setdefault(user, rules.at_desk(kind, event.owner_grant))
    return told


def _happening(event: CaseEvent) -> Happening:
    urgent = event.case.emergency or event.data.get("kind") == "emergency"
    return Happening(event.case_id, event.seq, event.act, event.at, urgent=urgent)


def tell_staff(happening: Happening, told: Mapping[User, Kind], channels: Sequence[Channel]) -> None:
    """Write what each of these people is told, inside and by the channels they chose; once each."""
    if not told:
        return
    chosen = Preference.objects.in_bulk([user.pk for user in told])
    notices, deliveries = [], []
    for user, kind in told.items():
        preference = chosen.get(user.pk) or Preference(user=user)
        wanted = channels_of(preference, kind)
        out = [c for c in channels if c.code in wanted and c.staff_address(user)]
        if rules.IN_APP in wanted or out:
            in_app = rules.IN_APP in wanted
            notices.append(
                Notice(user=user, kind=kind, in_app=in_app, **happening.fields(), created_at=happening.at)
            )
        when = _when(happening, awake(preference, happening.at, urgent=happening.urgent))
        deliveries += [
            Delivery(user=user, channel=c.code, kind=kind, **happening.fields(), **when) for c in out
        ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _tell_askers(event: CaseEvent, channels: list[Channel]) -> None:
    """Those who wait for the answer and left an address. After a merge they belong to the joint case."""
    mine = Q(case=event.case_id)
    if event.act == "merge":
        mine = Q(first_case=event.case_id) | Q(first_case__merged_into=event.case_id)
    doer = event.actor_id if event.actor_kind == "asker" and event.act != "report" else ""
    happening = _happening(event)
    sits_and_waits = event.act == "report" and not event.user_id  # for the word that it has come in
    next_at = event.at if sits_and_waits else awake(Preference(), event.at, urgent=happening.urgent)
    when = _when(happening, next_at)
    deliveries = [
        Delivery(asker=asker, channel=channel.code, **happening.fields(), **when)
        for asker in Asker.objects.filter(mine, withdrawn_at=None)
        if str(asker.pk) != doer
        for channel in channels
        if channel.asker_address(asker)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _when(happening: Happening, next_at: datetime) -> dict[str, Any]:
    return {"created_at": happening.at, "next_at": next_at, "held": next_at > happening.at}


def channels_of(preference: Preference, kind: str) -> Collection[str]:
    """The channels this person wants for a kind of notice."""
    chosen: list[str] | None = preference.channels.get(kind)
    return rules.default_channels(kind) if chosen is None else chosen


def awake(preference: Preference, at: datetime, *, urgent: bool) -> datetime:
    """The first moment from `at` on when this person may be disturbed."""
    if not preference.quiet or (urgent and preference.wake):
        return at
    return rules.end_of_quiet(at, since=preference.quiet_from, until=preference.quiet_until)


def mark_read(*, actor: Actor, ids: Iterable[int] | None, at: datetime, kind: str = "", upto: int = 0) -> int:
    """Mark one's own notices read: those of `ids`, or all; of one `kind`, or any.

    `upto` is the newest id the reader has seen: what arrived since stays unread. Returns how many there were.
    """
    unread = Notice.objects.visible_to(actor).filter(read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    if kind:
        unread = unread.filter(kind=kind)
    if upto:
        unread = unread.filter(pk__lte=upto)
    return unread.update(read_at=at)


def read_of_case(*, actor: Actor, case: Case, at: datetime) -> None:
    """Opening a case reads its notices."""
    Notice.objects.visible_to(actor).filter(case=case, about="", read_at=None).update(read_at=at)


def read_about(*, actor: Actor, about: str, at: datetime) -> None:
    """Opening something else a notice is about ("finding-12") reads its notices."""
    Notice.objects.visible_to(actor).filter(about=about, read_at=None).update(read_at=at)


def set_preference(
    *,
    actor: Actor,
    at: datetime,
    channels: Mapping[str, Collection[str]],
    quiet: bool,
    quiet_from: time,
    quiet_until: time,
    wake: bool,
    language: str,
) -> Preference:
    """Choose how oneself is told. What waits for somebody is always told by one channel at least."""
    if actor.kind != "user" or actor.user_id is None:
        raise NotAllowed
    known = {rules.IN_APP, *CHANNELS}
    if not channels.keys() <= set(Kind.values) or any(set(chosen) - known for chosen in channels.values()):
        raise Invalid({"channels": _("Choose one of the answers offered.")})
    if language not in LANGUAGES:
        raise Invalid({"language": _("Choose one of the answers offered.")})
    mute = [kind for kind in MUST_HEAR if kind in channels and rules.IN_APP not in channels[kind]]
    if mute:
        raise Invalid({mute[0]: _("What waits for you is always shown here, so that nobody waits in vain.")})
    if quiet and quiet_from == quiet_until:
        raise Invalid({"quiet_until": _("The quiet hours must end at another time than they begin.")})
    told: dict[str, Any] = {
        "channels": {kind: sorted(chosen) for kind, chosen in channels.items()},
        "quiet": quiet,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "wake": wake,
        "language": language,
    }
    with transaction.atomic():
        preference, _new = Preference.objects.update_or_create(
            user_id=actor.user_id, defaults={**told, "changed_at": at}
        )
        record(actor=actor, act="set_preferences", subject=preference, at=at)
    return preference


MUST_HEAR = (Kind.YOURS, Kind.DESK, Kind.DECIDE, Kind.PART, Kind.WATCHED, Kind.FOUND)
