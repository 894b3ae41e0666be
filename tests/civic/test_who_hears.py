"""Who is told of the acts around one case, by the table of notices."""

from datetime import timedelta
from typing import Any

import pytest
from tests.town import START, Town

from gezhi.civic.notices.models import Notice
from gezhi.civic.notices.queries import latest
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import SUBSCRIPTIONS
from gezhi.work.cases import services
from gezhi.work.cases.models import Case, Part
from gezhi.work.cases.perform import perform

DAY = timedelta(days=1)


class Around:
    """A case in the hands of the sanitation station; what each act makes people hear."""

    def __init__(self, town: Town) -> None:
        self.town, self.at = town, START
        self.case, self.code = town.resident_report()
        self.heard()
        self.do("file", "clerk", condition=town.conditions["rubbish"].pk)
        self.do("dispatch", "clerk", agency=town.agencies["SAN"].pk)
        self.do("sign", "handler")

    def do(self, act: str, who: str, **told: Any) -> set[tuple[str, str]]:
        """A minute later this person does this; who hears what of it."""
        self.at += timedelta(minutes=1)
        actor = SYSTEM if who == "system" else self.town.actor(who)
        self.case = perform(act, self.case.pk, actor=actor, at=self.at, data=told)
        self.case = Case.objects.get(pk=self.case.pk)
        return self.heard()

    def wait(self, gap: timedelta) -> set[tuple[str, str]]:
        self.at += gap
        services.tick(at=self.at)
        self.case = Case.objects.get(pk=self.case.pk)
        return self.heard()

    def heard(self) -> set[tuple[str, str]]:
        """Person and kind of every notice since the last look."""
        while drain(subscriptions=SUBSCRIPTIONS, at=self.at + timedelta(seconds=1)):
            pass
        fresh = Notice.objects.select_related("user")
        told = {(one.user.username, one.kind) for one in fresh}
        fresh.all().delete()
        return told


@pytest.fixture
def around(town: Town) -> Around:
    return Around(town)


def test_whoever_gets_the_case_is_told_but_never_who_gave_it(town: Town) -> None:
    around = Around.__new__(Around)
    around.town, around.at = town, START
    around.case, _code = town.resident_report()
    assert around.heard() == {("clerk", "desk")}
    assert around.do("file", "clerk", condition=town.conditions["rubbish"].pk) == set()
    assert around.do("dispatch", "clerk", agency=town.agencies["SAN"].pk) == {
        ("handler", "yours"),
        ("head", "yours"),
    }
    assert around.do("sign", "handler") == set()
    handler = town.users["handler"]
    assert around.do("assign", "head", user=handler.pk) == {("handler", "yours")}


def test_a_new_owner_hears_nothing_of_the_old_owners_dispatch(around: Around) -> None:
    """The outbox is behind: two dispatches are told only when the case is with the second agency."""
    town = around.town
    case, _code = town.resident_report()
    town.drive(case, "dispatch")
    said = {"reason": "not_ours", "text": "不属于我们"}
    perform("return", case.pk, actor=town.actor("handler"), at=START + timedelta(minutes=20), data=said)
    again = {"agency": town.agencies["WAT"].pk, "text": "供水管沟开挖遗留"}
    perform("dispatch", case.pk, actor=town.actor("clerk"), at=START + timedelta(minutes=30), data=again)
    around.at += timedelta(hours=1)
    while drain(subscriptions=SUBSCRIPTIONS, at=around.at):
        pass
    told = Notice.objects.filter(case=case, user__in=[town.users["head"], town.users["other_head"]])
    assert [(one.user.username, one.kind) for one in told] == [("other_head", "yours")]


def test_the_reporter_hears_what_became_of_it(town: Town) -> None:
    around = Around.__new__(Around)
    around.town, around.at, around.case = town, START, town.report("worker")
    around.heard()
    assert ("worker", "news") in around.do("file", "clerk", condition=town.conditions["rubbish"].pk)


