"""The form of an act, built from the act's own declaration, so that a new act has its form at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from gezhi.faces.look.inputs import OneOrAnother, Option, PhotoForm, PhotosField, PhotosInput
from gezhi.faces.look.matters import ConditionInput, likely_conditions
from gezhi.faces.look.places import PointInput
from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases import queries
from gezhi.work.cases.acts import Act, Input
from gezhi.work.cases.inputs import photos_needed
from gezhi.work.cases.models import Case
from gezhi.work.matters.queries import suggest_agencies

FEW = 8  # people offered as buttons; more are a list
LEVELS = (
    ("5", pgettext_lazy("rating", "Very satisfied")),
    ("4", pgettext_lazy("rating", "Satisfied")),
    ("3", pgettext_lazy("rating", "Fair")),
    ("2", pgettext_lazy("rating", "Dissatisfied")),
    ("1", pgettext_lazy("rating", "Very dissatisfied")),
)
PEOPLE: dict[str, Callable[..., Iterable[User]]] = {
    "ask_check": queries.checkers,
    "send_verify": queries.verifiers,
    "reassign": queries.verifiers,
}


@dataclass(frozen=True)
class Setting:
    """What a field is built for."""

    act: Act
    case: Case
    actor: Actor
    at: datetime


class ActForm(PhotoForm):
    """One act on one case. The domain checks what it is told; `refuse` puts its words beside the fields."""

    def __init__(self, act: Act, case: Case, *, actor: Actor, at: datetime, **bound: Any) -> None:
        super().__init__(**bound)
        self.act = act
        for spec in act.inputs:
            field = _FIELDS[spec.kind](spec, Setting(act, case, actor, at))
            field.label = str(spec.label)
            field.help_text = field.help_text or str(spec.help)
            field.required = spec.required or (spec.kind == "photos" and photos_needed(spec, case) > 0)
            self.fields[spec.name] = field
        if self.is_bound:
            self.as_sent()
            self.keep_photos(actor=actor, at=at)

    @property
    def finding(self) -> bool:
        """Whether it was sent only to search the catalogue: to be shown again, not to be done."""
        sent = self.data
        return any(f"{self.add_prefix(spec.name)}-find" in sent for spec in self.act.inputs)

    def raw(self) -> dict[str, Any]:
        """What the form says, as `perform` takes it."""
        return {spec.name: self._given(spec) for spec in self.act.inputs}

    def _given(self, spec: Input) -> Any:
        if spec.kind == "photos":
            return [photo.pk for photo in self.photos_of(spec.name)]
        widget, name = self.fields[spec.name].widget, self.add_prefix(spec.name)
        return widget.value_from_datadict(self.data, self.files, name)


def act_form(
    act: Act,
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    data: MultiValueDict[str, Any] | None = None,
    files: MultiValueDict[str, Any] | None = None,
) -> ActForm:
    """The form of an act; given `data` (and `files`) as it was sent, with its photos stored."""
    return ActForm(act, case, actor=actor, at=at, data=data, files=files, prefix=act.code)


def _text(spec: Input, setting: Setting) -> forms.Field:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}))


def _choice(spec: Input, setting: Setting) -> forms.Field:
    return forms.ChoiceField(choices=spec.choices, widget=forms.RadioSelect)


def _stars(spec: Input, setting: Setting) -> forms.Field:
    return forms.ChoiceField(choices=LEVELS, widget=forms.RadioSelect)


def _photos(spec: Input, setting: Setting) -> forms.Field:
    n = photos_needed(spec, setting.case)
    asked = ngettext("At least %(n)d photo.", "At least %(n)d photos.", n) % {"n": n} if n else ""
    return PhotosField(widget=PhotosInput(), help_text=asked)


def _agency(spec: Input, setting: Setting) -> forms.Field:
    case, suggested = setting.case, []
    if case.condition is not None:
        suggested = suggest_agencies(condition=case.condition, area_path=case.area_path, at=setting.at)
    options = [Option(str(s.agency.pk), s.agency.shown, s.why) for s in suggested]
    known = {option.value for option in options}
    others = [(str(a.pk), a.shown) for a in queries.agencies_for(case) if str(a.pk) not in known]
    label = _("Another agency (give the reason)") if options else _("Choose an agency")
    widget = OneOrAnother(options, others=[("", others)] if others else (), other_label=label)
    return forms.CharField(widget=widget, initial=options[0].value if options else "")


def _user(spec: Input, setting: Setting) -> forms.Field:
    people = PEOPLE.get(setting.act.code, queries.assignable)(setting.case, at=setting.at)
    named = [(str(user.pk), user.name) for user in people]
    if len(named) <= FEW:
        return forms.CharField(widget=OneOrAnother([Option(value, name) for value, name in named]))
    return forms.CharField(widget=OneOrAnother((), others=[("", named)], other_label=_("Choose a person")))


def _condition(spec: Input, setting: Setting) -> forms.Field:
    case = setting.case
    likely = likely_conditions(item=case.item, text=case.description, at=setting.at)
    initial = likely[0].pk if case.item and len(likely) == 1 else ""
    return forms.CharField(widget=ConditionInput(likely, finds=True), initial=initial)


def _case(spec: Input, setting: Setting) -> forms.Field:
    found = queries.duplicates_of(setting.case, setting.actor, at=setting.at)
    options = [Option(str(case.pk), f"{case.number} {case.title}", case.address) for case, _metres in found]
    return forms.CharField(widget=OneOrAnother(options, typed=True, other_label=_("Case number")))


def _point(spec: Input, setting: Setting) -> forms.Field:
    return forms.CharField(widget=PointInput(around=(setting.case.lon, setting.case.lat)))


_FIELDS: dict[str, Callable[[Input, Setting], forms.Field]] = {
    "text": _text,
    "choice": _choice,
    "stars": _stars,
    "photos": _photos,
    "agency": _agency,
    "user": _user,
    "condition": _condition,
    "case": _case,
    "point": _point,
}
