"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from gezhi.faces.look.queries import demo_accounts
from gezhi.faces.look.views import LARGE_TYPE_COOKIE


def page(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demo and whom it offers, who is asking, and whether large type is wanted."""
    return {
        "demo": settings.DEMO,
        "demo_accounts": SimpleLazyObject(lambda: demo_accounts(at=timezone.now()) if settings.DEMO else []),
        "actor": getattr(request, "actor", None),
        "elder": request.COOKIES.get(LARGE_TYPE_COOKIE) == "1",
    }
