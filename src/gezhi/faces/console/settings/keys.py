"""API keys: one's own to make and revoke; the guard of keys sees those of everybody."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import MomentField, SettingsForm, last_moment, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.faces.console.settings.people import evening
from gezhi.foundation.actors import keys as services
from gezhi.foundation.actors.managed import keys_seen_by
from gezhi.foundation.actors.models import ApiKey

USUAL_LIFE = timedelta(days=365)


class KeyForm(SettingsForm):
    """A key to be made."""

    stands_for = {"expires_at": "last_day"}
    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("For example the program that uses it."),
        max_length=60,
    )
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("It may"),
        help_text=gettext_lazy("It acts with your posts, never further; give it no more than it needs."),
    )
    last_day = MomentField(
        label=gettext_lazy("Until (last day)"), help_text=gettext_lazy("Two years from now at most.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("keys")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The keys one sees; making one answers with its secret, once."""
    usual = timezone.localdate(desk.at) + USUAL_LIFE
    form = KeyForm(data=request.POST or None, initial={"last_day": usual})
    made: Any = None
    if request.method == "POST":
        made = tried(
            form,
            lambda said: services.create_key(
                actor=desk.actor,
                at=desk.at,
                name=said["name"],
                scopes=said["scopes"],
                expires_at=evening(said["last_day"]) or desk.at,
            ),
        )
    if made is not None:
        form = KeyForm(initial={"last_day": usual})
    context = {
        "form": form,
        "made": made[0] if made else None,
        "secret": made[1] if made else "",
        "rows": [_row(key, desk) for key in keys_seen_by(desk.actor)],
        "guard": "manage_keys" in desk.grants,
        "address": request.build_absolute_uri("/api/v1/me"),
    }
    return show(desk, "keys.html", context, on="keys", status=422 if form.errors else 200)


def _row(key: ApiKey, desk: Desk) -> dict[str, Any]:
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= desk.at)
    names = dict(ApiKey.Scope.choices)
    return {
        "key": key,
        "ended": ended,
        "last": last_moment(key.expires_at),
        "own": key.user_id == desk.actor.user_id,
        "scopes": [names.get(scope, scope) for scope in key.scopes],
    }


@require_POST
@for_settings("keys")
def revoke(request: HttpRequest, desk: Desk, key_id: int) -> HttpResponse:
    """Make a key useless at once."""
    key = services.revoke_key(actor=desk.actor, at=desk.at, key_id=key_id)
    messages.success(request, _("The key “%(name)s” no longer opens anything.") % {"name": key.name})
    return back_to(desk, "keys")
