"""The keys of the console, said on a page of its own for who has no scripts."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk


@require_safe
@at_desk
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What each key does."""
    return desk.page("console/keys.html", {}, on="cases")
