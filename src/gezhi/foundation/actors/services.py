"""Writes: people and their posts, from-until. Agencies, roles and keys have modules of their own beside.

Whoever manages people does so on the area of the post that lets them, never for themselves, and only for
people whose posts all lie within it: a street cannot take over an account of the district.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gezhi.foundation.actors.managed import agencies_managed_by, users_managed_by
from gezhi.foundation.actors.models import Agency, Post, Role, Sees, User
from gezhi.foundation.actors.queries import forget_posts
from gezhi.foundation.actors.rules import one_time_password, overlaps, separate_duties
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import covers
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record, unless_taken
from gezhi.foundation.emails import can_be_mailed
from gezhi.foundation.outbox.services import post as tell

GRANT = "manage_people"
POST_ENDED = "post.ended"


# -- people


def create_user(
    *, actor: Actor, at: datetime, username: str, name: str, duty_phone: str = "", password: str = ""
) -> tuple[User, str]:
    """Make an account; return it with the password to tell its holder, who must change it at the first
    sign-in. Without `password` a one-time one is made. Invalid names each field that is wrong."""
    authorise(actor)
    user = User(username=username.strip(), name=name.strip(), duty_phone=duty_phone.strip())
    _check_user(user)
    secret = _give_password(user, password)
    with transaction.atomic():
        with unless_taken({"username": _taken()}):
            user.save(force_insert=True)
        record(actor=actor, act="create_user", subject=user, at=at, detail={"username": user.username})
    return user, secret


def edit_user(*, actor: Actor, at: datetime, user_id: int, name: str, duty_phone: str) -> User:
    """Correct a person's name and office number."""
    with transaction.atomic():
        user = _managed(actor, user_id, at)
        before = {"name": user.name, "duty_phone": user.duty_phone}
        user.name, user.duty_phone = name.strip(), duty_phone.strip()
        _check_user(user)
        user.save(update_fields=["name", "duty_phone"])
        after = {"name": user.name, "duty_phone": user.duty_phone}
        record(actor=actor, act="edit_user", subject=user, at=at, detail={"before": before, "after": after})
    return user


def set_own_email(*, actor: Actor, at: datetime, email: str) -> None:
    """Where notices for oneself go by e-mail; "" for nowhere. The log says that it changed, not to what."""
    if actor.kind != "user" or actor.user_id is None:
        raise NotAllowed
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.user_id)
        if user.email == email:
            return
        if email and not can_be_mailed(email):
            raise Invalid({"email": _("This is no e-mail address.")})
        user.email = email
        user.save(update_fields=["email"])
        record(actor=actor, act="set_own_email", subject=user, at=at)


def reset_password(*, actor: Actor, at: datetime, user_id: int) -> str:
    """A one-time password for somebody who lost theirs; every session of theirs ends."""
    with transaction.atomic():
        user = _managed(actor, user_id, at)
        secret = _give_password(user, "")
        user.save(update_fields=["password", "must_change_password"])
        record(actor=actor, act="reset_password", subject=user, at=at, detail={"username": user.username})
    return secret


def set_active(*, actor: Actor, at: datetime, user_id: int, active: bool) -> User:
    """Let somebody sign in or not. Who may not holds no post: all posts end, each as end_post does."""
    with transaction.atomic():
        user = _managed(actor, user_id, at)
        if user.is_active == active:
            return user
        if not active:
            for held in _not_ended(user, at):
                _end(actor, held, at=at, until=at)
            user.api_keys.filter(revoked_at=None).update(revoked_at=at)
        user.is_active = active
        user.save(update_fields=["is_active"])
        forget_posts()
        record(
            actor=actor,
            act="open_account" if active else "close_account",
            subject=user,
            at=at,
            detail={"username": user.username},
        )
    return user


# -- posts


