"""Every row of the table × every member of the cast: who may, may; who may not, is refused and audited."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.town import PEOPLE, START, Town

from gezhi.foundation.actors.scope import POLICY, SYSTEM, Actor
from gezhi.foundation.audit.errors import NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases import queries
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Case, Part
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.cases.services import asker_actor
from gezhi.work.cases.states import ACTIVE
from gezhi.work.cases.states import State as S
from gezhi.work.cases.table import TABLE

UNTIL = "2026-03-20"
LATER = START + timedelta(hours=2)
DAYS_LATER = START + timedelta(days=20)
DESK = {"desk", "clerk", "policy"}
AGENCY = {"head", "handler"}
DISPATCH = {"dispatcher", "clerk"}
LEADER, APPRAISER, PARTNER = {"leader"}, {"appraiser"}, {"other_head"}
SEES_AREA = {
    "worker", "inspector", "clerk", "intake", "dispatcher", "desk", "call_back", "leader", "appraiser",
}  # fmt: skip

# Who may do each act on a case of grid 甲一 reported by a resident, handled by the sanitation station,
# checked by the inspector and verified by worker. "asker" is the resident.
MAY = {
    "answer": {"intake", "clerk"},
    "ask_check": {"intake", "clerk"},
    "check_result": {"inspector"},
    "recall_check": {"intake", "clerk", "system"},
    "file": {"intake", "clerk"},
    "refuse": {"intake", "clerk"},
    "merge": {"intake", "clerk", "dispatcher"},
    "absorb": {"system"},
    "withdraw": {"asker"},
    "dispatch": {"dispatcher", "clerk"},
    "sign": AGENCY,
    "assign": {"head"},
    "release": {"system"},
    "return": AGENCY,
    "request_return": AGENCY,
    "agree_return": {"dispatcher", "clerk"},
    "decline_return": {"dispatcher", "clerk"},
    "progress": AGENCY,
    "report_result": AGENCY,
    "send_verify": DESK,
    "reassign": DESK | {"system"},
    "verify": {"worker"},
    "close": DESK,
    "rework": DESK,
    "urge": {"asker", "dispatcher", "clerk", "leader"},
    "file_dispatch": {"clerk"},
    "forward": {"intake", "clerk"},
    "restore": {"intake", "clerk", "leader"},
    "let_go": {"system"},
    "designate": LEADER,
    "raise": DISPATCH | {"system"},
    "send_back": DISPATCH,
    "request_transfer": AGENCY,
    "accept_transfer": PARTNER,
    "reject_transfer": PARTNER,
    "agree_transfer": DISPATCH,
    "decline_transfer": DISPATCH,
    "contact": AGENCY,
    "arrive": AGENCY,
    "add_part": AGENCY | DISPATCH,
    "remove_part": AGENCY | DISPATCH,
    "excuse_part": AGENCY | DISPATCH,
    "sign_part": PARTNER,
    "return_part": PARTNER,
    "report_part": PARTNER,
    "whistle": DISPATCH,
    "attend": PARTNER,
    "rate_part": DISPATCH,
    "hand_over": AGENCY,
    "outcome": AGENCY,
    "request_extension": AGENCY,
    "approve_extension": LEADER,
    "deny_extension": LEADER,
    "request_suspension": AGENCY,
    "approve_suspension": LEADER,
    "deny_suspension": LEADER,
    "resume": AGENCY | LEADER | {"system"},
    "bank": LEADER,
    "review": LEADER,
    "strike_off": LEADER,
    "recall_verify": DESK | {"system"},
    "force_close": LEADER,
    "supervise": LEADER | DISPATCH,
    "request_cancel": {"intake"} | DISPATCH,
    "approve_cancel": LEADER,
    "deny_cancel": LEADER,
    "request_exclusion": AGENCY,
    "approve_exclusion": APPRAISER,
    "deny_exclusion": APPRAISER,
    "call_back": {"call_back", "clerk"},
    "add": {"asker"},
    "rate": {"asker"},
    "follow_up": {"call_back", "clerk"},
    "reopen": {"asker", "call_back", "clerk"},
    "archive": {"system"},
    "warn": {"system"},
    "overdue": {"system"},
    "escalate": {"system"},
}


class Stage:
    """Brings one case into any state, and knows what every act must be told."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.case, self.code = town.resident_report()
        self.other = town.report(description="旁边还有一处")
        found = queries.asker_by_code(self.code)
        assert found is not None
        self.asker = asker_actor(found)
        self.photo = town.photo(9).pk

    def do(self, act: str, who: str, at: datetime = LATER) -> None:
        perform(act, self.case.pk, actor=self.actor(who), at=at, data=self.data(act))

    def actor(self, name: str) -> Actor:
        known = {"asker": self.asker, "system": SYSTEM, "policy": POLICY}
        return known.get(name) or self.town.actor(name)

    def data(self, act: str) -> dict[str, Any]:
        town, water = self.town, self.town.agencies["WAT"].pk
        told: dict[str, dict[str, Any]] = {
            "ask_check": {"user": town.users["inspector"].pk},
            "file_dispatch": {"condition": town.conditions["cover"].pk, "agency": water, "text": "抢修"},
            "forward": {"target": "police", "reference": "接警 0001", "text": "已转公安"},
            "restore": {"text": "情况属实"},
            "designate": {"agency": town.agencies["SAN"].pk, "text": "会商后指定"},
            "raise": {"text": "社区解决不了"},
            "send_back": {"text": "社区可以办"},
            "request_transfer": {"agency": water, "text": "属供水设施"},
            "reject_transfer": {"text": "不属我们"},
            "decline_transfer": {"text": "在权责清单上"},
            "contact": {"reached": "yes", "text": "已约好时间"},
            "add_part": {"agencies": [water], "text": "关阀"},
            "remove_part": {"part": self.part(), "text": "不再需要"},
            "excuse_part": {"part": self.part(), "text": "已无必要"},
            "return_part": {"reason": "not_ours", "text": "不归我们"},
            "report_part": {"text": "已关阀"},
            "whistle": {"kind": "joint", "agencies": [water], "text": "占道联合执法"},
            "attend": {"text": "两人已到"},
            "rate_part": {"part": self.part(), "stars": 4},
            "hand_over": {"authority": "综合执法队", "reference": "移 1 号", "text": "全案材料"},
            "outcome": {"text": "已处罚"},
            "request_extension": {"until": UNTIL, "text": "需备料"},
            "deny_extension": {"text": "可以按时"},
            "request_suspension": {"until": UNTIL, "text": "等天晴"},
            "deny_suspension": {"text": "不必挂起"},
            "bank": {"until": UNTIL, "text": "列入改造计划", "told": "已列入改造计划"},
            "review": {"until": UNTIL, "text": "设计完成"},
            "strike_off": {"text": "可以施工了"},
            "force_close": {"text": "反复无法处置", "told": "已说明情况"},
            "supervise": {"text": "三日内解决"},
            "reply": {"text": "今日完成"},
            "request_cancel": {"text": "重复录入"},
            "approve_cancel": {"text": "录入有误，已作废"},
            "deny_cancel": {"text": "情况属实"},
            "request_exclusion": {"text": "台风停工"},
            "deny_exclusion": {"text": "不属免责"},
            "call_back": {"reached": "yes", "contacted": "yes", "solved": "yes", "satisfied": "5"},
            "check_result": {"result": "true", "photos": [self.photo]},
            "file": {"condition": town.conditions["rubbish"].pk},
            "refuse": {"reason": "lacking", "text": "请说明具体位置"},
            "answer": {"text": "可到社区办理"},
            "merge": {"case": str(self.other.pk)},
            "dispatch": {"agency": town.agencies["SAN"].pk},
            "assign": {"user": town.users["handler"].pk},
            "return": {"reason": "not_ours", "text": "不归我们"},
            "request_return": {"reason": "not_ours", "text": "不归我们"},
            "decline_return": {"text": "在权责清单上"},
            "progress": {"text": "已到现场"},
            "report_result": {"text": "已清运", "photos": [self.photo]},
            "verify": {"result": "true", "photos": [self.photo]},
            "close": {"text": "已清运，谢谢反映"},
            "rework": {"reason": "partly", "text": "还剩一半"},
            "add": {"text": "更多了"},
            "note": {"text": "已电话联系"},
            "rate": {"stars": 2},
            "follow_up": {"text": "已回访并说明"},
            "reopen": {"text": "请重办"},
        }
        return told.get(act, {})

    def part(self) -> int:
        """The part of the other agency, if it takes part."""
        found = Part.objects.filter(case=self.case, live=True).first()
        return found.pk if found else 0

    def reach(self, state: S, *, besides: str = "") -> None:
        """To a state along the main path; `besides` may name an act that other agencies take part by."""
        steps = list(PATHS[state])
        if besides == "whistle":
            steps.insert(1, ("whistle", "dispatcher"))
        elif besides:
            if state in (S.FILED, S.DISPATCHED):  # others take part only once it is handled: it was returned
                steps = [*TO_HANDLING, *BACK]
            if state == S.DISPATCHED:
                steps.append(("dispatch", "dispatcher"))
            steps.insert(steps.index(("sign", "handler")) + 1, (besides, "handler"))
        for act, who in steps:
            self.do(act, who)

    def prepare(self, act: str, state: S) -> datetime:
        """What must have happened besides the state, and when the act is tried."""
        before = dict(BEFORE)
        if state == S.FILED and act in ("approve_exclusion", "deny_exclusion"):  # asked before it was raised
            before[act] = (*TO_HANDLING[1:], *ASKED_EXCLUSION, ("raise", "dispatcher"))
        if act in ("raise", "send_back") or ("raise", "dispatcher") in before.get(act, ()):
            Case.objects.filter(pk=self.case.pk).update(level="community")
        if act == "designate" and state == S.FILED:
            Case.objects.filter(pk=self.case.pk).update(returns=2)
        if act == "take_back" and state == S.CLOSED:
            before[act] = BEFORE["approve_exclusion"]
        if act != "designate" or state != S.FILED:
            for step, who in before.get(act, ()):
                self.do(step, who)
        return DAYS_LATER if act == "archive" else LATER


