"""The counts of a page as they stand now, asked for by its script every half minute while it is looked at."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from gezhi.civic.notices.queries import unread_count
from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.queue import asked
from gezhi.faces.console.reads import open_counts, rail_counts
from gezhi.faces.look.words import big_number

STANDING_STILL = ("closed", "ended", "all")  # tabs too large to be counted again and again


@require_safe
@at_desk
def live(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Counts by the `data-count` they are shown at; 304 where they are what the page knows already."""
    body = json.dumps(_counts(desk), ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    fresh = request.headers.get("If-None-Match") == tag
    response = HttpResponse(status=304) if fresh else HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _counts(desk: Desk) -> dict[str, dict[str, str]]:
    """What is open in the area, in the list where there is one, and the bell."""
    unread = unread_count(desk.actor)
    shown = {"bell": "99+" if unread > 99 else str(unread or "")}
    if desk.works_on_cases:
        rail = rail_counts(desk.actor, desk.scope.path)
        shown |= {"rail:today": str(rail.mine or ""), "rail:cases": str(rail.active or "")}
    if desk.request.GET.get("tabs"):
        tabs = open_counts(desk.actor, asked(desk).wanted, at=desk.at)
        shown |= {f"tab:{code}": big_number(n) for code, n in tabs.items() if code not in STANDING_STILL}
    told = ngettext("Notices, %(n)d unread", "Notices, %(n)d unread", unread) % {"n": unread}
    return {"counts": shown, "labels": {"bell": told}}
