"""The responsibility list of an area: who answers for which matter, in which order."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import SettingsForm, agency_choices, tried
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.areas.models import Area
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import CatalogueVersion, MatterKind, ResponsibilityRule
from gezhi.work.matters.queries import duties_by_order
from gezhi.work.matters.rules import LEVEL_NAMES

STEPS = 4
Group = tuple[str | Promise, list[tuple[str, str]]]


@dataclass(frozen=True)
class Line:
    """One rule in words."""

    rule: ResponsibilityRule
    matter: str
    chain: list[str]
    level: str


class RuleForm(SettingsForm):
    """A line of the list: the matter, who answers in turn, where cases begin."""

    stands_for = {"chain": "step1", "item_code": "matter", "class_code": "matter", "kind": "matter"}

    def __init__(self, version: CatalogueVersion | None, agencies: list[Agency], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["matter"] = forms.ChoiceField(
            choices=_matters(version), label=gettext_lazy("For"), required=False
        )
        duties = [(f"function:{duty.code}", duty.shown) for duty in duties_by_order()]
        named = [(f"agency:{code}", name) for code, name in _codes(agencies)]
        answers: list[Any] = [
            (gettext_lazy("Whoever has the duty there"), duties),
            (gettext_lazy("This very agency"), named),
        ]
        for number in range(1, STEPS + 1):
            label = gettext_lazy("Answers first") if number == 1 else gettext_lazy("else")
            first = (
                "",
                gettext_lazy("Choose who answers") if number == 1 else gettext_lazy("nobody further"),
            )
            self.fields[f"step{number}"] = forms.ChoiceField(
                choices=[first, *answers], label=label, required=number == 1
            )
        levels = [("", gettext_lazy("as the catalogue says")), *LEVEL_NAMES.items()]
        self.fields["starting_level"] = forms.ChoiceField(
            choices=levels, label=gettext_lazy("Cases begin at level"), required=False
        )

    def said(self) -> dict[str, Any]:
        """As the domain takes it."""
        kind, class_code, item_code = (*self.cleaned_data["matter"].split(":"), "", "", "")[:3]
        steps = [self.cleaned_data[f"step{number}"] for number in range(1, STEPS + 1)]
        chain = [dict([step.split(":", 1)]) for step in steps if step]
        level = self.cleaned_data["starting_level"]
        return {
            "kind": kind,
            "class_code": class_code,
            "item_code": item_code,
            "chain": chain,
            "starting_level": level,
        }

    def steps(self) -> list[forms.BoundField]:
        return [self[f"step{number}"] for number in range(1, STEPS + 1)]


def _codes(agencies: list[Agency]) -> list[tuple[str, str]]:
    """Agencies by code, indented as in the tree."""
    names = [label for _value, label in agency_choices(agencies, empty="")][1:]
    return [(agency.code, str(name)) for agency, name in zip(agencies, names, strict=True)]


def _matters(version: CatalogueVersion | None) -> list[Any]:
    """Everything, a kind, a class, an item: "event", "event:01", "event:01:0110"."""
    choices: list[Any] = [("", gettext_lazy("every matter"))]
    if version is None:
        return choices
    nodes = queries.tree(version=version)
    for kind in MatterKind.values:
        label = MatterKind(kind).label
        rows = [(kind, _("all of: %(name)s") % {"name": label})]
        for node in nodes:
            one = node.matter_class
            if one.kind != kind:
                continue
            rows.append((f"{kind}:{one.code}", f"{one.code} {one.shown}"))
            rows += [
                (f"{kind}:{one.code}:{item.code}", f"\u3000{item.code} {item.shown}") for item in node.items
            ]
        choices.append((label, rows))
    return choices


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("duties")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines of this area, those of areas above that hold here too, and a form for one more."""
    area = desk.scope.area
    version = queries.current_version(at=desk.at)
    agencies = _agencies(area)
    form = RuleForm(version, agencies, data=request.POST or None)
    if request.method == "POST" and area is not None:
        done = tried(
            form,
            lambda said: services.set_rule(actor=desk.actor, area_id=area.pk, at=desk.at, **form.said()),
        )
        if done is not None:
            messages.success(request, _("The line stands. It counts for the next case."))
            return back_to(desk, "duties")
    rules = ResponsibilityRule.objects.current(desk.at).select_related("area")
    here = rules.filter(area=area)
    above = rules.filter(area__path__in=ancestors(area.path)[1:]) if area else rules.none()
    below = rules.filter(within("area__path", area.path)).exclude(area=area) if area else rules.none()
    words = _Words(version, agencies)
    context = {
        "area": area,
        "here": [words.line(rule) for rule in here],
        "above": [words.line(rule) for rule in above],
        "below": [words.line(rule) for rule in below],
        "form": form,
        "may_change": area is not None and desk.actor.may(services.GRANT, area.path),
    }
    return show(desk, "duties.html", context, on="duties", status=422 if form.errors else 200)


def _agencies(area: Area | None) -> list[Agency]:
    """Open agencies that work on the area, or somewhere in it."""
    if area is None:
        return []
    found = Agency.objects.filter(closed_at=None).select_related("area").order_by("path")
    return [
        one for one in found if one.area.path.startswith(area.path) or area.path.startswith(one.area.path)
    ]


class _Words:
    """Codes of rules in words."""

    def __init__(self, version: CatalogueVersion | None, agencies: list[Agency]) -> None:
        nodes = queries.tree(version=version) if version else []
        self.matters = {f"{n.matter_class.kind}:{n.matter_class.code}": n.matter_class.shown for n in nodes}
        self.matters |= {item.key: f"{item.code} {item.shown}" for node in nodes for item in node.items}
        self.duties = {duty.code: duty.shown for duty in duties_by_order()}
        self.agencies = {agency.code: agency.shown for agency in agencies}

    def line(self, rule: ResponsibilityRule) -> Line:
        code = rule.item_code or rule.class_code
        if code:
            matter = self.matters.get(f"{rule.kind}:{code}", code)
        else:
            matter = str(MatterKind(rule.kind).label) if rule.kind else _("every matter")
        chain = [self._step(step) for step in rule.chain]
        return Line(rule, matter, chain, str(LEVEL_NAMES.get(rule.starting_level, "")))

    def _step(self, step: dict[str, str]) -> str:
        if "agency" in step:
            return self.agencies.get(step["agency"], step["agency"])
        return _("whoever has the duty “%(duty)s”") % {
            "duty": self.duties.get(step["function"], step["function"])
        }


@require_POST
@for_settings("duties")
def end(request: HttpRequest, desk: Desk, rule_id: int) -> HttpResponse:
    """Take a line off the list."""
    services.end_rule(actor=desk.actor, rule_id=rule_id, at=desk.at)
    messages.success(request, _("The line is off the list; what the catalogue says holds again."))
    return back_to(desk, "duties")