TO_DISPATCHED = (("file", "intake"), ("dispatch", "dispatcher"))
TO_HANDLING = (*TO_DISPATCHED, ("sign", "handler"))
TO_DONE = (*TO_HANDLING, ("report_result", "handler"))
TO_VERIFIED = (*TO_DONE, ("send_verify", "desk"), ("verify", "worker"))
BACK = (("request_return", "handler"), ("agree_return", "dispatcher"))
PATHS: dict[S, tuple[tuple[str, str], ...]] = {
    S.REPORTED: (),
    S.CHECKING: (("ask_check", "intake"),),
    S.FILED: (("file", "intake"),),
    S.DISPATCHED: TO_DISPATCHED,
    S.HANDLING: TO_HANDLING,
    S.SUSPENDED: (*TO_HANDLING, ("request_suspension", "handler"), ("approve_suspension", "leader")),
    S.BANKED: (*TO_HANDLING, ("bank", "leader")),
    S.DONE: TO_DONE,
    S.VERIFYING: (*TO_DONE, ("send_verify", "desk")),
    S.VERIFIED: TO_VERIFIED,
    S.CLOSED: (*TO_VERIFIED, ("close", "desk")),
    S.REFUSED: (("refuse", "intake"),),
    S.MERGED: (("merge", "intake"),),
    S.CANCELLED: (("request_cancel", "intake"), ("approve_cancel", "leader")),
}
ASKED_RETURN = (("request_return", "handler"),)
ASKED_TRANSFER = (("request_transfer", "handler"),)
ASKED_EXTENSION = (("request_extension", "handler"),)
ASKED_SUSPENSION = (("request_suspension", "handler"),)
ASKED_CANCEL = (("request_cancel", "intake"),)
ASKED_EXCLUSION = (("request_exclusion", "handler"),)
BEFORE = {
    "agree_return": ASKED_RETURN,
    "decline_return": ASKED_RETURN,
    "designate": ASKED_RETURN,
    "accept_transfer": ASKED_TRANSFER,
    "reject_transfer": ASKED_TRANSFER,
    "decline_transfer": ASKED_TRANSFER,
    "agree_transfer": (*ASKED_TRANSFER, ("accept_transfer", "other_head")),
    "approve_extension": ASKED_EXTENSION,
    "deny_extension": ASKED_EXTENSION,
    "approve_suspension": ASKED_SUSPENSION,
    "deny_suspension": ASKED_SUSPENSION,
    "approve_cancel": ASKED_CANCEL,
    "deny_cancel": ASKED_CANCEL,
    "approve_exclusion": ASKED_EXCLUSION,
    "deny_exclusion": ASKED_EXCLUSION,
    "take_back": ASKED_CANCEL,
    "send_back": (("raise", "dispatcher"),),
    "report_part": (("sign_part", "other_head"),),
    "reply": (("supervise", "leader"),),
    "follow_up": (("rate", "asker"),),
    "reopen": (("rate", "asker"),),
}
BESIDES = {
    "remove_part": "add_part",
    "excuse_part": "add_part",
    "sign_part": "add_part",
    "return_part": "add_part",
    "report_part": "add_part",
    "outcome": "hand_over",
    "attend": "whistle",
    "rate_part": "whistle",
}
OWNERS = {
    S.REPORTED: {"intake"},
    S.CHECKING: {"inspector"},
    S.FILED: {"dispatcher"},
    S.BANKED: LEADER,
    S.DONE: {"desk"},
    S.VERIFYING: {"worker"},
    S.VERIFIED: {"desk"},
}


