"""What is mine: my reports, my messages, my account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.civic.notices.queries import latest
from gezhi.civic.notices.services import mark_read
from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.look.cases.rows import rows_of
from gezhi.work.cases.queries import CasePage, Filter, page_of

PAGE = 30
SHOWN = 100
TONES = {"yours": "t", "warn": "a", "overdue": "r", "leader": "r", "urged": "a", "news": "b"}


@require_safe
@on_duty
def mine(request: HttpRequest, duty: Duty) -> HttpResponse:
    """What I reported, newest first, page by page."""
    wanted = Filter(
        reporter=duty.actor.user_id or 0, order="new", after=request.GET.get("after", ""), limit=PAGE
    )
    try:
        found: CasePage = page_of(duty.actor, wanted, at=duty.at)
    except ValueError:  # a key somebody wrote by hand
        return redirect("field:mine")
    context = {"rows": rows_of(found.rows, at=duty.at), "next": found.next_key}
    return duty.page("field/mine.html", context, back=reverse("field:today"))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty
def messages(request: HttpRequest, duty: Duty) -> HttpResponse:
    """The newest notices; POST marks all of them read."""
    if request.method == "POST":
        mark_read(actor=duty.actor, ids=None, at=duty.at)
        return redirect("field:messages")
    found = latest(duty.actor, limit=SHOWN)
    context = {
        "notices": [(notice, TONES[notice.kind]) for notice in found],
        "unread": sum(notice.read_at is None for notice in found),
    }
    return duty.page("field/messages.html", context, on="messages")


@require_safe
@on_duty
def me(request: HttpRequest, duty: Duty) -> HttpResponse:
    """My account: posts, language, password, the way out."""
    return duty.page("field/me.html", {}, on="me")
