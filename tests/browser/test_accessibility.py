"""No page has a barrier that axe calls serious or critical, nor scrolls sideways, on a computer or a phone."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from gezhi.site.chromium import DESKTOP, PHONE
from gezhi.work.cases.models import Case
from gezhi.work.desk.services import add_phrase, save_filter, write_note
from tests.browser.conftest import Windows
from tests.browser.test_look import barriers
from tests.town import Town

BOTH = pytest.mark.parametrize("phone", [False, True], ids=["computer", "phone"])
HOUR = timedelta(hours=1)

DESK = (
    "/desk/",
    "/desk/cases/?stage=all&case=first",
    "/desk/cases/?stage=dispatch",
    "/desk/cases/?stage=all&q=" + quote("没有这样的事"),
    "/desk/cases/{filed}/",
    "/desk/cases/{closed}/",
    "/desk/cases/{reported}/do/file/",
    "/desk/cases/{reported}/do/refuse/",
    "/desk/cases/{filed}/do/dispatch/",
    "/desk/cases/many/?act=dispatch&case={filed}",
    "/desk/cases/many/?case={filed}&case={reported}",
    "/desk/cases/{closed}/print/",
    "/desk/filters/",
    "/desk/phrases/",
    "/desk/handover/",
    "/desk/handover/{note}/",
    "/desk/keys/",
    "/desk/cases/new/",
    "/desk/map/",
    "/desk/territory/",
    "/desk/notices/",
    "/desk/notices/how/",
)
SETTINGS = (
    "/desk/settings/people/",
    "/desk/settings/people/new/",
    "/desk/settings/people/vacant/",
    "/desk/settings/posts/new/",
    "/desk/settings/agencies/",
    "/desk/settings/agencies/new/",
    "/desk/settings/roles/",
    "/desk/settings/roles/grid_worker/",
    "/desk/settings/areas/",
    "/desk/settings/calendar/",
    "/desk/settings/catalogue/",
    "/desk/settings/catalogue/1/",
    "/desk/settings/catalogue/1/event/0110/",
    "/desk/settings/responsibility/",
    "/desk/settings/rules/",
    "/desk/settings/outbox/",
    "/desk/settings/sending/",
)
FIELD = (
    "/field/",
    "/field/grid/",
    "/field/map/",
    "/field/messages/",
    "/field/messages/how/",
    "/field/me/",
    "/field/mine/",
    "/field/report/",
    "/field/solve/",
    "/field/case/{verifying}/",
    "/field/case/{verifying}/verify/",
)
PORTAL = ("/", "/here/", "/report/", "/track/")
ACCOUNT = ("/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/", "/api/docs")


@pytest.fixture
def numbers(town: Town) -> dict[str, str]:
    """The numbers of cases that have come so far."""
    at = timezone.now() - HOUR
    town.drive(town.report(at=at), "file", at=at)
    town.drive(town.report(at=at), "report_result", at=at)
    town.drive(town.report(at=at), "verify", at=at)
    town.report(at=at)
    words = {"since": at, "text": "井盖要盯紧", "grant": "", "area_id": town.areas["420599001"].pk}
    clerk = town.actor("clerk", at=timezone.now())
    note = write_note(actor=clerk, at=timezone.now(), **words)
    save_filter(actor=clerk, at=at, name="甲社区超期", words={"stage": "overdue"})
    add_phrase(actor=clerk, at=at, text="请今天办结", short="jt")
    return {**dict(Case.objects.values_list("state", "number")), "note": str(note.pk)}


def faults_of(page: Page, addresses: Iterable[str]) -> dict[str, list[str]]:
    """By address, what stands in somebody's way there."""
    found = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.ok, address
        if wrong := faults_here(page):
            found[address] = wrong
    return found


def faults_here(page: Page) -> list[str]:
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*barriers(page), *(["scrolls sideways"] if sideways else [])]


@BOTH
def test_the_desk(windows: Windows, town: Town, numbers: dict[str, str], phone: bool) -> None:
    page = windows.open("/desk/", user="clerk", phone=phone)
    assert faults_of(page, [address.format(**numbers) for address in DESK]) == {}


@BOTH
def test_the_settings(windows: Windows, town: Town, phone: bool) -> None:
    page = windows.open("/desk/", user="admin", phone=phone)
    assert faults_of(page, SETTINGS) == {}
    page = windows.open("/desk/settings/keys/", user="security", phone=phone)
    assert faults_here(page) == []
    page = windows.open("/desk/settings/audit/", user="auditor", phone=phone)
    assert faults_here(page) == []


@BOTH
def test_the_field(windows: Windows, town: Town, numbers: dict[str, str], phone: bool) -> None:
    page = windows.open("/field/", user="worker", phone=phone)
    # so tall that the bar of buttons at the bottom lies over nothing, as after scrolling
    page.set_viewport_size({"width": PHONE["width"] if phone else DESKTOP["width"], "height": 2000})
    assert faults_of(page, [address.format(**numbers) for address in FIELD]) == {}


@BOTH
def test_the_pages_of_an_account(windows: Windows, town: Town, phone: bool) -> None:
    page = windows.open("/desk/", user="clerk", phone=phone)
    assert faults_of(page, ACCOUNT) == {}


@BOTH
def test_the_residents_pages(windows: Windows, town: Town, phone: bool) -> None:
    cache.clear()
    page = windows.open("/", phone=phone)
    assert faults_of(page, PORTAL) == {}
    page.goto("/report/")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults_here(page) == []


@BOTH
def test_reports_on_their_way(windows: Windows, town: Town, phone: bool) -> None:
    cache.clear()
    page = windows.open("/track/", phone=phone)
    at, found = timezone.now() - HOUR, {}
    for until in ("report", "sign", "verify"):
        case, code = town.resident_report(at=at, photos=(town.photo(),))
        if until != "report":
            town.drive(case, until, at=at)
        page.goto("/track/")
        page.get_by_label("查询码").fill(code)
        page.get_by_role("button", name="看进展").click()
        expect(page.get_by_role("list", name="进展")).to_be_visible()
        if wrong := faults_here(page):
            found[until] = wrong
    assert found == {}


@BOTH
def test_large_type(windows: Windows, town: Town, phone: bool) -> None:
    page = windows.open("/", phone=phone)
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("body.elder")).to_be_visible()
    assert faults_of(page, PORTAL) == {}
