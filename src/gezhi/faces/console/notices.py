"""The page behind the bell."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from gezhi.civic.notices.queries import latest
from gezhi.civic.notices.services import mark_read
from gezhi.faces.console.desk import Desk, at_desk

TONES = {"yours": "t", "warn": "a", "overdue": "r", "leader": "r", "urged": "a", "news": "b"}
SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The newest notices; POST marks all of them read."""
    if request.method == "POST":
        mark_read(actor=desk.actor, ids=None, at=desk.at)
        return redirect(desk.url("notices"))
    found = latest(desk.actor, limit=SHOWN)
    context = {
        "notices": [(notice, TONES[notice.kind]) for notice in found],
        "unread": sum(notice.read_at is None for notice in found),
        "shown": SHOWN,
    }
    return desk.page("console/notices.html", context, on="notices")
