"""The rules of an area as a form: one field a word, two for a limit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from gezhi.faces.console.settings.forms import SettingsForm
from gezhi.foundation.audit.errors import Invalid
from gezhi.work.cases import policy
from gezhi.work.cases.rulebook import BOOK, GROUPS, LONGEST_NAME, UNITS, Word, label, merged
from gezhi.work.cases.states import LEVELS
from gezhi.work.matters.rules import LEVEL_NAMES

AMOUNT, UNIT = ":amount", ":unit"
SUFFIXES = {
    "percent": gettext_lazy("percent"),
    "times": gettext_lazy("times"),
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("calendar days"),
}


class RulesForm(SettingsForm):
    """Every word of the rules. `based_on` is the id of the policy the form was filled from."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    note = forms.CharField(
        label=gettext_lazy("Why it is changed"),
        help_text=gettext_lazy("Stays with the version, for those who look at it later."),
        max_length=policy.LONGEST_NOTE,
        required=False,
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for word in BOOK:
            self.fields.update(_fields(word))
        self.stands_for = {word.name: word.name + AMOUNT for word in BOOK if word.kind == "limit"}

    @staticmethod
    def as_initial(said: Mapping[str, Any]) -> dict[str, Any]:
        """What holds, field by field."""
        found: dict[str, Any] = {"based_on": said["based_on"]}
        for word in BOOK:
            value = said[word.name]
            if word.kind == "limit":
                found[word.name + AMOUNT], found[word.name + UNIT] = value.split(" ")
            elif word.kind == "yes_no":
                found[word.name] = "yes" if value else "no"
            else:
                found[word.name] = round(value * 100) if word.kind == "share" else value
        return found

    def wanted(self, standing: Mapping[str, Any]) -> dict[str, Any] | None:
        """The rules as they would be; None where something is wrong, which the form then shows."""
        if not self.is_valid():
            return None
        said: dict[str, Any] = {"loop_names": {}, "approvers": {}, "limits": {}}
        for word in BOOK:
            table, _dot, inner = word.name.rpartition(".")
            (said[table] if table else said)[inner] = self._value(word)
        try:
            return merged(standing, said)
        except Invalid as error:
            self.refuse(error)
            return None

    def _value(self, word: Word) -> Any:
        said = self.cleaned_data
        if word.kind == "limit":
            amount = Decimal(said[word.name + AMOUNT])
            return f"{amount.normalize():f} {said[word.name + UNIT]}"
        value = said[word.name]
        if word.kind == "yes_no":
            return value == "yes"
        return value / 100 if word.kind == "share" else value

    def groups(self) -> list[tuple[str, list[tuple[str, list[forms.BoundField], Any]]]]:
        """For the page: by group the label of each word, its one or two fields, and what a number counts."""
        return [
            (str(title), [self._line(word) for word in BOOK if word.group == group])
            for group, title in GROUPS.items()
        ]

    def _line(self, word: Word) -> tuple[str, list[forms.BoundField], Any]:
        names = [word.name + AMOUNT, word.name + UNIT] if word.kind == "limit" else [word.name]
        return label(word), [self[name] for name in names], SUFFIXES.get(word.unit, "")


def _fields(word: Word) -> dict[str, forms.Field]:
    name, words = word.name, label(word)
    match word.kind:
        case "limit":
            amount = forms.DecimalField(
                label=words, min_value=Decimal("0.01"), max_digits=7, decimal_places=2
            )
            amount.widget.attrs["inputmode"] = "decimal"
            unit = forms.ChoiceField(choices=list(UNITS.items()), label=gettext_lazy("Unit"))
            return {name + AMOUNT: amount, name + UNIT: unit}
        case "level":
            levels = [(level, LEVEL_NAMES[level]) for level in LEVELS]
            return {name: forms.ChoiceField(choices=levels, label=words)}
        case "yes_no":
            choices = [("yes", gettext_lazy("by itself")), ("no", gettext_lazy("by a person"))]
            return {name: forms.ChoiceField(choices=choices, label=words)}
        case "name":
            return {name: forms.CharField(label=words, max_length=LONGEST_NAME, required=False)}
        case _:
            return {name: forms.IntegerField(label=words, min_value=word.low, max_value=word.high)}