@pytest.fixture
def stage(town: Town) -> Stage:
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="district_centre", at=START)
    return Stage(town)


# Rows for cases that came another way than the main path; tested in test_case_rules.py.
OTHER_WAYS = {("rework", S.VERIFIED, S.FILED), ("reopen", S.CLOSED, S.REPORTED)}
ROWS = [row for row in TABLE if row.source and (row.act, row.source, row.to) not in OTHER_WAYS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.act}-{row.source}")
def test_a_row_is_open_to_those_named_and_to_nobody_else(row: Any, stage: Stage) -> None:
    stage.reach(row.source, besides=BESIDES.get(row.act, ""))
    at = stage.prepare(row.act, row.source)
    expected = expected_for(row)
    able = {name for name in [*PEOPLE, "asker", "system", "policy"] if succeeds(stage, row, name, at)}
    assert able == expected


def expected_for(row: Any) -> set[str]:
    if row.act == "reply":
        return OWNERS.get(row.source, AGENCY)
    if row.act == "take_back":
        return AGENCY if row.source == S.CLOSED else {"intake"} | DISPATCH
    if row.act in ("remove_part", "excuse_part") and row.source == S.FILED:
        return DISPATCH  # no agency leads it
    return MAY.get(row.act) or may_note(row.source)


def may_note(source: S) -> set[str]:
    """Notes are open to whoever sees the case."""
    return SEES_AREA | (AGENCY if source not in (S.REPORTED, S.CHECKING, S.FILED) else set())


