"""Which reports this browser may follow: kept in the session for half an hour, never in an address.

A page's address holds a random key that means nothing without the session, so a copied or logged address
opens nothing.
"""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from gezhi.foundation.audit.errors import NotFound
from gezhi.foundation.sealed import seal, unseal
from gezhi.work.cases.models import Asker

OPEN_FOR = timedelta(minutes=30)  # since it was last looked at
MOST = 10
FOLLOWED, FRESH = "portal-followed", "portal-fresh"
PURPOSE = "portal.fresh-code"


def open_for(session: SessionBase, asker: Asker, *, at: datetime) -> str:
    """Let this browser follow a report; the key of its page."""
    key = secrets.token_urlsafe(9)
    entries = [*_entries(session, at), [key, asker.pk, at.timestamp()]]
    session[FOLLOWED] = entries[-MOST:]
    return key


def followed(session: SessionBase, key: str, *, at: datetime) -> Asker:
    """The asker behind a key of this browser; NotFound when it is none or half an hour has passed."""
    entries = _entries(session, at)
    entry = next((entry for entry in entries if entry[0] == key), None)
    found = Asker.objects.select_related(
        "case__item",
        "case__area",
        "case__lead_agency",
        "case__condition",
        "first_case__item",
        "first_case__area",
    )
    asker = found.filter(pk=entry[1]).first() if entry else None
    if entry is None or asker is None:
        raise NotFound
    if at.timestamp() - entry[2] > 60:
        entry[2] = at.timestamp()
        session[FOLLOWED] = entries
    return asker


def leave(session: SessionBase, key: str, *, at: datetime) -> None:
    """Forget a report on this browser, as on a computer others use."""
    session[FOLLOWED] = [entry for entry in _entries(session, at) if entry[0] != key]


def _entries(session: SessionBase, at: datetime) -> list[list[Any]]:
    """Of [key, asker, last look], those still open."""
    oldest = (at - OPEN_FOR).timestamp()
    return [entry for entry in session.get(FOLLOWED, []) if entry[2] >= oldest]


@dataclass(frozen=True)
class Fresh:
    """A report made on this browser within half an hour: its code and the key of its page."""

    code: str
    key: str


def remember(session: SessionBase, *, report: UUID, code: str, key: str, at: datetime) -> None:
    """Keep a new report's tracking code, sealed, so that a page sent twice or reloaded can show it again."""
    sealed = b64encode(seal(value=code, purpose=PURPOSE)).decode()
    session[FRESH] = [*_fresh(session, at), [str(report), sealed, at.timestamp(), key]][-MOST:]


def remembered(session: SessionBase, *, report: UUID, at: datetime) -> Fresh | None:
    """What is still known of a report made here, if anything."""
    for known, sealed, _since, key in _fresh(session, at):
        if known == str(report):
            return Fresh(code=unseal(token=b64decode(sealed), purpose=PURPOSE), key=key)
    return None


def _fresh(session: SessionBase, at: datetime) -> list[list[Any]]:
    oldest = (at - OPEN_FOR).timestamp()
    return [entry for entry in session.get(FRESH, []) if entry[2] >= oldest]
