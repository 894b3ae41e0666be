"""What leaves the system by e-mail and other channels: how it stands, what got stuck, sending that again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.civic.notices import queries
from gezhi.civic.notices.channels import CHANNELS
from gezhi.civic.notices.models import Delivery
from gezhi.civic.notices.sending import resend
from gezhi.faces.console.desk import Desk
from gezhi.faces.console.settings.frame import back_to, for_settings, show
from gezhi.foundation.audit.errors import Refused
from gezhi.foundation.ids import id_in


@require_safe
@for_settings("sending")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Counts of the last week, and what failed or nobody knows of."""
    after = id_in(request.GET.get("after", ""))
    standing = queries.sending(desk.actor, at=desk.at, after=after)
    context = {
        "standing": standing,
        "sent": standing.counts.get(Delivery.State.SENT, 0),
        "queued": standing.counts.get(Delivery.State.QUEUED, 0),
        "failed": standing.counts.get(Delivery.State.FAILED, 0),
        "unsure": standing.counts.get(Delivery.State.UNSURE, 0),
        "stuck": [(one, CHANNELS[one.channel].label) for one in standing.stuck if one.channel in CHANNELS],
        "next_key": standing.stuck[-1].pk if len(standing.stuck) == queries.PAGE else None,
    }
    return show(desk, "sending.html", context, on="sending")


@require_POST
@for_settings("sending")
def again(request: HttpRequest, desk: Desk, delivery_id: int) -> HttpResponse:
    """Send once more what got stuck."""
    try:
        resend(actor=desk.actor, at=desk.at, delivery_id=delivery_id)
    except Refused as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("It is sent again within seconds."))
    return back_to(desk, "sending")
