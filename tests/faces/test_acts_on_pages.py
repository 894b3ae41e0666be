"""What the pages make of the whole loop: which button comes first for whom, what a row says is owed, the story."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from gezhi.faces.look.actforms import act_form
from gezhi.faces.look.cases.buttons import BESIDE, GROUPS, MAIN, buttons
from gezhi.faces.look.cases.clocks import running
from gezhi.faces.look.cases.rows import rows_of
from gezhi.faces.look.cases.standing import brief, standing_of
from gezhi.faces.look.cases.story import story_of
from gezhi.foundation.actors.models import Agency
from gezhi.work.cases import queries, services
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case, Part
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.table import TABLE
from tests.faces.calling import signed_in
from tests.town import START, Town

MINUTE = timedelta(minutes=1)
UNTIL = "2026-03-20"


class Loop:
    """A resident's case in the hands of the sanitation station, and what each person sees of it."""

    def __init__(self, town: Town) -> None:
        self.town, self.at = town, START + timedelta(minutes=30)
        self.case = town.drive(town.resident_report()[0], "sign")

    def do(self, act: str, who: str, **told: Any) -> None:
        self.at += MINUTE
        self.case = perform(act, self.case.pk, actor=self.town.actor(who), at=self.at, data=told)

    def share(self, *codes: str) -> None:
        """The lead asks these agencies to co-handle."""
        self.do(
            "add_part", "handler", agencies=[self.town.agencies[code].pk for code in codes], text="请关阀"
        )

    def whistle(self) -> None:
        """The street calls the water company."""
        water = [self.town.agencies["WAT"].pk]
        self.do("whistle", "clerk", kind="emergency", agencies=water, text="请到场")

    def see(self, who: str) -> tuple[str, str, set[str]]:
        """The main button, the one beside it, and the menu."""
        actor = self.town.actor(who)
        case = queries.case_for(actor, self.case.pk)
        found = buttons(case, allowed_acts(case, actor, at=self.at))
        main, beside = (act.code if act else "" for act in (found.main, found.beside))
        return main, beside, {act.code for group in found.menu for act in group.acts}

    def row(self, who: str) -> Any:
        """The row of the case in the list of what waits for somebody."""
        actor = self.town.actor(who)
        page = queries.page_of(actor, queries.Filter(stage="mine"), at=self.at)
        return next(row for row in rows_of(page.rows, at=self.at, actor=actor) if row.case == self.case)

    def standing(self, who: str = "clerk") -> Any:
        case = queries.case_for(self.town.actor(who), self.case.pk)
        return standing_of(case, queries.events_of(case), queries.clocks_of(case), at=self.at)

    def story(self, who: str = "clerk") -> list[str]:
        """The entries, newest first, in a line each."""
        case = queries.case_for(self.town.actor(who), self.case.pk)
        with translation.override("zh-hans"):
            entries = story_of(case, queries.events_of(case))
            return [" ".join([one.who, one.words, one.object, *one.details]).strip() for one in entries]


@pytest.fixture
def loop(town: Town) -> Loop:
    return Loop(town)


def test_every_act_of_a_person_has_its_place_in_the_menu() -> None:
    placed = [code for _label, codes in GROUPS for code in codes]
    assert len(placed) == len(set(placed))
    by_people = {row.act for row in TABLE if row.who != "system" and row.who != "asker"}
    assert by_people - set(placed) == {"report", "solve", "note"}
    assert {*MAIN, *BESIDE, *(code for codes in BESIDE.values() for code in codes)} <= set(placed)


def test_the_first_call_stands_beside_the_result_until_it_is_made(loop: Loop) -> None:
    assert loop.see("handler")[:2] == ("report_result", "contact")
    loop.do("contact", "handler", reached="yes", text="已说明")
    assert loop.see("handler")[:2] == ("report_result", "progress")


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("extension", "approve_extension", "deny_extension"),
        ("suspension", "approve_suspension", "deny_suspension"),
    ],
)
def test_who_decides_has_yes_and_no_side_by_side(loop: Loop, kind: str, yes: str, no: str) -> None:
    loop.do(f"request_{kind}", "handler", until=UNTIL, text="等吊车")
    assert loop.see("leader")[:2] == (yes, no)
    assert loop.see("clerk")[0] == "supervise"
    assert "take_back" in loop.see("handler")[2]


