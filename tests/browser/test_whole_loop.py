"""The loop beside its main path in browser windows: co-handling, a whistle, an extension, the problem bank.

Time passes by making the clocks older and letting the worker look.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Locator, Page, expect

from gezhi.site.chromium import DESKTOP, PHONE
from gezhi.site.demo.pictures import picture
from gezhi.work.cases import services
from gezhi.work.cases.models import Case, Clock, Part
from gezhi.work.cases.perform import perform
from tests.browser.conftest import Windows
from tests.browser.test_accessibility import BOTH, faults_of
from tests.browser.test_walk import ON_PHONES, shoot, told
from tests.town import Town

MOMENTS = ("started_at", "resumed_at", "half_at", "warn_at", "due_at", "grace_at", "next_at")
WATER, OTHER = "测试供水公司", "测试其他单位"


class Scene:
    """A case in the hands of the sanitation station, and a window for everybody."""

    def __init__(self, windows: Windows, town: Town, photos: Path) -> None:
        self.windows, self.town, self.photos = windows, town, photos
        self.pages: dict[str, Page] = {}
        self.taken = 0
        hour_ago = timezone.now() - timedelta(hours=1)
        self.number = town.drive(town.report(at=hour_ago), "sign", at=hour_ago).number

    @property
    def case(self) -> Case:
        return Case.objects.get(number=self.number)

    def at(self, who: str, address: str = "") -> Page:
        """The window of a person, on the page of the case or at another address."""
        face = "field/case" if who in ON_PHONES else "desk/cases"
        address = address or f"/{face}/{self.number}/"
        if who in self.pages:
            self.pages[who].goto(address)
        else:
            self.pages[who] = self.windows.open(address, user=who, phone=who in ON_PHONES)
        return self.pages[who]

    def more(self, who: str, act: str) -> Page:
        """The form of an act out of the menu of the case's page."""
        page = self.at(who)
        menu = page.locator("details.menu", has=page.locator(".menu-group")).first
        menu.locator("summary").click()
        menu.get_by_role("link", name=act, exact=True).click()
        return page

    def send(self, page: Page, act: str, words: str) -> None:
        """Press the button of the form; the page then says what was done."""
        form(page).or_(page.locator(".dock")).get_by_role("button", name=act, exact=True).last.click()
        told(page, words)

    def keep(self, who: str, name: str) -> None:
        self.taken += 1
        self.windows.picture(self.pages[who], f"{self.taken:02d}-{who}-{name}")

    def photo(self) -> Path:
        path = self.photos / "after.jpg"
        path.write_bytes(picture("rubbish", 1, solved=True))
        return path

    def pass_time(self, gap: timedelta, **which: object) -> None:
        """These clocks of the case become older by the gap, and the worker looks."""
        clocks = Clock.objects.filter(case=self.case, ended_at=None, **which)
        clocks.update(**{name: F(name) - gap for name in MOMENTS})
        Part.objects.filter(case=self.case).update(asked_at=F("asked_at") - gap)
        for _mark in ("warn", "due", "grace"):
            services.tick(at=timezone.now())


def form(page: Page) -> Locator:
    return page.locator("form.act-form")


def day(days: int) -> str:
    return (localdate() + timedelta(days=days)).isoformat()


def share(page: Page, agency: str) -> Locator:
    """The line of an agency among those that take part."""
    return page.locator(".shares li", has_text=agency)


@pytest.fixture
def scene(windows: Windows, town: Town, tmp_path: Path) -> Scene:
    return Scene(windows, town, tmp_path)


