"""The tree of areas: walk down, rename, add below. And the options of look-up fields for areas."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.settings.forms import SettingsForm, labelled, tried, typed
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.areas import services
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import lineage

OFFERED = 12


class NamesForm(SettingsForm):
    """An area's names."""

    name = forms.CharField(label=pgettext_lazy("area", "Name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)


class AreaForm(NamesForm):
    """An area to be added below another."""

    def __init__(self, parent: Area, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = list(AreaKind.choices)
        smaller = kinds[AreaKind.values.index(parent.kind) + 1 :]
        self.fields["kind"] = forms.ChoiceField(choices=smaller, label=pgettext_lazy("area", "Kind"))
        self.fields["code"] = forms.CharField(
            label=pgettext_lazy("area", "Code"),
            help_text=gettext_lazy("It stays for good and is never used again."),
            max_length=30,
        )
        self.order_fields(["kind", "code", "name", "name_en"])


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("areas")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One area: its names, what lies below, and a form to add there."""
    area = desk.scope.area
    if area is None:
        return show(desk, "areas.html", {"area": None}, on="areas")
    asked = request.POST.get("do")
    rename = NamesForm(
        data=request.POST if asked == "rename" else None,
        initial={"name": area.name, "name_en": area.name_en},
        prefix="rename",
    )
    add = AreaForm(area, data=request.POST if asked == "add" else None, prefix="add")
    if asked == "rename" and tried(
        rename, lambda said: services.rename_area(actor=desk.actor, at=desk.at, area_id=area.pk, **said)
    ):
        messages.success(request, _("Saved."))
        return back_to(desk, "areas")
    if asked == "add":
        made = tried(
            add, lambda said: services.create_area(actor=desk.actor, at=desk.at, parent_id=area.pk, **said)
        )
        if made is not None:
            messages.success(request, _("%(area)s was added.") % {"area": made.shown})
            return back_to(desk, "areas")
    context = {
        "area": area,
        "above": lineage(area.path)[:-1],
        "below": Area.objects.filter(parent=area).order_by("path"),
        "rename_form": rename,
        "add_form": add,
        "opened": asked,
        "may_change": desk.actor.may(services.GRANT, area.path),
    }
    status = 422 if rename.errors or add.errors else 200
    return show(desk, "areas.html", context, on="areas", status=status)


@require_safe
@at_desk
def find_areas(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Options of a look-up field: areas by a part of the name or the start of the code. Names are public."""
    text = typed(request)
    fits = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__startswith=text)
    found = Area.objects.filter(fits, retired_at=None).select_related("parent").order_by("path")
    options = [labelled(_with_parent(area), area.code) for area in found[: OFFERED if text else 0]]
    return desk.part("console/settings/widgets/options.html", {"options": options})


def _with_parent(area: Area) -> str:
    return f"{area.parent.shown} {area.shown}" if area.parent else area.shown