def test_an_exclusion_is_decided_by_the_appraiser(loop: Loop) -> None:
    loop.do("request_exclusion", "handler", text="系统故障")
    assert loop.see("appraiser")[:2] == ("approve_exclusion", "deny_exclusion")
    assert loop.row("appraiser").owed is not None


def test_a_co_handler_signs_then_reports(loop: Loop) -> None:
    loop.share("WAT")
    assert loop.see("other_head")[:2] == ("sign_part", "return_part")
    loop.do("sign_part", "other_head")
    assert loop.see("other_head")[:2] == ("report_part", "progress")
    assert loop.see("handler")[:2] == ("progress", "contact")
    loop.do("report_part", "other_head", text="已关阀")
    assert loop.see("handler")[0] == "report_result"


def test_a_summoned_department_reports_in_and_is_then_rated(loop: Loop) -> None:
    loop.whistle()
    assert loop.see("other_head")[0] == "attend"
    assert loop.see("clerk")[0] == "supervise"
    assert "rate_part" in loop.see("clerk")[2]
    loop.do("attend", "other_head", text="到场 3 人")
    assert loop.see("clerk")[0] == "rate_part"


def test_the_agency_a_case_is_offered_to_takes_it_or_not(loop: Loop) -> None:
    loop.do("request_transfer", "handler", agency=loop.town.agencies["WAT"].pk, text="属管网问题")
    assert loop.see("other_head")[:2] == ("accept_transfer", "reject_transfer")
    loop.do("accept_transfer", "other_head")
    assert loop.see("clerk")[:2] == ("agree_transfer", "decline_transfer")


def test_a_suspended_case_goes_on_and_a_banked_one_is_reviewed(loop: Loop) -> None:
    loop.do("request_suspension", "handler", until=UNTIL, text="下雨")
    loop.do("approve_suspension", "leader")
    assert loop.see("handler")[0] == "resume"
    loop.do("resume", "handler")
    loop.do("bank", "leader", until=UNTIL, text="待改造", told="已列入计划")
    assert loop.see("leader")[:2] == ("review", "strike_off")


def test_what_may_be_an_emergency_is_filed_and_dispatched_at_once(loop: Loop) -> None:
    loop.case = loop.town.report(item=loop.town.conditions["cover"].item)
    assert loop.see("clerk")[:2] == ("file_dispatch", "file")
    loop.case = loop.town.report(item=loop.town.conditions["rubbish"].item)
    assert loop.see("clerk")[:2] == ("file", "ask_check")


def test_a_call_back_is_the_next_step_only_where_it_is_owed(loop: Loop) -> None:
    loop.do("report_result", "handler", text="已清运", photos=[loop.town.photo(7).pk])
    loop.do("verify", "worker", result="true", photos=[loop.town.photo(8).pk])
    for owed, main in ((True, "call_back"), (False, "")):
        Case.objects.filter(pk=loop.case.pk).update(to_call=owed)
        assert loop.see("clerk")[0] == main
    assert "call_back" in loop.see("clerk")[2]


def test_a_supervision_is_replied_to_first(loop: Loop) -> None:
    loop.do("supervise", "leader", text="请说明")
    assert loop.see("handler")[:2] == ("reply", "report_result")
    assert loop.standing().watched.text == "请说明"
    loop.do("reply", "handler", text="已说明")
    assert loop.standing().watched is None


