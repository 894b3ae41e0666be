"""From a user or a key to the actor with its posts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from gezhi.foundation.actors.models import Agency, ApiKey, Post, Role, User
from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.kept import kept


def actor_of(user: User, *, at: datetime) -> Actor:
    """The actor of a signed-in user, with the posts held at this moment. One query."""
    return Actor(kind="user", ident=str(user.pk), label=user.name, user_id=user.pk, seats=_seats(user.pk, at))


def actor_of_key(secret: str, *, at: datetime) -> Actor | None:
    """The actor of an API key, or None when the key is unknown, ended or revoked.

    Programs ask many times a second: key and posts are kept for a moment (see `kept`), so that a revoked key
    or an ended post may still serve that long in another process.
    """
    try:
        key, posts = _key_with_posts(hashlib.sha256(secret.encode()).hexdigest(), get_language())
    except ApiKey.DoesNotExist:
        return None
    if key.expires_at and key.expires_at <= at:
        return None
    return Actor(
        kind="key",
        ident=str(key.pk),
        label=f"{key.user.name} ({key.name})",
        user_id=key.user_id,
        seats=tuple(seat for since, until, seat in posts if since <= at and (until is None or until > at)),
        scopes=frozenset(key.scopes),
    )


Held = tuple[datetime, datetime | None, Seat]  # a post as scope, from when until when


@kept
def _key_with_posts(digest: str, language: str | None) -> tuple[ApiKey, tuple[Held, ...]]:
    """A key in force with all posts of its owner, named in this language; an unknown key is not kept."""
    key = ApiKey.objects.select_related("user").get(digest=digest, revoked_at=None, user__is_active=True)
    posts = Post.objects.filter(user_id=key.user_id).select_related("role", "area", "agency")
    return key, tuple((post.since, post.until, seat_of(post)) for post in posts)


@kept
def roles_with(grant: str) -> tuple[str, ...]:
    """Codes of the roles that carry a grant. There are a few dozen roles at most."""
    return tuple(role.code for role in Role.objects.all() if grant in role.grants)


@kept
def manned(grant: str) -> dict[int, tuple[tuple[datetime, datetime | None], ...]]:
    """Areas where somebody holds a grant, with the times (since, until) of those posts."""
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    posts = Post.objects.filter(role__in=roles_with.read(grant), user__is_active=True)
    for area_id, since, until in posts.values_list("area_id", "since", "until"):
        found.setdefault(area_id, []).append((since, until))
    return {area_id: tuple(times) for area_id, times in found.items()}


@dataclass(frozen=True)
class Agencies:
    """All agencies, closed ones too, by what they are asked for. Shared by all readers: do not change."""

    by_id: dict[int, Agency]
    by_code: dict[str, Agency]
    by_area: dict[str, tuple[Agency, ...]]  # by the path of the area, there in order of path


@kept
def agencies() -> Agencies:
    """The agencies of the installation, a few hundred at most."""
    found = list(Agency.objects.select_related("area").order_by("path"))
    by_area: dict[str, list[Agency]] = {}
    for agency in found:
        by_area.setdefault(agency.area.path, []).append(agency)
    return Agencies(
        by_id={agency.pk: agency for agency in found},
        by_code={agency.code: agency for agency in found},
        by_area={path: tuple(those) for path, those in by_area.items()},
    )


def forget_posts() -> None:
    """In the transaction of a change of roles or posts."""
    roles_with.changed()
    manned.changed()
    forget_keys()


def forget_keys() -> None:
    """In the transaction of a change of keys."""
    _key_with_posts.changed()


def _seats(user_id: int, at: datetime) -> tuple[Seat, ...]:
    posts = Post.objects.current(at).filter(user_id=user_id).select_related("role", "area", "agency")
    return tuple(seat_of(post) for post in posts)


def seat_of(post: Post) -> Seat:
    """A post as scope, named in the language of the page; expects role, area and agency to be loaded."""
    place = post.agency or post.area
    return Seat(
        post_id=post.pk,
        role=post.role_id,
        grants=frozenset(post.role.grants),
        sees=post.role.sees,
        area_id=post.area_id,
        area_path=post.area.path,
        agency_id=post.agency_id,
        agency_path=post.agency.path if post.agency else "",
        agency_name=post.agency.shown if post.agency else "",
        line=post.line,
        title=f"{place.shown} {post.role.shown}",
    )
