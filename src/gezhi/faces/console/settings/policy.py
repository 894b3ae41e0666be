"""The rules of an area: what holds, its versions, a form to change them, and what a change would touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.faces.console.settings.rulesform import RulesForm
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import GezhiError, NotAllowed
from gezhi.work.cases import policy
from gezhi.work.cases.models import Policy
from gezhi.work.cases.policy_effects import Effects, Touched, effects
from gezhi.work.cases.rulebook import BOOK, GROUPS, PRESETS, complete, differences, flat, label, preset, say

WHY = {
    "keeps": lambda n: ngettext(
        "%(n)s limit running keeps its length.", "%(n)s limits running keep their length.", n
    ),
    "waits": lambda n: ngettext(
        "%(n)s case waits for others now and stays with them.",
        "%(n)s cases wait for others now and stay with them.",
        n,
    ),
    "desk": lambda n: ngettext(
        "%(n)s case waits for the desk now and still needs a person.",
        "%(n)s cases wait for the desk now and still need a person.",
        n,
    ),
    "barred": lambda n: ngettext(
        "%(n)s case has used this up already.", "%(n)s cases have used this up already.", n
    ),
}


@dataclass(frozen=True)
class Row:
    """One rule in words; `other` how it would be elsewhere where it differs; `why` whom the change meets."""

    label: str
    value: str
    other: str = ""
    why: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("policy")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What holds on the area and its versions; with ?preset= what a preset would change; POST adopts it."""
    area = desk.scope.area
    if request.method == "POST" and area is not None:
        return _done(desk, lambda: policy.adopt_preset(
            actor=desk.actor, area=area, name=request.POST.get("preset", ""), at=desk.at
        ))  # fmt: skip
    known = policy.policy_for(area.path if area else "")
    found = Policy.objects.select_related("area", "author").get(pk=known.pk) if known else None
    mine = policy.standing_data(area.path if area else "")
    looked_at = request.GET.get("preset", "")
    other = preset(looked_at) if looked_at in PRESETS else None
    told = effects(area=area, wanted=complete(other), at=desk.at) if area and other else None
    context = {
        "area": area,
        "policy": found,
        "preset_name": preset_name(found.preset) if found and found.preset else "",
        "standard": preset_name(PRESETS[0]),
        "presets": [(name, preset_name(name)) for name in PRESETS],
        "looked_at": looked_at if other else "",
        "looked_at_name": preset_name(looked_at) if other else "",
        "groups": groups(mine, other),
        "effects": told,
        "met": rows_of(told) if told else [],
        "versions": [(one, len(_since(one))) for one in policy.versions_of(area)] if area else [],
        "may_change": area is not None and policy.may_set(desk.actor, area),
        "may_have_rules": area is not None and area.kind in policy.HOLDERS,
    }
    return show(desk, "policy.html", context, on="policy")


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("policy")
def edit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rules as a form; a look at what the change would touch; then it is saved. Nothing typed is lost."""
    area = _area(desk)
    standing = policy.policy_for(area.path)
    data = policy.standing_data(area.path)
    if request.method != "POST":
        start = {**flat(data), "based_on": standing.pk if standing else 0}
        return _form(desk, area, RulesForm(initial=RulesForm.as_initial(start)))
    form = RulesForm(data=request.POST)
    wanted = form.wanted(data)
    step = request.POST.get("step")
    if wanted is None or step == "edit":
        return _form(desk, area, form)
    if step == "save":
        try:
            policy.set_rules(
                actor=desk.actor,
                area=area,
                data=wanted,
                at=desk.at,
                note=form.cleaned_data["note"],
                based_on=form.cleaned_data["based_on"],
            )
        except GezhiError as error:
            form.refuse(error)
            return _form(desk, area, form)
        messages.success(request, _("Saved. Limits already running keep their length."))
        return back_to(desk, "policy")
    told = effects(area=area, wanted=wanted, at=desk.at)
    if not told.touched:
        form.add_error(None, _("Nothing differs from the rules that hold now."))
        return _form(desk, area, form)
    context = {"area": area, "form": form, "effects": told, "met": rows_of(told), "said": _said(request)}
    return show(desk, "policy_preview.html", context, on="policy")


@require_safe
@for_settings("policy")
def version(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """One version of the area's rules: who set it, what it changed, beside another (?with=)."""
    area = _area(desk)
    shown = policy.version_of(area, number)
    others = [one for one in policy.versions_of(area) if one.version != number]
    asked = request.GET.get("with", "")
    beside = next((one for one in others if str(one.version) == asked), None)
    context = {
        "area": area,
        "shown": shown,
        "others": others,
        "beside": beside,
        "changed": _since(shown),
        "compared": pairs(beside.data, shown.data) if beside else [],
        "groups": groups(complete(shown.data), None),
        "first": not any(one.version < number for one in others),
        "newest": not any(one.version > number for one in others),
        "may_change": policy.may_set(desk.actor, area),
    }
    return show(desk, "policy_version.html", context, on="policy")


