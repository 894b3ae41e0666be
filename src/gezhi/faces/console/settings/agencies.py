"""Agencies: the tree, founding one, changing its jurisdiction and duties, closing it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import LookupField, SettingsForm, agency_choices, labelled, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.faces.console.settings.people import area_by
from gezhi.foundation.actors import agencies as services
from gezhi.foundation.actors.managed import agencies_managed_by
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.matters.queries import duties_by_order


class AgencyForm(SettingsForm):
    """What can be set of an agency."""

    name = forms.CharField(label=pgettext_lazy("agency", "Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(choices=Agency.Kind.choices, label=pgettext_lazy("agency", "Kind"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"] = LookupField(
            "areas",
            area_by,
            label=gettext_lazy("Works on"),
            help_text=gettext_lazy("The area it answers for: cases there can be dispatched to it."),
        )
        duties = [(duty.code, duty.shown) for duty in duties_by_order()]
        self.fields["functions"] = forms.MultipleChoiceField(
            choices=duties,
            widget=forms.CheckboxSelectMultiple,
            label=gettext_lazy("Duties"),
            help_text=gettext_lazy("By them the catalogue finds the agency that answers for a matter."),
            required=False,
        )
        self.fields["phone"] = forms.CharField(
            label=pgettext_lazy("agency", "Telephone"), max_length=30, required=False
        )


class NewAgencyForm(AgencyForm):
    """An agency to be founded."""

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=pgettext_lazy("agency", "Code"),
            help_text=gettext_lazy("Letters, digits and dashes. It stays for good."),
            max_length=30,
        )
        above = agencies_managed_by(desk.actor).filter(closed_at=None)
        self.fields["parent"] = forms.ChoiceField(
            choices=agency_choices(above, empty=gettext_lazy("None")),
            label=gettext_lazy("Agency above"),
            required=False,
        )
        self.order_fields(["name", "name_en", "code", "kind", "parent", "area", "functions", "phone"])


@require_safe
@for_settings("agencies")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree of agencies with what each answers for."""
    held = Count(
        "posts", filter=(Q(posts__until=None) | Q(posts__until__gt=desk.at)) & Q(posts__since__lte=desk.at)
    )
    found = agencies_managed_by(desk.actor).annotate(held=held)
    if desk.scope.path:
        found = found.filter(area__path__startswith=desk.scope.path)
    names = {duty.code: duty.shown for duty in duties_by_order()}
    rows = [
        {
            "agency": agency,
            "depth": agency.path.count("/") - 1,
            "held": agency.held,
            "duties": [names.get(code, code) for code in agency.functions],
        }
        for agency in found
    ]
    return show(desk, "agencies.html", {"rows": rows}, on="agencies")


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("agencies")
def new_agency(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Found an agency."""
    form = NewAgencyForm(desk, data=request.POST or None)
    if request.method == "POST":
        made = tried(form, lambda said: services.create_agency(actor=desk.actor, at=desk.at, **_new(said)))
        if made is not None:
            done = _("%(agency)s was founded.") % {"agency": made.shown}
            messages.success(request, done, extra_tags="settings-agency-new")
            return back_to(desk, "agencies")
    status = 422 if form.errors else 200
    return show(desk, "agency.html", {"form": form, "agency": None}, on="agencies", status=status)


def _new(said: dict[str, Any]) -> dict[str, Any]:
    parent = said.pop("parent")
    return {**_said(said), "parent_id": int(parent) if parent else None}


def _said(said: dict[str, Any]) -> dict[str, Any]:
    area = said.pop("area")
    return {**said, "area_id": area.pk}


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("agencies")
def agency(request: HttpRequest, desk: Desk, agency_id: int) -> HttpResponse:
    """Change an agency."""
    one = _agency(desk, agency_id)
    initial = {
        "name": one.name,
        "name_en": one.name_en,
        "kind": one.kind,
        "area": labelled(one.area.shown, one.area.code),
        "functions": one.functions,
        "phone": one.phone,
    }
    form = AgencyForm(data=request.POST or None, initial=initial)
    if request.method == "POST" and tried(
        form,
        lambda said: services.edit_agency(actor=desk.actor, at=desk.at, agency_id=one.pk, **_said(said)),
    ):
        messages.success(request, _("Saved."), extra_tags=f"settings-agency-{one.pk}")
        return back_to(desk, "agencies")
    status = 422 if form.errors else 200
    return show(desk, "agency.html", {"form": form, "agency": one}, on="agencies", status=status)


@require_POST
@for_settings("agencies")
def close(request: HttpRequest, desk: Desk, agency_id: int) -> HttpResponse:
    """Close an agency; what stands in the way is said."""
    one = _agency(desk, agency_id)
    try:
        services.close_agency(actor=desk.actor, at=desk.at, agency_id=one.pk)
    except GezhiError as error:
        messages.error(request, str(error.message))
        return back_to(desk, "agency", one.pk)
    messages.success(request, _("%(agency)s is closed.") % {"agency": one.shown})
    return back_to(desk, "agencies")


def _agency(desk: Desk, agency_id: int) -> Agency:
    found = agencies_managed_by(desk.actor).filter(pk=agency_id).first()
    if found is None:
        raise NotFound
    return found