@pytest.mark.parametrize(
    ("prepare", "who", "words", "verb"),
    [
        ("share", "other_head", "协办待签收", "签收协办"),
        ("signed", "other_head", "协办待反馈", "协办"),
        ("whistle", "other_head", "待报到", "报到"),
        ("transfer", "other_head", "待接办确认", "确认接办"),
        ("extension", "leader", "待审批 · 延期", "审批延期"),
    ],
)
def test_a_row_says_what_the_reader_owes_and_by_which_clock(
    loop: Loop, prepare: str, who: str, words: str, verb: str
) -> None:
    if prepare in ("share", "signed"):
        loop.share("WAT")
    if prepare == "signed":
        loop.do("sign_part", "other_head")
    if prepare == "whistle":
        loop.whistle()
    if prepare == "transfer":
        loop.do("request_transfer", "handler", agency=loop.town.agencies["WAT"].pk, text="属管网问题")
    if prepare == "extension":
        loop.do("request_extension", "handler", until=UNTIL, text="等吊车")
    with translation.override("zh-hans"):
        row = loop.row(who)
        assert (row.owed.words, row.owed.verb) == (words, verb)
        own = loop.row("handler")
    assert own.owed is None
    assert own.clock.label in ("处置", "联系诉求人")
    assert row.clock.label != own.clock.label


def test_the_open_request_says_who_asked_why_until_when_and_who_decides(loop: Loop) -> None:
    loop.do("request_extension", "handler", until=UNTIL, text="等吊车")
    with translation.override("zh-hans"):
        asked = loop.standing().asked
    assert (asked.kind, asked.who) == ("延期", "测试环卫所 测试·环卫处置员")
    assert (asked.reason, asked.until) == ("等吊车", "03-20 周五")
    assert asked.decider == "测试区审批人（测试·值班领导）"
    assert asked.clock.tone == "g"
    loop.at += timedelta(days=2)
    assert loop.standing().asked.clock.tone == "r"


def test_who_takes_part_stands_with_its_clock_and_its_last_word(loop: Loop) -> None:
    loop.share("WAT", "ODD")
    loop.do("sign_part", "other_head")
    loop.do("report_part", "other_head", text="已关阀")
    odd = Part.objects.get(case=loop.case, agency=loop.town.agencies["ODD"])
    loop.do("excuse_part", "handler", part=odd.pk, text="不需要")
    with translation.override("zh-hans"):
        shares = {share.agency: share for share in loop.standing().shares}
    water, other = shares["测试供水公司"], shares["测试其他单位"]
    assert (water.role, water.state, water.text) == ("协办", "已完成", "已关阀")
    assert water.clock is not None and water.clock.ended
    assert (other.state, other.clock) == ("已免除", None)


def test_a_department_late_to_a_whistle_is_marked_and_named(loop: Loop) -> None:
    loop.whistle()
    loop.at += timedelta(hours=2)
    services.tick(at=loop.at)
    loop.case = Case.objects.get(pk=loop.case.pk)
    with translation.override("zh-hans"):
        (share,) = loop.standing().shares
        labels = [view.label for view in running(queries.clocks_of(loop.case), at=loop.at)]
    assert share.late
    assert (share.role, share.state) == ("吹哨召集 · 应急处置类", "待报到")
    assert "报到 · 测试供水公司" in labels
    assert any("测试供水公司" in line and line.startswith("系统提醒") for line in loop.story())


def test_the_story_names_agencies_days_and_kinds(loop: Loop) -> None:
    loop.share("WAT")
    loop.do("sign_part", "other_head")
    loop.do("request_extension", "handler", until=UNTIL, text="等吊车")
    loop.do("approve_extension", "leader")
    loop.whistle()
    loop.do("hand_over", "handler", authority="测试城管大队", reference="测执〔2026〕1 号", text="材料一份")
    story = loop.story()
    assert (
        story[0]
        == "测试环卫所 测试·环卫处置员 移送执法  执法机关：测试城管大队 对方受理编号：测执〔2026〕1 号"
    )
    assert story[1] == "测试·综合席 吹哨召集 测试供水公司 类型：应急处置类"
    assert story[2] == "测试·值班领导 批准延期  批准至：03-20 周五"
    assert story[3] == "测试环卫所 测试·环卫处置员 申请延期  延期至：03-20 周五"
    assert story[4] == "测试供水公司 测试·供水负责人 签收协办"
    assert story[5] == "测试环卫所 测试·环卫处置员 请求协办 测试供水公司"


