"""The form of an act, built from the act's own declaration, so that a new act has its form at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gezhi.faces.look.inputs import OneOrAnother, Option, PhotoForm, PhotosField, PhotosInput, Several
from gezhi.faces.look.matters import ConditionInput, likely_conditions
from gezhi.faces.look.places import PointInput
from gezhi.faces.look.words import moment_words
from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.acts import LEVELS, Act, Input
from gezhi.work.cases.inputs import LINE_LIMIT, photos_needed
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.options import Offer, offers
from gezhi.work.cases.requests import LONGEST

FEW = 8  # people offered as buttons; more are a list


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


def _line(spec: Input, setting: Setting) -> forms.Field:
    return forms.CharField(widget=forms.TextInput(attrs={"maxlength": LINE_LIMIT}))


def _date(spec: Input, setting: Setting) -> forms.Field:
    """From tomorrow on, or the day of the limit that is to be moved; within three years."""
    today = localdate(setting.at)
    first, said = today + timedelta(days=1), ""
    if setting.act.code == "request_extension":
        handle = Clock.objects.filter(case=setting.case, kind="handle", ended_at=None).first()
        if handle and handle.due_at:
            first = max(first, localdate(handle.due_at))
            said = _("The limit now: %(when)s.") % {"when": moment_words(handle.due_at, at=setting.at)}
    attrs = {"type": "date", "min": first.isoformat(), "max": (today + LONGEST).isoformat(), "class": "short"}
    return forms.CharField(widget=forms.DateInput(attrs=attrs), help_text=f"{said} {spec.help}".strip())


def _offers(spec: Input, setting: Setting) -> list[Offer]:
    return offers(setting.act, spec, setting.case, actor=setting.actor, at=setting.at)


def _agency(spec: Input, setting: Setting) -> forms.Field:
    """Who is likely as buttons, everybody else in a list."""
    found = _offers(spec, setting)
    options = [Option(o.value, o.label, o.why) for o in found if o.likely]
    others = [(o.value, o.label) for o in found if not o.likely]
    label = _("Another agency (give the reason)") if options else _("Choose an agency")
    widget = OneOrAnother(options, others=[("", others)] if others else (), other_label=label)
    return forms.CharField(widget=widget, initial=options[0].value if options and spec.required else "")


def _agencies(spec: Input, setting: Setting) -> forms.Field:
    options = [Option(o.value, o.label, o.why) for o in _offers(spec, setting)]
    return forms.Field(widget=Several(options, find_label=_("Find an agency by its name")))


def _few_or_list(spec: Input, setting: Setting) -> forms.Field:
    """People or parts: a few as buttons, many as a list."""
    found = _offers(spec, setting)
    if len(found) <= FEW:
        only = found[0].value if len(found) == 1 and spec.required else ""
        options = [Option(o.value, o.label, o.why) for o in found]
        return forms.CharField(widget=OneOrAnother(options), initial=only)
    named = [(offer.value, offer.label) for offer in found]
    label = _("Choose an agency") if spec.kind == "part" else _("Choose a person")
    return forms.CharField(widget=OneOrAnother((), others=[("", named)], other_label=label))


def _condition(spec: Input, setting: Setting) -> forms.Field:
    case = setting.case
    likely = likely_conditions(item=case.item, text=case.description, at=setting.at)
    initial = likely[0].pk if case.item and len(likely) == 1 else ""
    return forms.CharField(widget=ConditionInput(likely, finds=True), initial=initial)


def _case(spec: Input, setting: Setting) -> forms.Field:
    options = [Option(o.value, o.label, o.why) for o in _offers(spec, setting)]
    return forms.CharField(widget=OneOrAnother(options, typed=True, other_label=_("Case number")))


def _point(spec: Input, setting: Setting) -> forms.Field:
    return forms.CharField(widget=PointInput(around=(setting.case.lon, setting.case.lat)))


_FIELDS: dict[str, Callable[[Input, Setting], forms.Field]] = {
    "text": _text,
    "choice": _choice,
    "stars": _stars,
    "photos": _photos,
    "line": _line,
    "date": _date,
    "agency": _agency,
    "agencies": _agencies,
    "user": _few_or_list,
    "part": _few_or_list,
    "condition": _condition,
    "case": _case,
    "point": _point,
}