def test_the_result_waits_for_one_part_and_another_is_excused(scene: Scene) -> None:
    page = scene.more("handler", "增加协办")
    page.get_by_label(WATER).check()
    page.get_by_label(OTHER).check()
    page.get_by_label("协办事项").fill("请关阀，配合清运")
    scene.keep("handler", "asks")
    scene.send(page, "增加协办", "增加协办")
    expect(page.get_by_role("link", name="反馈结果")).to_have_count(0)
    expect(share(page, WATER)).to_contain_text("待签收")

    water = scene.at("other_head", "/field/")
    water.get_by_role("link", name="签收协办：暴露垃圾").click()
    expect(water.locator(".hd")).to_contain_text("协办待签收")
    scene.keep("other_head", "asked")
    water.get_by_role("button", name="签收协办", exact=True).click()
    told(water, "签收协办")
    water.get_by_role("link", name="反馈协办结果").click()
    water.get_by_label("结果", exact=True).fill("阀门已关")
    scene.send(water, "反馈协办结果", "反馈协办结果")

    page = scene.at("handler")
    expect(share(page, WATER)).to_contain_text("已完成")
    expect(share(page, WATER)).to_contain_text("阀门已关")
    page.get_by_role("link", name="免除协办").click()
    page.get_by_label(OTHER).check()
    page.get_by_label("理由").fill("不需要了")
    scene.send(page, "免除协办", "免除协办")
    page.get_by_role("link", name="反馈结果").click()
    page.get_by_label("结果", exact=True).fill("已清运")
    shoot(page, scene.photo())
    scene.send(page, "反馈结果", "反馈结果")
    assert scene.case.state == "verifying"

    desk = scene.at("clerk")
    expect(share(desk, OTHER)).to_contain_text("已免除")
    expect(desk.locator(".events")).to_contain_text(f"请求协办 {OTHER}、{WATER}")
    expect(desk.locator(".events")).to_contain_text(f"免除协办 {OTHER}")
    scene.keep("clerk", "parts")


def test_a_department_that_comes_late_to_the_whistle_is_marked_and_rated(scene: Scene) -> None:
    page = scene.more("clerk", "吹哨")
    ask = form(page)
    ask.get_by_label("应急处置类").check()
    ask.get_by_label(WATER).check()
    ask.get_by_role("button", name="吹哨").click()
    expect(ask.locator(".field.bad .error")).to_have_text("请填写。")
    expect(ask.get_by_label(WATER)).to_be_checked()
    ask.get_by_label("吹哨事由").fill("路面塌陷，请到现场会商")
    scene.keep("clerk", "whistle")
    scene.send(page, "吹哨", "吹哨")
    expect(share(page, WATER)).to_contain_text("待报到")

    scene.pass_time(timedelta(hours=2), kind="summons")
    page = scene.at("clerk")
    expect(share(page, WATER)).to_contain_text("超期")
    expect(page.locator(".events .ev").first).to_contain_text(f"系统提醒 仍未办理，已报告领导 {WATER}")
    assert scene.case.owner_agency == scene.town.agencies["SAN"]

    water = scene.at("other_head", "/field/")
    water.get_by_role("link", name="报到：暴露垃圾").click()
    water.get_by_role("link", name="报到", exact=True).click()
    water.get_by_label("到场人员和工作情况").fill("到场 3 人，已围挡")
    scene.keep("other_head", "late")
    scene.send(water, "报到", "报到")
    assert Part.objects.get(case=scene.case).late

    page = scene.at("clerk")
    expect(share(page, WATER)).to_contain_text("已报到")
    expect(share(page, WATER)).to_contain_text("超期")
    page.get_by_role("link", name="评价部门").click()
    ask = form(page)
    expect(ask.get_by_label(WATER)).to_be_checked()
    ask.get_by_label("不满意", exact=True).check()
    scene.send(page, "评价部门", "评价报到部门")
    expect(share(page, WATER)).to_contain_text("2 星")
    scene.keep("clerk", "rated")


def test_an_extension_nobody_decides_leaves_the_case_marked_with_its_agency(scene: Scene) -> None:
    page = scene.more("handler", "申请延期")
    page.get_by_label("延期至").fill(day(10))
    page.get_by_label("理由").fill("需要吊车")
    scene.keep("handler", "asks")
    scene.send(page, "申请延期", "申请延期")
    expect(page.locator(".standing")).to_contain_text("等待测试区审批人（测试·值班领导）决定")

    desk = scene.at("leader", "/desk/cases/?stage=decide")
    row = desk.locator(".row")
    expect(row).to_contain_text("待审批 · 延期")
    scene.keep("leader", "asked")

    scene.pass_time(timedelta(days=30), kind__in=["handle", "decision", "whole"])
    case = scene.case
    assert (case.state, case.open_request, case.owner_agency) == (
        "handling",
        "extension",
        scene.town.agencies["SAN"],
    )
    desk.reload()
    expect(row.locator(".clock")).to_contain_text("超期")
    row.locator(".open").click()
    expect(desk.locator("#panel")).to_contain_text("需要吊车")
    desk.goto(f"/desk/cases/{scene.number}/")
    expect(desk.locator(".note.a")).to_contain_text("超期")
    expect(desk.locator(".step.c")).to_contain_text("超期")
    scene.keep("leader", "overdue")
    mine = scene.at("handler", "/field/")
    expect(mine.locator(".card", has_text="处置：暴露垃圾")).to_contain_text("超期")

    desk.get_by_role("link", name="不批准延期").click()
    form(desk).get_by_label("理由").fill("请今天办结")
    scene.send(desk, "不批准延期", "未批准延期")
    assert scene.case.open_request == ""


