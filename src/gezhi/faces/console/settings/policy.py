"""The rules of a district on one readable page, and its presets to adopt."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.areas.models import AreaKind
from gezhi.foundation.audit.errors import GezhiError
from gezhi.foundation.clocks.rules import describe
from gezhi.work.cases import policy
from gezhi.work.cases.models import Policy
from gezhi.work.cases.policy import Rules, parse_rules
from gezhi.work.matters.rules import LEVEL_NAMES

LIMITS: dict[str, Promise] = {
    "intake": gettext_lazy("Take a report in and file it"),
    "check": gettext_lazy("Check a report on the spot"),
    "dispatch": gettext_lazy("Dispatch a filed case"),
    "sign": gettext_lazy("Sign for a case"),
    "sign_emergency": gettext_lazy("Sign for an emergency"),
    "contact": gettext_lazy("Get in touch with the asker"),
    "part": gettext_lazy("Co-handle a case"),
    "summons_joint": gettext_lazy("Report in: joint enforcement"),
    "summons_key": gettext_lazy("Report in: key work"),
    "summons_emergency": gettext_lazy("Report in: emergency"),
    "reply": gettext_lazy("Reply to a formal supervision"),
    "decision": gettext_lazy("Decide on a request"),
    "desk": gettext_lazy("Send a result to be verified"),
    "verify": gettext_lazy("Verify a result"),
    "close": gettext_lazy("Close a verified case"),
    "call_back": gettext_lazy("Call back after a poor rating"),
    "handle_unknown": gettext_lazy("Handle, where the condition says nothing"),
}
LEVELS = {kind.value: kind.label for kind in AreaKind} | dict(LEVEL_NAMES)


@dataclass(frozen=True)
class Row:
    """One rule in words; `other` how the preset looked at would have it, where it differs."""

    label: Any
    value: str
    other: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_settings("policy")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What holds on the area; with ?preset= beside it what a preset would change; POST adopts it."""
    area = desk.scope.area
    path = area.path if area else ""
    if request.method == "POST" and area is not None:
        try:
            policy.adopt_preset(actor=desk.actor, area=area, name=request.POST.get("preset", ""), at=desk.at)
        except GezhiError as error:
            messages.error(request, str(next(iter(error.fields.values()), error.message)))
        else:
            messages.success(request, _("Adopted. Limits already running keep their length."))
        return back_to(desk, "policy")
    known = policy.policy_for(path)
    found = Policy.objects.select_related("area").get(pk=known.pk) if known else None
    looked_at = request.GET.get("preset", "")
    other = parse_rules(policy.preset(looked_at)) if looked_at in policy.PRESETS else None
    context = {
        "area": area,
        "policy": found,
        "preset_name": preset_name(found.preset if found else policy.PRESETS[0]),
        "presets": [(name, preset_name(name)) for name in policy.PRESETS],
        "looked_at": looked_at if other else "",
        "looked_at_name": preset_name(looked_at) if other else "",
        "groups": groups(policy.rules_for(path), other),
        "may_change": area is not None and desk.actor.may("manage_catalogue", area.path),
    }
    return show(desk, "policy.html", context, on="policy")


def preset_name(name: str) -> str:
    """A preset's name in the language of the page."""
    data = policy.preset(name)
    return str(data["name_en"] if (get_language() or "").startswith("en") else data["name"])


def groups(rules: Rules, other: Rules | None) -> list[tuple[str, list[Row]]]:
    """All rules in words, in three groups, compared with another set of rules if there is one."""
    mine = _words(rules)
    theirs = _words(other) if other else mine
    return [
        (
            title,
            [
                Row(label, value, theirs[n][1][m][1] if theirs[n][1][m][1] != value else "")
                for m, (label, value) in enumerate(rows)
            ],
        )
        for n, (title, rows) in enumerate(mine)
    ]


def _words(rules: Rules) -> list[tuple[str, list[tuple[Any, str]]]]:
    limits = [(label, describe(rules.limits[name])) for name, label in LIMITS.items()]
    return [
        (_("Who does what"), _who(rules)),
        (_("Limits"), limits),
        (_("Numbers"), _numbers(rules)),
    ]


def _who(rules: Rules) -> list[tuple[Any, str]]:
    yes, no = _("by itself"), _("by a person")
    loops = " · ".join(f"{LEVELS.get(level, level)} {name}" for level, name in rules.loop_names.items())
    return [
        (_("The desk is at"), str(LEVELS.get(rules.desk_level, rules.desk_level))),
        (_("A result is sent to be verified"), yes if rules.auto_send_verify else no),
        (_("A case that passed is closed"), yes if rules.auto_close else no),
        (_("Loops are called"), loops),
    ]


def _numbers(rules: Rules) -> list[tuple[Any, str]]:
    share = {"n": f"{rules.rework_share * 100:g}"}
    return [
        (_("Solved on the spot and checked again"), f"{rules.recheck_percent} %"),
        (_("An agency may return a case"), _times(rules.returns_before_designation)),
        (
            _("Limit of a rework"),
            _("%(n)s %% of the handling limit") % share,
        ),
        (_("The leader is told after a limit ran out by"), _("%(n)s minutes") % {"n": rules.grace_minutes}),
        (_("A result can be rated for"), _days(rules.rating_days)),
        (_("A refusal can be reviewed for"), _("%(n)s working days") % {"n": rules.review_days}),
        (_("A case can be reopened"), _times(rules.reopenings)),
        (_("An asker may urge again after"), _("%(n)s hours") % {"n": rules.urge_hours}),
    ]


def _days(n: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}


def _times(n: int) -> str:
    return ngettext("%(n)s time", "%(n)s times", n) % {"n": n}
