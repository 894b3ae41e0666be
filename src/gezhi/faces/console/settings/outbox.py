"""The outbox: how many messages wait, which failed too often, and trying those again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.actors.keys import retry_dead_letter
from gezhi.foundation.actors.managed import outbox_of
from gezhi.foundation.audit.errors import Refused
from gezhi.foundation.ids import id_in
from gezhi.foundation.outbox.queries import PAGE


@require_safe
@for_settings("outbox")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the outbox stands."""
    after = id_in(request.GET.get("after", ""))
    found = outbox_of(desk.actor, at=desk.at, after=after)
    next_key = found.dead[-1].pk if len(found.dead) == PAGE else None
    context = {"standing": found.standing, "dead": found.dead, "next_key": next_key}
    return show(desk, "outbox.html", context, on="outbox")


@require_POST
@for_settings("outbox")
def retry(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    """Try a dead letter again."""
    try:
        retry_dead_letter(actor=desk.actor, at=desk.at, message_id=message_id)
    except Refused as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The message is tried again within seconds."))
    return back_to(desk, "outbox")