def test_a_problem_is_banked_reviewed_and_struck_off(scene: Scene) -> None:
    page = scene.more("leader", "挂账")
    ask = form(page)
    ask.get_by_label("复核日期").fill(day(30))
    ask.get_by_label("理由").fill("待管网改造")
    ask.get_by_label("告知诉求人的内容").fill("已列入改造计划")
    scene.keep("leader", "banks")
    scene.send(page, "挂账", "挂账")
    expect(page.locator(".note.b")).to_contain_text("已挂账")

    scene.pass_time(timedelta(days=40), kind="review")
    page = scene.at("leader", "/desk/cases/?stage=bank&area=420599001")
    row = page.locator(".row")
    expect(row).to_contain_text("前复核")
    expect(row.locator(".clock")).to_contain_text("超期")
    scene.keep("leader", "review-overdue")
    page = scene.at("leader", "/desk/cases/?stage=bank&area=420599001002")
    expect(page.get_by_role("heading", name="本辖区问题库里没有事件")).to_be_visible()

    page = scene.at("leader")
    page.get_by_role("link", name="复核", exact=True).click()
    ask = form(page)
    ask.get_by_label("下次复核日期").fill(day(60))
    ask.get_by_label("目前进展").fill("设计已完成")
    scene.send(page, "复核", "复核挂账问题")
    expect(page.locator(".note.b")).not_to_contain_text("超期")
    page.get_by_role("link", name="销账", exact=True).click()
    form(page).get_by_label("销账依据").fill("改造已完工")
    scene.send(page, "销账", "销账")
    assert scene.case.state == "handling"
    scene.keep("leader", "struck-off")
    mine = scene.at("handler", "/field/")
    expect(mine.get_by_role("link", name="处置：暴露垃圾")).to_be_visible()


@BOTH
def test_no_page_of_the_loop_has_a_barrier(windows: Windows, town: Town, phone: bool) -> None:
    now = timezone.now()
    hour_ago = now - timedelta(hours=1)
    first, second = (town.drive(town.report(at=hour_ago), "sign", at=hour_ago) for _n in range(2))
    water = [town.agencies["WAT"].pk]

    def do(case: Case, act: str, who: str, **said: object) -> None:
        perform(act, case.pk, actor=town.actor(who, at=now), at=now, data=said)

    do(first, "whistle", "clerk", kind="joint", agencies=water, text="请到场")
    do(first, "supervise", "leader", text="请说明")
    do(second, "add_part", "handler", agencies=water, text="请关阀")
    do(second, "request_suspension", "handler", until=day(5), text="下雨")
    one, two = f"/desk/cases/{first.number}/", f"/desk/cases/{second.number}/"
    page = windows.open("/desk/", user="leader", phone=phone)
    decide, bank = "/desk/cases/?stage=decide&case=first", "/desk/cases/?stage=bank"
    assert faults_of(page, [decide, bank, two, f"{two}do/approve_suspension/", f"{one}do/bank/"]) == {}
    page = windows.open("/desk/", user="clerk", phone=phone)
    assert faults_of(page, [one, f"{one}do/whistle/", f"{one}do/call_back/"]) == {}
    page = windows.open("/field/", user="other_head", phone=phone)
    page.set_viewport_size({"width": PHONE["width"] if phone else DESKTOP["width"], "height": 2000})
    cases = [f"/field/case/{case.number}/" for case in (first, second)]
    assert faults_of(page, ["/field/", *cases, f"{cases[0]}attend/"]) == {}
