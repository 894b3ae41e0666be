"""Writes: API keys, and the dead letters of the outbox brought back by who runs the system."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from gezhi.foundation.actors.managed import keys_seen_by
from gezhi.foundation.actors.models import ApiKey, User
from gezhi.foundation.actors.queries import forget_keys
from gezhi.foundation.actors.rules import LONGEST_KEY_LIFE, MOST_KEYS, new_secret
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.actors.services import authorise
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import retry


def create_key(
    *, actor: Actor, at: datetime, name: str, scopes: Sequence[str], expires_at: datetime
) -> tuple[ApiKey, str]:
    """Make a key for the actor's own programs; return it with its secret, which is told this once.

    A key acts with its owner's posts, narrowed to its scopes, and always ends: two years at most.
    """
    if actor.kind != "user" or actor.user_id is None or not actor.seats:
        raise NotAllowed(
            "key_by_its_owner", _("A key is made by a signed-in person with a post, for their own programs.")
        )
    wrong: dict[str, Text] = {}
    if not 0 < len(name.strip()) <= 60:
        wrong["name"] = _("Give a name of 1 to %s characters.") % 60
    if not scopes or not set(scopes) <= set(ApiKey.Scope.values):
        wrong["scopes"] = _("Choose at least one thing the key may do.")
    if not at < expires_at <= at + LONGEST_KEY_LIFE:
        wrong["expires_at"] = _("A key ends after today and within two years.")
    if wrong:
        raise Invalid(wrong)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.user_id)
        in_force = ApiKey.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=at), user_id=actor.user_id, revoked_at=None
        )
        if in_force.count() >= MOST_KEYS:
            raise Refused("too_many_keys", _("You have %s keys already. Revoke one first.") % MOST_KEYS)
        secret = new_secret()
        key = ApiKey.objects.create(
            user_id=actor.user_id,
            name=name.strip(),
            prefix=secret[:8],
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            scopes=sorted(set(scopes)),
            created_at=at,
            expires_at=expires_at,
        )
        detail = {"name": key.name, "prefix": key.prefix, "scopes": key.scopes}
        record(actor=actor, act="create_key", subject=key, at=at, detail=detail)
    return key, secret


def revoke_key(*, actor: Actor, at: datetime, key_id: int) -> ApiKey:
    """Make a key useless at once: one's own, or as the guard of keys anybody's within one's area."""
    if actor.kind == "key" and not actor.allows("admin"):
        raise NotAllowed
    with transaction.atomic():
        key = keys_seen_by(actor).filter(pk=key_id).first()
        if key is None:
            raise NotFound
        if key.revoked_at is None:
            key.revoked_at = at
            key.save(update_fields=["revoked_at"])
            forget_keys()
            detail = {"name": key.name, "prefix": key.prefix, "owner": key.user_id}
            record(actor=actor, act="revoke_key", subject=key, at=at, detail=detail)
    return key


def note_use(*, key_id: int, at: datetime) -> None:
    """Keep the day a key was last used on, so that forgotten ones are found. One write a day."""
    today = localdate(at)
    unseen = ApiKey.objects.filter(Q(last_used_on=None) | Q(last_used_on__lt=today), pk=key_id)
    unseen.update(last_used_on=today)


def retry_dead_letter(*, actor: Actor, at: datetime, message_id: int) -> None:
    """Give a message nobody could deliver its attempts back."""
    authorise(actor, grant="manage_system")
    with transaction.atomic():
        message = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise NotFound
        if message.dead_at is None:
            raise Refused("not_dead", _("This message is being delivered already, or has been."))
        retry(message_id=message.pk, at=at)
        record(actor=actor, act="retry_message", subject=message, at=at, detail={"topic": message.topic})
