"""How often one may ask: per client address, per telephone number, per asker.

Many residents share an address (a household, an office, a mobile carrier), so what one address may do is
generous; it stops machines, not people. Counts live in the cache under keyed hashes: neither addresses nor
numbers are kept. The pages and the API count together.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

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


def within(limit: Limit, whose: str, *, at: datetime, times: int = 1) -> bool:
    """Count, and say whether it is still within the limit of this window."""
    return not times or _count(limit, whose, at, times) <= limit.times


def exhausted(limit: Limit, whose: str, *, at: datetime) -> bool:
    """Whether nothing is left in this window; counts nothing."""
    return int(cache.get(_key(limit, whose, at), 0)) >= limit.times


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
    return f"asked:{limit.name}:{window}:{salted_hmac('gezhi.look.limits', whose).hexdigest()}"