@require_POST
@for_settings("policy")
def again(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Let an older version hold again."""
    area = _area(desk)
    note = request.POST.get("note", "")
    return _done(
        desk,
        lambda: policy.go_back(actor=desk.actor, area=area, version=number, at=desk.at, note=note),
    )


def preset_name(name: str) -> str:
    """A preset's name in the language of the page."""
    data = preset(name)
    return str(data["name_en"] if (get_language() or "").startswith("en") else data["name"])


def groups(mine: Mapping[str, Any], other: Mapping[str, Any] | None) -> list[tuple[str, list[Row]]]:
    """All rules in words by group, compared with another set of rules if there is one."""
    here, there = flat(mine), flat(other) if other else {}
    changed = {one.word.name for one in differences(mine, other)} if other else set()
    found = []
    for group, title in GROUPS.items():
        rows = [
            Row(label(word), say(word, here[word.name]), _other(word, there, changed))
            for word in BOOK
            if word.group == group and (here[word.name] != "" or word.name in changed)
        ]
        found.append((str(title), rows))
    return found


def _other(word: Any, there: Mapping[str, Any], changed: set[str]) -> str:
    return say(word, there[word.name]) if word.name in changed else ""


def pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Row]:
    """What differs, from → to, in words."""
    return [
        Row(label(one.word), say(one.word, one.before), say(one.word, one.after))
        for one in differences(before, after)
    ]


def rows_of(told: Effects) -> list[Row]:
    """Each change in words, with whom it meets."""
    return [_met(one) for one in told.touched]


def _met(one: Touched) -> Row:
    word, n = one.difference.word, one.count
    why = WHY[one.why](n) % {"n": n} if n else ""
    return Row(label(word), say(word, one.difference.before), say(word, one.difference.after), why)


def _since(one: Policy) -> list[Row]:
    """What a version changed: against the one before it, or what held on the area until then."""
    before = Policy.objects.filter(area=one.area, version__lt=one.version).order_by("-version").first()
    return pairs(before.data, one.data) if before else []


def _area(desk: Desk) -> Area:
    if desk.scope.area is None:
        raise NotAllowed
    return desk.scope.area


def _said(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to be carried along unseen."""
    kept = ("csrfmiddlewaretoken", "step")
    return [(name, str(value)) for name, value in request.POST.items() if name not in kept]


def _form(desk: Desk, area: Area, form: RulesForm) -> HttpResponse:
    context = {"area": area, "form": form, "groups": form.groups()}
    if not policy.may_set(desk.actor, area):
        raise NotAllowed
    return show(desk, "policy_edit.html", context, on="policy", status=422 if form.errors else 200)


def _done(desk: Desk, do: Any) -> HttpResponse:
    """Do it and go back to the rules, with what happened in words."""
    try:
        do()
    except GezhiError as error:
        messages.error(desk.request, str(next(iter(error.fields.values()), error.message)))
    else:
        messages.success(desk.request, _("Adopted. Limits already running keep their length."))
    return back_to(desk, "policy")
