"""A Chromium for the run, and windows in it for the people of a test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from gezhi.foundation.actors.models import User
from gezhi.site.chromium import DESKTOP, PHONE, chromium, executable

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
HERE = Path(__file__).parent
PATIENCE = 30_000  # milliseconds: a machine may have other things to do
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; where there is none they are skipped."""
    if executable() is None:
        pytest.skip("no Chromium: apt install chromium fonts-noto-cjk")
    # Playwright keeps an event loop in this thread, and Django would take our own queries for async ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with chromium() as running:
            yield running
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Windows:
    """Browser windows on the live server, each a person's own (own cookies, own storage)."""

    def __init__(self, browser: Browser, server: LiveServer, pictures: Path) -> None:
        self.browser = browser
        self.server = server
        self.pictures = pictures
        self.contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def open(self, address: str, *, user: str = "", phone: bool = False, scripts: bool = True) -> Page:
        """A new window at an address of the site, signed in as `user` if one is named."""
        context = self.browser.new_context(
            base_url=self.server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        if user:
            context.add_cookies([self._session(user)])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._listen)
        page.on("response", self._watch)
        page.goto(address)
        return page

    def picture(self, page: Page, name: str) -> None:
        """Keep what the window shows as build/pictures/TEST/NAME.png."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def _session(self, username: str) -> Any:
        client = Client()
        client.force_login(User.objects.get(username=username), settings.AUTHENTICATION_BACKENDS[0])
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.server.url}

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # counted as answers
            self.faults.append(f"{message.page.url if message.page else ''}: {message.text}")

    def _watch(self, response: Response) -> None:
        outside = not response.url.startswith((self.server.url, "blob:", "data:"))
        if outside or response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.faults.append(f"{response.url} answered {response.status}")


@pytest.fixture
def windows(browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Open windows with `windows.open(...)`. A test fails when a script, a page or the server failed in one."""
    opened = Windows(browser, live_server, PICTURES / request.node.name)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.faults == []
