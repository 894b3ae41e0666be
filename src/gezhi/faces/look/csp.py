"""The Content-Security-Policy every answer carries: what a page may load, run and send.

A middleware of our own because the policy is one line; Django 6.0 brings one that can take its place.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ContentSecurityPolicyMiddleware:
    """Stands before whatever answers, so that static files (the map's worker) and errors carry it too.

    An answer may bring a narrower one of its own, as photos do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(settings.TILES_URL))
        return response


def policy(tiles_url: str) -> str:
    """Our own files only, no script or style written into a page; pictures also from outside tile servers.

    The map and the photo inputs make pictures in the page (data:, blob:).
    """
    tiles = _origins(tiles_url)
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("img-src 'self' data: blob:", *tiles)),
            " ".join(("connect-src 'self'", *tiles)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _origins(tiles_url: str) -> list[str]:
    """The servers named in URL templates parted by spaces; a template without one is our own."""
    parts = [urlsplit(template) for template in tiles_url.split()]
    return sorted({f"{part.scheme or 'https'}://{part.netloc}" for part in parts if part.netloc})
