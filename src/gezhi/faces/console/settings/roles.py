"""Roles: what each may do and how far it sees, in one table; make one, change one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import SettingsForm, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.actors.agencies import save_role
from gezhi.foundation.actors.models import Role, Sees
from gezhi.foundation.actors.rules import GRANTS
from gezhi.foundation.audit.errors import NotFound


class RoleForm(SettingsForm):
    """What can be set of a role."""

    name = forms.CharField(label=pgettext_lazy("role", "Name"), max_length=40)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    sees = forms.ChoiceField(
        choices=Sees.choices, label=pgettext_lazy("role", "Sees"), widget=forms.RadioSelect
    )
    grants = forms.MultipleChoiceField(
        choices=list(GRANTS.items()), label=pgettext_lazy("role", "May"), widget=forms.CheckboxSelectMultiple
    )


class NewRoleForm(RoleForm):
    """A role to be made."""

    code = forms.CharField(
        label=pgettext_lazy("role", "Code"),
        help_text=gettext_lazy("Small letters, digits and underscores. It stays for good."),
        max_length=30,
    )
    field_order = ("name", "name_en", "code", "sees", "grants")


@require_safe
@for_settings("roles")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All roles with what they may do."""
    held = Count("posts", filter=Q(posts__until=None) | Q(posts__until__gt=desk.at))
    rows = [
        {
            "role": role,
            "held": role.held,
            "grants": [GRANTS.get(grant, grant) for grant in role.grants],
            "own": any(seat.role == role.pk for seat in desk.actor.seats),
        }
        for role in Role.objects.annotate(held=held).order_by("order", "code")
    ]
    return show(desk, "roles.html", {"rows": rows}, on="roles")


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("roles")
def new_role(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make a role."""
    form = NewRoleForm(data=request.POST or None, initial={"sees": Sees.OWN})
    if request.method == "POST" and tried(form, lambda said: _save(desk, said.pop("code"), said, new=True)):
        messages.success(request, _("The role is there; give posts of it next."))
        return back_to(desk, "roles")
    status = 422 if form.errors else 200
    return show(desk, "role.html", {"form": form, "role": None}, on="roles", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("roles")
def role(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Change what the holders of a role may do."""
    one = Role.objects.filter(pk=code).first()
    if one is None:
        raise NotFound
    initial = {"name": one.name, "name_en": one.name_en, "sees": one.sees, "grants": one.grants}
    form = RoleForm(data=request.POST or None, initial=initial)
    if request.method == "POST" and tried(form, lambda said: _save(desk, one.pk, said)):
        messages.success(request, _("Saved. It counts at once for everybody who holds the role."))
        return back_to(desk, "roles")
    status = 422 if form.errors else 200
    return show(desk, "role.html", {"form": form, "role": one}, on="roles", status=status)


def _save(desk: Desk, code: str, said: dict[str, Any], *, new: bool = False) -> Role:
    return save_role(actor=desk.actor, at=desk.at, code=code, new=new, **said)
