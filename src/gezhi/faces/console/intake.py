"""A new case from a phone call or a colleague: what, where, who waits, and whether it is known already."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.panel import Near, near_of
from gezhi.faces.look.inputs import PhotoForm, PhotosField, PhotosInput
from gezhi.faces.look.matters import ItemInput
from gezhi.faces.look.places import PointInput, parted
from gezhi.foundation.audit.errors import GezhiError, NotAllowed
from gezhi.foundation.ids import id_in
from gezhi.registry.housing.queries import Place, find_address
from gezhi.work.cases.models import new_id
from gezhi.work.cases.queries import near as cases_near
from gezhi.work.cases.services import Contact, Report, report, sources_for
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import MatterItem
from gezhi.work.matters.queries import current_version, propose

OFFERED = 5
MOST_NEAR = 5
USUAL = (Source.HOTLINE, Source.PATROL, Source.DEPARTMENT)  # what a desk, a worker, an agency mostly takes in


class NewCaseForm(PhotoForm):
    """What is asked of who registers a case. The domain checks it; `refuse` shows what it says."""

    id = forms.CharField(widget=forms.HiddenInput)
    source = forms.ChoiceField(label=gettext_lazy("How it came in"))
    description = forms.CharField(
        label=gettext_lazy("What is wrong"), widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000})
    )
    item = forms.CharField(label=gettext_lazy("Matter"), required=False)
    address = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=160)
    point = forms.CharField(label=gettext_lazy("On the map"))
    name = forms.CharField(label=gettext_lazy("Name of who reports"), required=False, max_length=40)
    phone = forms.CharField(
        label=gettext_lazy("Phone of who reports"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, desk: Desk, sources: Sequence[Source], **bound: Any) -> None:
        super().__init__(**bound)
        self.sources = list(sources)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [(one.value, one.label) for one in sources]
        self.fields["item"].widget = ItemInput(_proposed(desk, self._said("description")), finds=True)
        self.fields["point"].widget = PointInput(path=desk.scope.ground)
        photos = PhotosInput(camera=False)
        self.fields["photos"] = PhotosField(label=_("Photos"), required=False, widget=photos)
        if self.is_bound:
            self.as_sent()
            self.keep_photos(actor=desk.actor, at=desk.at)

    def _said(self, name: str) -> str:
        return str(self.data.get(name, "")).strip() if self.is_bound else ""

    def said(self) -> Report | None:
        """The report as told; None while words, place or source are missing (then the form says so)."""
        if not self._said("description") and not self._said("item"):
            self.add_error("description", _("Please say what is wrong, or choose the matter."))
        place = self.place()
        if place is None:
            self.add_error("point", _("Find the address above, or tap the place on the map."))
        if self._said("source") not in self.sources:
            self.add_error("source", _("Choose one of the answers offered."))
        if place is None or self.errors:
            return None
        item = self._said("item")
        contact = Contact(name=self._said("name")[:40], phone=self._said("phone")[:30])
        waits = self._said("source") == Source.HOTLINE or contact.name or contact.phone
        return Report(
            source=self._said("source"),
            description=self._said("description"),
            lon=place[0],
            lat=place[1],
            address=self._said("address"),
            item=MatterItem.objects.filter(pk=id_in(item)).first(),
            photos=self.photos_of("photos"),
            contact=contact if waits else None,
            id=_uuid(self._said("id")),
        )

    def place(self) -> tuple[float, float] | None:
        """The place tapped on the map, else that of the address picked from the list."""
        tapped = self.fields["point"].widget.value_from_datadict(self.data, self.files, "point")
        return parted(tapped) or parted(self._said("place").partition(";")[0])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@at_desk
def new_case(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The form on GET; on POST the case, and its tracking code shown once."""
    sources = sources_for(desk.actor)
    if not sources:
        raise NotAllowed
    if request.method != "POST":
        usual = next((source for source in USUAL if source in sources), sources[0])
        form = NewCaseForm(desk, sources, initial={"id": str(new_id()), "source": usual.value})
        return _shown(desk, form)
    form = NewCaseForm(desk, sources, data=request.POST, files=request.FILES)
    if {"find", "item-find"} & request.POST.keys():  # without scripts: look up, keep everything else
        return _shown(desk, form, places=_places(desk, request.POST.get("address", "")))
    said = form.said()
    if said is None:
        return _shown(desk, form, status=422)
    near = _near(desk, (said.lon, said.lat))
    seen = set(request.POST.getlist("seen"))
    if any(one.case.number not in seen for one in near):
        return _shown(desk, form, near=near, ask_near=True)
    try:
        case, code = report(actor=desk.actor, at=desk.at, said=said)
    except GezhiError as error:
        form.refuse(error)
        return _shown(desk, form, near=near, status=error.status)
    context = {"case": case, "code": code, "near": near_of(desk, case)}
    return desk.page("console/registered.html", context, on="cases")


@require_safe
@at_desk
def place(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The address block: what the words find, or the place picked from it (the map is told by an event)."""
    picked = request.GET.get("place", "")
    if not picked:
        text = request.GET.get("address", "")
        return desk.part("console/parts/places.html", {"places": _places(desk, text), "place_query": text})
    point, _semicolon, address = picked.partition(";")
    found = parted(point)
    response = desk.part("console/parts/address.html", {"address": address, "picked": picked})
    if found:
        response["HX-Trigger"] = json.dumps({"map:place": {"lon": found[0], "lat": found[1]}})
    return response


@require_safe
@at_desk
def near(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Open cases near the place chosen so far: they may be the same."""
    given = parted(f"{request.GET.get('point-lon', '')},{request.GET.get('point-lat', '')}")
    return desk.part("console/parts/new_near.html", {"near": _near(desk, given), "placed": bool(given)})


@require_safe
@at_desk
def items(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Matters that fit the description so far, as radio buttons; the chosen one stays."""
    chosen = request.GET.get("item", "")
    found = _proposed(desk, request.GET.get("description", ""))
    if chosen and chosen not in {str(item.pk) for item in found}:
        kept = MatterItem.objects.filter(pk=id_in(chosen)).select_related("matter_class")
        found = [*kept, *found]
    return desk.part("look/parts/items.html", {"items": found, "name": "item", "chosen": chosen})


def _shown(
    desk: Desk,
    form: NewCaseForm,
    *,
    near: Sequence[Near] = (),
    places: Sequence[Place] | None = None,
    ask_near: bool = False,
    status: int = 200,
) -> HttpResponse:
    given = form.data if form.is_bound else {}
    context = {
        "form": form,
        "near": near,
        "ask_near": ask_near,
        "placed": bool(near),
        "places": places,
        "place_query": given.get("address", ""),
        "address": given.get("address", ""),
        "picked": given.get("place", ""),
    }
    return desk.page("console/new_case.html", context, on="cases", status=status)


def _places(desk: Desk, text: str) -> list[Place]:
    return find_address(text=text, path=desk.scope.ground)


def _near(desk: Desk, point: tuple[float, float] | None) -> list[Near]:
    """Open cases close to a place, whatever their matter: the one to be made is not classified yet."""
    if point is None:
        return []
    found = cases_near(desk.actor, lon=point[0], lat=point[1], at=desk.at)[:MOST_NEAR]
    return [Near(case, metres, None) for case, metres in found]


def _proposed(desk: Desk, text: str) -> list[MatterItem]:
    version = current_version(at=desk.at) if text.strip() else None
    return propose(version=version, text=text, limit=OFFERED) if version else []


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
