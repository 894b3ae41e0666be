"""Doing an act on a case: its form, opened in place or as a page, and the act itself."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.record import case_page
from gezhi.faces.look.actforms import ActForm, act_form
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.queries import case_for

GIVES_IT_TO = ("dispatch", "file_dispatch", "designate")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def act(request: HttpRequest, desk: Desk, number: str, code: str) -> HttpResponse:
    """The form of an act on GET, the act on POST. What is refused comes back in the form, nothing is lost."""
    if code not in ACTS:
        raise Http404
    if request.method == "POST":
        return _done(desk, number, ACTS[code])
    case = case_for(desk.actor, number)
    if code not in {allowed.code for allowed in allowed_acts(case, desk.actor, at=desk.at)}:
        words = _("“%(act)s” is not possible as the case stands now.") % {"act": ACTS[code].label}
        messages.warning(request, words)
        return _gone_to(desk, desk.url("case", case.number))
    form = act_form(ACTS[code], case, actor=desk.actor, at=desk.at)
    return _shown(desk, case, form)


def _done(desk: Desk, number: str, wanted: Act) -> HttpResponse:
    case = case_for(desk.actor, number)
    form = act_form(
        wanted, case, actor=desk.actor, at=desk.at, data=desk.request.POST, files=desk.request.FILES
    )
    if form.finding:
        return _shown(desk, case, form)
    if form.errors:  # a photo that could not be taken
        return _shown(desk, case, form, status=422)
    try:
        moved = perform(wanted.code, case.pk, actor=desk.actor, at=desk.at, data=form.raw())
    except NotFound:
        raise
    except GezhiError as error:
        form.refuse(error)
        return _shown(desk, case_for(desk.actor, number), form, status=error.status)
    draft = f"act-{case.number}-{wanted.code}"  # its form's data-draft
    messages.success(desk.request, _told(moved, wanted, form), extra_tags=draft)
    return _gone_to(desk, _next(desk, moved))


def _shown(desk: Desk, case: Case, form: ActForm, *, status: int = 200) -> HttpResponse:
    folded = [spec.name for spec in form.act.inputs if spec.kind == "point" and not spec.required]
    context = {"case": case, "form": form, "act": form.act, "folded": folded, "next": _asked_next(desk)}
    if desk.htmx:
        return desk.part("console/parts/act.html", context, status=status)
    return case_page(desk, case, extra=context, status=status)


def _told(case: Case, done: Act, form: ActForm) -> str:
    """井盖破损：派遣给 清源供水公司."""
    to: Any = ""
    if done.code in GIVES_IT_TO:
        to = case.lead_agency
    elif done.code == "assign":
        to = case.assignee
    elif done.code == "request_transfer":
        to = next((part.agency for part in case.live_parts if part.role == part.Role.OFFERED), "")
    words = f"{done.done} {to or ''}".strip()
    return _("%(title)s: %(words)s") % {"title": case.title, "words": words}


def _next(desk: Desk, case: Case) -> str:
    """Back to the list the act was done from; else the case, unless it has passed out of view."""
    if asked := _asked_next(desk):
        return asked
    if Case.objects.visible_to(desk.actor).filter(pk=case.pk).exists():
        return desk.url("case", case.number)
    return desk.url("cases")


def _asked_next(desk: Desk) -> str:
    return desk.own(desk.request.POST.get("next") or desk.request.GET.get("next", ""))


def _gone_to(desk: Desk, address: str) -> HttpResponse:
    """To another page; htmx is told to load it whole."""
    if desk.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
