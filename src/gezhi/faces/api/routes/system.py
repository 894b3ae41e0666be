"""The outbox and the audit trail."""

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from gezhi.faces.api.access import ADMIN, ApiRequest
from gezhi.faces.api.shapes import system as s
from gezhi.faces.api.shapes.base import Done, Id, Page, key_in, key_out, refusals
from gezhi.foundation.actors import keys
from gezhi.foundation.actors.managed import outbox_of
from gezhi.foundation.audit.queries import AuditFilter, entries

router = Router(tags=["outbox"])
trail = Router(tags=["audit"])


@router.get(
    "/outbox",
    auth=ADMIN,
    response={200: s.OutboxOut, **refusals(403)},
    summary=_("Read how the outbox stands"),
)
def read_outbox(request: ApiRequest) -> s.OutboxOut:
    found = outbox_of(request.auth, at=timezone.now())
    letters = [s.DeadLetter.of(message, error=message.last_error) for message in found.dead]
    return s.OutboxOut.of(found.standing, dead_letters=letters)


@router.post(
    "/outbox/{message}/retry",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404, 409)},
    summary=_("Try a dead letter again"),
)
def retry(request: ApiRequest, message: Id) -> Done:
    keys.retry_dead_letter(actor=request.auth, at=timezone.now(), message_id=message)
    return Done()


@trail.get(
    "/audit",
    auth=ADMIN,
    response={200: Page[s.AuditOut], **refusals(403, 422)},
    summary=_("Read the audit trail"),
    description=_("Newest first."),
)
def read_trail(request: ApiRequest, wanted: Query[s.AuditWanted]) -> Page[s.AuditOut]:
    asked = wanted.model_dump()
    asked["after"] = key_in(wanted.after)
    page = entries(request.auth, AuditFilter(**asked))
    rows = [s.AuditOut.of(entry, actor=entry.actor_label) for entry in page.rows]
    return Page(rows=rows, next=key_out(page.next_key))
