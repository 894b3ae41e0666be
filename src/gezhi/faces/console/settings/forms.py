"""Forms of the settings: what the domain refuses stands beside the field; a look-up for areas and people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.audit.errors import GezhiError

M = TypeVar("M", bound=Model)
Choices = Sequence[tuple[str, str | Promise]]
SEPARATOR = " · "
FIRST, LAST = 2000, 2100  # the years the settings know; moments beyond them could not be reckoned with


class SettingsForm(forms.Form):
    """A form whose errors come from the domain as well."""

    use_required_attribute = False
    stands_for: Mapping[str, str] = {}  # what the domain calls a field → what it is called here

    def refuse(self, error: GezhiError) -> None:
        """Put what the domain refused beside the fields it names, or on top."""
        if not error.fields:
            self.add_error(None, str(error.message))
        for name, text in error.fields.items():
            here = self.stands_for.get(name, name)
            self.add_error(here if here in self.fields else NON_FIELD_ERRORS, str(text))


def tried(form: SettingsForm, do: Callable[[dict[str, Any]], Any]) -> Any:
    """Do it with what the form says; None when something is wrong, which the form then shows."""
    if not form.is_valid():
        return None
    try:
        return do(form.cleaned_data)
    except GezhiError as error:
        form.refuse(error)
        return None


class LookupInput(forms.TextInput):
    """A text box that offers what fits while one types; without scripts one types the code."""

    template_name = "console/settings/widgets/lookup.html"

    def __init__(self, source: str) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.source = source

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"source": self.source}


class LookupField(forms.CharField):
    """Something chosen by its code, written "name · code"; `find` turns the code into the row."""

    def __init__(self, source: str, find: Callable[[str], Model | None], **more: Any) -> None:
        super().__init__(widget=LookupInput(source), max_length=200, **more)
        self.find = find

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = self.find(str(text).rpartition(SEPARATOR.strip())[2].strip())
        if found is None:
            raise forms.ValidationError(
                _("Nothing fits this. Type a part of the name and choose from the list.")
            )
        return found


class MomentField(forms.DateField):
    """A day in local time, of a year the settings know."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST <= day.year <= LAST:
            raise forms.ValidationError(
                _("Choose a day from %(first)s to %(last)s.") % {"first": FIRST, "last": LAST}
            )
        return day


def labelled(name: str, code: str) -> str:
    """How a look-up field writes what is chosen."""
    return f"{name}{SEPARATOR}{code}"


def last_moment(until: datetime | None) -> datetime | None:
    """The last moment before an end: its day is the last day of a post or a key."""
    return until - timedelta(seconds=1) if until else None


def agency_choices(agencies: Iterable[Agency], *, empty: str | Promise) -> Choices:
    """Agencies as a tree in a list, indented by their depth."""
    rows = [(str(agency.pk), "\u3000" * (agency.path.count("/") - 1) + agency.shown) for agency in agencies]
    return [("", empty), *rows]


def typed(request: HttpRequest) -> str:
    """What stands in a look-up box so far; its name differs from form to form."""
    text = next(iter(request.GET.values()), "")
    return str(text).partition(SEPARATOR.strip())[0].strip()[:60]