def test_what_a_co_handler_does_is_told_with_its_agency(loop: Loop) -> None:
    loop.share("WAT")
    loop.do("sign_part", "other_head")
    loop.do("progress", "other_head", text="正在关阀")
    assert loop.story()[0] == "测试供水公司 测试·供水负责人 填报进展"


def test_arriving_says_how_far_from_the_place(loop: Loop) -> None:
    lon, lat = loop.town.point(1)
    loop.do("arrive", "handler", point=[lon, lat + 0.0005])
    assert loop.story()[0].endswith("距事发地点 55 米。") or loop.story()[0].endswith("距事发地点 56 米。")


def test_a_sealed_request_shows_no_words_to_who_does_not_serve_the_case(loop: Loop) -> None:
    loop.share("WAT")
    loop.do("request_extension", "handler", until=UNTIL, text="家里有病人")
    case = queries.case_for(loop.town.actor("clerk"), loop.case.pk)
    case.veiled = True
    events = queries.events_of(case)
    standing = standing_of(case, events, queries.clocks_of(case), at=loop.at)
    assert (standing.asked.reason, [share.text for share in standing.shares]) == ("", [""])
    told = [line for entry in story_of(case, events) for line in entry.details]
    assert not any("家里有病人" in line for line in told)


def test_sealed_lines_and_supervision_stay_with_who_serves_the_case(loop: Loop) -> None:
    loop.do("hand_over", "handler", authority="城管执法队", reference="执法〔2026〕7 号", text="材料")
    loop.do("supervise", "leader", text="今天查清病人的事")
    case = queries.case_for(loop.town.actor("clerk"), loop.case.pk)
    told = [line for entry in story_of(case, queries.events_of(case)) for line in entry.details]
    assert any("城管执法队" in line for line in told)
    assert brief(case, at=loop.at).watched.text == "今天查清病人的事"
    case.veiled = True
    assert not any(entry.details for entry in story_of(case, queries.events_of(case)))
    assert brief(case, at=loop.at).watched.text == ""


# -- forms


def test_many_agencies_come_with_a_box_that_narrows_them(loop: Loop) -> None:
    district = loop.town.areas["420599"]
    for n in range(45):
        code = f"X{n:02}"
        Agency.objects.create(
            code=code, path=f"{code}/", kind="department", name=f"测试部门{n:02}", area=district
        )
    form = act_form(ACTS["whistle"], loop.case, actor=loop.town.actor("clerk"), at=loop.at)
    html = str(form)
    assert "data-narrows" in html
    assert html.count('name="whistle-agencies"') == 47  # all but the lead itself
    few = act_form(ACTS["excuse_part"], loop.case, actor=loop.town.actor("clerk"), at=loop.at)
    assert "data-narrows" not in str(few)


def test_an_extension_is_asked_for_from_the_day_of_the_limit_on(loop: Loop) -> None:
    form = act_form(ACTS["request_extension"], loop.case, actor=loop.town.actor("handler"), at=loop.at)
    assert 'min="2026-03-03"' in str(form)
    Case.objects.get(pk=loop.case.pk).clocks.filter(kind="handle").update(due_at=START + timedelta(days=9))
    form = act_form(ACTS["request_extension"], loop.case, actor=loop.town.actor("handler"), at=loop.at)
    assert 'min="2026-03-11"' in str(form)


# -- pages


@pytest.fixture
def now(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: loop.at + MINUTE)


def test_requests_to_decide_have_their_own_tab_for_who_decides(loop: Loop, now: None) -> None:
    loop.do("request_extension", "handler", until=UNTIL, text="等吊车")
    page = signed_in(loop.town, "leader").get("/desk/cases/?stage=decide")
    assert [row.case for row in page.context["rows"]] == [loop.case]
    assert page.context["counts"].tabs["decide"] == 1
    assert "待审批 · 延期" in page.content.decode()
    for who in ("handler", "call_back"):
        tabs = signed_in(loop.town, who).get("/desk/cases/?stage=all").context["tabs"]
        assert "decide" not in [tab[0] for tab in tabs]


