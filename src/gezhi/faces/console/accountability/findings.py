"""The list of findings, one finding with its frozen facts, the appeal and the decision on it."""

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.civic.notices.services import read_about
from gezhi.faces.console.accountability import words
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.look.inputs import PhotoForm, PhotosField, PhotosInput
from gezhi.faces.look.uploads import picture
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.ids import id_in
from gezhi.oversight.accountability import queries, services, stuck
from gezhi.oversight.accountability.models import Appeal, Finding, Kind
from gezhi.oversight.accountability.permits import deciders, may_appeal, seat_to_decide
from gezhi.oversight.accountability.rules import LONGEST_TEXT, MOST_PHOTOS, last_day, milder
from gezhi.work.cases.models import Case

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
TEXT = {"rows": 4, "maxlength": LONGEST_TEXT}


class AppealForm(PhotoForm):
    """Why a finding is wrong. The domain judges what was sent."""

    reason = forms.CharField(label=gettext_lazy("What is wrong with it"), widget=forms.Textarea(attrs=TEXT))
    photos = PhotosField(
        label=gettext_lazy("Photos"),
        required=False,
        widget=PhotosInput(camera=False, most=MOST_PHOTOS),
    )


class DecideForm(PhotoForm):
    """What becomes of a finding that was appealed against."""

    decision = forms.ChoiceField(
        label=pgettext_lazy("appeal", "Decision"), choices=Appeal.Decision.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What instead"),
        help_text=gettext_lazy("Only where it is changed; an appeal never makes it worse."),
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs=TEXT))

    def __init__(self, finding: Finding, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = milder(finding.kind)
        kinds = [(kind, Kind(kind).label) for kind in left]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *kinds]
        if not left:
            del self.fields["kind"]
            decision = self.fields["decision"]
            assert isinstance(decision, forms.ChoiceField)
            decision.choices = [row for row in Appeal.Decision.choices if row[0] != Appeal.Decision.CHANGED]


@require_safe
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was found, newest first, filtered."""
    asked = _asked(desk)
    page = queries.page_of(desk.actor, asked, at=desk.at)
    context = {
        "rows": [(one, words.kind_chip(one.kind), words.state_chip(one, at=desk.at)) for one in page.rows],
        "next_key": page.next_key,
        "wanted": asked,
        "month": f"{asked.month:%Y-%m}" if asked.month else "",
        "kinds": Kind.choices,
        "states": [(state, words.state_words(state)) for state in queries.STATES],
        "agencies": queries.agencies_found(desk.actor),
        "filtered": any((asked.agency_id, asked.kind, asked.state, asked.month)),
        "reads_statistics": stuck.reads_statistics(desk.actor),
    }
    return desk.page("console/accountability/findings.html", context, on="accountability")


def _asked(desk: Desk) -> queries.FindingFilter:
    """Read the address; unknown words count as not said."""
    given = desk.request.GET
    kind, state = given.get("kind", ""), given.get("state", "")
    return queries.FindingFilter(
        area_path=desk.scope.path,
        agency_id=id_in(given.get("agency", "")),
        kind=kind if kind in Kind.values else "",
        state=state if state in queries.STATES else "",
        month=month_of(given.get("month", "")),
        after=id_in(given.get("after", "")),
    )


def month_of(text: str) -> date | None:
    """The first day of a month written 2026-11; None for anything else."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


@require_safe
@at_desk
def detail(request: HttpRequest, desk: Desk, ident: int) -> HttpResponse:
    """One finding, and what can be done about it. Opening it reads its notices."""
    finding = queries.finding_for(desk.actor, ident)
    read_about(actor=desk.actor, about=finding.about, at=desk.at)
    return _page(desk, finding)


def _page(desk: Desk, finding: Finding, *, status: int = 200, **forms_sent: Any) -> HttpResponse:
    decides = seat_to_decide(desk.actor, finding, at=desk.at) is not None
    context = {
        "finding": finding,
        "kind": words.kind_chip(finding.kind),
        "kinds": Kind.choices,
        "state": words.state_chip(finding, at=desk.at),
        "facts": words.facts_of(finding),
        "appeal": finding.appeal if finding.state != Finding.State.RECORDED else None,
        "photos": _photos(finding),
        "sees_case": Case.objects.visible_to(desk.actor).filter(pk=finding.case_id).exists(),
        "last_day": last_day(finding.appeal_until, calendar()),
        "appeal_form": AppealForm() if may_appeal(desk.actor, finding, at=desk.at) else None,
        "decide_form": DecideForm(finding) if decides else None,
        "open": finding.state == Finding.State.RECORDED and finding.appeal_until > desk.at,
        "nobody_decides": finding.state == Finding.State.APPEALED and not deciders(finding, at=desk.at),
        **forms_sent,
    }
    return desk.page("console/accountability/finding.html", context, on="accountability", status=status)


def _photos(finding: Finding) -> list[dict[str, str]]:
    if finding.state == Finding.State.RECORDED:
        return []
    return [
        {
            "url": reverse("accountability:photo", args=[finding.pk, file.sha256, "full"]),
            "thumb": reverse("accountability:photo", args=[finding.pk, file.sha256, "thumb"]),
            "alt": _("Photo of the appeal"),
        }
        for file in finding.appeal.photos.order_by("pk")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def appeal(request: HttpRequest, desk: Desk, ident: int) -> HttpResponse:
    """The appeal; what is refused comes back in the form, photos kept."""
    if request.method != "POST":
        return _back(desk, ident)
    finding = queries.finding_for(desk.actor, ident)
    form = AppealForm(data=request.POST, files=request.FILES)
    form.as_sent()
    form.keep_photos(actor=desk.actor, at=desk.at)
    if form.errors:
        return _page(desk, finding, status=422, appeal_form=form)
    try:
        services.appeal(
            actor=desk.actor,
            at=desk.at,
            finding_id=ident,
            reason=request.POST.get("reason", ""),
            photos=form.photos_of("photos"),
        )
    except NotFound:
        raise
    except GezhiError as error:
        form.refuse(error)
        return _page(desk, queries.finding_for(desk.actor, ident), status=error.status, appeal_form=form)
    told = _("The appeal is on record. An approver who did not decide it will look at it.")
    messages.success(request, told, extra_tags=f"appeal-{ident}")
    return _back(desk, ident)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def decide(request: HttpRequest, desk: Desk, ident: int) -> HttpResponse:
    """The decision on an appeal."""
    if request.method != "POST":
        return _back(desk, ident)
    finding = queries.finding_for(desk.actor, ident)
    form = DecideForm(finding, data=request.POST)
    form.as_sent()
    said = {name: str(request.POST.get(name, "")) for name in ("decision", "kind", "reason")}
    try:
        services.decide(actor=desk.actor, at=desk.at, finding_id=ident, **said)
    except NotFound:
        raise
    except GezhiError as error:
        form.refuse(error)
        return _page(desk, queries.finding_for(desk.actor, ident), status=error.status, decide_form=form)
    told = _("The appeal is decided; who is concerned will be told.")
    messages.success(request, told, extra_tags=f"decide-{ident}")
    return _back(desk, ident)


def _back(desk: Desk, ident: int) -> HttpResponse:
    return redirect(desk.keep_area(reverse("accountability:finding", args=[ident])))


@require_safe
@at_desk
def photo(request: HttpRequest, desk: Desk, ident: int, sha256: str, variant: str) -> HttpResponse:
    """A photo of an appeal, for who may see the finding."""
    if variant not in ("full", "thumb"):
        raise NotFound
    return picture(queries.photo_of(desk.actor, ident, sha256), "thumb" if variant == "thumb" else "full")
