"""Oneself: posts, notices, keys."""

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from ninja.responses import Status

from gezhi.civic.notices import queries, services
from gezhi.civic.notices.models import Notice
from gezhi.faces.api.access import ADMIN, ANY, READ, ApiRequest
from gezhi.faces.api.shapes import people as s
from gezhi.faces.api.shapes.base import Done, Id, refusals
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors import keys, managed
from gezhi.foundation.actors.models import ApiKey

router = Router(tags=["you"])


@router.get("/me", auth=ANY, response={200: s.Me, **refusals(403)}, summary=_("Read who you are"))
def read_me(request: ApiRequest) -> s.Me:
    actor = request.auth
    return s.Me(
        kind=actor.kind,
        name=actor.label,
        user=actor.user_id,
        seats=[s.SeatOut.of(seat, grants=sorted(seat.grants)) for seat in actor.seats],
        scopes=None if actor.scopes is None else sorted(actor.scopes),
    )


@router.get("/notices", auth=READ, response={200: s.Notices, **refusals(403)}, summary=_("Read your notices"))
def list_notices(request: ApiRequest) -> s.Notices:
    return s.Notices(
        unread=queries.unread_count(request.auth),
        rows=[_notice(notice) for notice in queries.latest(request.auth)],
    )


@router.post(
    "/notices/read",
    auth=READ,
    response={200: s.Notices, **refusals(403, 422)},
    summary=_("Mark notices read"),
)
def mark_read(request: ApiRequest, body: s.ReadIn) -> s.Notices:
    services.mark_read(actor=request.auth, ids=body.ids, at=timezone.now())
    return list_notices(request)


def _notice(notice: Notice) -> s.NoticeOut:
    return s.NoticeOut.of(
        notice,
        kind_name=notice.get_kind_display(),
        case=notice.case_id,
        number=notice.case.number,
        title=title_of(notice.case) if getattr(notice, "in_sight", True) else "",
    )


@router.get(
    "/keys",
    auth=ANY,
    response={200: list[s.KeyOut], **refusals(403)},
    summary=_("List API keys"),
    description=_("Yours; for the guard of keys those of everybody within the area too."),
)
def list_keys(request: ApiRequest) -> list[s.KeyOut]:
    return [_key(key) for key in managed.keys_seen_by(request.auth)]


@router.post(
    "/keys",
    auth=ADMIN,
    response={201: s.KeyMade, **refusals(403, 409, 422)},
    summary=_("Make an API key"),
    description=_("By a person signed in, for programs of their own; a key makes no keys."),
)
def create_key(request: ApiRequest, body: s.KeyIn) -> Status[s.KeyMade]:
    key, secret = keys.create_key(actor=request.auth, at=timezone.now(), **body.model_dump())
    return Status(201, s.KeyMade.of(key, owner=key.user.name, secret=secret))


@router.delete(
    "/keys/{key}",
    auth=ADMIN,
    response={200: Done, **refusals(403, 404)},
    summary=_("Revoke an API key"),
)
def revoke_key(request: ApiRequest, key: Id) -> Done:
    keys.revoke_key(actor=request.auth, at=timezone.now(), key_id=key)
    return Done()


def _key(key: ApiKey) -> s.KeyOut:
    return s.KeyOut.of(key, owner=key.user.name)
