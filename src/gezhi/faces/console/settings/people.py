"""People and posts: the list, one person, giving, ending and handing over posts, vacancies."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import (
    LookupField,
    MomentField,
    SettingsForm,
    agency_choices,
    labelled,
    last_moment,
    tried,
    typed,
)
from gezhi.faces.console.settings.frame import back_to, for_settings, show, url
from gezhi.foundation.actors import services
from gezhi.foundation.actors.managed import (
    PeopleFilter,
    Vacancy,
    agencies_managed_by,
    people,
    posts_managed_by,
    users_managed_by,
    vacancies,
)
from gezhi.foundation.actors.models import Post, Role, User
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotFound

STATES = (
    ("", pgettext_lazy("people", "all people")),
    ("posted", pgettext_lazy("people", "people on a post")),
    ("unposted", pgettext_lazy("people", "people without a post")),
    ("closed", pgettext_lazy("people", "closed accounts")),
)


class PersonForm(SettingsForm):
    """A new account."""

    username = forms.CharField(
        label=gettext_lazy("Sign-in name"),
        help_text=gettext_lazy("3 characters at least: letters, digits and . - _ @ +. It stays for good."),
        max_length=150,
    )
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    duty_phone = forms.CharField(
        label=gettext_lazy("Office number"),
        help_text=gettext_lazy("As it stands on the sign-board."),
        max_length=30,
        required=False,
    )


class PersonEditForm(PersonForm):
    """Corrections to an account; the sign-in name stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["username"]


class PostForm(SettingsForm):
    """A post to be given."""

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = LookupField(
            "people", lambda code: person_by(desk, code), label=pgettext_lazy("post", "Who")
        )
        roles = [(role.pk, role.shown) for role in Role.objects.all()]
        self.fields["role"] = forms.ChoiceField(
            choices=[("", gettext_lazy("Choose a role")), *roles], label=pgettext_lazy("post", "Role")
        )
        self.fields["area"] = LookupField("areas", area_by, label=pgettext_lazy("post", "Area"))
        agencies = agencies_managed_by(desk.actor).filter(closed_at=None)
        self.fields["agency"] = forms.ChoiceField(
            choices=agency_choices(agencies, empty=gettext_lazy("None")),
            label=pgettext_lazy("post", "Agency"),
            help_text=gettext_lazy("Needed for heads and handlers of agencies."),
            required=False,
        )
        self.fields["since"] = MomentField(
            label=gettext_lazy("From"), help_text=gettext_lazy("Empty: now."), required=False
        )
        self.fields["until"] = MomentField(
            label=gettext_lazy("Until (last day)"), help_text=gettext_lazy("Empty: for good."), required=False
        )


class EndForm(SettingsForm):
    """When a post ends."""

    stands_for = {"until": "last_day"}
    last_day = MomentField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("Empty: it ends now."), required=False
    )


class HandOverForm(SettingsForm):
    """Who takes a post over."""

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = LookupField(
            "people", lambda code: person_by(desk, code), label=gettext_lazy("Who takes it over")
        )


def person_by(desk: Desk, username: str) -> User | None:
    return users_managed_by(desk.actor).filter(username=username).first()


def area_by(code: str) -> Area | None:
    return Area.objects.filter(code=code, retired_at=None).first()


def morning(day: Any) -> datetime | None:
    """The first moment of a day in local time."""
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def evening(day: Any) -> datetime | None:
    """The first moment after a day: until when somebody works whose last day it is."""
    return morning(day + timedelta(days=1)) if day else None


