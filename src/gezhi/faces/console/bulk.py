"""Dispatching many cases at once: each with the agency the list suggests, each result told on its own."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.foundation.audit.errors import GezhiError
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.states import State
from gezhi.work.matters.queries import Suggestion

MOST = 50  # what one page of a list holds


@dataclass
class Line:
    """One chosen case. `problem` says why it cannot go, or did not."""

    case: Case
    suggestions: list[Suggestion] = field(default_factory=list)
    chosen: str = ""
    problem: str = ""
    done: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def dispatch_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the chosen cases with their suggested agencies. POST: dispatch them; what fails says why."""
    given = request.POST if request.method == "POST" else request.GET
    lines = _lines(desk, given.getlist("case"))
    if request.method == "POST":
        for line in lines:
            _dispatch(desk, line, str(given.get(f"agency-{line.case.number}", "")))
    done = sum(line.done for line in lines)
    context: dict[str, Any] = {
        "lines": lines,
        "asked": request.method == "POST",
        "done": done,
        "failed": sum(bool(line.problem) for line in lines),
        "ready": sum(bool(line.suggestions) and not line.done for line in lines),
        "next": desk.own(given.get("next", "")) or desk.url("cases", stage="dispatch"),
        "most": MOST,
        "too_many": len(given.getlist("case")) > MOST,
    }
    return desk.page("console/dispatch_many.html", context, on="cases")


def _lines(desk: Desk, numbers: list[str]) -> list[Line]:
    """The chosen cases this desk sees, in the order chosen; suggestions once for alike cases."""
    wanted = list(dict.fromkeys(numbers))[:MOST]
    seen = Case.objects.visible_to(desk.actor).filter(number__in=wanted)
    cases = {case.number: case for case in seen.select_related("area", "item", "condition__item")}
    known: dict[tuple[int, str], list[Suggestion]] = {}
    lines = []
    for number in wanted:
        if number in cases:
            lines.append(_line(desk, cases[number], known))
    return lines


def _line(desk: Desk, case: Case, known: dict[tuple[int, str], list[Suggestion]]) -> Line:
    if case.state != State.FILED or case.condition is None:
        words = _("Not waiting to be dispatched: it stands at “%(state)s”.")
        return Line(case, problem=words % {"state": State(case.state).label})
    near = case.number if case.condition.item.kind == "component" else case.area_path  # what stands there
    key = (case.condition.pk, near)
    if key not in known:
        known[key] = answerable(case, at=desk.at)
    if not known[key]:
        words = _("The responsibility list names nobody. Open the case and choose an agency.")
        return Line(case, problem=words)
    return Line(case, suggestions=known[key], chosen=str(known[key][0].agency.pk))


def _dispatch(desk: Desk, line: Line, agency: str) -> None:
    """Dispatch one; an empty choice leaves the case where it is."""
    if line.problem:
        return
    line.chosen = agency
    if not agency:
        line.problem = _("Left out by you.")
        return
    try:
        line.case = perform("dispatch", line.case.pk, actor=desk.actor, at=desk.at, data={"agency": agency})
        line.done = True
    except GezhiError as error:
        line.problem = " ".join([str(text) for text in error.fields.values()] or [str(error.message)])
