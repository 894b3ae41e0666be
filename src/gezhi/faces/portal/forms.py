"""The forms residents fill in. Nothing is asked that the work does not need."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gezhi.civic.notices.channels import ready_channels
from gezhi.faces.look.inputs import PhotoForm, PhotosField, PhotosInput
from gezhi.faces.portal.place import Where, describe
from gezhi.work.cases.acts import LEVELS
from gezhi.work.cases.models import new_id
from gezhi.work.cases.services import EMAIL_LENGTH, NO_EMAIL, Contact, Report
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import MatterItem
from gezhi.work.matters.queries import current_version, tree

PHONE = re.compile(r"\+?\d{5,15}")
WORDS = 2000


class ReportForm(PhotoForm):
    """What is wrong, photos, where, and, if one likes, who one is."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    description = forms.CharField(
        label=_("What is wrong?"),
        help_text=_("In your own words: what you see, and since when."),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please say what is wrong.")},
    )
    photos = PhotosField(
        label=_("Photos"),
        help_text=_("Up to 9. A photo often says more than many words."),
        required=False,
        widget=PhotosInput(camera=False),
    )
    item = forms.ChoiceField(label=_("What is it about?"), required=False)
    point = forms.CharField(label=_("Where is it?"), required=False)
    address = forms.CharField(
        label=_("The exact spot"),
        help_text=_("For example: north side of building 3, beside the bins."),
        max_length=160,
        required=False,
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Your phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail"),
        help_text=_("Only if you want to be told by e-mail when something happens."),
        max_length=EMAIL_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": NO_EMAIL},
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)  # only machines fill it in

    def __init__(self, *, at: datetime, where: Where, **bound: Any) -> None:
        super().__init__(**bound)
        self.where = where
        item = self.fields["item"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = _matters(at)
        if not ready_channels():  # nobody would be written to
            del self.fields["email"]
        if not self.is_bound:
            self.initial["id"] = new_id()

    def clean_phone(self) -> str:
        plain = re.sub(r"[\s\-()（）]", "", str(self.cleaned_data["phone"]))
        if plain and not PHONE.fullmatch(plain):
            raise ValidationError(_("Please write the number with digits only, or leave it empty."))
        return plain

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("Please leave this field empty: it is there to tell machines from people.")
            )
        return ""

    def clean(self) -> dict[str, Any]:
        if self.where.chosen is None:
            if self.where.found:
                self.add_error("point", _("Choose one of the addresses found, or tap the map."))
            else:
                self.add_error("point", _("Please say where it is: look for an address or tap the map."))
        return self.cleaned_data

    def report(self) -> Report:
        """What the resident said, for the domain."""
        said = self.cleaned_data
        assert self.where.chosen is not None
        lon, lat = self.where.chosen
        return Report(
            source=Source.RESIDENT,
            description=said["description"],
            lon=lon,
            lat=lat,
            address=said["address"] or describe(self.where.chosen).address,
            item=MatterItem.objects.filter(pk=said["item"], public=True).first() if said["item"] else None,
            photos=self.photos_of("photos"),
            contact=Contact(
                name=said["name"],
                phone=said["phone"],
                email=said.get("email", ""),
                language=get_language() or "zh-hans",
            ),
            id=said["id"],
        )


def _matters(at: datetime) -> list[Any]:
    """The public items by class, after the answer that is always right: let the staff decide."""
    version = current_version(at=at)
    nodes = tree(version=version, public_only=True) if version else []
    groups = [
        (node.matter_class.shown, [(str(item.pk), item.shown) for item in node.items]) for node in nodes
    ]
    return [("", _("I am not sure; the staff will see")), *groups]


class CodeForm(PhotoForm):
    """The tracking code, as it was written down."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "code"}
        ),
        error_messages={"required": _("Please type the code you were given.")},
    )


class NewsForm(PhotoForm):
    """Where news of a report go."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        help_text=_("Leave it empty if this page is enough for you."),
        max_length=EMAIL_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": NO_EMAIL},
    )


class AddForm(PhotoForm):
    """More words and photos for a report on its way."""

    text = forms.CharField(
        label=_("What do you want to add?"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write what you want to add.")},
    )
    photos = PhotosField(label=_("Photos"), required=False, widget=PhotosInput(camera=False))


class RateForm(PhotoForm):
    """Five levels; after a poor one, what is wrong and whether it should be done again."""

    stars = forms.ChoiceField(
        label=_("How satisfied are you with the result?"),
        choices=LEVELS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the five.")},
    )
    text = forms.CharField(
        label=_("What do you want to tell us?"),
        max_length=WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reopen = forms.BooleanField(label=_("Please deal with it again"), required=False)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("reopen") and not said.get("text"):
            self.add_error("text", _("Please say what is not good yet, so that somebody can put it right."))
        return said


class ReopenForm(PhotoForm):
    """Why it should be dealt with again."""

    text = forms.CharField(
        label=_("What is not good yet?"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please say what is not good yet, so that somebody can put it right.")},
    )
