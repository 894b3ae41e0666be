"""Pictures of every page of the demo, at desktop and phone size: `./run shots [NAME…]`.

It serves the demo's data on a port of its own, signs in as somebody who holds the role, and writes
shots/NAME.png and shots/NAME-phone.png. A page answering with an error, or a script failing on it,
makes the command fail. To add a page, add a line to PAGES.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path("shots")
READY_SECONDS = 60
# Maps tell when they are drawn; this counts them.
COUNT_MAPS = "window.mapsDrawn = 0; addEventListener('map:ready', () => { window.mapsDrawn += 1 })"
MAPS_DRAWN = "document.querySelectorAll('canvas.maplibregl-canvas').length <= window.mapsDrawn"


@dataclass(frozen=True)
class Shot:
    """One page: the name of its pictures, the role that looks at it ("" a visitor), its address."""

    name: str
    role: str
    address: str | Callable[[], str]  # a callable is asked once the demo's data can be read


PAGES: tuple[Shot, ...] = (
    Shot("sign-in", "", "/accounts/login/"),
    Shot("home-residents", "", "/"),
    Shot("home-desk", "dispatcher", "/desk/"),
    Shot("home-field", "grid_worker", "/field/"),
)


def session_of(role: str) -> str:
    """The key of a fresh session of somebody who holds this role."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from gezhi.foundation.actors.models import Post

    post = (
        Post.objects.filter(role_id=role, user__is_active=True).select_related("user").order_by("id").first()
    )
    if post is None:
        raise SystemExit(f"Nobody in the demo holds the role {role}.")
    session = SessionStore()
    session[SESSION_KEY] = str(post.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = post.user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@contextmanager
def serving() -> Iterator[str]:
    """The demo served on a free port without its worker; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "django", "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The demo could not be served; what it said stands above.")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def picture(browser: "Browser", base: str, shot: Shot, session: str, *, phone: bool) -> list[str]:
    """Take one picture; return what went wrong on the page."""
    from django.conf import settings

    from gezhi.site.chromium import DESKTOP, PHONE

    context = browser.new_context(
        base_url=base,
        locale="zh-CN",
        timezone_id=settings.TIME_ZONE,
        viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
        is_mobile=phone,
        has_touch=phone,
        reduced_motion="reduce",
    )
    try:
        if session:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        page = context.new_page()
        faults = _listen(page)
        page.add_init_script(COUNT_MAPS)
        answer = page.goto(str(shot.address))
        if answer is None or not answer.ok:
            faults.append(f"{shot.address} answered {answer.status if answer else 'nothing'}")
        page.wait_for_load_state("networkidle")
        page.wait_for_function(MAPS_DRAWN)
        page.screenshot(path=FOLDER / f"{shot.name}{'-phone' if phone else ''}.png")
        return faults
    finally:
        context.close()


def _listen(page: "Page") -> list[str]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))

    def console(message: Any) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    page.on("console", console)
    return faults


def main(names: Sequence[str]) -> int:
    """Take the pictures named, or all of them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    django.setup()
    from django.contrib.sessions.models import Session

    from gezhi.site.chromium import chromium

    unknown = set(names) - {shot.name for shot in PAGES}
    if unknown:
        raise SystemExit(f"There is no page called {', '.join(sorted(unknown))} in PAGES of {__file__}.")
    chosen = [_resolved(shot) for shot in PAGES if not names or shot.name in names]
    sessions = {role: session_of(role) for role in {shot.role for shot in chosen} if role}
    FOLDER.mkdir(exist_ok=True)
    failed = 0
    try:
        with serving() as base, chromium() as browser:
            for shot in chosen:
                for phone in (False, True):
                    faults = picture(browser, base, shot, sessions.get(shot.role, ""), phone=phone)
                    failed += bool(faults)
                    print("  ".join([f"{shot.name}{' (phone)' if phone else ''}", *faults]))
    finally:
        Session.objects.filter(session_key__in=sessions.values()).delete()
    return 1 if failed else 0


def _resolved(shot: Shot) -> Shot:
    address = shot.address if isinstance(shot.address, str) else shot.address()
    return Shot(shot.name, shot.role, address)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
