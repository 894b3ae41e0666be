"""One act on many cases: chosen in a list, told once, each result on a line of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.selection import (
    IN_BULK,
    MOST,
    Answers,
    Line,
    asked_of_all,
    chosen_cases,
    judged,
    possible,
    words_of,
)
from gezhi.faces.look.actforms import ActForm, act_form
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.audit.errors import GezhiError, Invalid
from gezhi.foundation.ids import id_in
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.inputs import clean
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the chosen cases and what can be done with them. POST: do it; what fails says why."""
    given = request.POST if request.method == "POST" else request.GET
    numbers = given.getlist("case")
    act = ACTS[given["act"]] if given.get("act") in IN_BULK else None
    cases = chosen_cases(desk, numbers)
    context: dict[str, Any] = {
        "next": desk.own(given.get("next", "")) or desk.url("cases"),
        "chosen": [case.number for case in cases],
        "act": act,
        "most": MOST,
        "too_many": len(set(numbers)) > MOST,
    }
    status = 200
    if act is None or not cases:
        context |= {"acts": possible(cases, desk), "lines": [Line(case) for case in cases]}
    elif request.method == "POST":
        told, status = _done(desk, act, cases)
        context |= told
    else:
        context |= _asked(desk, act, cases)
    return desk.page("console/many.html", context, on="cases", status=status)


def _asked(desk: Desk, act: Act, cases: list[Case]) -> dict[str, Any]:
    answers = Answers(desk)
    lines = [judged(act.code, case, desk, answers) for case in cases]
    return {
        "lines": lines,
        "form": _form(desk, act, cases[0]),
        "ready": sum(line.ready for line in lines),
        "acts": possible(cases, desk),
    }


def _form(desk: Desk, act: Act, case: Case, *, sent: bool = False) -> ActForm:
    """What is asked once for all; choices that hang on a case are those of the first."""
    data = desk.request.POST if sent else None
    return act_form(asked_of_all(act), case, actor=desk.actor, at=desk.at, data=data)


def _done(desk: Desk, act: Act, cases: list[Case]) -> tuple[dict[str, Any], int]:
    """Do the act on each case. What is missing in the form is told before anything is done."""
    form = _form(desk, act, cases[0], sent=True)
    if not _told_enough(form, act, cases[0], desk):
        answers = Answers(desk)
        lines = [_tried_again(desk, act, case, answers) for case in cases]
        return {"lines": lines, "form": form, "ready": sum(line.ready for line in lines)}, 422
    lines = [_do(desk, act, case, form.raw()) for case in cases]
    answers = Answers(desk)
    for n, line in enumerate(lines):
        if not line.done:
            lines[n] = _tried_again(desk, act, line.case, answers, problem=line.problem)
    if act.code == "dispatch":
        _name_agencies(desk, lines)
    done, ready = sum(line.done for line in lines), sum(line.ready for line in lines)
    told = {"asked": True, "lines": lines, "form": form, "ready": ready, "done": done}
    return {**told, "failed": len(lines) - done}, 200


def _told_enough(form: ActForm, act: Act, case: Case, desk: Desk) -> bool:
    """Check what is asked once, but a case to merge into: whether that fits is for each case to say."""
    once = [spec for spec in asked_of_all(act).inputs if spec.kind != "case" or spec.required]
    raw = form.raw()
    missing = {spec.name: _("Please fill this in.") for spec in once if spec.required and not raw[spec.name]}
    plain = Act(act.code, act.label, act.done, tuple(spec for spec in once if spec.kind != "case"))
    try:
        if missing:
            raise Invalid(missing)
        clean(plain, {spec.name: raw[spec.name] for spec in plain.inputs}, case=case, actor=desk.actor)
    except Invalid as error:
        form.refuse(error)
        return False
    return True


def _do(desk: Desk, act: Act, case: Case, said: dict[str, Any]) -> Line:
    """One case; the table judges it, and what it refuses stands beside it."""
    data = dict(said)
    if act.code == "dispatch":
        data["agency"] = _agency(desk, case)
        if not data["agency"]:
            return Line(case, problem=_("Left out by you."))
    try:
        perform(act.code, case.pk, actor=desk.actor, at=desk.at, data=data)
    except GezhiError as error:
        return Line(case, problem=words_of(error))
    return Line(case, done=True)


def _name_agencies(desk: Desk, lines: list[Line]) -> None:
    """Say to whom each case went; one query for all."""
    went = {line.case.pk: id_in(_agency(desk, line.case)) for line in lines if line.done}
    agencies = Agency.objects.in_bulk(set(went.values()))
    for line in lines:
        if line.done:
            line.went_to = agencies[went[line.case.pk]].shown


def _agency(desk: Desk, case: Case) -> str:
    return str(desk.request.POST.get(f"agency-{case.number}", ""))


def _tried_again(desk: Desk, act: Act, case: Case, answers: Answers, *, problem: str = "") -> Line:
    """The line of a case that did not go, as it stands now: may it go again, and with what chosen?"""
    fresh = (
        Case.objects.select_related("area", "item", "condition__item").get(pk=case.pk) if problem else case
    )
    line = judged(act.code, fresh, desk, answers)
    if line.ready and act.code == "dispatch":
        line.chosen = _agency(desk, case)
    line.problem = problem or line.problem
    return line
