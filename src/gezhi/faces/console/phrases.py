"""Phrases: what one writes often, kept for oneself or for all desks of an area."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.look.inputs import PhotoForm
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.foundation.ids import id_in
from gezhi.work.cases.acts import ACTS
from gezhi.work.desk import services
from gezhi.work.desk.models import PHRASE_LIMIT, Phrase
from gezhi.work.desk.queries import phrases_of
from gezhi.work.desk.rules import KEEPS_PHRASES

WRITTEN = ("text", "line")
NOT_BY_PEOPLE = {"report", "solve", "absorb", "let_go", "add", "rate", "withdraw"}


class PhraseForm(PhotoForm):
    """One phrase, new or changed."""

    text = forms.CharField(
        label=gettext_lazy("Phrase"), widget=forms.Textarea(attrs={"rows": 2, "maxlength": PHRASE_LIMIT})
    )
    act = forms.ChoiceField(label=pgettext_lazy("phrase", "For"), required=False)
    short = forms.CharField(
        label=gettext_lazy("Shortcut"),
        required=False,
        help_text=gettext_lazy("Typed after a slash and followed by a space, it becomes the phrase."),
        widget=forms.TextInput(attrs={"maxlength": services.SHORT_LIMIT + 1}),
    )
    area = forms.ChoiceField(label=gettext_lazy("Who has it"), required=False)

    def __init__(self, desk: Desk, phrase: Phrase | None = None, **bound: Any) -> None:
        initial = {"text": phrase.text, "act": phrase.act, "short": phrase.short} if phrase else None
        super().__init__(initial=initial, prefix=f"p{phrase.pk}" if phrase else None, **bound)
        self.fields["act"].choices = [("", _("every act")), *_acts()]  # type: ignore[attr-defined]
        areas = _areas(desk) if phrase is None else []
        self.fields["area"].choices = [("", _("only me")), *areas]  # type: ignore[attr-defined]
        if not areas:
            del self.fields["area"]
        if self.is_bound:
            self.as_sent()

    def said(self) -> dict[str, Any]:
        """What was sent, for the domain to judge."""
        return {name: str(self.data.get(self.add_prefix(name), "")) for name in ("text", "act", "short")}

    @property
    def area_id(self) -> int | None:
        chosen = str(self.data.get("area", ""))
        return id_in(chosen) if chosen else None


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The phrases one sees; POST adds one."""
    form = PhraseForm(desk, data=request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            services.add_phrase(actor=desk.actor, at=desk.at, area_id=form.area_id, **form.said())
        except GezhiError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The phrase is kept."))
            return redirect(desk.url("phrases"))
    return _shown(desk, form)


@require_POST
@at_desk
def change(request: HttpRequest, desk: Desk, phrase_id: int) -> HttpResponse:
    """Change one phrase, or delete it."""
    common: dict[str, Any] = {"actor": desk.actor, "at": desk.at, "phrase_id": phrase_id}
    if request.POST.get("do") == "drop":
        services.drop_phrase(**common)
        return redirect(desk.url("phrases"))
    phrase = next((one for one in phrases_of(desk.actor) if one.pk == phrase_id), None)
    if phrase is None:
        raise NotFound
    form = PhraseForm(desk, phrase, data=request.POST)
    try:
        services.edit_phrase(**common, **form.said())
    except GezhiError as error:
        form.refuse(error)
        return _shown(desk, PhraseForm(desk), changed=form, of=phrase_id)
    return redirect(desk.url("phrases"))


def _shown(desk: Desk, form: PhraseForm, *, changed: PhraseForm | None = None, of: int = 0) -> HttpResponse:
    rows = []
    for phrase in phrases_of(desk.actor):
        keeps = services.may_keep(desk.actor, phrase)
        own = changed if phrase.pk == of and changed else PhraseForm(desk, phrase) if keeps else None
        act = ACTS[phrase.act].label if phrase.act in ACTS else ""
        rows.append({"phrase": phrase, "act": act, "form": own, "open": phrase.pk == of})
    status = 422 if form.errors or (changed and changed.errors) else 200
    return desk.page("console/phrases.html", {"form": form, "rows": rows}, on="cases", status=status)


def _acts() -> list[tuple[str, str]]:
    """The acts of people in which something is written."""
    return [
        (act.code, str(act.label))
        for act in ACTS.values()
        if act.code not in NOT_BY_PEOPLE and any(spec.kind in WRITTEN for spec in act.inputs)
    ]


def _areas(desk: Desk) -> list[tuple[str, str]]:
    """The areas of one's posts one keeps phrases for."""
    ids = {seat.area_id for seat in desk.actor.seats if seat.grants & KEEPS_PHRASES}
    found = Area.objects.filter(pk__in=ids).order_by("path")
    return [(str(area.pk), _("all desks of %(area)s") % {"area": area.shown}) for area in found]