@pytest.mark.parametrize(
    ("ask", "told", "decide", "why"),
    [
        ("request_extension", {"until": "2026-03-06", "text": "需要吊车"}, "approve_extension", {}),
        (
            "request_extension",
            {"until": "2026-03-06", "text": "需要吊车"},
            "deny_extension",
            {"text": "来得及"},
        ),
        ("request_suspension", {"until": "2026-03-05", "text": "下雨"}, "approve_suspension", {}),
        ("request_exclusion", {"text": "不可抗力"}, "approve_exclusion", {}),
    ],
)
def test_deciders_hear_of_a_request_and_the_agency_of_the_decision(
    around: Around, ask: str, told: dict[str, str], decide: str, why: dict[str, str]
) -> None:
    by = "appraiser" if "exclusion" in ask else "leader"
    assert around.do(ask, "handler", **told) == {(by, "decide")}
    assert around.do(decide, by, **why) == {("handler", "decided"), ("head", "decided")}


def test_a_return_is_told_to_the_dispatcher_and_its_end_to_the_agency(around: Around) -> None:
    assert around.do("request_return", "handler", reason="not_ours", text="不归我们") == {("clerk", "decide")}
    assert around.do("agree_return", "clerk") == {("handler", "decided"), ("head", "decided")}


def test_a_decision_is_told_though_the_case_has_left_the_agency(around: Around, town: Town) -> None:
    around.do("request_return", "handler", reason="not_ours", text="不归我们")
    around.at += timedelta(minutes=1)
    perform("agree_return", around.case.pk, actor=town.actor("clerk"), at=around.at, data={})
    while drain(subscriptions=SUBSCRIPTIONS, at=around.at):
        pass
    assert Case.objects.visible_to(town.actor("handler")).count() == 0
    [told] = latest(town.actor("handler"))
    assert (told.kind, told.in_sight) == ("decided", False)  # type: ignore[attr-defined]


def test_a_request_taken_back_is_told_to_who_should_have_decided(around: Around) -> None:
    around.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    assert around.do("take_back", "handler") == {("leader", "gone")}


def test_a_request_that_lapses_is_told_to_who_asked(around: Around, town: Town) -> None:
    around.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    heard = around.do("report_result", "handler", text="已清运", photos=[town.photo(7).pk])
    assert ("head", "decided") in heard


def test_agencies_beside_the_lead_hear_when_they_are_called_and_let_go(around: Around, town: Town) -> None:
    water = town.agencies["WAT"]
    assert around.do("add_part", "handler", agencies=[water.pk], text="先关阀") == {("other_head", "part")}
    assert around.do("sign_part", "other_head") == set()
    part = Part.objects.get(case=around.case)
    assert around.do("excuse_part", "handler", part=part.pk, text="不需要") == {("other_head", "gone")}
    around.do("add_part", "handler", agencies=[water.pk], text="还是要")
    around.do("sign_part", "other_head")
    assert ("head", "in_hand") in around.do("report_part", "other_head", text="已关阀")


def test_a_whistle_is_heard_and_its_answer_told_to_the_street_dispatcher(around: Around, town: Town) -> None:
    water = town.agencies["WAT"]
    heard = around.do("whistle", "clerk", kind="emergency", agencies=[water.pk], text="爆管")
    assert heard == {("other_head", "part")}
    assert around.do("attend", "other_head", text="两人到场") == {("clerk", "in_hand")}


def test_a_department_late_to_a_whistle_is_told_and_so_is_the_dispatcher(around: Around, town: Town) -> None:
    around.do("whistle", "clerk", kind="emergency", agencies=[town.agencies["WAT"].pk], text="爆管")
    assert {("other_head", "overdue"), ("clerk", "in_hand")} <= around.wait(timedelta(hours=1))


