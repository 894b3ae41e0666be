"""Reads for those who manage: people, posts, vacancies, agencies and keys within their area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from gezhi.foundation.actors.models import Agency, ApiKey, Post, Role, User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.foundation.ids import id_in
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.queries import Standing, dead_letters, standing

PAGE = 50


@dataclass(frozen=True)
class PeopleFilter:
    """Which accounts a list shows. `state`: "" all, "posted", "unposted" or "closed"."""

    text: str = ""  # part of the name or the sign-in name
    role: str = ""
    area_path: str = ""
    agency_id: int | None = None
    state: str = ""
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True)
class PeoplePage:
    rows: Sequence[User]  # each with `held`: the posts it holds or will hold, in the manager's view
    next_key: str = ""


@dataclass(frozen=True)
class Outbox:
    """How the outbox stands, with the newest messages that failed too often."""

    standing: Standing
    dead: list[OutboxMessage]


@dataclass(frozen=True)
class Vacancy:
    """A post somebody held and nobody holds now, or a grid without a worker (`last` is None)."""

    role: Role
    area: Area
    agency: Agency | None
    last: Post | None


def managed_area(actor: Actor, field: str, grant: str = "manage_people") -> Q:
    """The condition that the area path in `field` lies where the actor carries `grant`."""
    return Q() if actor.kind == "system" else actor.reaches(field, grant)


def users_managed_by(actor: Actor | None) -> QuerySet[User]:
    """People who hold or held a post within the actor's area, and those on no post yet."""
    if actor is None or not (actor.kind == "system" or actor.may("manage_people")):
        return User.objects.none()
    any_post = Post.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(any_post.filter(managed_area(actor, "area__path"))) | ~Exists(any_post))


def people(actor: Actor | None, wanted: PeopleFilter, *, at: datetime) -> PeoplePage:
    """One page of accounts in order of name, by keyset, each with its posts."""
    if actor is None:
        return PeoplePage(rows=[])
    found = users_managed_by(actor)
    current = Post.objects.current(at).filter(user=OuterRef("pk"))
    if words := wanted.text.strip():
        found = found.filter(Q(name__icontains=words) | Q(username__icontains=words))
    here = current.filter(within("area__path", wanted.area_path))
    if wanted.role:
        here = here.filter(role=wanted.role)
    if wanted.agency_id:
        here = here.filter(agency=wanted.agency_id)
    if wanted.role or wanted.agency_id or wanted.area_path or wanted.state == "posted":
        found = found.filter(Exists(here))
    if wanted.state == "unposted":
        found = found.filter(~Exists(current), is_active=True)
    elif wanted.state == "closed":
        found = found.filter(is_active=False)
    name, _tilde, last = wanted.after.rpartition("~")
    if pk := id_in(last):
        found = found.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk))
    rows = list(
        found.prefetch_related(Prefetch("posts", _posts_of(actor, at), to_attr="held")).order_by(
            "name", "pk"
        )[: wanted.limit + 1]
    )
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return PeoplePage(rows=rows, next_key=f"{rows[-1].name}~{rows[-1].pk}" if more else "")


def _posts_of(actor: Actor, at: datetime) -> QuerySet[Post]:
    posts = Post.objects.filter(Q(until=None) | Q(until__gt=at)).filter(managed_area(actor, "area__path"))
    return posts.select_related("role", "area", "agency").order_by("role__order", "pk")


def posts_managed_by(actor: Actor | None) -> QuerySet[Post]:
    """All posts, ended ones too, on the areas whose people the actor manages."""
    if actor is None:
        return Post.objects.none()
    posts = Post.objects.filter(managed_area(actor, "area__path"))
    return posts.select_related("user", "role", "area", "agency")


def vacancies(actor: Actor | None, *, at: datetime, limit: int = 200) -> list[Vacancy]:
    """Posts that fell empty, the latest first, then grids where nobody is the grid worker."""
    if actor is None:
        return []
    held = Post.objects.current(at).filter(role=OuterRef("role"), area=OuterRef("area"), user__is_active=True)
    same_agency = Q(agency=OuterRef("agency")) | Q(agency=None, area=OuterRef("area"))
    ended = posts_managed_by(actor).filter(~Exists(held.filter(same_agency)), until__lte=at)
    found: dict[tuple[str, int, int | None], Vacancy] = {}
    for post in ended.filter(area__retired_at=None).order_by("-until")[: limit * 2]:
        vacancy = Vacancy(role=post.role, area=post.area, agency=post.agency, last=post)
        found.setdefault((post.role_id, post.area_id, post.agency_id), vacancy)
    worker = Role.objects.filter(pk="grid_worker").first()
    if worker is not None:
        manned = Post.objects.current(at).filter(role=worker, area=OuterRef("pk"), user__is_active=True)
        bare = Area.objects.filter(
            managed_area(actor, "path"), ~Exists(manned), kind=AreaKind.GRID, retired_at=None
        )
        for area in bare[:limit]:
            found.setdefault((worker.pk, area.pk, None), Vacancy(worker, area, None, None))
    return list(found.values())[:limit]


def agencies_managed_by(actor: Actor | None) -> QuerySet[Agency]:
    """Agencies whose jurisdiction lies where the actor manages people, closed ones too, as a tree."""
    if actor is None:
        return Agency.objects.none()
    found = Agency.objects.filter(managed_area(actor, "area__path"))
    return found.select_related("area", "parent").order_by("path")


def keys_seen_by(actor: Actor | None) -> QuerySet[ApiKey]:
    """One's own keys; as the guard of keys also those of everybody on a post within one's area."""
    if actor is None:
        return ApiKey.objects.none()
    scope = Q(user_id=actor.user_id) if actor.user_id else Q(pk__in=[])
    if actor.may("manage_keys"):
        posts = Post.objects.filter(managed_area(actor, "area__path", "manage_keys"))
        scope |= Q(user__in=posts.values("user_id"))
    return (
        ApiKey.objects.filter(scope)
        .select_related("user")
        .order_by(F("revoked_at").asc(nulls_first=True), "-created_at", "-pk")
    )


def outbox_of(actor: Actor | None, *, at: datetime, after: int = 0) -> Outbox:
    """The outbox, for those who run the system; `after` is the last dead letter of the page before."""
    if actor is None or not actor.may("manage_system"):
        raise NotAllowed
    return Outbox(standing=standing(at=at), dead=dead_letters(after=after))
