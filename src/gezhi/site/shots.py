"""Pictures of every page of the demo, at desktop and phone size: `./run shots [--docs] [NAME…]`.

It serves the demo's data on a port of its own, signs in as somebody who holds the role, and writes
shots/NAME.png and shots/NAME-phone.png. A page answering otherwise than expected, or a script failing on it,
makes the command fail. With --docs it writes the README's few pictures, small, into docs/pictures/ instead.
The pages are listed in shot_pages.py.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

    from gezhi.site.shot_pages import Looker, Shot

FOLDER = Path("shots")
DOCS_FOLDER = Path("docs/pictures")
DOCS_BYTES = 150_000
READY_SECONDS = 60
UNDRAWN = "[data-map]:not(.drawn, .still)"  # maps still at work
FIXED = ".dock, .tabbar, .shell"  # pages that fill the window; others are pictured in full length


def looker(role: str) -> "Looker":
    """The busiest holder of a role with a fresh session, or, for "", somebody without an account."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from gezhi.foundation.actors.models import Post
    from gezhi.foundation.actors.queries import actor_of
    from gezhi.site.shot_pages import Looker
    from gezhi.work.cases.models import Case
    from gezhi.work.cases.queries import todo

    session, actor, at = SessionStore(), None, timezone.now()
    if role:
        posts = Post.objects.current(at).filter(role_id=role, user__is_active=True).select_related("user")
        actors = [actor_of(post.user, at=at) for post in posts.order_by("user_id")]
        if not actors:
            raise SystemExit(f"Nobody in the demo holds the role {role}.")
        actor = max(actors, key=lambda one: Case.objects.filter(todo(one)).count())
        sign_in(session, str(actor.user_id))
    session.create()
    return Looker(actor, session)


def sign_in(session: Any, user_id: str) -> None:
    """Make a session somebody's."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from gezhi.foundation.actors.models import User

    user = User.objects.get(pk=user_id)
    session[SESSION_KEY] = user_id
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()


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


@dataclass(frozen=True)
class Task:
    """A shot with everything read from the database: Playwright's event loop forbids to ask it later."""

    shot: "Shot"
    address: str
    session: str
    phone: bool
    path: Path


def tasks(wanted: Sequence[tuple["Shot", bool, Path]]) -> tuple[list[Task], list[str]]:
    """Find who looks and at what; staff of a role share a session, every resident's page has its own.

    Also tells what could not be found: the demo is used, and what somebody did in it may have ended a case.
    """
    lookers: dict[str, Looker] = {}
    found: list[Task] = []
    missing: list[str] = []
    for shot, phone, path in wanted:
        key = shot.who or shot.name
        if key not in lookers:
            lookers[key] = looker(shot.who)
        who = lookers[key]
        try:
            address = shot.address if isinstance(shot.address, str) else shot.address(who)
        except LookupError as error:
            missing.append(f"{path}  {error}")
            continue
        who.session.save()  # what the address needs the session to know
        found.append(Task(shot, address, str(who.session.session_key), phone, path))
    return found, missing


def picture(browser: "Browser", base: str, task: Task) -> tuple[bytes, list[str]]:
    """One picture as PNG, and what went wrong on the page."""
    shot = task.shot
    context = _window(browser, base, task)
    try:
        page = context.new_page()
        faults = _listen(page)
        answer = page.goto(task.address)
        if answer is None or answer.status != shot.status:
            faults.append(f"{task.address} answered {answer.status if answer else 'nothing'}")
        if shot.first is not None:
            page.wait_for_load_state("networkidle")
            shot.first(page)
        page.wait_for_load_state("networkidle")
        page.locator(UNDRAWN).first.wait_for(state="detached")
        return page.screenshot(full_page=not page.locator(FIXED).count()), faults
    finally:
        context.close()


def _window(browser: "Browser", base: str, task: Task) -> "BrowserContext":
    from django.conf import settings

    from gezhi.site.chromium import DESKTOP, PHONE

    context = browser.new_context(
        base_url=base,
        locale="zh-CN",
        timezone_id=settings.TIME_ZONE,
        viewport=PHONE if task.phone else DESKTOP,  # type: ignore[arg-type]
        is_mobile=task.phone,
        has_touch=task.phone,
        reduced_motion="reduce",
    )
    cookies = {settings.SESSION_COOKIE_NAME: task.session, **task.shot.cookies}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    return context


def _listen(page: "Page") -> list[str]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))

    def console(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # heard as an answer
            faults.append(f"console: {message.text}")

    def answered(response: "Response") -> None:
        mistake = response.status == 422  # a form that came back, as some pictures want it
        if response.status >= 400 and not mistake and not response.request.is_navigation_request():
            faults.append(f"{response.url} answered {response.status}")

    page.on("console", console)
    page.on("response", answered)
    return faults


def small(png: bytes) -> bytes:
    """The same picture as WebP, as good as fits into DOCS_BYTES."""
    from PIL import Image

    image = Image.open(BytesIO(png)).convert("RGB")
    for quality in (90, 80, 70):
        out = BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= DOCS_BYTES:
            return out.getvalue()
    raise SystemExit(f"A picture for the README needs more than {DOCS_BYTES} bytes.")


def main(arguments: Sequence[str]) -> int:
    """Take the pictures named, or all of them; with --docs those of the README."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    django.setup()
    from django.contrib.sessions.models import Session

    from gezhi.site.chromium import chromium

    wanted = _docs() if "--docs" in arguments else _pages([a for a in arguments if a != "--docs"])
    todo, missing = tasks(wanted)
    failed = len(missing)
    print(*missing, sep="\n", end="\n" if missing else "")
    try:
        with serving() as base, chromium() as browser:
            for task in todo:
                png, faults = picture(browser, base, task)
                task.path.parent.mkdir(parents=True, exist_ok=True)
                task.path.write_bytes(small(png) if task.path.parent == DOCS_FOLDER else png)
                failed += bool(faults)
                print("  ".join([str(task.path), *faults]), flush=True)
    finally:
        Session.objects.filter(session_key__in={task.session for task in todo}).delete()
    return 1 if failed else 0


def _pages(names: Sequence[str]) -> list[tuple["Shot", bool, Path]]:
    """The named pages, or all, at both sizes, and where their pictures go."""
    from gezhi.site.shot_pages import PAGES

    unknown = set(names) - {shot.name for shot in PAGES}
    if unknown:
        raise SystemExit(f"There is no page called {', '.join(sorted(unknown))} in shot_pages.py.")
    return [
        (shot, phone, FOLDER / f"{shot.name}{'-phone' if phone else ''}.png")
        for shot in PAGES
        if not names or shot.name in names
        for phone in (False, True)
    ]


def _docs() -> list[tuple["Shot", bool, Path]]:
    from gezhi.site.shot_pages import DOCS, PAGES

    by_name = {shot.name: shot for shot in PAGES}
    return [
        (by_name[shot], phone, DOCS_FOLDER / f"{name}.webp") for name, (shot, phone) in sorted(DOCS.items())
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
