"""People, posts, roles; oneself, one's notices and keys."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import After, Id, In, Moment, Named, Out, Place, Rows


class PostOut(Out):
    """Somebody in a role on an area, from-until."""

    id: int
    user: Named
    role: str
    role_name: str
    area: Place
    agency: Named | None
    line: str
    since: datetime
    until: datetime | None = Field(description=_("The first moment it is held no more."))


class PersonOut(Out):
    """An account with the posts it holds, as far as you manage them."""

    id: int
    username: str
    name: str
    duty_phone: str
    active: bool
    must_change_password: bool
    posts: list[PostOut]


class PeopleWanted(In):
    """Which accounts a list holds."""

    text: str = Field("", max_length=60, description=_("Part of the name or the sign-in name."))
    role: str = Field("", max_length=30)
    area: str = Field("", max_length=30, description=_("Code of an area; its whole part of the tree counts."))
    agency: Id | None = None
    state: Literal["", "posted", "unposted", "closed"] = ""
    after: After = ""
    limit: Rows = 50


class PersonEditIn(In):
    """What can be changed of an account."""

    name: str = Field(max_length=60)
    duty_phone: str = Field("", max_length=30)


class PersonIn(PersonEditIn):
    """A new account."""

    username: str = Field(max_length=150)


class PersonMade(PersonOut):
    """A new account with the password to tell its holder."""

    password: str = Field(description=_("For the first sign-in alone; told this once."))


class Password(Out):
    """A one-time password."""

    password: str = Field(description=_("For the next sign-in alone; told this once."))


class ActiveIn(In):
    """Whether somebody may sign in."""

    active: bool = Field(description=_("False ends all posts and keys too."))


class PostIn(In):
    """A post to be given."""

    user: Id
    role: str = Field(max_length=30)
    area: str = Field(max_length=30, description=_("Code of the area."))
    agency: Id | None = None
    line: str = Field("", max_length=30)
    since: Moment | None = Field(None, description=_("Now, if left out."))
    until: Moment | None = Field(None, description=_("For good, if left out."))


class EndIn(In):
    """When a post ends."""

    until: Moment | None = Field(None, description=_("Now, if left out."))


class HandOverIn(In):
    """Who takes a post over."""

    user: Id


class VacancyOut(Out):
    """A post nobody holds."""

    role: str
    role_name: str
    area: Place
    agency: Named | None
    last: Named | None = Field(description=_("Who held it last; nobody for a grid that never had a worker."))
    since: datetime | None


class RoleOut(Out):
    """A kind of post."""

    code: str
    name: str
    name_zh: str
    name_en: str
    grants: list[str] = Field(description=_("What its holder may do."))
    sees: str = Field(description=_("How far its holder sees: area, agency or own."))


class RoleIn(In):
    """A role to be made or changed."""

    name: str = Field(max_length=40)
    name_en: str = Field(max_length=60)
    grants: list[str] = Field(min_length=1, max_length=40)
    sees: Literal["area", "agency", "own"]


class SeatOut(Out):
    """A post one holds now."""

    role: str
    title: str
    grants: list[str]
    sees: str
    area_path: str
    agency_path: str


class Me(Out):
    """Who asks."""

    kind: str = Field(description=_("user or key."))
    name: str
    user: int | None
    seats: list[SeatOut]
    scopes: list[str] | None = Field(description=_("What a key is narrowed to; nothing for a person."))


class NoticeOut(Out):
    """A line for you."""

    id: int
    kind: str
    kind_name: str
    case: UUID
    number: str
    title: str
    about: str = Field(description=_("What else than the case it is about, such as finding-12."))
    created_at: datetime
    read_at: datetime | None


class Notices(Out):
    """The newest notices."""

    unread: int
    rows: list[NoticeOut]


class ReadIn(In):
    """Which notices have been read."""

    ids: list[Id] | None = Field(None, max_length=500, description=_("All, if left out."))


class KeyOut(Out):
    """An API key; its secret was told once and is stored nowhere."""

    id: int
    name: str
    prefix: str = Field(description=_("How the secret begins, so that keys can be told apart."))
    owner: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None


class KeyMade(KeyOut):
    """A new key with its secret."""

    secret: str = Field(description=_("Told this once."))


class KeyIn(In):
    """A key to be made."""

    name: str = Field(max_length=60)
    scopes: list[Literal["cases:read", "cases:report", "cases:act", "admin"]] = Field(
        min_length=1, max_length=4
    )
    expires_at: Moment = Field(description=_("Two years from now at most."))
