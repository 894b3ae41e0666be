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
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.policy import adopt_preset
from gezhi.work.cases.services import asker_actor
from gezhi.work.cases.states import State as S
from gezhi.work.cases.table import LIVE, TABLE

LATER = START + timedelta(hours=2)
DAYS_LATER = START + timedelta(days=20)
DESK = {"desk", "clerk", "policy"}
AGENCY = {"head", "handler"}
SEES_AREA = {"worker", "inspector", "clerk", "intake", "dispatcher", "desk", "call_back", "leader"}

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
    "urge": {"asker", "dispatcher", "clerk"},
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
        town = self.town
        told: dict[str, dict[str, Any]] = {
            "ask_check": {"user": town.users["inspector"].pk},
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

    def reach(self, state: S) -> None:
        """Along the main path to a state."""
        path = {
            S.CHECKING: [("ask_check", "intake")],
            S.FILED: [("file", "intake")],
            S.DISPATCHED: [("file", "intake"), ("dispatch", "dispatcher")],
        }
        path[S.HANDLING] = [*path[S.DISPATCHED], ("sign", "handler")]
        path[S.DONE] = [*path[S.HANDLING], ("report_result", "handler")]
        path[S.VERIFYING] = [*path[S.DONE], ("send_verify", "desk")]
        path[S.VERIFIED] = [*path[S.VERIFYING], ("verify", "worker")]
        path[S.CLOSED] = [*path[S.VERIFIED], ("close", "desk")]
        for act, who in path.get(state, []):
            self.do(act, who)

    def prepare(self, act: str) -> datetime:
        """What must have happened besides the state, and when the act is tried."""
        if act in ("agree_return", "decline_return"):
            self.do("request_return", "handler")
        if act in ("follow_up", "reopen"):
            self.do("rate", "asker")
        return DAYS_LATER if act == "archive" else LATER


@pytest.fixture
def stage(town: Town) -> Stage:
    adopt_preset(actor=SYSTEM, area=town.areas["420599"], name="district_centre", at=START)
    return Stage(town)


# Rows for cases that came another way than the main path; tested in test_case_rules.py.
OTHER_WAYS = {("rework", S.VERIFIED, S.FILED), ("reopen", S.CLOSED, S.REPORTED)}
ROWS = [row for row in TABLE if row.source and (row.act, row.source, row.to) not in OTHER_WAYS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.act}-{row.source}")
def test_a_row_is_open_to_those_named_and_to_nobody_else(row: Any, stage: Stage) -> None:
    stage.reach(row.source)
    at = stage.prepare(row.act)
    expected = MAY.get(row.act) or may_note(row.source)
    able = {name for name in [*PEOPLE, "asker", "system", "policy"] if succeeds(stage, row, name, at)}
    assert able == expected


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
        else:
            assert case.state == (row.to or row.source)
            return True
        finally:
            transaction.set_rollback(True)


def test_every_act_has_a_row_and_every_row_an_act() -> None:
    assert {row.act for row in TABLE} == set(ACTS)


def test_no_act_is_possible_from_an_ended_state() -> None:
    ended = {S.ARCHIVED, S.REFUSED, S.MERGED, S.WITHDRAWN, S.FORWARDED, S.CANCELLED}
    assert [row for row in TABLE if row.source in ended] == []


def test_every_row_starts_from_a_state_some_row_leads_to() -> None:
    reached = {state for row in TABLE for state in (row.to, *row.may_go)}
    assert {row.source for row in TABLE} <= reached


@pytest.mark.parametrize("state", LIVE)
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
