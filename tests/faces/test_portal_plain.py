"""What residents read: every act in plain words, no names, no notes, and by when."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from gezhi.faces.portal.plain import Happening, Mark, Standing, by_words, expected, lead, turn_to
from gezhi.faces.portal.telling import TELLERS, steps
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.acts.intake import REFUSE_REASONS
from gezhi.work.cases.states import State

NOON = datetime(2026, 11, 22, 2, 2, tzinfo=UTC)  # 10:02 in Shanghai, a Sunday


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(*acts: tuple[str, dict[str, Any]] | str) -> list[Happening]:
    """Happenings ten minutes apart."""
    pairs = [(one, {}) if isinstance(one, str) else one for one in acts]
    return [Happening(act=act, at=after(10 * n), **known) for n, (act, known) in enumerate(pairs)]


def titles(found: list[Any]) -> list[str]:
    return [f"{step.mark.value or '-'} {step.title}" for step in found]


LIT = ("dispatch", {"agency": "Street Lighting", "due_at": after(480)})


def test_the_progress_of_the_drawing() -> None:
    found = steps(told("report", "file", LIT, "sign"), Standing(state="handling", agency="Street Lighting"))
    assert titles(found) == [
        "d Received",
        "d Accepted and passed to Street Lighting",
        "c Being dealt with",
        "- Somebody goes to look at the result",
        "- You rate the result",
    ]
    assert found[0].lines[0].endswith("10:02, thank you for telling us")
    assert found[1].lines == ["10:22, to be done by Sun 22 Nov 18:02"]
    assert found[3].lines == ["a grid worker does it, not Street Lighting itself"]


def test_the_drawing_in_chinese() -> None:
    with translation.override("zh-hans"):
        dispatch = ("dispatch", {"agency": "市政照明所", "due_at": after(478)})
        now = Standing(state="handling", agency="市政照明所", due_at=after(478))
        found = steps(told("report", "file", dispatch, "sign"), now)
        assert [step.title for step in found] == [
            "已收到",
            "已受理，交给市政照明所",
            "正在处理",
            "有人去现场看结果",
            "请你评价",
        ]
        assert lead(now, at=after(30)) == "市政照明所正在处理，预计今天 18:00 前有结果。"
        assert found[3].lines == ["由网格员去看，不是市政照明所自己"]
        late = "市政照明所正在处理。本该在今天 18:00 前办好，已经提醒他们抓紧。"
        assert lead(now, at=after(490)) == late


@pytest.mark.parametrize(
    ("state", "ahead"),
    [
        ("reported", ["It is passed to whoever is in charge", "It is dealt with"]),
        ("filed", ["It is dealt with", "Somebody goes to look at the result"]),
        ("done", ["Somebody goes to look at the result", "You rate the result"]),
        ("verifying", ["You rate the result"]),
        ("refused", []),
        ("archived", []),
        ("withdrawn", []),
    ],
)
def test_what_is_still_to_come_fits_the_state(state: str, ahead: list[str]) -> None:
    found = [step.title for step in steps(told("report"), Standing(state=state)) if step.mark == Mark.AHEAD]
    assert found[:2] == ahead


def test_rating_is_the_current_step_once_closed_and_gone_once_rated() -> None:
    closed = told("report", ("close", {"text": "The lamp is lit again."}))
    open_ = steps(closed, Standing(state="closed"))
    assert titles(open_)[-1] == "c You rate the result"
    assert open_[1].quote == "The lamp is lit again."
    rated = steps(closed + told(("rate", {"stars": 4, "mine": True})), Standing(state="closed", rated=True))
    assert titles(rated)[-1] == "d Your rating: satisfied"


@pytest.mark.parametrize(
    "act",
    ["assign", "note", "warn", "overdue", "escalate", "archive", "absorb", "request_return", "unheard_of"],
)
def test_what_concerns_colleagues_only_leaves_no_step(act: str) -> None:
    before = steps(told("report"), Standing(state="handling"))
    assert steps(told("report", act), Standing(state="handling")) == before


@pytest.mark.parametrize("act", ["urge", "add", "rate", "withdraw"])
def test_what_other_askers_do_is_not_told(act: str) -> None:
    before = steps(told("report"), Standing(state="handling"))
    other = steps(told("report", (act, {"text": "from next door", "stars": 2})), Standing(state="handling"))
    assert other == before


def test_own_additions_stand_under_the_step_they_came_in() -> None:
    found = steps(told("report", ("add", {"text": "still dark", "mine": True})), Standing(state="reported"))
    assert found[0].lines[1].endswith("you added: still dark")
    assert found[0].mark == Mark.NOW


def test_a_return_is_told_without_blame() -> None:
    found = steps(told("report", "file", LIT, "return"), Standing(state="filed"))
    assert titles(found)[2] == "c Passed on"
    assert "another unit is better placed" in found[2].lines[0]


def test_after_rework_the_same_unit_is_asked_again() -> None:
    acts = ("report", "file", LIT, "sign", "report_result", "send_verify", ("verify", {"result": "untrue"}))
    again = ("rework", {"to_state": State.HANDLING, "due_at": after(900)})
    found = steps(told(*acts, again), Standing(state="handling", agency="Street Lighting"))
    looked = next(step for step in found if step.act == "send_verify")
    assert looked.lines[-1].endswith("it is not solved yet.")
    assert titles(found)[-3] == "c Street Lighting is asked to do it again"


def test_each_step_says_its_day_unless_the_one_above_it_does() -> None:
    next_day = NOON + timedelta(days=1)
    acts = [
        Happening("report", NOON),
        Happening("file", next_day),
        Happening("dispatch", next_day + timedelta(minutes=5), agency="Unit"),
        Happening("sign", next_day + timedelta(minutes=9)),
    ]
    whens = [step.lines[0].split(",")[0] for step in steps(acts, Standing(state="handling")) if step.lines]
    assert whens[:3] == ["Sun 22 Nov 10:02", "Mon 23 Nov 10:07", "10:11"]


def test_a_recalled_check_is_not_told() -> None:
    found = steps(told("report", "ask_check", "recall_check"), Standing(state="reported"))
    assert [step.act for step in found if step.act] == ["report"]


def test_a_withdrawn_hazard_goes_on_and_says_why() -> None:
    mine = ("withdraw", {"mine": True, "to_state": "filed"})
    found = steps(told("report", "file", mine), Standing(state="filed", withdrawn=True))
    assert "we go on all the same" in found[-1].lines[0]
    assert all(step.mark == Mark.DONE for step in found)


def test_a_withdrawn_report_says_nothing_of_going_on() -> None:
    mine = ("withdraw", {"mine": True, "to_state": "withdrawn"})
    found = steps(told("report", mine), Standing(state="withdrawn", withdrawn=True))
    assert "," not in found[-1].lines[0]


def test_days_are_counted_as_on_the_wall_calendar() -> None:
    now = Standing(state="handling", whole_due_at=NOON + timedelta(days=3))
    assert expected(now, at=NOON) == "All of it should be settled by Wed 25 Nov, in about 3 days."
    with translation.override("zh-hans"):
        assert expected(now, at=NOON) == "预计 11-25 周三前办结，约 3 天。"
    assert expected(now, at=NOON + timedelta(days=4)).startswith("All of it should have been settled by")
    assert expected(Standing(state="closed", whole_due_at=NOON), at=NOON) == ""


def test_a_day_in_a_year_without_its_holidays_is_said_to_be_unsure() -> None:
    now = Standing(state="handling", whole_due_at=NOON + timedelta(days=60), may_move=True)
    with translation.override("zh-hans"):
        assert expected(now, at=NOON) == (
            "预计 2027-01-21 周四前办结，约 60 天。那一年的放假安排还没公布，日期可能会变。"
        )


def test_late_is_said_plainly() -> None:
    now = Standing(state="handling", agency="Unit", due_at=after(-60))
    assert lead(now, at=NOON) == (
        "Unit is dealing with it. This should have been done by today 09:02; they have been reminded."
    )


@pytest.mark.parametrize("state", [state for state in State if state not in ("suspended", "banked")])
def test_every_state_has_a_sentence(state: str) -> None:
    for agency in ("", "Unit"):
        sentence = lead(Standing(state=state, agency=agency, due_at=after(60)), at=NOON)
        assert sentence.endswith(".")
        assert "%" not in sentence


def test_near_days_have_names() -> None:
    assert by_words(after(60), at=NOON) == "today 11:02"
    assert by_words(after(24 * 60), at=NOON) == "tomorrow 10:02"
    assert by_words(after(48 * 60), at=NOON) == "Tue 24 Nov 10:02"


def test_every_reason_for_refusal_says_where_to_turn() -> None:
    for code, _label in REFUSE_REASONS:
        assert len(turn_to(code)) == 2
        found = steps(
            told("report", ("refuse", {"result": code, "text": "answer"})), Standing(state="refused")
        )
        assert ", " in found[-1].lines[0]
        assert found[-1].quote == "answer"
    assert len(turn_to("a code of tomorrow")) == 1


def test_work_on_hold_says_until_when_and_who_goes_on() -> None:
    held = ("approve_suspension", {"due_at": after(1500)})
    now = Standing(state="suspended", agency="Street Lighting", due_at=after(1500))
    found = steps(told("report", "file", LIT, "sign", held), now)
    assert found[3].title == "On hold"
    assert found[3].lines[0].endswith("until Mon 23 Nov 11:02 at the latest")
    assert lead(now, at=NOON).startswith("The work is on hold until tomorrow 11:02")


def test_a_problem_in_the_bank_says_what_was_promised() -> None:
    banked = ("bank", {"due_at": after(90000), "text": "It is on next year's plan."})
    now = Standing(state="banked", agency="Street Lighting", due_at=after(90000))
    found = steps(told("report", "file", LIT, "sign", banked, "review"), now)
    assert found[3].quote == "It is on next year's plan."
    assert found[3].lines[1].endswith("we looked at it again.")
    assert "kept on our list" in lead(now, at=NOON)


def test_calls_and_arrivals_are_asides_and_tell_of_calls_not_answered() -> None:
    calls = (("contact", {"result": "no"}), ("contact", {"result": "yes"}), "arrive")
    found = steps(told("report", "file", LIT, "sign", *calls), Standing(state="handling"))
    asides = [line.partition(": ")[2] for line in found[2].lines[1:]]
    assert asides == [
        "Street Lighting tried to call you.",
        "Street Lighting called you.",
        "Street Lighting is on the spot.",
    ]


def test_a_transfer_names_the_agency_that_has_it_now() -> None:
    moved = ("agree_transfer", {"agency": "Road Works", "due_at": after(900)})
    found = steps(told("report", "file", LIT, "sign", moved, "sign"), Standing(state="handling"))
    assert [step.title for step in found[3:5]] == ["Passed to Road Works", "Being dealt with"]


# Between colleagues alone: nothing of these reaches who asked.
SILENT = {
    "absorb", "accept_transfer", "add_part", "archive", "assign", "attend", "decline_return",
    "decline_transfer", "deny_cancel", "deny_exclusion", "deny_extension", "deny_suspension", "escalate",
    "excuse_part", "approve_exclusion", "let_go", "note", "overdue", "rate_part", "reassign",
    "recall_verify", "reject_transfer", "release", "remove_part", "reply", "report_part", "request_cancel",
    "request_exclusion", "request_extension", "request_return", "request_suspension", "request_transfer",
    "return_part", "sign_part", "supervise", "take_back", "warn", "whistle",
}  # fmt: skip


def test_every_act_is_told_or_silent_on_purpose() -> None:
    assert TELLERS.keys() | SILENT == ACTS.keys()
    assert not TELLERS.keys() & SILENT


def test_a_report_merged_into_one_solved_on_the_spot_says_that_it_was_dealt_with() -> None:
    words = lead(Standing(state=State.VERIFYING, agency=""), at=NOON)
    assert words == "A grid worker dealt with it on the spot; somebody else looks at the result first."
