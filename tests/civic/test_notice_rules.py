"""The table of notices: complete beside the table of acts; how far somebody may be disturbed."""

from datetime import datetime, time, timedelta

import pytest

from gezhi.civic.notices import rules
from gezhi.civic.notices.hearers import GROUPS
from gezhi.civic.notices.models import Kind
from gezhi.civic.notices.words import TO_ASKERS
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.table import TABLE

NIGHT, MORNING = time(22), time(7)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+08:00")


def test_every_act_of_the_loop_is_told_or_silent_on_purpose() -> None:
    told = {tell.act for tell in rules.TELLS}
    assert told | rules.SILENT.keys() == {row.act for row in TABLE}
    assert told & rules.SILENT.keys() == set()
    assert all(rules.SILENT.values())


def test_every_group_of_the_table_is_known_and_used() -> None:
    assert {tell.hears for tell in rules.TELLS} == GROUPS.keys()


def test_no_line_stands_twice() -> None:
    pairs = [(tell.act, tell.hears) for tell in rules.TELLS]
    assert len(pairs) == len(set(pairs))


def test_whoever_gets_a_case_by_an_act_is_told() -> None:
    """Acts after which the case may stand with somebody else have a line for the new owner."""
    moving = {row.act for row in TABLE if row.to not in (None, row.source)}
    for act in moving - set(rules.SILENT):
        hears = {tell.hears for tell in rules.tells_of(act)}
        ends = {row.to for row in TABLE if row.act == act} <= {
            "refused", "forwarded", "merged", "withdrawn", "cancelled", "archived"
        }  # fmt: skip
        waits = "call-back desk" in hears or "requester" in hears
        assert hears & {"owner"} or ends or waits, act


def test_askers_have_words_for_all_they_hear_and_nothing_else() -> None:
    assert TO_ASKERS.keys() == set(rules.ASKER_HEARS) <= ACTS.keys()


def test_residents_never_read_the_words_of_the_office(settings: object) -> None:
    from django.utils.translation import override

    with override("zh-hans"):
        said = " ".join(str(part) for pair in TO_ASKERS.values() for part in pair)
    assert "受理" in said
    for word in ("立案", "派遣", "核查", "挂账", "结案", "作废", "案卷"):
        assert word not in said


@pytest.mark.parametrize(
    ("at", "free"),
    [
        ("02T21:59", "02T21:59"),
        ("02T22:00", "03T07:00"),
        ("02T23:30", "03T07:00"),
        ("03T00:00", "03T07:00"),
        ("03T06:59", "03T07:00"),
        ("03T07:00", "03T07:00"),
    ],
)
def test_quiet_hours_pass_midnight(at: str, free: str) -> None:
    assert rules.end_of_quiet(moment(at), since=NIGHT, until=MORNING) == moment(free)


@pytest.mark.parametrize(
    ("at", "free"), [("02T12:29", "02T12:29"), ("02T12:30", "02T14:00"), ("02T14:00", "02T14:00")]
)
def test_quiet_hours_may_lie_within_a_day(at: str, free: str) -> None:
    assert rules.end_of_quiet(moment(at), since=time(12, 30), until=time(14)) == moment(free)


def test_attempts_wait_longer_each_time_and_end_after_about_two_days() -> None:
    waits = [rules.next_try(n) for n in range(1, 9)]
    assert waits[-1] is None
    given = [wait for wait in waits if wait is not None]
    assert given == sorted(given)
    assert timedelta(days=1) < sum(given, timedelta()) < timedelta(days=3)


def test_what_comes_to_a_desk_all_day_is_mailed_only_to_who_asks() -> None:
    assert rules.at_desk(Kind.YOURS, "intake") is Kind.DESK
    assert rules.at_desk(Kind.YOURS, "handle") is Kind.YOURS
    assert rules.default_channels(Kind.DESK) == {"in_app"}
    assert rules.default_channels(Kind.YOURS) == {"in_app", "email"}
