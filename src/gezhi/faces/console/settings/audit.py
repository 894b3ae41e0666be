"""The audit log: who did, or tried to do, what to which thing, when."""

import json

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.forms import MomentField, SettingsForm
from gezhi.faces.console.settings.frame import for_settings, show
from gezhi.faces.console.settings.people import evening, morning
from gezhi.foundation.audit.acts import LABELS
from gezhi.foundation.audit.queries import AuditFilter, entries
from gezhi.work.cases.acts import ACTS


class AuditForm(SettingsForm):
    """What the list shows."""

    actor = forms.CharField(label=pgettext_lazy("audit", "Who"), max_length=120, required=False)
    act = forms.CharField(
        label=pgettext_lazy("audit", "Did what"),
        help_text=gettext_lazy("The word of the act, such as end_post."),
        max_length=60,
        required=False,
    )
    subject = forms.CharField(
        label=pgettext_lazy("audit", "To what"),
        help_text=gettext_lazy("Kind and number, such as actors.user 12."),
        max_length=101,
        required=False,
    )
    first = MomentField(label=pgettext_lazy("audit", "From"), required=False)
    last = MomentField(label=pgettext_lazy("audit", "To"), required=False)
    refused = forms.BooleanField(label=gettext_lazy("Only what was refused"), required=False)


@require_safe
@for_settings("audit")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One page of the trail, newest first."""
    form = AuditForm(data=request.GET)
    wanted = AuditFilter(after=request.GET.get("after", ""))
    if form.is_valid():
        said = form.cleaned_data
        kind, _space, ident = said["subject"].strip().partition(" ")
        wanted = AuditFilter(
            actor=said["actor"],
            act=said["act"].strip(),
            subject_kind=kind,
            subject_id=ident.strip(),
            refused=said["refused"],
            since=morning(said["first"]),
            until=evening(said["last"]),
            after=wanted.after,
        )
    page = entries(desk.actor, wanted)
    rows = [
        (entry, _in_words(entry.act), json.dumps(entry.detail, ensure_ascii=False, indent=1))
        for entry in page.rows
    ]
    context = {"form": form, "rows": rows, "page": page, "asked": any(request.GET.values())}
    return show(desk, "audit.html", context, on="audit", status=422 if form.errors else 200)


def _in_words(act: str) -> str | Promise:
    """What was done: an act of the settings, one of the case loop, or the word itself if it is neither."""
    return LABELS.get(act) or (ACTS[act].label if act in ACTS else act)
