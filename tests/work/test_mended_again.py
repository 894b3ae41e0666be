"""What a close reading of the loop found broken, each as one sentence (test_mended.py holds what random
acts found)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.town import START, Town
from tests.work.test_mended import running
from tests.work.test_whole_loop import Loop, noon

from gezhi.foundation.actors.models import Agency, Role
from gezhi.foundation.actors.queries import manned, roles_with
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import Invalid, NotAllowed
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.kept import kept
from gezhi.work.cases import perform as performing
from gezhi.work.cases import queries, services
from gezhi.work.cases.models import Case, Part, Policy, Rating, Request
from gezhi.work.cases.perform import perform
from gezhi.work.cases.policy import adopt_preset, policy_for, rules_for
from gezhi.work.cases.requests import STANDS_IN
from gezhi.work.cases.rulebook import preset
from gezhi.work.cases.table import TABLE

HOUR = timedelta(hours=1)


@pytest.fixture
def loop(town: Town) -> Loop:
    return Loop(town)


@pytest.fixture
def by_hand(town: Town) -> Loop:
    """Where people send to verify and close."""
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="district_centre", at=START)
    return Loop(town)


def result(loop: Loop, who: str = "handler") -> None:
    loop.do("report_result", who, text="已清运", photos=[loop.photo()])


def leaves(loop: Loop, who: str) -> int:
    """This person leaves all posts, and the worker sees to what they had in hand."""
    loop.town.end_posts(who, at=loop.at)
    moved = services.leave_nothing_with(user_id=loop.town.users[who].pk, at=loop.at)
    loop.case = Case.objects.get(pk=loop.case.pk)
    return moved


def to_a_station(loop: Loop) -> None:
    """The sanitation agency assigns the case down to a station of its own."""
    above = loop.town.agencies["SAN"]
    station = Agency.objects.create(
        code="STA", path=f"{above.path}STA/", kind="station", name="测试环卫站", area=above.area, functions=[]
    )
    loop.do("assign", "head", agency=station.pk)


# -- time


def test_a_clock_two_workers_looked_at_is_told_of_again_at_its_next_point(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = loop.clock("handle")
    assert handle.warn_at is not None and handle.due_at is not None

    def both(case_id: UUID, **told: Any) -> None:
        for _worker in range(2):
            performing.mark_clock(case_id, **told)

    monkeypatch.setattr(services, "mark_clock", both)
    loop.wait(handle.warn_at - loop.at)
    loop.wait(handle.due_at - loop.at)
    assert loop.clock("handle").mark == "due"


def test_a_clock_put_off_while_the_worker_looked_at_it_is_not_marked(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    warn_at = loop.clock("handle").warn_at
    assert warn_at is not None
    loop.do("request_extension", "handler", until="2026-03-06", text="需要吊车")

    def late(case_id: UUID, **told: Any) -> None:
        if loop.case.open_request:
            loop.do("approve_extension", "leader")
        performing.mark_clock(case_id, **told)

    monkeypatch.setattr(services, "mark_clock", late)
    loop.wait(warn_at - loop.at)
    assert loop.clock("handle").mark == ""


def test_a_worker_goes_on_where_somebody_resumed_the_case_first(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
    loop.do("approve_suspension", "leader")

    def slow(act: str, case_id: UUID, **told: Any) -> Case:
        loop.do("resume", "handler")
        return perform(act, case_id, **told)

    monkeypatch.setattr(services, "perform", slow)
    loop.wait(noon("2026-03-06") - loop.at)
    assert [event.actor_kind for event in loop.case.events.filter(act="resume")] == ["user"]


def test_an_extension_made_while_clocks_are_recounted_stays(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = Loop(loop.town)
    second.do("request_extension", "handler", until="2026-03-06", text="需要吊车")

    def slow(path: str) -> Any:
        if second.case.open_request:
            second.do("approve_extension", "leader")
        return rules_for(path)

    monkeypatch.setattr(services, "rules_for", slow)
    services.recount_open_clocks(at=second.at)
    asked = datetime.fromisoformat("2026-03-06T18:00+08:00")
    assert second.clock("handle").due_at == asked
    assert Case.objects.get(pk=second.case.pk).due_at == second.clock("contact").due_at


# -- what goes by itself, and what stays with somebody


def test_a_verification_the_desk_recalls_stays_with_the_desk(loop: Loop) -> None:
    result(loop)
    loop.do("recall_verify", "desk")
    assert loop.case.state == "done"
    loop.do("note", "clerk", text="已电话联系")
    assert loop.case.state == "done"


def test_a_handler_who_leaves_takes_the_verification_from_nobody(loop: Loop) -> None:
    loop.do("assign", "head", user=loop.town.users["handler"].pk)
    result(loop)
    asked = loop.case.verifier
    assert leaves(loop, "handler") == 1
    assert (loop.case.verifier, loop.case.owner_user, loop.case.assignee) == (asked, asked, None)


@pytest.mark.parametrize("state", ["suspended", "banked", "done"])
def test_a_case_that_waits_is_not_left_with_a_handler_who_left(by_hand: Loop, state: str) -> None:
    loop = by_hand
    loop.do("assign", "head", user=loop.town.users["handler"].pk)
    if state == "suspended":
        loop.do("request_suspension", "handler", until="2026-03-05", text="下雨")
        loop.do("approve_suspension", "leader")
    elif state == "banked":
        loop.do("bank", "leader", until="2026-06-01", text="待改造", told="已列入改造计划")
    else:
        result(loop)
    owner = loop.case.owner_grant
    assert leaves(loop, "handler") == 1
    assert (loop.case.state, loop.case.assignee, loop.case.owner_user) == (state, None, None)
    assert loop.case.owner_grant == owner


# -- the handling agency never verifies or decides for itself


def test_whoever_a_case_was_assigned_to_does_not_verify_it_from_a_new_post(by_hand: Loop) -> None:
    by_hand.do("assign", "head", user=by_hand.town.users["handler"].pk)
    leaves(by_hand, "handler")
    result(by_hand, "head")
    by_hand.town.give_post("handler", "inspector", "420599001")
    assert by_hand.town.users["handler"] not in queries.verifiers(by_hand.case, at=by_hand.at)


def test_an_agency_does_not_verify_what_it_assigned_to_its_station(by_hand: Loop) -> None:
    to_a_station(by_hand)
    by_hand.town.give_post("handler", "inspector", "420599001")
    result(by_hand, "head")
    assert by_hand.town.users["handler"] not in queries.verifiers(by_hand.case, at=by_hand.at)


def test_an_agency_decides_nothing_for_its_station_from_a_desk(by_hand: Loop) -> None:
    to_a_station(by_hand)
    by_hand.do("request_extension", "head", until="2026-03-06", text="需要吊车")
    by_hand.town.give_post("handler", "approver", "420599")
    with pytest.raises(NotAllowed):
        by_hand.do("approve_extension", "handler")
    by_hand.town.give_post("handler", "desk", "420599")
    result(by_hand, "head")
    with pytest.raises(NotAllowed):
        by_hand.do("send_verify", "handler")


def test_an_agency_that_returned_a_case_may_verify_what_another_did(town: Town) -> None:
    loop = Loop(town)
    loop.do("request_return", "handler", reason="not_ours", text="不归我们")
    loop.do("agree_return", "clerk")
    loop.do("dispatch", "clerk", agency=town.agencies["WAT"].pk, text="供水设施")
    town.give_post("handler", "inspector", "420599001")
    assert town.users["handler"] in queries.verifiers(loop.case, at=loop.at)


def test_a_verification_given_to_somebody_else_changes_hands(loop: Loop) -> None:
    result(loop)
    before = loop.case.verifier
    assert before is not None
    assert before not in queries.verifiers(loop.case, at=loop.at)
    with pytest.raises(Invalid) as error:
        loop.do("reassign", "desk", user=before.pk)
    assert list(error.value.fields) == ["user"]
    loop.do("reassign", "desk")
    assert loop.case.verifier == loop.town.users["inspector"]


# -- requests and ratings


def test_an_agency_keeps_its_part_while_it_is_only_asked_to_take_the_case(loop: Loop) -> None:
    water = loop.town.agencies["WAT"].pk
    loop.do("add_part", "handler", agencies=[water], text="先关阀")
    loop.do("request_transfer", "handler", agency=water, text="属供水设施")
    loop.do("reject_transfer", "other_head", text="不属我们")
    part = Part.objects.get(case=loop.case, role="co_handler")
    assert (part.is_open, running(loop, "part")) == (True, True)


def test_somebody_whose_reopened_report_became_part_of_another_rates_that_too(loop: Loop) -> None:
    asker = services.asker_actor(loop.case.askers.get())
    loop.to_closed()
    first = loop.case.pk
    for act, told in (("rate", {"stars": 1}), ("reopen", {"text": "没有清完"})):
        perform(act, first, actor=asker, at=loop.at, data=told)
    second, _code = loop.town.resident_report(at=loop.at)
    loop.do("merge", "clerk", case=str(second.pk))
    loop.case = loop.town.drive(second, "verify", at=loop.at)
    perform("rate", second.pk, actor=asker, at=loop.at + HOUR, data={"stars": 5})
    assert [(r.case_id, r.stars) for r in Rating.objects.order_by("pk")] == [(first, 1), (second.pk, 5)]


STANDING = [(kind, state) for kind, states in STANDS_IN.items() for state in states]


@pytest.mark.parametrize(("kind", "state"), STANDING, ids=lambda word: str(word.value))
def test_whatever_is_asked_can_be_decided_wherever_it_stands(kind: Request.Kind, state: str) -> None:
    acts = {row.act for row in TABLE if row.source == state}
    yes, no = ("agree", "decline") if kind in ("return", "transfer") else ("approve", "deny")
    assert {f"{yes}_{kind}", f"{no}_{kind}", "take_back"} <= acts


def test_an_exclusion_asked_for_before_a_case_was_raised_is_decided_after_it(loop: Loop) -> None:
    loop.do("request_exclusion", "handler", text="台风停工")
    loop.do("raise", "clerk", text="街道无力解决")
    loop.do("approve_exclusion", "appraiser")
    assert (loop.case.state, loop.case.excluded) == ("filed", True)


def test_an_agency_does_not_decide_on_what_it_asked_for_before_it_lost_the_case(loop: Loop) -> None:
    loop.do("request_exclusion", "handler", text="台风停工")
    loop.do("raise", "clerk", text="街道无力解决")
    loop.town.give_post("handler", "appraiser", "420599")
    with pytest.raises(NotAllowed):
        loop.do("approve_exclusion", "handler")


# -- what is kept in memory


def test_an_act_takes_the_agency_and_the_condition_from_memory_and_loses_neither(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.do("progress", "handler", text="已到现场")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        loop.do("progress", "handler", text="已装车")
    assert not [one for one in seen.captured_queries if 'FROM "actors_agency"' in one["sql"]]
    monkeypatch.setattr(performing, "condition_of", lambda ident: None)
    loop.do("progress", "handler", text="已运走")
    assert loop.case.condition == loop.town.conditions["rubbish"]


def test_what_is_forgotten_while_it_is_read_is_read_again() -> None:
    said = ["old", "new"]

    @kept
    def read() -> str:
        if len(said) == 2:
            read.forget()
        return said.pop(0)

    assert [read(), read(), read()] == ["old", "new", "new"]


def elsewhere(town: Town) -> None:
    """Another process sets rules; this one has kept the policy that held before."""
    policy_for(town.areas["420599"].path)
    data = {**preset("street_office"), "extensions": 7}
    Policy.objects.create(area=town.areas["420599"], version=2, data=data, since=START)


def test_rules_are_never_made_of_a_policy_that_was_kept(town: Town) -> None:
    elsewhere(town)
    rules_for.forget()
    assert rules_for(town.areas["420599"].path).extensions == 7


def test_what_a_preset_changes_is_told_against_the_rules_that_hold(town: Town) -> None:
    elsewhere(town)
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="street_office", at=START + HOUR)
    told = AuditEntry.objects.filter(act="adopt_policy").order_by("-pk")[0].detail["changed"]
    assert list(told) == ["extensions"]


def test_where_somebody_holds_a_post_is_never_made_of_roles_that_were_kept(town: Town) -> None:
    roles_with("check")
    Role.objects.filter(pk="dispatcher").update(grants=["dispatch", "check"])
    manned.forget()
    assert town.areas["420599"].pk in manned("check")
