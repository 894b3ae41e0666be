"""The loop beside its main path: requests, agencies beside the lead, levels, the bank, call-backs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.town import START, Town

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.work.cases import apply, queries, services
from gezhi.work.cases.models import Case, Clock, Part, Request
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.replay import differences

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Loop:
    """One case in the hands of the sanitation station, and everybody around it."""

    def __init__(self, town: Town) -> None:
        self.town, self.at = town, START
        self.case, self.code = town.resident_report()
        self.do("file", "clerk", condition=town.conditions["rubbish"].pk)
        self.do("dispatch", "clerk", agency=town.agencies["SAN"].pk)
        self.do("sign", "handler")

    def do(self, act: str, who: str, **told: Any) -> Case:
        """A minute later, this person does this."""
        self.at += timedelta(minutes=1)
        actor = SYSTEM if who == "system" else self.town.actor(who)
        self.case = perform(act, self.case.pk, actor=actor, at=self.at, data=told)
        assert differences(Case.objects.get(pk=self.case.pk)) == {}
        return self.case

    def wait(self, gap: timedelta) -> None:
        """Time passes and the worker does its rounds."""
        self.at += gap
        services.tick(at=self.at)
        self.case = Case.objects.get(pk=self.case.pk)

    def clock(self, kind: str) -> Clock:
        found = Clock.objects.filter(case=self.case, kind=kind).order_by("-pk").first()
        assert found is not None
        return found

    def photo(self) -> int:
        return self.town.photo(7).pk

    def to_closed(self) -> None:
        self.do("report_result", "handler", text="已清运", photos=[self.photo()])
        self.do("verify", "worker", result="true", photos=[self.photo()])
        assert self.case.state == "closed"


@pytest.fixture
def loop(town: Town) -> Loop:
    return Loop(town)


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00+08:00")


def test_an_approved_extension_moves_the_limit_to_the_day_asked_for(loop: Loop) -> None:
    loop.do("contact", "handler", reached="yes", text="已说明")
    whole = loop.clock("whole").seconds
    before = loop.clock("handle").seconds
    loop.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    assert (loop.case.open_request, loop.case.owner_grant) == ("extension", "handle")
    loop.do("approve_extension", "leader")
    handle = loop.clock("handle")
    assert handle.due_at == datetime.fromisoformat("2026-03-06T18:00+08:00")
    assert handle.seconds - before == loop.clock("whole").seconds - whole
    assert loop.case.due_at == handle.due_at


def test_an_extension_nobody_decides_leaves_the_case_overdue_and_with_the_agency(loop: Loop) -> None:
    loop.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    loop.wait(DAY)
    assert loop.clock("handle").mark == "grace"
    assert (loop.case.owner_agency, loop.case.open_request) == (loop.town.agencies["SAN"], "extension")
    assert loop.clock("decision").mark == "grace"


def test_an_extension_is_asked_for_before_the_limit_runs_out(loop: Loop) -> None:
    loop.wait(DAY)
    with pytest.raises(Refused):
        loop.do("request_extension", "handler", until="2026-03-06", text="需要吊车")


@pytest.mark.parametrize("until", ["2026-03-02", "2026-02-01", "2031-01-01", "yesterday", ""])
def test_a_day_that_cannot_be_is_refused_beside_its_field(loop: Loop, until: str) -> None:
    with pytest.raises(Invalid) as error:
        loop.do("request_suspension", "handler", until=until, text="下雨")
    assert list(error.value.fields) == ["until"]


def test_a_request_is_decided_outside_the_agency_and_once(loop: Loop) -> None:
    loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
    with pytest.raises(NotAllowed):
        loop.do("approve_suspension", "head")
    with pytest.raises(Refused):
        loop.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    loop.do("deny_suspension", "leader", text="雨已停")
    assert loop.case.open_request == ""
    assert Request.objects.get(case=loop.case).outcome == "declined"


def test_clocks_stand_still_while_suspended_and_go_on_by_themselves(loop: Loop) -> None:
    loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
    loop.do("approve_suspension", "leader")
    used = {kind: loop.clock(kind).used for kind in ("handle", "whole")}
    loop.wait(noon("2026-03-05") - loop.at)
    assert loop.case.state == "suspended"
    loop.wait(DAY)
    assert loop.case.state == "handling"
    assert {kind: loop.clock(kind).used for kind in used} == used
    assert loop.clock("handle").resumed_at == loop.at


def test_a_banked_problem_is_reviewed_and_struck_off(loop: Loop) -> None:
    loop.do("bank", "leader", until="2026-06-01", text="待管网改造", told="已列入改造计划")
    assert (loop.case.state, loop.case.owner_grant, loop.case.answer) == (
        "banked",
        "approve",
        "已列入改造计划",
    )
    assert loop.clock("whole").resumed_at is None
    loop.do("review", "leader", until="2026-09-01", text="设计完成")
    assert loop.case.due_at == datetime.fromisoformat("2026-09-02T00:00+08:00")
    loop.do("strike_off", "leader", text="改造完成")
    assert (loop.case.state, loop.clock("handle").ended_at) == ("handling", None)
    loop.to_closed()


def test_the_result_waits_for_every_co_handler_who_is_not_excused(loop: Loop) -> None:
    water, handler = loop.town.agencies["WAT"], loop.town.actor("other_head")
    with pytest.raises(NotFound):
        queries.case_for(handler, loop.case.pk)
    loop.do("add_part", "handler", agencies=[water.pk], text="先关阀")
    assert queries.case_for(handler, loop.case.pk)
    assert loop.case.pk in set(Case.objects.filter(queries.todo(handler)).values_list("pk", flat=True))
    with pytest.raises(Refused) as error:
        loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    assert water.name in str(error.value.message)
    part = Part.objects.get(case=loop.case)
    loop.do("excuse_part", "handler", part=part.pk, text="不需关阀")
    assert not Clock.objects.filter(case=loop.case, kind="part", ended_at=None).exists()
    with pytest.raises(NotFound):
        queries.case_for(handler, loop.case.pk)
    loop.to_closed()


def test_a_returned_part_waits_for_a_word_and_may_be_asked_for_again(loop: Loop) -> None:
    water = loop.town.agencies["WAT"]
    loop.do("add_part", "handler", agencies=[water.pk], text="先关阀")
    loop.do("return_part", "other_head", reason="not_ours", text="不是我们的阀")
    with pytest.raises(Refused):
        loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    loop.do("add_part", "handler", agencies=[water.pk], text="查过，是你们的阀")
    loop.do("sign_part", "other_head")
    loop.do("report_part", "other_head", text="已关阀")
    assert [part.state for part in Part.objects.order_by("pk")] == ["returned", "done"]
    loop.to_closed()


def test_nobody_of_a_co_handling_agency_verifies(loop: Loop) -> None:
    loop.do("add_part", "handler", agencies=[loop.town.agencies["WAT"].pk], text="先关阀")
    loop.do("sign_part", "other_head")
    loop.do("report_part", "other_head", text="已关阀")
    loop.town.give_post("other_head", "inspector", "420599001")
    loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    names = {user.username for user in queries.verifiers(loop.case, at=loop.at)}
    assert "other_head" not in names
    assert "inspector" in names


def test_a_department_that_comes_late_to_a_whistle_is_marked_and_rated(loop: Loop) -> None:
    water = loop.town.agencies["WAT"]
    loop.do("whistle", "clerk", kind="emergency", agencies=[water.pk], text="爆管")
    loop.wait(HOUR)
    assert loop.clock("summons").mark == "due"
    assert loop.case.due_at == loop.clock("handle").due_at  # the summons is not the owner's duty
    loop.do("attend", "other_head", text="抢修班两人到场")
    part = Part.objects.get(case=loop.case)
    assert (part.state, part.late, loop.clock("summons").ended_at) == ("done", True, loop.at)
    loop.do("rate_part", "clerk", part=part.pk, stars=2)
    with pytest.raises(Refused):
        loop.do("rate_part", "clerk", part=part.pk, stars=5)


def test_a_transfer_needs_the_other_agency_and_the_dispatcher(loop: Loop) -> None:
    water = loop.town.agencies["WAT"]
    loop.do("request_transfer", "handler", agency=water.pk, text="属供水")
    with pytest.raises(Refused):
        loop.do("agree_transfer", "clerk")
    loop.do("accept_transfer", "other_head")
    loop.do("agree_transfer", "clerk")
    assert (loop.case.state, loop.case.lead_agency, loop.case.open_request) == ("dispatched", water, "")
    assert not Part.objects.filter(case=loop.case, live=True).exists()
    handle = loop.clock("handle")
    assert (handle.agency, handle.used) == (water, 0)
    loop.do("sign", "other_head")


def test_a_transfer_the_other_agency_rejects_leaves_the_case_where_it_was(loop: Loop) -> None:
    loop.do("request_transfer", "handler", agency=loop.town.agencies["WAT"].pk, text="属供水")
    loop.do("reject_transfer", "other_head", text="不属我们")
    assert (loop.case.state, loop.case.open_request) == ("handling", "")
    with pytest.raises(NotFound):
        queries.case_for(loop.town.actor("other_head"), loop.case.pk)


def test_a_case_of_the_community_goes_up_by_time_out_and_one_of_the_street_does_not(loop: Loop) -> None:
    Case.objects.filter(pk=loop.case.pk).update(level="community")
    loop.wait(DAY)
    assert (loop.case.state, loop.case.level, loop.case.lead_agency) == ("filed", "street", None)
    loop.wait(DAY)
    assert (loop.case.state, loop.case.level) == ("filed", "street")


def test_the_next_level_may_send_a_case_back_once(loop: Loop) -> None:
    loop.do("raise", "clerk", text="街道无力解决")
    assert (loop.case.level, loop.case.owner_path) == ("district", loop.town.areas["420599"].path)
    loop.do("send_back", "dispatcher", text="街道可以办")
    assert loop.case.level == "street"
    loop.do("raise", "clerk", text="确实无力解决")
    with pytest.raises(Refused):
        loop.do("send_back", "dispatcher", text="街道可以办")


def test_an_agency_a_leader_designated_cannot_return_the_case(loop: Loop) -> None:
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    loop.do("agree_return", "clerk")
    loop.do("dispatch", "clerk", agency=loop.town.agencies["SAN"].pk)
    loop.do("request_return", "handler", reason="not_ours", text="真不归我们")
    loop.do("designate", "leader", agency=loop.town.agencies["SAN"].pk, text="会商确定")
    assert (loop.case.state, loop.case.open_request, loop.case.designated) == ("dispatched", "", True)
    with pytest.raises(Refused):
        loop.do("return", "handler", reason="not_ours", text="不归我们")


def test_a_request_lapses_when_the_case_goes_where_it_means_nothing(loop: Loop) -> None:
    loop.do("request_transfer", "handler", agency=loop.town.agencies["WAT"].pk, text="属供水")
    loop.do("force_close", "leader", text="重复投诉", told="已多次解释")
    request = Request.objects.get(case=loop.case)
    assert (request.outcome, loop.case.open_request, loop.case.forced) == ("lapsed", "", True)
    assert not Clock.objects.filter(case=loop.case, ended_at=None).exclude(kind="call_back").exists()


def test_whoever_asked_may_think_better_of_it(loop: Loop) -> None:
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    assert loop.clock("handle").resumed_at is None
    loop.do("take_back", "handler")
    assert (loop.case.owner_grant, loop.clock("handle").resumed_at) == ("handle", loop.at)


def test_a_merged_report_is_restored_with_its_askers(loop: Loop) -> None:
    second, code = loop.town.resident_report()
    first, loop.case = loop.case, second
    loop.do("merge", "clerk", case=str(first.pk))
    asker = queries.asker_by_code(code)
    assert asker is not None and asker.case == first
    loop.do("restore", "clerk", text="不是同一处")
    asker.refresh_from_db()
    assert (loop.case.state, asker.case) == ("reported", loop.case)
    assert [event.act for event in queries.events_of(first)][-2:] == ["absorb", "let_go"]


def test_intake_undoes_a_refusal_at_once_and_the_level_above_within_days(loop: Loop) -> None:
    loop.case, _code = loop.town.resident_report()
    loop.do("refuse", "clerk", reason="lacking", text="请补充地点")
    loop.wait(2 * HOUR)
    with pytest.raises(Refused):
        loop.do("restore", "clerk", text="看错了")
    loop.wait(5 * DAY)
    loop.do("restore", "leader", text="申诉有理")
    assert (loop.case.state, loop.case.owner_grant) == ("reported", "intake")
    loop.do("refuse", "clerk", reason="lacking", text="请补充地点")
    loop.wait(11 * DAY)
    with pytest.raises(Refused):
        loop.do("restore", "leader", text="申诉有理")


def test_supervision_waits_for_a_reply_of_whoever_owes_the_case(loop: Loop) -> None:
    loop.do("supervise", "leader", text="今日办结")
    with pytest.raises(Refused):
        loop.do("supervise", "leader", text="再督办一次")
    with pytest.raises(NotAllowed):
        loop.do("reply", "clerk", text="已转告")
    loop.do("reply", "handler", text="下午完成")
    assert loop.clock("reply").ended_at == loop.at


def test_first_contact_is_owed_until_the_asker_is_reached(loop: Loop) -> None:
    loop.do("contact", "handler", reached="no", text="无人接听")
    assert loop.clock("contact").ended_at is None
    loop.do("contact", "handler", reached="yes", text="约好下午")
    assert loop.clock("contact").ended_at == loop.at
    assert "contact" not in {
        act.code for act in allowed_acts(loop.case, loop.town.actor("handler"), at=loop.at)
    }


def test_calls_nobody_answers_are_given_up_after_three(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "drawn", lambda move, what, percent: what == "call_back")
    loop.to_closed()
    assert loop.case.to_call
    assert Case.objects.filter(queries.todo(loop.town.actor("clerk"))).exists()
    for left in (True, True, False):
        loop.do("call_back", "call_back", reached="no")
        assert loop.case.to_call is left
    assert loop.clock("call_back").ended_at == loop.at


def test_an_unsolved_call_back_opens_a_follow_up_and_may_reopen_the_case(loop: Loop) -> None:
    loop.to_closed()
    with pytest.raises(Invalid) as error:
        loop.do("call_back", "call_back", reached="yes")
    assert set(error.value.fields) == {"contacted", "solved", "satisfied"}
    loop.do("call_back", "call_back", reached="yes", contacted="yes", solved="no", satisfied="3")
    assert loop.case.follow_up
    loop.do("reopen", "call_back", text="问题未解决")
    assert (loop.case.state, loop.case.reopenings) == ("filed", 1)


def test_an_excluded_case_is_marked_by_the_appraisal_office_alone(loop: Loop) -> None:
    loop.to_closed()
    loop.do("request_exclusion", "handler", text="台风红色预警")
    with pytest.raises(NotAllowed):
        loop.do("approve_exclusion", "leader")
    loop.do("approve_exclusion", "appraiser")
    assert (loop.case.excluded, loop.case.state, loop.case.open_request) == (True, "closed", "")


def test_an_emergency_is_filed_and_dispatched_in_one_act(loop: Loop) -> None:
    town = loop.town
    loop.case, _code = town.resident_report(description="井盖没了")
    with pytest.raises(Invalid):
        loop.do(
            "file_dispatch", "clerk", condition=town.conditions["rubbish"].pk, agency=town.agencies["SAN"].pk
        )
    loop.do("file_dispatch", "clerk", condition=town.conditions["cover"].pk, agency=town.agencies["WAT"].pk)
    assert (loop.case.state, loop.case.lead_agency) == ("dispatched", town.agencies["WAT"])


def test_a_verifier_who_leaves_where_nobody_else_may_sends_the_case_back_to_the_desk(loop: Loop) -> None:
    loop.do("report_result", "handler", text="已清运", photos=[loop.photo()])
    verifier = loop.case.verifier
    assert verifier is not None
    loop.town.end_posts("worker", "inspector", at=loop.at)
    services.leave_nothing_with(user_id=verifier.pk, at=loop.at + HOUR)
    assert Case.objects.get(pk=loop.case.pk).state == "done"
