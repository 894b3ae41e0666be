"""The sign-in page in a real browser."""

from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.town import PASSWORD, Town


def test_the_sign_in_page_speaks_chinese_and_lets_a_worker_in(windows: Windows, town: Town) -> None:
    page = windows.open("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_label("登录名").fill("worker")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/field/**")


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(windows: Windows, town: Town) -> None:
    page = windows.open("/accounts/login/", phone=True)
    page.get_by_label("登录名").fill("worker")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("密码")
    expect(page.get_by_label("登录名")).to_have_value("worker")


def test_the_page_follows_the_language_chosen(windows: Windows, town: Town) -> None:
    page = windows.open("/accounts/login/")
    page.get_by_role("button", name="English").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
