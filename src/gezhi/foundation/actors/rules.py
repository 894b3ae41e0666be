"""Pure decisions about posts, roles, passwords and keys."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

# What a role may carry: the words of the case table and of the services that manage the installation.
GRANTS: Mapping[str, Promise] = {
    "collect": pgettext_lazy("grant", "Report from the field"),
    "solve": pgettext_lazy("grant", "Solve on the spot"),
    "check": pgettext_lazy("grant", "Check reports on the spot"),
    "verify": pgettext_lazy("grant", "Verify results"),
    "intake": pgettext_lazy("grant", "Take in and file"),
    "dispatch": pgettext_lazy("grant", "Dispatch"),
    "desk": pgettext_lazy("grant", "Supervise and close"),
    "call_back": pgettext_lazy("grant", "Call back"),
    "approve": pgettext_lazy("grant", "Approve"),
    "agency_head": pgettext_lazy("grant", "Lead an agency"),
    "handle": pgettext_lazy("grant", "Handle"),
    "lead": pgettext_lazy("grant", "Be told of overdue cases"),
    "see_contact": pgettext_lazy("grant", "See askers' contacts"),
    "appraise": pgettext_lazy("grant", "Appraise"),
    "manage_people": pgettext_lazy("grant", "Manage people, posts and agencies"),
    "manage_catalogue": pgettext_lazy("grant", "Manage the catalogue and the rules"),
    "manage_calendar": pgettext_lazy("grant", "Manage the working calendar"),
    "manage_system": pgettext_lazy("grant", "Manage areas, roles and the outbox"),
    "manage_keys": pgettext_lazy("grant", "Watch over API keys"),
    "audit": pgettext_lazy("grant", "Read the audit log"),
}

# Whoever runs the system neither guards its keys nor audits it: three people.
SEPARATE = ({"manage_people", "manage_system"}, {"manage_keys"}, {"audit"})

KEY_START = "gz_"
LONGEST_KEY_LIFE = timedelta(days=731)
MOST_KEYS = 20  # in force at once, per person
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread when it is told or copied


def separate_duties(grants: Iterable[str]) -> set[int]:
    """Which of the three separate duties these grants carry."""
    held = set(grants)
    return {n for n, duty in enumerate(SEPARATE) if held & duty}


def one_time_password() -> str:
    """A password to be told once and changed at the first sign-in, e.g. "k7pm-x2ah-9qwe"."""
    letters = "".join(secrets.choice(_READABLE) for _n in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def new_secret() -> str:
    """The secret of an API key."""
    return KEY_START + secrets.token_urlsafe(32)


def overlaps(
    since: datetime, until: datetime | None, other_since: datetime, other_until: datetime | None
) -> bool:
    """Whether two half-open spans share a moment; no end means for good."""
    return (until is None or other_since < until) and (other_until is None or since < other_until)
