"""What random acts once broke, each as one sentence (test_random_acts.py keeps looking for more)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.town import START, Town
from tests.work.test_whole_loop import Loop
from tests.work.witness import askers_follow

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import Invalid, NotFound, Refused
from gezhi.work.cases import apply, queries, services
from gezhi.work.cases.models import Case, Clock, Part
from gezhi.work.cases.perform import perform
from gezhi.work.cases.policy import adopt_preset

HOUR = timedelta(hours=1)


@pytest.fixture
def loop(town: Town) -> Loop:
    return Loop(town)


def running(loop: Loop, kind: str) -> bool:
    return Clock.objects.filter(case=loop.case, kind=kind, ended_at=None, resumed_at__isnull=False).exists()


def test_a_program_cannot_choose_a_verifier_inside_the_agency_either(loop: Loop) -> None:
    town = loop.town
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="district_centre", at=START)
    loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    town.give_post("handler", "inspector", "420599001")
    program = replace(town.actor("desk"), kind="key", scopes=frozenset({"cases:act"}))
    with pytest.raises(Invalid):
        perform(
            "send_verify", loop.case.pk, actor=program, at=loop.at, data={"user": town.users["handler"].pk}
        )


def test_taking_back_a_wish_to_cancel_does_not_wake_the_clocks_of_a_suspended_case(loop: Loop) -> None:
    loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
    loop.do("approve_suspension", "leader")
    loop.do("request_cancel", "clerk", text="重复录入")
    loop.do("take_back", "clerk")
    assert not running(loop, "handle")
    assert not running(loop, "decision")


@pytest.mark.parametrize("act", ["raise", "bank"])
def test_a_wish_to_cancel_stays_with_its_clock_where_the_case_goes_on(loop: Loop, act: str) -> None:
    loop.do("request_cancel", "clerk", text="重复录入")
    if act == "raise":
        loop.do("raise", "clerk", text="街道无力解决")
    else:
        loop.do("bank", "leader", until="2026-06-01", text="待改造", told="已列入改造计划")
    assert (loop.case.open_request, running(loop, "decision")) == ("cancel", True)


def test_a_designation_decides_on_the_return_and_on_nothing_else(loop: Loop) -> None:
    for _n in range(2):
        loop.do("request_return", "handler", reason="not_ours", text="不归我们")
        loop.do("agree_return", "clerk")
        loop.do("dispatch", "clerk", agency=loop.town.agencies["SAN"].pk)
        loop.do("sign", "handler")
    loop.do("raise", "clerk", text="街道无力解决")
    loop.do("request_cancel", "clerk", text="重复录入")
    loop.do("designate", "leader", agency=loop.town.agencies["SAN"].pk, text="会商确定")
    assert (loop.case.open_request, running(loop, "decision")) == ("cancel", True)


def test_a_designation_ends_with_the_closing_it_led_to(loop: Loop) -> None:
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    loop.do("agree_return", "clerk")
    loop.do("dispatch", "clerk", agency=loop.town.agencies["SAN"].pk)
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    loop.do("designate", "leader", agency=loop.town.agencies["SAN"].pk, text="会商确定")
    loop.do("sign", "handler")
    loop.to_closed()
    loop.do("call_back", "call_back", reached="yes", contacted="yes", solved="no", satisfied="1")
    loop.do("reopen", "call_back", text="问题未解决")
    assert not loop.case.designated


def test_a_supervision_does_not_outlive_the_work(loop: Loop) -> None:
    loop.do("supervise", "leader", text="今日办结")
    loop.do("force_close", "leader", text="重复投诉", told="已说明")
    assert not loop.case.supervised


def test_an_agency_asked_twice_reports_in_to_the_whistle_and_still_owes_its_part(loop: Loop) -> None:
    water = loop.town.agencies["WAT"]
    loop.do("add_part", "handler", agencies=[water.pk], text="先关阀")
    loop.do("whistle", "clerk", kind="joint", agencies=[water.pk], text="联合执法")
    loop.do("attend", "other_head", text="两人已到")
    assert dict(Part.objects.values_list("role", "state")) == {"co_handler": "asked", "summoned": "done"}
    assert (running(loop, "part"), running(loop, "summons")) == (True, False)


def test_an_agency_excused_from_its_part_is_still_expected_by_the_whistle(loop: Loop) -> None:
    water = loop.town.agencies["WAT"]
    loop.do("add_part", "handler", agencies=[water.pk], text="先关阀")
    loop.do("whistle", "clerk", kind="joint", agencies=[water.pk], text="联合执法")
    loop.do("excuse_part", "handler", part=Part.objects.get(role="co_handler").pk, text="不需关阀")
    assert (running(loop, "part"), running(loop, "summons")) == (False, True)


def test_a_part_reported_done_is_not_excused(loop: Loop) -> None:
    loop.do("add_part", "handler", agencies=[loop.town.agencies["WAT"].pk], text="先关阀")
    loop.do("sign_part", "other_head")
    loop.do("report_part", "other_head", text="已关阀")
    with pytest.raises(Refused) as error:
        loop.do("excuse_part", "handler", part=Part.objects.get().pk, text="不需关阀")
    assert loop.town.users["other_head"].name in str(error.value.message)


def test_whoever_takes_part_goes_on_while_the_case_waits_for_another_lead(loop: Loop) -> None:
    loop.do("add_part", "handler", agencies=[loop.town.agencies["WAT"].pk], text="先关阀")
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    loop.do("agree_return", "clerk")
    loop.do("sign_part", "other_head")
    loop.do("report_part", "other_head", text="已关阀")
    assert Part.objects.get(case=loop.case).state == "done"


def test_a_department_may_still_report_in_when_the_result_is_there(loop: Loop) -> None:
    loop.do("whistle", "clerk", kind="emergency", agencies=[loop.town.agencies["WAT"].pk], text="爆管")
    loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    loop.wait(HOUR)
    loop.do("attend", "other_head", text="两人已到")
    assert Part.objects.get(case=loop.case).late


def test_at_the_closing_nobody_owes_a_part_and_who_never_came_was_late(loop: Loop) -> None:
    water, odd = loop.town.agencies["WAT"], loop.town.agencies["ODD"]
    loop.do("add_part", "handler", agencies=[odd.pk], text="先关阀")
    loop.do("whistle", "clerk", kind="emergency", agencies=[water.pk], text="爆管")
    loop.wait(HOUR)
    loop.do("force_close", "leader", text="重复投诉", told="已说明")
    found = set(Part.objects.values_list("role", "state", "late"))
    assert found == {("co_handler", "excused", False), ("summoned", "excused", True)}
    assert not Case.objects.filter(queries.todo(loop.town.actor("other_head"))).exists()


def test_a_poor_word_on_the_phone_starts_the_clock_of_its_follow_up(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "drawn", lambda move, what, percent: False)
    loop.to_closed()
    loop.do("call_back", "call_back", reached="yes", contacted="yes", solved="no", satisfied="3")
    assert running(loop, "call_back")
    assert loop.case.due_at is not None


def test_a_restored_report_filed_as_an_emergency_does_not_count_the_days_it_was_refused(loop: Loop) -> None:
    loop.case, _code = loop.town.resident_report(at=loop.at)
    loop.do("refuse", "clerk", reason="lacking", text="请补充地点")
    loop.wait(timedelta(days=5))
    loop.do("restore", "leader", text="申诉有理")
    loop.do("file", "clerk", condition=loop.town.conditions["cover"].pk)
    assert loop.clock("whole").used == 60  # from the report to the refusal


def test_a_restored_report_is_as_it_came_in(loop: Loop) -> None:
    loop.do("raise", "clerk", text="街道无力解决")
    loop.do("request_cancel", "clerk", text="重复录入")
    loop.do("approve_cancel", "leader", text="已作废")
    loop.do("restore", "leader", text="不是重复")
    case = loop.case
    assert (case.level, case.raised_from, case.emergency, case.owner_path) == (
        "street", "", False, loop.town.areas["420599001"].path,
    )  # fmt: skip


def test_askers_of_a_report_merged_twice_come_back_with_it(loop: Loop) -> None:
    first, second, third = (loop.town.resident_report(at=loop.at)[0] for _n in range(3))
    for case, target in ((first, second), (second, third)):
        loop.case = case
        loop.do("merge", "clerk", case=str(target.pk))
    loop.do("restore", "clerk", text="不是同一处")
    askers_follow([first.pk, second.pk, third.pk])
    assert second.askers.count() == 2


def test_a_check_on_the_spot_nobody_else_can_make_waits_for_the_desk(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = loop.town
    monkeypatch.setattr(apply, "drawn", lambda move, what, percent: True)
    lon, lat = town.point(1)
    condition = town.conditions["rubbish"]
    said = services.Report(
        source="patrol", description="", lon=lon, lat=lat, item=condition.item, photos=(town.photo(3),)
    )
    case = services.solve(
        actor=town.actor("worker"),
        at=loop.at,
        said=said,
        condition=condition,
        after=[town.photo(4)],
        text="已清",
    )
    verifier = case.verifier
    assert verifier is not None
    town.end_posts("worker", "worker2", "inspector", at=loop.at)
    assert services.leave_nothing_with(user_id=verifier.pk, at=loop.at) == 0
    assert Case.objects.get(pk=case.pk).state == "verifying"


def test_whoever_lost_a_case_is_told_who_took_it_and_a_stranger_is_told_nothing(loop: Loop) -> None:
    loop.do("raise", "clerk", text="街道无力解决")
    with pytest.raises(Refused) as error:
        loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    assert error.value.code == "taken_away"
    assert loop.town.users["clerk"].name in str(error.value.message)
    with pytest.raises(NotFound):
        loop.do("report_result", "other_head", text="已清运", photos=[loop.photo()])


def test_a_second_leader_hears_who_decided_first(loop: Loop) -> None:
    loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
    loop.do("deny_suspension", "leader", text="雨已停")
    loop.town.give_post("desk", "approver", "420599")
    with pytest.raises(Refused) as error:
        loop.do("approve_suspension", "desk")
    assert loop.town.users["leader"].name in str(error.value.message)


def test_a_merge_into_a_case_that_was_just_merged_says_by_whom(loop: Loop) -> None:
    second, _code = loop.town.resident_report(at=loop.at)
    third, _code = loop.town.resident_report(at=loop.at)
    loop.case = second
    loop.do("merge", "clerk", case=str(third.pk))
    loop.case = third
    with pytest.raises(Refused) as error:
        loop.do("merge", "intake", case=str(second.pk))
    assert loop.town.users["clerk"].name in str(error.value.message)


STRANGE: list[tuple[str, Any]] = [
    ("user", "9" * 30),
    ("agency", "9" * 30),
    ("user", ["1"] * 2),
    ("text", "nul\0"),
]


@pytest.mark.parametrize(("name", "value"), STRANGE)
def test_what_no_column_holds_is_refused_beside_its_field(loop: Loop, name: str, value: Any) -> None:
    with pytest.raises(Invalid) as error:
        loop.do("assign", "head", **{name: value})
    assert set(error.value.fields) & {name, "user"}


def test_the_last_day_of_the_calendar_is_no_day_to_wait_for(loop: Loop) -> None:
    with pytest.raises(Invalid) as error:
        loop.do("request_suspension", "handler", until="9999-12-31", text="下雨")
    assert list(error.value.fields) == ["until"]


def test_an_answer_that_is_no_word_is_refused(loop: Loop) -> None:
    with pytest.raises(Invalid) as error:
        loop.do("contact", "handler", reached=["yes"], text="已说明")
    assert list(error.value.fields) == ["reached"]