@require_safe
@for_settings("people")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody within the area, searched and filtered."""
    asked = request.GET
    state = asked.get("state", "") if asked.get("state", "") in dict(STATES) else ""
    wanted = PeopleFilter(
        text=asked.get("q", "")[:60],
        role=asked.get("role", ""),
        area_path=desk.scope.path,
        state=state,
        after=asked.get("after", ""),
    )
    page = people(desk.actor, wanted, at=desk.at)
    context = {
        "page": page,
        "wanted": wanted,
        "states": STATES,
        "roles": Role.objects.all(),
        "vacant": len(vacancies(desk.actor, at=desk.at)),
    }
    return show(desk, "people.html", context, on="people")


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("people")
def new_person(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make an account; the answer shows the one-time password, once."""
    form = PersonForm(data=request.POST or None)
    if request.method == "POST":
        made = tried(form, lambda said: services.create_user(actor=desk.actor, at=desk.at, **said))
        if made is not None:
            person, secret = made
            context = {"person": person, "secret": secret, "fresh": True}
            return show(desk, "password.html", context, on="people", status=201)
    return show(desk, "person_new.html", {"form": form}, on="people", status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("people")
def person(request: HttpRequest, desk: Desk, user_id: int) -> HttpResponse:
    """One person: name and number to correct, posts held before and now."""
    user = _person(desk, user_id)
    initial = {"name": user.name, "duty_phone": user.duty_phone}
    form = PersonEditForm(data=request.POST or None, initial=initial)
    if request.method == "POST" and tried(
        form, lambda said: services.edit_user(actor=desk.actor, at=desk.at, user_id=user.pk, **said)
    ):
        messages.success(request, _("Saved."))
        return back_to(desk, "person", user.pk)
    return _person_page(desk, user, form=form)


def _person(desk: Desk, user_id: int) -> User:
    user = users_managed_by(desk.actor).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def _held(desk: Desk, post: Post, refused: dict[str, SettingsForm]) -> dict[str, Any]:
    """A post now held with the forms to end it and to hand it over: fresh, or as one of them was refused."""
    fresh = {
        "end_form": EndForm(auto_id=_ids(post.pk)),
        "hand_over_form": HandOverForm(desk, auto_id=_ids(post.pk)),
    }
    own = {name: form for name, form in refused.items() if form.auto_id == _ids(post.pk)}
    return {"post": post, "last": last_moment(post.until), **fresh, **own}


def _ids(post_id: int) -> str:
    """How the fields of a post's forms are called: each post of a page has its own."""
    return f"post{post_id}_%s"


def _person_page(
    desk: Desk, user: User, *, form: PersonEditForm | None = None, **refused: SettingsForm
) -> HttpResponse:
    """The page of a person; `refused` is the form of one of the posts with what is wrong, by its name."""
    posts = list(posts_managed_by(desk.actor).filter(user=user).order_by("-until", "-since"))
    held = [post for post in posts if post.until is None or post.until > desk.at]
    context = {
        "person": user,
        "held": [_held(desk, post, refused) for post in held],
        "past": [{"post": post, "last": last_moment(post.until)} for post in posts if post not in held],
        "form": form or PersonEditForm(initial={"name": user.name, "duty_phone": user.duty_phone}),
        "oneself": user.pk == desk.actor.user_id,
    }
    wrong = (form and form.errors) or any(one.errors for one in refused.values())
    return show(desk, "person.html", context, on="people", status=422 if wrong else 200)


@require_POST
@for_settings("people")
def reset_password(request: HttpRequest, desk: Desk, user_id: int) -> HttpResponse:
    """A one-time password, shown once."""
    user = _person(desk, user_id)
    secret = services.reset_password(actor=desk.actor, at=desk.at, user_id=user.pk)
    return show(desk, "password.html", {"person": user, "secret": secret}, on="people")


@require_POST
@for_settings("people")
def set_active(request: HttpRequest, desk: Desk, user_id: int) -> HttpResponse:
    """Open or close the account."""
    user = _person(desk, user_id)
    active = request.POST.get("active") == "1"
    services.set_active(actor=desk.actor, at=desk.at, user_id=user.pk, active=active)
    told = (
        _("%(name)s can sign in again. Give a post next.")
        if active
        else _("%(name)s can no longer sign in; all posts have ended.")
    )
    messages.success(request, told % {"name": user.name})
    return back_to(desk, "person", user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("people")
def give_post(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put somebody on a post; who, role, area and agency may be given in the address."""
    form = PostForm(desk, data=request.POST or None, initial=_asked_for(desk))
    if request.method == "POST":
        post = tried(form, lambda said: _give(desk, said))
        if post is not None:
            told = {"name": post.user.name, "role": post.role.shown, "area": post.area.shown}
            done = _("%(name)s is %(role)s of %(area)s.") % told
            messages.success(request, done, extra_tags="settings-post")
            return back_to(desk, "person", post.user_id)
    return show(desk, "post_new.html", {"form": form}, on="people", status=422 if form.errors else 200)


def _give(desk: Desk, said: dict[str, Any]) -> Post:
    return services.give_post(
        actor=desk.actor,
        at=desk.at,
        user_id=said["user"].pk,
        role=said["role"],
        area_id=said["area"].pk,
        agency_id=int(said["agency"]) if said["agency"] else None,
        since=morning(said["since"]),
        until=evening(said["until"]),
    )


def _asked_for(desk: Desk) -> dict[str, str]:
    asked = desk.request.GET
    initial = {"role": asked.get("role", ""), "agency": asked.get("agency", "")}
    if user := person_by(desk, asked.get("person", "")):
        initial["user"] = labelled(user.name, user.username)
    if area := area_by(asked.get("at", "")):
        initial["area"] = labelled(area.shown, area.code)
    return initial


@require_POST
@for_settings("people")
def end_post(request: HttpRequest, desk: Desk, post_id: int) -> HttpResponse:
    """End a post now or after a day."""
    post = _post(desk, post_id)
    form = EndForm(data=request.POST, auto_id=_ids(post_id))
    done = tried(
        form,
        lambda said: services.end_post(
            actor=desk.actor, at=desk.at, post_id=post_id, until=evening(said["last_day"])
        ),
    )
    if done is None:
        return _person_page(desk, post.user, end_form=form)
    messages.success(request, _("The post ends. What was in hand goes to whoever may have it."))
    return back_to(desk, "person", post.user_id)


@require_POST
@for_settings("people")
def hand_over(request: HttpRequest, desk: Desk, post_id: int) -> HttpResponse:
    """Hand a post over."""
    post = _post(desk, post_id)
    form = HandOverForm(desk, data=request.POST, auto_id=_ids(post_id))
    done = tried(
        form,
        lambda said: services.hand_over(
            actor=desk.actor, at=desk.at, post_id=post_id, to_user_id=said["user"].pk
        ),
    )
    if done is None:
        return _person_page(desk, post.user, hand_over_form=form)
    messages.success(request, _("%(name)s has the post now.") % {"name": done.user.name})
    return back_to(desk, "person", done.user_id)


def _post(desk: Desk, post_id: int) -> Post:
    post = posts_managed_by(desk.actor).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


@require_safe
@for_settings("people")
def vacant(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Posts nobody holds."""
    rows = [
        {"vacancy": one, "fill": _fill(desk, one)}
        for one in vacancies(desk.actor, at=desk.at)
        if one.area.path.startswith(desk.scope.path)
    ]
    return show(desk, "vacancies.html", {"rows": rows}, on="people")


def _fill(desk: Desk, one: Vacancy) -> str:
    """Where the vacancy is filled: the form with all but the person."""
    agency = one.agency.pk if one.agency else ""
    return url(desk, "give_post", role=one.role.pk, at=one.area.code, agency=agency)


@require_safe
@for_settings("people")
def find_people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Options of a look-up field: people of the manager's area who may be put on a post."""
    wanted = PeopleFilter(text=typed(request), limit=12)
    rows = [user for user in people(desk.actor, wanted, at=desk.at).rows if user.is_active]
    options = [labelled(user.name, user.username) for user in rows]
    return desk.part("console/settings/widgets/options.html", {"options": options})
