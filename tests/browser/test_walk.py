"""Whole cases in browser windows: through all seven steps, the long way round, and with mistakes on the way.

Everybody has a window of their own, as at work: the resident a phone without scripts and without an account,
the desk clerk a computer, the agency's people and the grid worker a phone each, the leader a computer.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from gezhi.faces.portal.place import begin
from gezhi.site.demo.pictures import picture
from gezhi.work.cases import services
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.queries import events_of, trace
from tests.browser.conftest import Windows
from tests.town import Town

SAID = "楼下垃圾三天没人清"
CODE = re.compile(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}")
# What no resident should meet: the office's words for states and acts, and words of the program.
INSIDE = re.compile(r"派遣|立案|签收|分办|案卷|核查|结案|返工|待受理|[a-z]+_[a-z]+|\bNone\b|_\(")
# The entries of a story without their chips, words and photos.
WHO_DID_WHAT = """entries => entries.map(entry => {
  const line = entry.cloneNode(true)
  line.querySelectorAll(".chip, .muted, .quote, .shots").forEach(part => part.remove())
  return line.textContent.replace(/\\s+/g, " ").trim()
})"""
ON_PHONES = {"handler", "other_head", "worker"}


class Walk:
    """The windows of a story and what each person does in theirs."""

    def __init__(self, windows: Windows, town: Town, photos: Path) -> None:
        self.windows, self.town, self.photos = windows, town, photos
        self.pages: dict[str, Page] = {}
        self.taken = 0

    def window(self, who: str) -> Page:
        """The window of a person, opened when it is first needed."""
        if who not in self.pages:
            user = "" if who == "resident" else who
            phone = who in ON_PHONES or not user
            start = "/" if not user else "/field/" if phone else "/desk/"
            self.pages[who] = self.windows.open(start, user=user, phone=phone, scripts=bool(user))
        return self.pages[who]

    @property
    def case(self) -> Case:
        """The one case of the story, as it stands."""
        return Case.objects.get()

    def keep(self, who: str, name: str) -> None:
        """The next picture of the story: what somebody sees."""
        self.taken += 1
        self.windows.picture(self.window(who), f"{self.taken:02d}-{who}-{name}")

    def photo(self, *, solved: bool = False) -> Path:
        """A photo on the disk: the rubbish, or the same street without it."""
        path = self.photos / ("after.jpg" if solved else "before.jpg")
        path.write_bytes(picture("rubbish", 1, solved=solved))
        return path

    # -- the resident

    def report(self) -> str:
        """Report from the first page to the code, by a tap on the picture of the map."""
        page = self.window("resident")
        page.goto("/")
        page.get_by_role("link", name="我要反映问题").first.click()
        page.get_by_label("什么问题").fill(SAID)
        page.locator("input[type=file]").set_input_files(self.photo())
        tap(page, *self.town.point(1))
        expect(page.locator("#place-said")).to_contain_text("甲一网格")
        expect(page.get_by_label("什么问题")).to_have_value(SAID)
        page.get_by_label("具体位置").fill("青禾街 8 号")
        self.keep("resident", "form")
        page.get_by_role("button", name="提交", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("谢谢，已经收到")
        code = CODE.search(page.locator(".code").inner_text())
        assert code
        self.keep("resident", "code")
        speaks_plainly(page)
        return code[0]

    def follow(self, code: str, *says: str) -> None:
        """Ask by code how far it is; the page says so in plain words."""
        page = self.window("resident")
        page.goto("/track/")
        page.get_by_label("查询码").fill(code.lower().replace("-", " "))
        page.get_by_role("button", name="看进展").click()
        expect(page.get_by_role("list", name="进展")).to_be_visible()
        for words in says:
            expect(page.locator("main")).to_contain_text(words)
        self.keep("resident", "progress")
        speaks_plainly(page)

    def rate(self, level: str, *, text: str = "", again: bool = False) -> None:
        """Rate the result, and ask for it to be done again where wanted."""
        page = self.window("resident")
        page.get_by_text(level, exact=True).click()
        page.get_by_label("想对我们说的话").fill(text)
        if again:
            page.get_by_label("请重新办理").check()
        self.keep("resident", "rating")
        page.get_by_role("button", name="提交评价").click()
        thanks = "这件事已重新办理。" if again else "谢谢你的评价。"
        expect(page.get_by_role("status").first).to_have_text(thanks)
        self.keep("resident", "rated")

    # -- the desk

    def opened(self, tab: str, *says: str) -> Locator:
        """The first case of a tab in the clerk's side panel."""
        page = self.window("clerk")
        page.goto("/desk/cases/?stage=all")
        page.get_by_role("navigation", name="办理阶段").get_by_role("link", name=tab).click()
        page.locator(".row .open").first.click()
        panel = page.locator("#panel")
        for words in says:
            expect(panel).to_contain_text(words)
        return panel

    def file(self) -> None:
        """From the panel to the form, the matter found by typing, and filed."""
        panel = self.opened("待受理", SAID, "青禾街 8 号", "居民随手拍")
        self.keep("clerk", "intake")
        panel.get_by_role("link", name="立案", exact=True).click()
        form = self.window("clerk").locator("form.act-form")
        form.get_by_label("查找事项").fill("垃圾")
        form.get_by_text("暴露垃圾，测试条件").click()
        self.keep("clerk", "file")
        form.get_by_role("button", name="立案").click()
        told(self.window("clerk"), "暴露垃圾：立案")

    def dispatch(self) -> None:
        """One press in the panel: to whom the responsibility list says."""
        panel = self.opened("待派遣", "建议派给 测试环卫所")
        self.keep("clerk", "dispatch")
        panel.get_by_role("button", name="派遣", exact=True).click()
        told(self.window("clerk"), "派遣给 测试环卫所")

    def dispatch_to(self, agency: str, why: str) -> None:
        """To an agency of one's own choice, with the reason."""
        panel = self.opened("待派遣")
        panel.get_by_label("更多").click()
        panel.get_by_role("link", name="派给其他单位…").click()
        form = self.window("clerk").locator("form.act-form")
        form.get_by_label("其他单位（请写明理由）").select_option(label=agency)
        form.get_by_label("说明").fill(why)
        form.get_by_role("button", name="派遣").click()
        told(self.window("clerk"), f"派遣给 {agency}")

    def rework(self, why: str) -> None:
        """Send it back to whoever handled it."""
        self.opened("待核查", "待结案").get_by_role("link", name="返工").click()
        form = self.window("clerk").locator("form.act-form")
        form.get_by_label("未解决", exact=True).check()
        form.get_by_label("具体情况").fill(why)
        self.keep("clerk", "rework")
        form.get_by_role("button", name="返工").click()
        told(self.window("clerk"), "退回返工")

    # -- on the phone

    def task(self, who: str, name: str, *says: str) -> Page:
        """Open a task from today's list."""
        page = self.window(who)
        page.goto("/field/")
        page.get_by_role("link", name=f"{name}：暴露垃圾").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("暴露垃圾")
        for words in ("青禾街 8 号", *says):
            expect(page.locator("main")).to_contain_text(words)
        return page

    def sign(self) -> None:
        page = self.task("handler", "签收", SAID, "30 分钟（工作时）", "派遣给 测试环卫所")
        self.keep("handler", "task")
        page.get_by_role("button", name="签收", exact=True).click()
        told(page, "签收")

    def contact(self, words: str) -> None:
        """Call the resident, which is owed first."""
        page = self.task("handler", "处置", "联系诉求人")
        page.get_by_role("link", name="联系诉求人").click()
        page.get_by_label("是", exact=True).check()
        page.get_by_label("联系情况").fill(words)
        page.get_by_role("button", name="联系诉求人").click()
        told(page, "联系诉求人")

    def progress(self, words: str) -> None:
        page = self.task("handler", "处置", "签收")
        page.get_by_role("link", name="填报进展").click()
        page.get_by_label("做了什么").fill(words)
        page.get_by_role("button", name="填报进展").click()
        told(page, "填报进展")
        expect(page.locator(".events")).to_contain_text(words)

    def result(self, words: str) -> None:
        page = self.task("handler", "处置")
        page.get_by_role("link", name="反馈结果").click()
        page.get_by_label("结果", exact=True).fill(words)
        shoot(page, self.photo(solved=True))
        self.keep("handler", "result")
        page.get_by_role("button", name="反馈结果").click()
        told(page, "反馈结果")

    def verify(self, *, solved: bool) -> None:
        page = self.task("worker", "核查", "反馈处置结果", "测试环卫所")
        page.get_by_role("link", name="反馈核查").click()
        page.get_by_label("已解决" if solved else "未解决", exact=True).check()
        shoot(page, self.photo(solved=solved))
        self.keep("worker", "verify")
        page.get_by_role("button", name="反馈核查").click()
        told(page, "反馈核查")

    def give_back(self, words: str) -> None:
        """The wrong agency returns the case from the phone."""
        page = self.task("other_head", "签收", "看似供水单位的地块")
        page.get_by_label("更多").click()
        page.get_by_role("link", name="退回", exact=True).click()
        page.get_by_label("不是本单位职责").check()
        page.get_by_label("具体情况").fill(words)
        self.keep("other_head", "return")
        page.get_by_role("button", name="退回").click()
        told(page, "退回")