def succeeds(stage: Stage, row: Any, name: str, at: datetime) -> bool:
    """Try the act and undo it; a refusal must be for want of right or sight, nothing else."""
    with transaction.atomic():
        try:
            case = perform(row.act, stage.case.pk, actor=stage.actor(name), at=at, data=stage.data(row.act))
        except (NotAllowed, NotFound):
            return False
        except Refused as error:
            if error.code == "taken_away":  # theirs before, not any more
                return False
            raise
        else:
            assert case.state == (row.to or row.source)
            return True
        finally:
            transaction.set_rollback(True)


def test_every_act_has_a_row_and_every_row_an_act() -> None:
    assert {row.act for row in TABLE} == set(ACTS)


def test_an_ended_case_can_only_be_restored_and_an_archived_one_not_even_that() -> None:
    ended = {S.ARCHIVED, S.REFUSED, S.MERGED, S.WITHDRAWN, S.FORWARDED, S.CANCELLED}
    found = {(row.act, row.source) for row in TABLE if row.source in ended}
    assert found == {("restore", S.REFUSED), ("restore", S.MERGED), ("restore", S.CANCELLED)}


def test_every_row_starts_from_a_state_some_row_leads_to() -> None:
    reached = {state for row in TABLE for state in (row.to, *row.may_go)}
    assert {row.source for row in TABLE} <= reached


@pytest.mark.parametrize("state", ACTIVE)
def test_the_owner_of_an_active_case_can_always_move_it(state: S, stage: Stage) -> None:
    stage.reach(state)
    case = Case.objects.get(pk=stage.case.pk)
    owners = {
        "intake": "intake",
        "dispatch": "dispatcher",
        "desk": "desk",
        "handle": "handler",
        "check": "inspector",
        "verify": "worker",
        "approve": "leader",
    }
    acts = allowed_acts(case, stage.actor(owners[case.owner_grant]), at=LATER)
    moving = {row.act for row in TABLE if row.source == state and row.to}
    assert moving & {act.code for act in acts}


def test_a_refused_act_leaves_only_the_audit_of_the_attempt(stage: Stage) -> None:
    before = Case.objects.values().get(pk=stage.case.pk)
    events = stage.case.events.count()
    with pytest.raises(NotAllowed):
        stage.do("file", "dispatcher")
    assert Case.objects.values().get(pk=stage.case.pk) == before
    assert stage.case.events.count() == events
    entry = AuditEntry.objects.get(subject_id=str(stage.case.pk), allowed=False)
    assert (entry.act, entry.actor_label, entry.detail) == (
        "file",
        PEOPLE["dispatcher"][0],
        {"reason": "not_allowed"},
    )


def test_who_comes_second_is_told_who_was_first(stage: Stage) -> None:
    stage.do("file", "intake")
    with pytest.raises(Refused) as error:
        stage.do("file", "clerk")
    assert PEOPLE["intake"][0] in str(error.value.message)
    assert "03-02 11:00" in str(error.value.message)