def test_the_problem_bank_lists_banked_cases_of_an_area_with_their_review_day(loop: Loop, now: None) -> None:
    loop.do("bank", "leader", until=UNTIL, text="待改造", told="已列入计划")
    client = signed_in(loop.town, "leader")
    page = client.get("/desk/cases/?stage=bank&area=420599001001")
    assert [row.case for row in page.context["rows"]] == [loop.case]
    assert "03-20 周五前复核" in page.content.decode()
    assert client.get("/desk/cases/?stage=bank&area=420599001002").context["rows"] == []


@pytest.mark.parametrize("who", ["clerk", "leader", "handler", "other_head", "dispatcher", "appraiser"])
def test_the_pages_of_a_case_hold_all_that_stands_beside_it(loop: Loop, now: None, who: str) -> None:
    loop.share("WAT")
    loop.do("request_exclusion", "handler", text="系统故障")
    loop.do("supervise", "leader", text="请说明")
    client = signed_in(loop.town, who)
    for address in (f"/desk/cases/{loop.case.number}/", f"/field/case/{loop.case.number}/"):
        page = client.get(address).content.decode()
        for words in ("协同单位", "测试供水公司", "申请剔除", "系统故障", "督办中，等待回复", "请说明"):
            assert words in page, f"{words} at {address}"


def test_a_co_handler_does_its_part_on_the_phone(loop: Loop, now: None) -> None:
    loop.share("WAT")
    client = signed_in(loop.town, "other_head")
    assert "签收协办：暴露垃圾" in client.get("/field/").content.decode()
    base = f"/field/case/{loop.case.number}"
    client.post(f"{base}/sign_part/")
    answer = client.post(f"{base}/report_part/", {})
    assert answer.status_code == 422
    client.post(f"{base}/report_part/", {"report_part-text": "已关阀"})
    assert Part.objects.get(case=loop.case).state == "done"
    assert "签收协办：暴露垃圾" not in client.get("/field/").content.decode()


def test_the_page_says_to_whom_the_case_was_offered(loop: Loop, now: None) -> None:
    client = signed_in(loop.town, "handler")
    said = {"request_transfer-agency": loop.town.agencies["WAT"].pk, "request_transfer-text": "属管网问题"}
    page = client.post(f"/desk/cases/{loop.case.number}/do/request_transfer/", said, follow=True)
    assert "暴露垃圾：申请转办给 测试供水公司" in page.content.decode()


def test_a_form_with_a_mistake_keeps_the_agencies_ticked_and_the_day(loop: Loop, now: None) -> None:
    client, base = signed_in(loop.town, "clerk"), f"/desk/cases/{loop.case.number}/do"
    water = loop.town.agencies["WAT"].pk
    page = client.post(f"{base}/whistle/", {"whistle-kind": "key", "whistle-agencies": [water]})
    assert page.status_code == 422
    ticked = re.findall(r'name="whistle-agencies" value="(\d+)"[^>]* checked', page.content.decode())
    assert ticked == [str(water)]
    leader = signed_in(loop.town, "leader")
    page = leader.post(
        f"{base}/bank/", {"bank-until": "2026-02-01", "bank-text": "待改造", "bank-told": "已列入"}
    )
    html = page.content.decode()
    assert "请选择今天之后、三年以内的日期。" in html
    assert 'value="2026-02-01"' in html
    assert "待改造" in html


def test_a_stranger_to_the_case_sees_none_of_it(loop: Loop, now: None) -> None:
    loop.share("WAT")
    for who in ("outsider", "worker2"):
        for address in (f"/desk/cases/{loop.case.number}/", f"/field/case/{loop.case.number}/sign_part/"):
            answer = signed_in(loop.town, who).get(address)
            assert answer.status_code == 404, (who, address)