def give_post(
    *,
    actor: Actor,
    at: datetime,
    user_id: int,
    role: str,
    area_id: int,
    agency_id: int | None = None,
    line: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Post:
    """Put a person on a post from-until (half-open; now and for good where nothing is said).

    Raises Invalid for a field that does not fit, and Refused where the same post is held already in that
    time or the person would hold two duties that must stay apart.
    """
    begins = since or at
    with transaction.atomic():
        user = _someone(actor, user_id)
        post = Post(user=user, line=line.strip(), since=begins, until=until)
        _place(actor, post, role, area_id, agency_id, at)
        authorise(actor, post.area.path)
        _refuse_overlap(post)
        _refuse_joined_duties(post, at)
        post.save(force_insert=True)
        forget_posts()
        record(actor=actor, act="give_post", subject=post, at=at, detail=_told(post), topic="post.given")
        if until is not None:
            _tell_of_end(post, until=until, at=at)
    return post


def end_post(*, actor: Actor, at: datetime, post_id: int, until: datetime | None = None) -> Post:
    """End a post now or at a moment to come. What its holder still owes passes on by `post.ended`."""
    with transaction.atomic():
        post = _held(actor, post_id, at)
        ends = until or at
        if ends < at:
            raise Invalid({"until": _("A post cannot end in the past. Choose today or a later day.")})
        _end(actor, post, at=at, until=ends)
    return post


def hand_over(*, actor: Actor, at: datetime, post_id: int, to_user_id: int) -> Post:
    """End a post and put somebody else on it in the same moment; return the new post.

    `post.ended` names the successor, who takes over what the predecessor still owes.
    """
    with transaction.atomic():
        old = _held(actor, post_id, at)
        user = _someone(actor, to_user_id)
        if user.pk == old.user_id:
            raise Invalid({"user": _("Choose somebody else: this person holds the post already.")})
        new = Post(
            user=user,
            role=old.role,
            area=old.area,
            agency=old.agency,
            line=old.line,
            since=max(at, old.since),
            until=old.until,
        )
        _refuse_overlap(new)
        _refuse_joined_duties(new, at)
        new.save(force_insert=True)
        forget_posts()
        record(actor=actor, act="give_post", subject=new, at=at, detail=_told(new), topic="post.given")
        if new.until is not None:
            _tell_of_end(new, until=new.until, at=at)
        _end(actor, old, at=at, until=at, to_user_id=user.pk)
    return new


# -- what holds for all of them


def authorise(actor: Actor, path: str = "", *, grant: str = GRANT) -> None:
    """The system may (the command line is run by who owns the machine); people need the grant there."""
    if actor.kind != "system" and not (actor.may(grant, path) and actor.allows("admin")):
        raise NotAllowed


def _someone(actor: Actor, user_id: int) -> User:
    """A person who can be put on a post: within view, open, not the actor; locked."""
    authorise(actor)
    user = users_managed_by(actor).filter(pk=user_id).first()
    if user is None:
        raise Invalid({"user": _("Choose one of the people listed.")})
    _not_oneself(actor, user.pk)
    if not user.is_active:
        raise Invalid({"user": _("This account is closed. Open it again first.")})
    return User.objects.select_for_update().get(pk=user.pk)


def _managed(actor: Actor, user_id: int, at: datetime) -> User:
    """A person whose posts all lie within the actor's area: their account can be changed; locked."""
    authorise(actor)
    user = users_managed_by(actor).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    _not_oneself(actor, user.pk)
    if actor.kind != "system":
        for post in _not_ended(user, at):
            if not actor.may(GRANT, post.area.path):
                raise NotAllowed(
                    "posts_elsewhere",
                    _("This person also holds a post outside your area. Ask who manages people there."),
                )
    return User.objects.select_for_update().get(pk=user.pk)


def _not_oneself(actor: Actor, user_id: int) -> None:
    if actor.user_id == user_id:
        raise NotAllowed("not_for_yourself", _("Nobody does this for themselves. Ask another administrator."))


def _held(actor: Actor, post_id: int, at: datetime) -> Post:
    """A post that has not ended, to be changed by the actor; locked."""
    found = Post.objects.select_for_update(of=("self",)).select_related("area", "role", "agency", "user")
    post = found.filter(pk=post_id).first()
    if post is None or (actor.kind != "system" and not actor.may(GRANT, post.area.path)):
        raise NotFound
    authorise(actor, post.area.path)
    _not_oneself(actor, post.user_id)
    if post.until is not None and post.until <= at:
        raise Refused(
            "post_ended", _("This post ended on %(day)s already.") % {"day": f"{localtime(post.until):%F}"}
        )
    return post


def _not_ended(user: User, at: datetime) -> list[Post]:
    """The posts somebody holds or will hold."""
    posts = Post.objects.filter(Q(until=None) | Q(until__gt=at), user=user)
    return list(posts.select_related("area", "role", "agency", "user"))


def open_agency(actor: Actor, agency_id: int) -> Agency | None:
    """An agency the actor manages that is not closed; locked, so that it stays open meanwhile."""
    mine = agencies_managed_by(actor).filter(pk=agency_id, closed_at=None)
    return mine.select_for_update(of=("self",)).first()


def _place(actor: Actor, post: Post, role: str, area_id: int, agency_id: int | None, at: datetime) -> None:
    """Set role, area and agency of a new post, or say what does not fit."""
    wrong: dict[str, Text] = {}
    found_role = Role.objects.filter(pk=role).first()
    area = Area.objects.filter(pk=area_id, retired_at=None).first()
    agency = open_agency(actor, agency_id) if agency_id else None
    if found_role is None:
        wrong["role"] = _("Choose one of the roles listed.")
    if area is None:
        wrong["area"] = _("Choose an area.")
    if agency_id and agency is None:
        wrong["agency"] = _("Choose one of the agencies listed.")
    elif agency and area and not covers(agency.area.path, area.path):
        wrong["agency"] = _("This agency works on %(area)s alone. Choose the area or the agency anew.") % {
            "area": agency.area.shown
        }
    elif found_role and found_role.sees == Sees.AGENCY and agency is None:
        wrong["agency"] = _("A post of this role belongs to an agency. Choose it.")
    if post.until is not None and (post.until <= post.since or post.until <= at):
        wrong["until"] = _("A post ends after it begins, and not in the past.")
    if len(post.line) > 30:
        wrong["line"] = _("At most %s characters.") % 30
    if wrong or found_role is None or area is None:
        raise Invalid(wrong)
    post.role, post.area, post.agency = found_role, area, agency


def _refuse_overlap(post: Post) -> None:
    same = Post.objects.filter(
        user=post.user, role=post.role, area=post.area, agency=post.agency, line=post.line
    )
    for other in same:
        if overlaps(post.since, post.until, other.since, other.until):
            until = f"{localtime(other.until):%F}" if other.until else _("open end")
            raise Refused(
                "post_held_already",
                _("%(who)s holds this very post already (%(since)s to %(until)s). End that one first.")
                % {"who": post.user.name, "since": f"{localtime(other.since):%F}", "until": until},
            )


def _refuse_joined_duties(post: Post, at: datetime) -> None:
    """Running the system, guarding its keys and auditing it stay with three people."""
    others = {duty for held in _not_ended(post.user, at) for duty in separate_duties(held.role.grants)}
    if others and separate_duties(post.role.grants) - others:
        raise Refused(
            "duties_stay_apart",
            _(
                "Running the system, guarding its keys and auditing it are the posts of three people. "
                "Choose somebody who holds none of the other two."
            ),
        )


def _end(actor: Actor, post: Post, *, at: datetime, until: datetime, to_user_id: int | None = None) -> None:
    """Write the end; a post that has not begun is taken back altogether."""
    forget_posts()
    detail = {**_told(post), "until": until.isoformat(), "to_user_id": to_user_id}
    if post.since >= until:
        record(actor=actor, act="cancel_post", subject=post, at=at, detail=detail)
        post.delete()
        return
    post.until = until
    post.save(update_fields=["until"])
    record(actor=actor, act="end_post", subject=post, at=at, detail=detail)
    _tell_of_end(post, until=until, at=at, to_user_id=to_user_id)


def _tell_of_end(post: Post, *, until: datetime, at: datetime, to_user_id: int | None = None) -> None:
    """Tell whoever keeps work of the holder, when the end comes (it may be moved until then)."""
    tell(
        topic=POST_ENDED,
        key=f"post:{post.pk}:ends:{until.isoformat()}:told:{at.isoformat()}",
        payload={**_told(post), "post_id": post.pk, "until": until.isoformat(), "to_user_id": to_user_id},
        at=at,
        due_at=until,
    )


def _told(post: Post) -> dict[str, Any]:
    return {
        "user_id": post.user_id,
        "role": post.role_id,
        "area_path": post.area.path,
        "agency_id": post.agency_id,
    }


def _give_password(user: User, password: str) -> str:
    """Set a password somebody else knows, after the policy has passed it."""
    secret = password or one_time_password()
    try:
        validate_password(secret, user)
    except ValidationError as error:
        raise Invalid({"password": " ".join(error.messages)}) from None
    user.set_password(secret)
    user.must_change_password = True
    return secret


def _check_user(user: User) -> None:
    wrong: dict[str, Text] = {}
    try:
        User.username_validator(user.username)
    except ValidationError:
        wrong["username"] = _("Give a sign-in name of letters, digits and . - _ @ +")
    if not 3 <= len(user.username) <= 150:
        wrong["username"] = _("A sign-in name has 3 to 150 characters.")
    elif user._state.adding and User.objects.filter(username__iexact=user.username).exists():
        wrong["username"] = _taken()
    if not user.name:
        wrong["name"] = _("Give the person's name.")
    elif len(user.name) > 60:
        wrong["name"] = _("At most %s characters.") % 60
    if len(user.duty_phone) > 30:
        wrong["duty_phone"] = _("At most %s characters.") % 30
    if wrong:
        raise Invalid(wrong)


def _taken() -> str:
    return _("This sign-in name is taken. Choose another one.")
