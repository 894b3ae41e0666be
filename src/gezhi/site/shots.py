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

    from gezhi.foundation.actors.models import User

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


def a_case(address: str, *, role: str, states: str) -> Callable[[], str]:
    """The address of the newest case in one of these states that somebody of this role sees."""

    def find() -> str:
        from django.utils import timezone

        from gezhi.foundation.actors.queries import actor_of
        from gezhi.work.cases.models import Case

        actor = actor_of(holder_of(role), at=timezone.now())
        case = (
            Case.objects.visible_to(actor).filter(state__in=states.split()).order_by("-reported_at").first()
        )
        if case is None:
            raise SystemExit(f"No case of the demo that a {role} sees is {states}.")
        return address.format(case.number)

    return find


PAGES: tuple[Shot, ...] = (
    Shot("sign-in", "", "/accounts/login/"),
    Shot("portal-home", "", "/"),
    Shot("portal-report", "", "/report/"),
    Shot("portal-track", "", "/track/"),
    Shot("desk-today", "dispatcher", "/desk/"),
    Shot("desk-cases", "dispatcher", "/desk/cases/"),
    Shot(
        "desk-case-handling",
        "dispatcher",
        a_case("/desk/cases/{}/", role="dispatcher", states="handling"),
    ),
    Shot(
        "desk-case-archived",
        "dispatcher",
        a_case("/desk/cases/{}/", role="dispatcher", states="closed archived"),
    ),
    Shot("desk-new-case", "intake", "/desk/cases/new/"),
    Shot("desk-map", "dispatcher", "/desk/map/"),
    Shot("desk-territory", "dispatcher", "/desk/territory/"),
    Shot("desk-notices", "dispatcher", "/desk/notices/"),
    Shot("desk-search", "dispatcher", "/desk/search/?q=井盖"),
    Shot("field-today", "grid_worker", "/field/"),
    Shot("field-report", "grid_worker", "/field/report/"),
    Shot("field-solve", "grid_worker", "/field/solve/"),
    Shot("field-map", "grid_worker", "/field/map/"),
    Shot("field-grid", "grid_worker", "/field/grid/"),
    Shot("field-messages", "grid_worker", "/field/messages/"),
    Shot("field-me", "grid_worker", "/field/me/"),
    Shot(
        "field-case",
        "grid_worker",
        a_case("/field/case/{}/", role="grid_worker", states="handling closed archived"),
    ),
    Shot("api-reference", "", "/api/docs"),
)


def holder_of(role: str) -> "User":
    """Somebody who holds this role: the first who was given it."""
    from gezhi.foundation.actors.models import Post

    held = Post.objects.filter(role_id=role, user__is_active=True).select_related("user").order_by("id")
    post = held.first()
    if post is None:
        raise SystemExit(f"Nobody in the demo holds the role {role}.")
    return post.user


def session_of(role: str) -> str:
    """The key of a fresh session of somebody who holds this role."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    user = holder_of(role)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
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