def tap(page: Page, lon: float, lat: float) -> None:
    """Tap a place on the picture of the whole district, as it is drawn for a phone."""
    x, y = begin().frame("map").pixel(lon, lat)
    page.locator("input.tap-map").click(position={"x": x, "y": y})


def shoot(page: Page, photo: Path) -> None:
    """Take a photo with the phone and wait until it is there to see."""
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator("[data-picked] img")).to_have_count(1)


def told(page: Page, words: str) -> None:
    """The page after an act says what was done."""
    expect(page.locator(".flashes").get_by_role("status")).to_contain_text(words)


def speaks_plainly(page: Page) -> None:
    """No word of the inside on a resident's page, and in its story no staff by name."""
    found = INSIDE.search(page.locator("main").inner_text())
    assert found is None, f"{found} on {page.url}"
    for part in page.locator(".progress, .lead").all_inner_texts():
        assert "测试·" not in part


def beside(page: Page, label: str) -> Locator:
    """What is said to be wrong beside the field of this label."""
    return page.locator(".field.bad", has_text=label).locator(".error")


@pytest.fixture
def walk(windows: Windows, town: Town, tmp_path: Path) -> Walk:
    cache.clear()  # how often one may report is counted there
    return Walk(windows, town, tmp_path)


def test_one_report_walks_through_all_seven_steps(walk: Walk) -> None:
    code = walk.report()
    walk.file()
    walk.dispatch()
    walk.sign()
    walk.contact("说好今天清运")
    walk.progress("车已出发")
    walk.follow(code, "已受理，交给测试环卫所", "测试环卫所已接手", "测试环卫所正在处理，")
    walk.result("已清运，地面已冲洗")
    walk.follow(
        code, "测试环卫所说已经办完，还要请别人到现场看过再答复你。", "由网格员去看，不是测试环卫所自己"
    )
    walk.verify(solved=True)
    assert walk.case.state == "closed"
    walk.follow(code, "这件事已经办结，请在", "已清运，地面已冲洗", "看过了，已经解决")
    walk.rate("非常满意", text="很快")
    the_leader_reads_the_whole_story(walk)

    services.tick(at=timezone.now() + timedelta(days=16))
    assert walk.case.state == "archived"
    walk.follow(code, "这件事已经办结归档。", "你的评价：非常满意")
    leader = walk.window("leader")
    leader.reload()
    expect(leader.locator(".step.d")).to_have_count(7)
    expect(leader.locator(".head")).to_contain_text("已归档")
    walk.keep("leader", "archived")


