"""Form controls of our own: photos that survive a mistake, one choice out of a list or something else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise

from gezhi.faces.look.uploads import MOST, Kept, take_photos
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import GezhiError
from gezhi.foundation.files.models import File

Text = str | Promise
Context = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One choice offered as a large radio button, with a line that says why it is offered."""

    value: str
    label: Text
    sub: Text = ""


class PhotosInput(forms.Widget):
    """A camera button, and the photos the form already carries, each with a box to leave it out."""

    template_name = "look/widgets/photos.html"
    grouped = True
    needs_multipart_form = True

    def __init__(self, *, camera: bool = True, most: int = MOST) -> None:
        super().__init__()
        self.camera, self.most = camera, most
        self.kept: tuple[Kept, ...] = ()

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        room = self.most - len(self.kept)
        context |= {"kept": self.kept, "camera": self.camera, "room": room}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return None  # taken by `keep_photos`, which needs to know who sends them

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class PhotosField(forms.Field):
    """Photos of a report or an act; the form that has one is a `PhotoForm`."""

    widget = PhotosInput


class PhotoForm(forms.Form):
    """A form with photos. After `keep_photos` they are stored, and the form shows them when it comes back."""

    use_required_attribute = False

    def as_sent(self) -> None:
        """Take what was sent as it is, with nothing found wrong: the domain judges it."""
        self._errors = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}

    def refuse(self, error: GezhiError) -> None:
        """Put what the domain refused beside the fields it names, or on top."""
        if not error.fields:
            self.add_error(None, str(error.message))
        for name, text in error.fields.items():
            self.add_error(name if name in self.fields else NON_FIELD_ERRORS, str(text))

    def keep_photos(self, *, actor: Actor, at: datetime) -> None:
        """Store what was chosen beside what the form carried; what could not be taken becomes an error."""
        for name, field in self.fields.items():
            if not isinstance(field.widget, PhotosInput):
                continue
            key = self.add_prefix(name)
            taken = take_photos(
                _listed(self.files, key),
                _listed(self.data, f"{key}-kept"),
                actor=actor,
                at=at,
                most=field.widget.most,
            )
            field.widget.kept = taken.kept
            for problem in taken.problems:
                self.add_error(name, str(problem))

    def photos_of(self, name: str) -> tuple[File, ...]:
        """The stored photos of a field, in the order they came."""
        widget = self.fields[name].widget
        assert isinstance(widget, PhotosInput)
        return tuple(one.file for one in widget.kept)


def _listed(source: Any, key: str) -> list[Any]:
    return source.getlist(key) if isinstance(source, MultiValueDict) else []


class OneOrAnother(forms.Widget):
    """Large radio buttons for the likely answers; under them a list or a box for any other.

    All share one name: whatever was picked or typed below wins over the buttons.
    """

    template_name = "look/widgets/one_or_another.html"
    grouped = True

    def __init__(
        self,
        options: Sequence[Option],
        *,
        others: Sequence[tuple[Text, Sequence[tuple[str, Text]]]] = (),
        other_label: Text = "",
        typed: bool = False,
    ) -> None:
        super().__init__()
        self.options, self.others = list(options), list(others)
        self.other_label, self.typed = other_label, typed

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        chosen = str(value or "")
        known = {option.value for option in self.options}
        context |= {
            "options": self.options,
            "others": self.others,
            "other_label": self.other_label,
            "typed": self.typed,
            "chosen": chosen,
            "other_value": "" if chosen in known else chosen,
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        given = [value for value in _listed(data, name) if value]
        return given[-1] if given else None

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}_0" if self.options and id_ else id_


class Several(forms.Widget):
    """Boxes to tick, the likely ones first; where there are many, a box above narrows them as one types.

    What is ticked stays in sight whatever is typed. Without scripts it is a list that scrolls.
    """

    template_name = "look/widgets/several.html"
    grouped = True
    MANY = 10

    def __init__(self, options: Sequence[Option], *, find_label: Text) -> None:
        super().__init__()
        self.options, self.find_label = list(options), find_label

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        chosen = {str(one) for one in value or ()}
        context |= {
            "options": [(option, option.value in chosen) for option in self.options],
            "many": len(self.options) > self.MANY,
            "find_label": self.find_label,
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return [value for value in _listed(data, name) if value]

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}_0" if self.options and id_ else id_
