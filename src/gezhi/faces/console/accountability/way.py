"""The way of one case: who had it how long, where it stuck; and the form to put a decision on record."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.console.accountability import words
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.settings.forms import MomentField, SettingsForm, tried
from gezhi.faces.look.cases.rows import state_tone, title_of
from gezhi.foundation.audit.errors import NotAllowed, NotFound
from gezhi.oversight.accountability import queries, services
from gezhi.oversight.accountability.models import Kind
from gezhi.oversight.accountability.permits import kinds_for, leads
from gezhi.oversight.accountability.rules import GRAVITY, LONGEST_TEXT
from gezhi.oversight.accountability.trace import Stretch, Subject, stretches, subjects
from gezhi.work.cases import queries as cases
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import State

MEANING = {
    "reminder": gettext_lazy("The unit is reminded to mind it."),
    "talk": gettext_lazy("A leader talks to whoever answers for it."),
    "bulletin": gettext_lazy("Told to all units inside; never published."),
    "accountability": gettext_lazy("Passed on to be dealt with by the rules for it."),
}


class RecordForm(SettingsForm):
    """A decision about one stretch."""

    def __init__(self, offered: list[Subject], kinds: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"] = forms.ChoiceField(
            label=gettext_lazy("About whom"),
            choices=[(one.key, subject_words(one)) for one in offered],
            widget=forms.RadioSelect,
            help_text=gettext_lazy("An agency or a post; never a resident, nor a person beside their post."),
        )
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("What was decided"),
            choices=[(kind, f"{Kind(kind).label} — {MEANING[kind]}") for kind in kinds],
            widget=forms.RadioSelect,
        )
        self.fields["on"] = MomentField(label=gettext_lazy("On which day"))
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Reason"),
            help_text=gettext_lazy("What should have been done by when, and what was not."),
            widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_TEXT}),
        )


def subject_words(subject: Subject) -> str:
    """An agency by name; a post by place, role and who held it."""
    if subject.post is None:
        return subject.agency.shown if subject.agency else ""
    place = subject.agency.shown if subject.agency else subject.post.area.shown
    told = {"post": f"{place} {subject.post.role.shown}", "name": subject.post.user.name}
    return _("Post: %(post)s (held by %(name)s)") % told


@require_safe
@at_desk
def page(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """Who had the case how long and where it stuck, and what was found about it."""
    case = cases.case_for(desk.actor, number)
    found = queries.of_case(desk.actor, case)
    by_stretch: dict[str, list[Any]] = {}
    for one in found:
        chips = (words.kind_chip(one.kind), words.state_chip(one, at=desk.at))
        by_stretch.setdefault(one.stretch, []).append((one, *chips))
    leader = leads(desk.actor, case)
    legs = [words.leg_of(one) for one in _stretches(desk, case) if not _at_once(one)]
    context = {
        **_head(case),
        "legs": [(leg, by_stretch.get(leg.key, [])) for leg in legs],
        "stuck": sum(leg.stuck for leg in legs),
        "leads": leader,
        "found": found,
    }
    return desk.page("console/accountability/way.html", context, on="cases")


def _stretches(desk: Desk, case: Case) -> list[Stretch]:
    return stretches(case, cases.events_of(case), at=desk.at)


def _at_once(stretch: Stretch) -> bool:
    """Whether it went through this hand in the same moment, as desks do whose step is automatic."""
    return stretch.until == stretch.since and not stretch.measures


def _head(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "title": title_of(case),
        "state": State(case.state).label,
        "state_tone": state_tone(case.state),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def record(request: HttpRequest, desk: Desk, number: str, stretch: str) -> HttpResponse:
    """Put a decision about one stretch on record."""
    case = cases.case_for(desk.actor, number)
    if not leads(desk.actor, case):
        raise NotAllowed
    part = next((one for one in _stretches(desk, case) if one.key == stretch), None)
    if part is None:
        raise NotFound
    kinds = {one: kinds_for(desk.actor, case, one) for one in subjects(case, part, at=desk.at)}
    offered = [one for one, allowed in kinds.items() if allowed]
    any_of = [kind for kind in GRAVITY if any(kind in allowed for allowed in kinds.values())]
    first = {"subject": offered[0].key if len(offered) == 1 else "", "on": localdate(desk.at)}
    form = RecordForm(offered, any_of, data=request.POST or None, initial=first)
    if request.method == "POST":
        made = tried(
            form,
            lambda said: services.record_finding(
                actor=desk.actor, at=desk.at, case=str(case.pk), stretch=stretch, **said
            ),
        )
        if made is not None:
            told = _("On record. %(name)s is told and may appeal.") % {"name": made.subject}
            messages.success(request, told, extra_tags=f"finding-{case.number}-{part.key}")
            return redirect(desk.keep_area(reverse("accountability:finding", args=[made.pk])))
    context = {**_head(case), "leg": words.leg_of(part), "form": form, "offered": offered}
    return desk.page(
        "console/accountability/record.html", context, on="cases", status=422 if form.errors else 200
    )