def test_a_transfer_is_told_to_each_side_in_turn(around: Around, town: Town) -> None:
    water = town.agencies["WAT"]
    assert around.do("request_transfer", "handler", agency=water.pk, text="属供水") == {
        ("other_head", "part")
    }
    assert around.do("accept_transfer", "other_head") == {
        ("clerk", "decide"),
        ("handler", "in_hand"),
        ("head", "in_hand"),
    }
    assert around.do("agree_transfer", "clerk") == {
        ("other_head", "yours"),
        ("handler", "decided"),
        ("head", "decided"),
    }


def test_supervision_is_told_to_the_owner_and_the_reply_to_who_supervised(around: Around) -> None:
    assert around.do("supervise", "leader", text="今天内办结") == {
        ("handler", "watched"),
        ("head", "watched"),
    }
    assert around.do("reply", "handler", text="下午清运") == {("leader", "watched")}


def test_the_verifier_is_told_and_told_again_when_it_is_recalled(around: Around, town: Town) -> None:
    heard = around.do("report_result", "handler", text="已清运", photos=[town.photo(7).pk])
    verifier = around.case.owner_user
    assert verifier is not None
    assert (verifier.username, "yours") in heard
    others = {"worker", "worker2", "inspector"} - {verifier.username}
    other = town.users[sorted(others)[0]]
    heard = around.do("reassign", "desk", user=other.pk)
    assert {(other.username, "yours"), (verifier.username, "gone")} <= heard
    assert (other.username, "gone") in around.do("recall_verify", "desk")


def test_an_agency_that_loses_the_case_is_told(around: Around, town: Town) -> None:
    heard = around.do("force_close", "leader", text="合并处理", told="已另行处理")
    assert {("handler", "gone"), ("head", "gone")} <= heard


def test_the_leader_is_told_when_the_time_has_run_out(around: Around) -> None:
    heard = around.wait(DAY)
    assert ("head", "leader") in heard


def test_a_poor_rating_is_told_to_the_call_back_desk_and_a_good_one_to_nobody(
    around: Around, town: Town
) -> None:
    around.do("report_result", "handler", text="已清运", photos=[town.photo(7).pk])
    around.do("verify", "worker", result="true", photos=[town.photo(8).pk])
    assert around.case.state == "closed"
    from gezhi.work.cases.queries import asker_by_code

    asker = asker_by_code(around.code)
    assert asker is not None
    around.at += timedelta(minutes=1)
    data = {"stars": 1, "text": "没有清"}
    perform("rate", around.case.pk, actor=services.asker_actor(asker), at=around.at, data=data)
    heard = around.heard()
    assert {kind for _who, kind in heard} == {"desk"}
    assert {who for who, _kind in heard} <= {"call_back", "clerk"}


def test_a_resident_who_adds_something_is_heard_by_who_has_it(around: Around) -> None:
    from gezhi.work.cases.queries import asker_by_code

    asker = asker_by_code(around.code)
    assert asker is not None
    around.at += timedelta(minutes=1)
    perform("add", around.case.pk, actor=services.asker_actor(asker), at=around.at, data={"text": "又多了"})
    assert around.heard() == {("handler", "in_hand"), ("head", "in_hand")}


def test_nobody_is_told_twice_of_one_act(around: Around, town: Town) -> None:
    """Who decides and leads and dispatches at once gets one notice."""
    town.give_post("leader", "dispatcher", "420599001")
    around.do("request_return", "handler", reason="not_ours", text="不归我们")
    around.do("decline_return", "clerk", text="属你单位")
    town.give_post("clerk", "approver", "420599")
    around.at += timedelta(minutes=1)
    perform(
        "request_extension",
        around.case.pk,
        actor=town.actor("handler"),
        at=around.at,
        data={"until": "2026-03-06", "text": "需要吊车"},
    )
    while drain(subscriptions=SUBSCRIPTIONS, at=around.at):
        pass
    told = list(Notice.objects.values_list("user", "case", "seq"))
    assert len(told) == len(set(told)) == 2