def the_leader_reads_the_whole_story(walk: Walk) -> None:
    leader = walk.window("leader")
    leader.get_by_label("搜索").first.fill(walk.case.number)
    leader.keyboard.press("Enter")
    expect(leader.get_by_role("heading", level=1)).to_have_text("暴露垃圾 · 青禾街 8 号")
    assert leader.locator(".events .ev > div").evaluate_all(WHO_DID_WHAT) == [
        "居民 评价处理结果",
        "系统按本单位规则 结案",
        "测试·网格员甲 现场核查",
        "系统按本单位规则 下发核查 测试·网格员甲",
        "测试环卫所 测试·环卫处置员 反馈处置结果",
        "测试环卫所 测试·环卫处置员 填报进展",
        "测试环卫所 测试·环卫处置员 联系诉求人",
        "测试环卫所 测试·环卫处置员 签收",
        "测试·综合席 派遣给 测试环卫所",
        "测试·综合席 立案",
        "居民 上报",
    ]
    expect(leader.locator(".events img")).to_have_count(3)
    walk.keep("leader", "story")


def test_the_long_way_round_ends_in_a_second_closing(walk: Walk) -> None:
    code = walk.report()
    walk.file()
    walk.dispatch_to("测试供水公司", "看似供水单位的地块")
    walk.give_back("不是管网问题")
    walk.dispatch()
    walk.sign()
    walk.result("已清理")
    walk.verify(solved=False)
    walk.rework("还有一半没清")
    walk.result("全部清走了")
    walk.verify(solved=True)
    walk.follow(code, "换一个单位办", "请测试环卫所重新处理", "看过了，还没有解决好", "全部清走了")
    walk.rate("非常不满意", text="又堆满了", again=True)
    assert (walk.case.state, walk.case.reopenings) == ("filed", 1)

    walk.dispatch()
    walk.sign()
    walk.result("加放了两个垃圾桶")
    walk.verify(solved=True)
    walk.follow(code, "重新办理", "加放了两个垃圾桶", "这件事已经办结，请在")
    case = walk.case
    assert (case.state, case.returns, case.reworks, case.reopenings) == ("closed", 1, 1, 1)
    the_desk_sees_who_had_it(walk)


