"""One case on the phone: what it is, where, how long is left, what I can do, what was done."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.civic.notices.services import read_of_case
from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.look.actforms import ActForm, act_form
from gezhi.faces.look.cases.buttons import buttons
from gezhi.faces.look.cases.clocks import open_clocks, running, view_of
from gezhi.faces.look.cases.owing import owed_by
from gezhi.faces.look.cases.points import tone_of
from gezhi.faces.look.cases.rows import state_tone
from gezhi.faces.look.cases.standing import standing_of
from gezhi.faces.look.cases.story import story_of
from gezhi.foundation.audit.errors import GezhiError, NotFound
from gezhi.work.cases import queries
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.states import State


@require_safe
@on_duty
def show(request: HttpRequest, duty: Duty, number: str) -> HttpResponse:
    """The page of one case; opening it reads its notices."""
    case = queries.case_for(duty.actor, number)
    read_of_case(actor=duty.actor, case=case, at=duty.at)
    events, clocks = queries.events_of(case), queries.clocks_of(case)
    owed = owed_by(duty.actor, [case]).get(case.pk)
    nearest = open_clocks([case], keys={case.pk: owed.clock} if owed else None).get(case.pk)
    clock = view_of(nearest, at=duty.at) if nearest else None
    context = {
        "case": case,
        "state": State(case.state).label,
        "state_tone": state_tone(case.state),
        "clock": clock,
        "clocks": running(clocks, at=duty.at),
        "owed": owed,
        "standing": standing_of(case, events, clocks, at=duty.at),
        "pin": tone_of(case, at=duty.at),
        "entries": story_of(case, events),
        "draft_done": request.GET.get("sent", ""),
        "buttons": buttons(case, allowed_acts(case, duty.actor, at=duty.at)),
    }
    return duty.page("field/case.html", context, back=reverse("field:today"))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def act(request: HttpRequest, duty: Duty, number: str, code: str) -> HttpResponse:
    """The form of an act on GET, the act on POST. What is refused comes back in the form, nothing is lost."""
    if code not in ACTS:
        raise Http404
    case = queries.case_for(duty.actor, number)
    if request.method == "POST":
        return _done(duty, case, ACTS[code])
    if code not in {allowed.code for allowed in allowed_acts(case, duty.actor, at=duty.at)}:
        words = _("“%(act)s” is not possible as the case stands now.") % {"act": ACTS[code].label}
        messages.warning(request, words)
        return redirect("field:case", case.number)
    return _form_page(duty, case, act_form(ACTS[code], case, actor=duty.actor, at=duty.at))


def _done(duty: Duty, case: Case, wanted: Act) -> HttpResponse:
    sent = duty.request
    form = act_form(wanted, case, actor=duty.actor, at=duty.at, data=sent.POST, files=sent.FILES)
    if form.errors:  # a photo that could not be taken
        return _form_page(duty, case, form, status=422)
    try:
        perform(wanted.code, case.pk, actor=duty.actor, at=duty.at, data=form.raw())
    except NotFound:
        raise
    except GezhiError as error:
        if not wanted.inputs:  # there is no form to come back to
            messages.error(sent, str(error.message))
            return redirect("field:case", case.number)
        form.refuse(error)
        return _form_page(duty, case, form, status=error.status)
    messages.success(sent, _("Done: %(act)s") % {"act": wanted.label})
    return _onward(duty, case, sent=_draft(case, wanted))


def _onward(duty: Duty, case: Case, *, sent: str) -> HttpResponse:
    """Back to the case, or to today's tasks where it is no longer mine to see."""
    if not Case.objects.visible_to(duty.actor).filter(pk=case.pk).exists():
        return redirect("field:today")
    return to_case(case.number, sent=sent)


def to_case(number: str, *, sent: str) -> HttpResponse:
    """The page of a case; the browser then forgets the draft of the form that was `sent`."""
    return redirect(f"{reverse('field:case', args=[number])}?sent={sent}")


def _draft(case: Case, wanted: Act) -> str:
    return f"{case.number}-{wanted.code}"


def _form_page(duty: Duty, case: Case, form: ActForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"case": case, "act": form.act, "form": form, "draft": _draft(case, form.act)}
    return duty.page("field/act.html", context, back=reverse("field:case", args=[case.number]), status=status)
