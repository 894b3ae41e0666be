"""Reporting from the spot, and solving on the spot."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.faces.field.case import to_case
from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.field.forms import ReportForm, SolveForm, SpotForm
from gezhi.faces.look.places import parted
from gezhi.foundation.audit.errors import GezhiError, NotAllowed
from gezhi.work.cases import services
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import near
from gezhi.work.cases.services import sources_for

MOST_NEAR = 5
Near = Sequence[tuple[Case, float]]


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def report(request: HttpRequest, duty: Duty) -> HttpResponse:
    """The form on GET; on POST the case, unless one nearby may be the same and was not yet looked at."""
    if not sources_for(duty.actor):
        raise NotAllowed
    if request.method != "POST":
        return _shown(duty, ReportForm(duty), "field/report.html")
    form = ReportForm(duty, data=request.POST, files=request.FILES)
    if form.errors:
        return _shown(duty, form, "field/report.html", status=422)
    try:
        said = form.said()
        if mine := _sent_before(duty, said.id):  # sent again: the first answer was lost
            return to_case(mine.number, sent="spot")
        around = near_of(duty, form.place)
        if any(str(case.pk) not in form.seen for case, _metres in around):
            return _shown(duty, form, "field/report.html", around=around, asked=True)
        case, _code = services.report(actor=duty.actor, at=duty.at, said=said)
    except GezhiError as error:
        form.refuse(error)
        return _shown(duty, form, "field/report.html", status=error.status)
    messages.success(request, _("Reported: %(number)s") % {"number": case.number})
    return to_case(case.number, sent="spot")


def _sent_before(duty: Duty, ident: UUID | None) -> Case | None:
    """One's own report that was received under this id."""
    mine = Case.objects.visible_to(duty.actor).filter(reporter=duty.actor.user_id)
    return mine.filter(pk=ident).first() if ident else None


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def solve(request: HttpRequest, duty: Duty) -> HttpResponse:
    """Report and result in one act."""
    if not duty.actor.may("solve"):
        raise NotAllowed
    if request.method != "POST":
        return _shown(duty, SolveForm(duty), "field/solve.html")
    form = SolveForm(duty, data=request.POST, files=request.FILES)
    if form.errors:
        return _shown(duty, form, "field/solve.html", status=422)
    try:
        said = form.said()
        if mine := _sent_before(duty, said.id):
            return to_case(mine.number, sent="solve")
        case = services.solve(
            actor=duty.actor,
            at=duty.at,
            said=said,
            condition=form.chosen(),
            after=form.photos_of("after"),
            text=form.given("text"),
        )
    except GezhiError as error:
        form.refuse(error)
        return _shown(duty, form, "field/solve.html", status=error.status)
    messages.success(request, _("Recorded as solved: %(number)s") % {"number": case.number})
    return to_case(case.number, sent="solve")


@require_safe
@on_duty
def near_part(request: HttpRequest, duty: Duty) -> HttpResponse:
    """Open cases near the point just chosen, for the form."""
    point = parted(f"{request.GET.get('point-lon', '')},{request.GET.get('point-lat', '')}")
    return duty.part("field/parts/near.html", {"around": near_of(duty, point)})


def near_of(duty: Duty, point: tuple[float, float] | None) -> Near:
    """Open cases that may be the same, nearest first."""
    if point is None:
        return []
    return near(duty.actor, lon=point[0], lat=point[1], at=duty.at)[:MOST_NEAR]


def _shown(
    duty: Duty, form: SpotForm, template: str, *, status: int = 200, around: Near = (), asked: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "around": around, "asked": asked}
    return duty.page(template, context, back=reverse("field:today"), status=status)
