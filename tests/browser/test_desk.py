"""A day at the desk in the browser: keys, many cases at once, phrases, counts that keep up, a case on paper."""

import re
import time
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.perform import perform
from gezhi.work.desk.services import add_phrase
from tests.browser.conftest import Windows
from tests.town import Town

LONG = 60  # events of a case that fills several sheets of paper


def filed(town: Town, count: int) -> list[Case]:
    photo, now = town.photo(), timezone.now()
    reports = [town.report(description=f"第 {n} 件", photos=(photo,), at=now) for n in range(count)]
    for case in reports:
        data = {"condition": town.conditions["rubbish"].pk}
        perform("file", case.pk, actor=town.actor("clerk", at=now), at=now, data=data)
    return reports


def cursor(page: Page) -> str:
    return page.locator(".row.cur .open").inner_text()


@pytest.mark.django_db(transaction=True)
def test_fifty_cases_are_dispatched_together(windows: Windows, town: Town) -> None:
    filed(town, 50)
    page = windows.open("/desk/cases/?stage=dispatch", user="clerk")
    boxes = page.locator(".row .tick input")
    expect(boxes).to_have_count(50)
    for n in range(50):
        boxes.nth(n).check()
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 50 件")
    page.locator(".bulk").get_by_role("button", name="派遣").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("批量派遣")
    expect(page.locator("select").first).to_contain_text("测试环卫所")
    page.locator("select[name^=agency-]").first.select_option("")
    windows.picture(page, "chosen")
    began = time.monotonic()
    page.get_by_role("button", name="派遣 50 件").click()
    expect(page.get_by_role("status").first).to_contain_text("派遣：已完成 49 件")
    print(f"50 dispatched in {time.monotonic() - began:.1f} s")  # noqa: T201
    windows.picture(page, "result")
    assert Case.objects.filter(state="dispatched").count() == 49
    page.locator("select[name^=agency-]").first.select_option(label="测试环卫所")
    page.get_by_role("button", name="再试 1 件").click()
    expect(page.get_by_role("status").first).to_contain_text("派遣：已完成 1 件")
    assert Case.objects.filter(state="dispatched").count() == 50


