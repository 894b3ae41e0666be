"""People, posts, vacancies and roles."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from ninja.responses import Status

from gezhi.faces.api import reading
from gezhi.faces.api.access import ADMIN, ANY, ApiRequest
from gezhi.faces.api.shapes import people as s
from gezhi.faces.api.shapes.base import Id, Page, key_in, key_out, refusals
from gezhi.faces.api.shapes.case_views import named, place
from gezhi.foundation.actors import agencies, managed, services
from gezhi.foundation.actors.managed import PeopleFilter
from gezhi.foundation.actors.models import Post, Role, User
from gezhi.foundation.audit.errors import NotAllowed

router = Router(tags=["people"])
posts = Router(tags=["posts"])
roles = Router(tags=["roles"])


def post_out(post: Post) -> s.PostOut:
    return s.PostOut.of(
        post,
        user=named(post.user),
        role=post.role_id,
        role_name=post.role.shown,
        area=place(post.area),
        agency=named(post.agency),
    )


def _person(user: User, held: list[Post]) -> s.PersonOut:
    for post in held:
        post.user = user
    return s.PersonOut.of(user, active=user.is_active, posts=[post_out(post) for post in held])


def _read(request: ApiRequest, user_id: int, at: datetime) -> s.PersonOut:
    user = reading.existing(managed.users_managed_by(request.auth).filter(pk=user_id).first())
    held = managed.posts_managed_by(request.auth).filter(user=user)
    return _person(user, [post for post in held if post.until is None or post.until > at])


@router.get(
    "/people", auth=ADMIN, response={200: Page[s.PersonOut], **refusals(403, 422)}, summary=_("List people")
)
def list_people(request: ApiRequest, wanted: Query[s.PeopleWanted]) -> Page[s.PersonOut]:
    if not request.auth.may("manage_people"):
        raise NotAllowed
    page = managed.people(
        request.auth,
        PeopleFilter(
            text=wanted.text,
            role=wanted.role,
            area_path=reading.area_of(wanted.area).path if wanted.area else "",
            agency_id=wanted.agency,
            state=wanted.state,
            after=key_in(wanted.after),
            limit=wanted.limit,
        ),
        at=timezone.now(),
    )
    return Page(rows=[_person(user, user.held) for user in page.rows], next=key_out(page.next_key))  # type: ignore[attr-defined]


@router.post(
    "/people",
    auth=ADMIN,
    response={201: s.PersonMade, **refusals(403, 422)},
    summary=_("Make an account"),
)
def create_person(request: ApiRequest, body: s.PersonIn) -> Status[s.PersonMade]:
    user, secret = services.create_user(actor=request.auth, at=timezone.now(), **body.model_dump())
    return Status(201, s.PersonMade(**_person(user, []).model_dump(), password=secret))


@router.get(
    "/people/{person}",
    auth=ADMIN,
    response={200: s.PersonOut, **refusals(403, 404)},
    summary=_("Read an account"),
)
def read_person(request: ApiRequest, person: Id) -> s.PersonOut:
    return _read(request, person, timezone.now())


@router.put(
    "/people/{person}",
    auth=ADMIN,
    response={200: s.PersonOut, **refusals(403, 404, 422)},
    summary=_("Change an account"),
)
def edit_person(request: ApiRequest, person: Id, body: s.PersonEditIn) -> s.PersonOut:
    at = timezone.now()
    services.edit_user(actor=request.auth, at=at, user_id=person, **body.model_dump())
    return _read(request, person, at)


@router.post(
    "/people/{person}/password",
    auth=ADMIN,
    response={200: s.Password, **refusals(403, 404)},
    summary=_("Reset a password to a one-time one"),
)
def reset_password(request: ApiRequest, person: Id) -> s.Password:
    secret = services.reset_password(actor=request.auth, at=timezone.now(), user_id=person)
    return s.Password(password=secret)


@router.put(
    "/people/{person}/active",
    auth=ADMIN,
    response={200: s.PersonOut, **refusals(403, 404, 422)},
    summary=_("Open or close an account"),
)
def set_active(request: ApiRequest, person: Id, body: s.ActiveIn) -> s.PersonOut:
    at = timezone.now()
    services.set_active(actor=request.auth, at=at, user_id=person, active=body.active)
    return _read(request, person, at)


@posts.post(
    "/posts",
    auth=ADMIN,
    response={201: s.PostOut, **refusals(403, 409, 422)},
    summary=_("Give a post"),
)
def give_post(request: ApiRequest, body: s.PostIn) -> Status[s.PostOut]:
    post = services.give_post(
        actor=request.auth,
        at=timezone.now(),
        user_id=body.user,
        area_id=reading.area_of(body.area).pk,
        agency_id=body.agency,
        **body.model_dump(exclude={"user", "area", "agency"}),
    )
    return Status(201, post_out(post))


@posts.post(
    "/posts/{post}/end",
    auth=ADMIN,
    response={200: s.PostOut, **refusals(403, 404, 409, 422)},
    summary=_("End a post"),
    description=_("What its holder still owes goes to whoever may have it."),
)
def end_post(request: ApiRequest, post: Id, body: s.EndIn) -> s.PostOut:
    ended = services.end_post(actor=request.auth, at=timezone.now(), post_id=post, until=body.until)
    return post_out(ended) if ended.pk else post_out(_cancelled(ended, post))


def _cancelled(post: Post, ident: int) -> Post:
    """A post taken back before it began is gone; the answer still names it."""
    post.pk = ident
    post.until = post.since
    return post


@posts.post(
    "/posts/{post}/hand-over",
    auth=ADMIN,
    response={200: s.PostOut, **refusals(403, 404, 409, 422)},
    summary=_("Hand a post over"),
    description=_("It ends for one and begins for the other in the same moment."),
)
def hand_over(request: ApiRequest, post: Id, body: s.HandOverIn) -> s.PostOut:
    begun = services.hand_over(actor=request.auth, at=timezone.now(), post_id=post, to_user_id=body.user)
    return post_out(begun)


@posts.get(
    "/posts/vacancies",
    auth=ADMIN,
    response={200: list[s.VacancyOut], **refusals(403)},
    summary=_("List posts nobody holds"),
)
def list_vacancies(request: ApiRequest) -> list[s.VacancyOut]:
    if not request.auth.may("manage_people"):
        raise NotAllowed
    return [
        s.VacancyOut(
            role=one.role.pk,
            role_name=one.role.shown,
            area=place(one.area),
            agency=named(one.agency),
            last=named(one.last.user) if one.last else None,
            since=one.last.until if one.last else None,
        )
        for one in managed.vacancies(request.auth, at=timezone.now())
    ]


@roles.get("/roles", auth=ANY, response={200: list[s.RoleOut], **refusals(403)}, summary=_("List roles"))
def list_roles(request: ApiRequest) -> list[s.RoleOut]:
    return [_role(role) for role in Role.objects.all()]


@roles.post(
    "/roles/{code}",
    auth=ADMIN,
    response={201: s.RoleOut, **refusals(403, 422)},
    summary=_("Make a role"),
)
def create_role(request: ApiRequest, code: str, body: s.RoleIn) -> Status[s.RoleOut]:
    role = agencies.save_role(actor=request.auth, at=timezone.now(), code=code, new=True, **body.model_dump())
    return Status(201, _role(role))


@roles.put(
    "/roles/{code}",
    auth=ADMIN,
    response={200: s.RoleOut, **refusals(403, 404, 422)},
    summary=_("Change a role"),
    description=_("It counts at once for everybody who holds it."),
)
def edit_role(request: ApiRequest, code: str, body: s.RoleIn) -> s.RoleOut:
    return _role(agencies.save_role(actor=request.auth, at=timezone.now(), code=code, **body.model_dump()))


def _role(role: Role) -> s.RoleOut:
    return s.RoleOut.of(role, name=role.shown, name_zh=role.name)