def the_desk_sees_who_had_it(walk: Walk) -> None:
    clerk = walk.window("clerk")
    clerk.goto("/desk/cases/?stage=closed")
    for mark in ("退回 1 次", "返工 1 次", "重办"):
        expect(clerk.locator(".row .from")).to_contain_text(mark)
    walk.keep("clerk", "closed")
    clerk.goto(f"/desk/cases/{walk.case.number}/")
    shown = clerk.locator(".side h3", has_text="责任追溯").locator("+ dl")
    spans = trace(events_of(walk.case), at=timezone.now())
    assert shown.locator("dt").all_inner_texts() == [span.name for span in spans]
    assert [span.name for span in spans if span.grant == "handle"] == [
        "测试供水公司", "测试环卫所", "测试环卫所", "测试环卫所",
    ]  # fmt: skip
    expect(clerk.locator(".events .ev.bad")).to_have_count(3)  # returned, reworked, reopened
    walk.keep("clerk", "story")


# -- mistakes: said beside the field, nothing lost


def test_a_report_that_says_nothing_is_asked_for_words_and_place(walk: Walk) -> None:
    page = walk.window("resident")
    page.goto("/report/")
    page.locator("input[type=file]").set_input_files(walk.photo())
    page.get_by_label("具体位置").fill("3 号楼北侧")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(beside(page, "什么问题")).to_have_text("请写一下是什么问题。")
    expect(beside(page, "在哪里")).to_contain_text("请说明在哪里")
    expect(page.get_by_label("具体位置")).to_have_value("3 号楼北侧")
    expect(page.locator(".picked img")).to_have_count(1)
    walk.keep("resident", "nothing-said")
    assert not Case.objects.exists()


def test_a_place_outside_the_district_is_said_and_the_words_stay(walk: Walk) -> None:
    page = walk.window("resident")
    page.goto("/report/")
    page.get_by_label("什么问题").fill(SAID)
    lon, lat = walk.town.point(1)
    tap(page, lon, lat + 0.012)
    expect(page.locator("#place-said")).to_contain_text("这个位置不在本区范围内")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(beside(page, "在哪里")).to_contain_text("不在本区范围内")
    expect(page.get_by_label("什么问题")).to_have_value(SAID)
    walk.keep("resident", "outside")
    assert not Case.objects.exists()


def test_a_dispatch_without_an_agency_is_not_done(walk: Walk) -> None:
    condition = {"condition": walk.town.conditions["question"].pk}
    case = walk.town.report(at=timezone.now())
    perform("file", case.pk, actor=walk.town.actor("clerk"), at=timezone.now(), data=condition)
    page = walk.window("clerk")
    page.goto(f"/desk/cases/{case.number}/")
    page.get_by_role("link", name="派遣", exact=True).click()
    form = page.locator("form.act-form")
    form.get_by_label("说明").fill("请今天看一下")
    form.get_by_role("button", name="派遣").click()
    expect(beside(page, "责任单位")).to_have_text("请选择责任单位。")
    expect(form.get_by_label("说明")).to_have_value("请今天看一下")
    walk.keep("clerk", "no-agency")
    form.get_by_role("combobox").select_option(label="测试其他单位")
    form.get_by_role("button", name="派遣").click()
    told(page, "派遣给 测试其他单位")


def test_a_result_without_a_photo_is_asked_for_one(walk: Walk) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    walk.town.drive(walk.town.report(at=hour_ago), "sign", at=hour_ago)
    page = walk.task("handler", "处置")
    page.get_by_role("link", name="反馈结果").click()
    page.get_by_label("结果", exact=True).fill("已清运")
    page.get_by_role("button", name="反馈结果").click()
    expect(beside(page, "处置后照片")).to_have_text("请至少添加 1 张照片。")
    expect(page.get_by_label("结果", exact=True)).to_have_value("已清运")
    walk.keep("handler", "no-photo")
    shoot(page, walk.photo(solved=True))
    page.get_by_role("button", name="反馈结果").click()
    told(page, "反馈结果")
    assert walk.case.state == "verifying"


def test_who_comes_second_is_told_who_was_first(walk: Walk) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    case = walk.town.drive(walk.town.report(at=hour_ago), "file", at=hour_ago)
    first, second = walk.window("clerk"), walk.window("dispatcher")
    for page in (first, second):
        page.goto(f"/desk/cases/{case.number}/")
        page.get_by_role("link", name="派遣", exact=True).click()
        page.locator("form.act-form").get_by_label("说明").fill("请今天清完")
    first.locator("form.act-form").get_by_role("button", name="派遣").click()
    told(first, "派遣给 测试环卫所")
    form = second.locator("form.act-form")
    form.get_by_role("button", name="派遣").click()
    expect(form.get_by_role("alert")).to_contain_text("测试·综合席 已于")
    expect(form.get_by_role("alert")).to_contain_text("案卷现为“待签收”")
    expect(form.get_by_label("说明")).to_have_value("请今天清完")
    walk.keep("dispatcher", "second")
    assert walk.case.events.filter(act="dispatch").count() == 1