@pytest.mark.django_db(transaction=True)
def test_a_list_is_worked_with_the_keyboard_alone(windows: Windows, town: Town) -> None:
    cases = filed(town, 3)
    page = windows.open("/desk/cases/?stage=dispatch", user="clerk")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    first = page.locator(".row .open").first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 1 件")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("o")
    expect(page.locator("#panel h2")).to_be_visible()
    expect(page).to_have_url(re.compile("case=" + page.locator(".row .tick input").first.input_value()))
    page.keyboard.press("Escape")
    expect(page.locator("#panel h2")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    assert len(cases) == 3


@pytest.mark.django_db(transaction=True)
def test_without_scripts_the_keys_have_a_page_and_rows_are_links(windows: Windows, town: Town) -> None:
    (case,) = filed(town, 1)
    page = windows.open("/desk/cases/?stage=dispatch", user="clerk", scripts=False)
    page.get_by_role("link", name=re.compile("全部快捷键")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("快捷键")
    page.goto("/desk/cases/?stage=dispatch")
    page.locator(".row .open").click()
    expect(page).to_have_url(re.compile(f"/desk/cases/{case.number}/"))
    page.goto("/desk/cases/?stage=dispatch")
    page.locator(".row .tick input").check()
    page.locator(".bulk").get_by_role("button", name="派遣").click()
    page.get_by_role("button", name="派遣 1 件").click()
    expect(page.get_by_role("status").first).to_contain_text("已完成 1 件")


@pytest.mark.django_db(transaction=True)
def test_a_phrase_is_put_in_by_a_click_and_by_its_shortcut(windows: Windows, town: Town) -> None:
    (case,) = filed(town, 1)
    now = timezone.now()
    add_phrase(actor=town.actor("clerk", at=now), at=now, text="请今天办结", short="jt")
    page = windows.open(f"/desk/cases/{case.number}/do/raise/", user="clerk")
    text = page.locator("textarea")
    text.fill("居民很急，")
    page.locator("[data-phrase]").click()
    expect(text).to_have_value("居民很急，请今天办结")
    text.press_sequentially("。/jt ")
    expect(text).to_have_value("居民很急，请今天办结。请今天办结")
    windows.picture(page, "form")


@pytest.mark.django_db(transaction=True)
def test_counts_keep_up_while_the_page_is_looked_at(windows: Windows, town: Town) -> None:
    filed(town, 1)
    page = windows.open("/desk/", user="clerk")
    page.clock.install()
    page.goto("/desk/cases/?stage=dispatch")
    count = page.locator('[data-count="tab:dispatch"]')
    expect(count).to_have_text("1")
    filed(town, 2)
    with page.expect_response("**/desk/live/**") as answered:
        page.clock.run_for(31_000)
    assert answered.value.status == 200
    expect(count).to_have_text("3")
    expect(page.get_by_role("link", name="列表有变化，刷新")).to_be_visible()
    with page.expect_response("**/desk/live/**") as answered:
        page.clock.run_for(31_000)
    assert answered.value.status == 304
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """() => {
        Object.defineProperty(document, "hidden", {get: () => true, configurable: true})
        document.dispatchEvent(new Event("visibilitychange"))
    }"""
    )
    page.clock.run_for(300_000)
    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_a_case_of_many_events_is_a_neat_paper(windows: Windows, town: Town, tmp_path: Path) -> None:
    (case,) = filed(town, 1)
    now = timezone.now()
    for n in range(LONG):
        words = {"text": f"第 {n} 次巡查记录：" + "现场情况如前，已电话告知处置单位。" * (1 + n % 4)}
        perform("note", case.pk, actor=town.actor("clerk", at=now), at=now, data=words)
    page = windows.open(f"/desk/cases/{case.number}/print/", user="clerk")
    windows.picture(page, "screen")
    printed = tmp_path / "case.pdf"
    page.pdf(path=printed, prefer_css_page_size=True)
    paper = printed.read_bytes()
    sheets = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", paper)
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 8
    assert {(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in sheets} == {(210, 297)}
    page.emulate_media(media="print")
    expect(page.locator(".paper-bar")).to_be_hidden()
    broken = page.evaluate(
        """() => [...document.querySelectorAll(".story-table tr, .signs")]
        .filter(row => getComputedStyle(row).breakInside !== "avoid").length"""
    )
    assert broken == 0
    head = page.evaluate("getComputedStyle(document.querySelector('.sheet-page > thead')).display")
    assert head == "table-header-group"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).borderTopWidth") == "0px"


def open_note(page: Page) -> Locator:
    """The form of a note, opened in place; the box to write in."""
    page.get_by_role("main").locator("summary", has_text="更多").click()
    page.get_by_role("link", name="添加备注").click()
    return page.locator("#act textarea")


@pytest.mark.django_db(transaction=True)
def test_what_is_typed_in_an_act_is_kept_until_it_is_done_and_done_once(windows: Windows, town: Town) -> None:
    case = filed(town, 1)[0]
    page = windows.open(f"/desk/cases/{case.number}/", user="clerk")
    open_note(page).fill("已电话联系")
    page.reload()
    text = open_note(page)
    expect(text).to_have_value("已电话联系")
    page.context.clear_cookies(name="csrftoken")
    page.locator("#act .btn.p").click()
    expect(page.locator("#toasts")).to_contain_text("页面已过期")
    expect(text).to_have_value("已电话联系")
    page.reload()
    expect(open_note(page)).to_have_value("已电话联系")
    page.locator("#act form").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
    expect(page.locator("[data-draft-done]")).to_be_visible()
    assert CaseEvent.objects.filter(case=case, act="note").count() == 1
    kept = "Object.keys(sessionStorage).filter(key => key.startsWith('gezhi-draft:'))"
    assert page.evaluate(kept) == []


@pytest.mark.django_db(transaction=True)
def test_a_plain_form_pressed_twice_is_sent_once(windows: Windows, town: Town) -> None:
    page = windows.open("/desk/phrases/", user="clerk")
    dropped = page.evaluate(
        """() => {
          const form = document.querySelector("main form[method=post]");
          const seen = [];
          document.addEventListener("submit", (event) => { seen.push(event.defaultPrevented); event.preventDefault(); });
          form.noValidate = true;
          form.requestSubmit();
          form.requestSubmit();
          return seen;
        }"""
    )
    assert dropped == [False, True]
