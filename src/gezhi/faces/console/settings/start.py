"""The door to the settings: the first page this person has."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.settings.frame import back_to, entries_of


@require_safe
@at_desk
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    return back_to(desk, entries_of(desk)[0].key)
