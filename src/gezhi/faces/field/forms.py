"""The two forms with which a case begins on the spot."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.faces.field.duty import Duty
from gezhi.faces.look.inputs import PhotoForm, PhotosField, PhotosInput
from gezhi.faces.look.matters import ConditionInput, ItemInput
from gezhi.faces.look.places import PointInput, parted
from gezhi.foundation.audit.errors import Invalid, NotAllowed
from gezhi.foundation.ids import id_in
from gezhi.work.cases.models import new_id
from gezhi.work.cases.services import Report, sources_for
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import Condition, MatterItem

USUAL = (Source.PATROL, Source.DEPARTMENT, Source.LEADER)  # the first of these one's posts take in
WORDS = {"rows": 3, "maxlength": 2000}


class SpotForm(PhotoForm):
    """Photos, place and words. The domain checks them; `refuse` shows what it says."""

    id = forms.CharField(widget=forms.HiddenInput)
    photos = PhotosField(label=gettext_lazy("Photos"), widget=PhotosInput(), required=False)
    point = forms.CharField(label=gettext_lazy("Where"), widget=PointInput())
    address = forms.CharField(
        label=gettext_lazy("The spot in words"),
        help_text=gettext_lazy("For example: beside the gate of building 3."),
        required=False,
        max_length=160,
    )

    def __init__(self, duty: Duty, **bound: Any) -> None:
        super().__init__(**bound)
        self.duty = duty
        point = self.fields["point"].widget
        assert isinstance(point, PointInput)
        point.path = duty.area.path
        if not self.is_bound:
            self.initial["id"] = new_id()
            return
        self.as_sent()
        self.keep_photos(actor=duty.actor, at=duty.at)

    def given(self, name: str) -> str:
        """What a field holds, as sent."""
        return str(self.data.get(name, "")).strip()

    @property
    def seen(self) -> set[str]:
        """The cases nearby one has been shown already."""
        return set(self.data.getlist("seen")) if isinstance(self.data, MultiValueDict) else set()

    @property
    def place(self) -> tuple[float, float] | None:
        """The point chosen."""
        return parted(self.fields["point"].widget.value_from_datadict(self.data, self.files, "point"))

    @property
    def place_of_photo(self) -> tuple[float, float] | None:
        """Where the first photo that says so was taken."""
        places = [(photo.lon, photo.lat) for photo in self.photos_of("photos")]
        return next(((lon, lat) for lon, lat in places if lon is not None and lat is not None), None)

    def matter(self) -> MatterItem | None:
        """What it is about, if that was said."""
        return None

    def missing(self) -> dict[str, str]:
        """All that must still be said, by field, so that it is told at once and not bit by bit."""
        return {} if self.place else {"point": _("Tap the place on the map, or use your location.")}

    def said(self) -> Report:
        """The report for the domain; Invalid as long as something is missing."""
        missing = self.missing()
        if self.place is None or missing:
            raise Invalid(missing)
        possible = sources_for(self.duty.actor)
        source = next((source for source in USUAL if source in possible), None)
        if source is None:
            raise NotAllowed
        return Report(
            source=source,
            description=self.given("description"),
            lon=self.place[0],
            lat=self.place[1],
            address=self.given("address"),
            item=self.matter(),
            photos=self.photos_of("photos"),
            id=_uuid(self.given("id")),
        )


class ReportForm(SpotForm):
    """A report. What it is about may be left to the desk."""

    item = forms.CharField(label=gettext_lazy("Matter"), widget=ItemInput(), required=False)
    description = forms.CharField(
        label=gettext_lazy("What is wrong"),
        help_text=gettext_lazy("A few words are enough; none are needed where you chose the matter."),
        widget=forms.Textarea(attrs=WORDS),
        required=False,
    )
    field_order = ("photos", "point", "address", "item", "description")

    def missing(self) -> dict[str, str]:
        if self.given("description") or self.given("item"):
            return super().missing()
        return {**super().missing(), "description": _("Please say what is wrong, or choose the matter.")}

    def matter(self) -> MatterItem | None:
        return MatterItem.objects.filter(pk=id_in(self.given("item"))).first()


class SolveForm(SpotForm):
    """Report and result in one: before, after, what was done."""

    condition = forms.CharField(
        label=gettext_lazy("Matter and filing condition"), widget=ConditionInput(spot=True)
    )
    after = PhotosField(label=gettext_lazy("Photos after"), widget=PhotosInput())
    text = forms.CharField(label=gettext_lazy("What you did"), widget=forms.Textarea(attrs=WORDS))
    field_order = ("photos", "point", "address", "condition", "after", "text")

    def __init__(self, duty: Duty, **bound: Any) -> None:
        super().__init__(duty, **bound)
        self.fields["photos"].label = _("Photos before")
        self.fields["photos"].required = True

    def chosen(self) -> Condition:
        """The condition chosen; Invalid while there is none."""
        number = id_in(self.given("condition"))
        condition = Condition.objects.select_related("item").filter(pk=number).first()
        if condition is None:
            raise Invalid({"condition": _("Choose what you have solved.")})
        return condition

    def matter(self) -> MatterItem | None:
        return self.chosen().item


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
