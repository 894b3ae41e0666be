"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Whether this is the demo, and who is asking."""
    return {"demo": settings.DEMO, "actor": getattr(request, "actor", None)}
