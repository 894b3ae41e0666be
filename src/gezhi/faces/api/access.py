"""Who asks: a program with a key, or a person signed in in a browser."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from gezhi.foundation.actors.keys import note_use
from gezhi.foundation.actors.queries import actor_of, actor_of_key
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import NotAllowed

if TYPE_CHECKING:

    class ApiRequest(HttpRequest):
        """A request that has been let in: `auth` is who asks."""

        auth: Actor

else:
    ApiRequest = HttpRequest

_seen: dict[str, date] = {}  # the day this process last noted the use of each key


class ApiKey(HttpBearer):
    """`Authorization: Bearer gz_…`; the key must carry one of the scopes the operation asks for."""

    openapi_bearerFormat = "gz_…"  # noqa: N815 (the name OpenAPI uses)

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        at = timezone.now()
        actor = actor_of_key(token.strip(), at=at)
        if actor is None:
            return None
        if not any(actor.allows(scope) for scope in self.scopes):
            raise NotAllowed(
                "scope_missing",
                _("This key lacks the scope %(scopes)s. Make one that has it.")
                % {"scopes": " / ".join(self.scopes)},
            )
        if _seen.get(actor.ident) != at.date():
            _seen[actor.ident] = at.date()
            note_use(key_id=int(actor.ident), at=at)
        return actor


class BrowserSession(APIKeyCookie):
    """A person signed in in a browser; changes need the CSRF token in the X-CSRFToken header."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Any | None:
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None  # a key that does not fit is never replaced by whoever else is signed in
        if check_csrf(request):
            raise NotAllowed(
                "csrf", _("The page is out of date. Reload it and try again (header X-CSRFToken).")
            )
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        user = request.user
        if not user.is_authenticated:
            return None
        if user.must_change_password:
            raise NotAllowed("password_is_known", _("Choose a password of your own first."))
        return actor_of(user, at=timezone.now())


def signed_in(*scopes: str) -> list[Any]:
    """Who may ask: a key with one of the scopes, or a person signed in."""
    return [ApiKey(*scopes), BrowserSession()]


READ = signed_in("cases:read")
REPORT = signed_in("cases:report")
SEND = signed_in("cases:report", "cases:act")
ACT = signed_in("cases:act")
ADMIN = signed_in("admin")
ANY = signed_in("cases:read", "cases:report", "cases:act", "admin")
