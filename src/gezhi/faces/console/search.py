"""The one search box: a case by its number, else the cases that hold the words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.work.cases.models import Case


@require_safe
@at_desk
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A whole number leads to its case; anything else to the list of what fits."""
    words = request.GET.get("q", "").strip()
    found = Case.objects.visible_to(desk.actor).filter(number=words).first() if words else None
    if found is not None:
        return redirect(desk.url("case", found.number))
    return redirect(desk.url("cases", stage="all", q=words))
