"""How often one may ask: per client address, and per telephone number.

Many residents share an address (a household, an office, a mobile carrier), so what one address may do is
generous; it stops machines, not people. Counts live in the cache under keyed hashes: neither addresses nor
numbers are kept.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from gezhi.faces.look.uploads import MOST
from gezhi.foundation.audit.errors import TooMany
from gezhi.foundation.files.photos import MAX_BYTES

P = ParamSpec("P")
HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Limit:
    """So many times in each window of so many seconds."""

    name: str
    times: int
    seconds: int


REPORTS_OF_ADDRESS = Limit("reports-address", 40, HOUR)
REPORTS_OF_PHONE = Limit("reports-phone", 10, DAY)
PHOTOS_OF_ADDRESS = Limit("photos-address", 200, HOUR)
WRONG_CODES_OF_ADDRESS = Limit("wrong-codes-address", 20, HOUR // 4)
ACTS_OF_ASKER = Limit("acts-asker", 30, HOUR)


def spend(limit: Limit, whose: str, *, at: datetime, times: int = 1) -> None:
    """Count; TooMany when it is more than the limit allows in this window."""
    if times and not _count(limit, whose, at, times) <= limit.times:
        raise too_many()


def exhausted(limit: Limit, whose: str, *, at: datetime) -> bool:
    """Whether nothing is left in this window; counts nothing."""
    return int(cache.get(_key(limit, whose, at), 0)) >= limit.times


def too_many() -> TooMany:
    """The refusal in words."""
    return TooMany(
        "too_many",
        _(
            "Too much came from your connection in a short time. What you wrote is kept on this page: please "
            "wait a while and send it again. In an emergency call 110, 119 or 120."
        ),
    )


def _count(limit: Limit, whose: str, at: datetime, times: int) -> int:
    key = _key(limit, whose, at)
    if cache.add(key, times, timeout=limit.seconds + 60):
        return times
    try:
        return int(cache.incr(key, times))
    except ValueError:  # dropped by the cache in this very moment
        return times


def _key(limit: Limit, whose: str, at: datetime) -> str:
    window = int(at.timestamp()) // limit.seconds
    return f"portal:{limit.name}:{window}:{salted_hmac('gezhi.portal.limits', whose).hexdigest()}"


def client_address(request: HttpRequest) -> str:
    """The address the request came from: behind N trusted proxies the Nth from the right of what they noted.

    What a client itself writes into the header stands further left and counts for nothing.
    """
    noted = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    address = noted[-proxies] if 0 < proxies <= len(noted) else request.META.get("REMOTE_ADDR", "")
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 6:  # one household has a whole /64
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


LARGEST_BODY = MOST * MAX_BYTES + 1024 * 1024


def small_body(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Refuse a body larger than its photos can be before a byte of it is read.

    The check against forged requests reads the body, so it comes after.
    """
    checked = csrf_protect(view)

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return render(request, "portal/too_large.html", status=413)
        return checked(request, *args, **kwargs)

    return csrf_exempt(guarded)
