"""Rules of an area: set word by word, checked, in versions, and what a change would touch."""

from datetime import timedelta

import pytest
from tests.town import START, Town

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases.models import Case, Clock, Policy
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.policy import go_back, policy_for, rules_for, set_rules, standing_data, versions_of
from gezhi.work.cases.policy_effects import effects
from gezhi.work.cases.rulebook import (
    BOOK,
    PRESETS,
    Rules,
    complete,
    differences,
    flat,
    merged,
    parse_limit,
    preset,
)

LATER = START + timedelta(minutes=1)


@pytest.fixture
def admin(town: Town) -> Actor:
    return town.actor("admin")


def change(town: Town, admin: Actor, area: str = "420599", **said: object) -> Policy:
    return set_rules(actor=admin, area=town.areas[area], data=said, at=LATER, note="测试")


# -- what a policy may say


def test_the_book_names_every_rule_and_nothing_else() -> None:
    said = flat(preset("street_office"))
    tables = {"limits": "limits", "approvers": "approvers", "loop_names": "loop_names"}
    plain = {name for name in Rules.__dataclass_fields__ if name not in tables}
    assert {word.name for word in BOOK if "." not in word.name} == plain
    for table in ("limits", "approvers"):
        named = {word.name.partition(".")[2] for word in BOOK if word.name.startswith(f"{table}.")}
        assert named == set(preset("street_office")[table])
    assert said["limits.intake"] == "30 work_minutes"


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_passes_its_own_checks(name: str) -> None:
    assert merged(preset("street_office"), complete(preset(name))) == complete(preset(name))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"grace": 3}, "grace"),
        ({"limits": {"lunch": "1 work_hours"}}, "limits.lunch"),
        ({"limits": "2 work_days"}, "limits"),
        ({"limits": {"intake": "soon"}}, "limits.intake"),
        ({"limits": {"intake": "0 work_hours"}}, "limits.intake"),
        ({"limits": {"intake": "2 weeks"}}, "limits.intake"),
        ({"limits": {"handle_unknown": "366 work_days"}}, "limits.handle_unknown"),
        ({"recheck_percent": 101}, "recheck_percent"),
        ({"recheck_percent": "ten"}, "recheck_percent"),
        ({"recheck_percent": True}, "recheck_percent"),
        ({"rework_share": 3}, "rework_share"),
        ({"auto_close": "yes"}, "auto_close"),
        ({"desk_level": "planet"}, "desk_level"),
        ({"desk_level": ["street"]}, "desk_level"),
        ({"loop_names": {"street": "很" * 21}}, "loop_names.street"),
        (
            {"approvers": {"extension": "district", "second_extension": "street"}},
            "approvers.second_extension",
        ),
    ],
)
def test_what_is_unknown_or_out_of_bounds_is_named(said: dict[str, object], wrong: str) -> None:
    with pytest.raises(Invalid) as refusal:
        merged(preset("street_office"), said)
    assert set(refusal.value.fields) == {wrong}


def test_every_error_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        merged(preset("street_office"), {"extensions": -1, "limits": {"sign": "x", "close": "1 work_hours"}})
    assert set(refusal.value.fields) == {"extensions", "limits.sign"}


def test_the_same_limit_written_otherwise_is_no_difference() -> None:
    other = merged(preset("street_office"), {"limits": {"intake": "0.5 work_hours"}})
    assert differences(preset("street_office"), other) == []


# -- setting them


def test_a_change_holds_for_the_area_and_below_and_the_rest_stays(town: Town, admin: Actor) -> None:
    change(town, admin, "420599001", limits={"intake": "1 work_hours"}, auto_close=False)
    street, community = rules_for("420599/420599001/"), rules_for(town.areas["420599001001"].path)
    assert street == community
    assert (street.limits["intake"], street.auto_close) == (parse_limit("1 work_hours"), False)
    assert street.limits["sign"] == parse_limit("30 work_minutes")
    assert rules_for("420599/").auto_close is True


def test_a_version_keeps_who_and_why_and_the_audit_keeps_the_difference(town: Town, admin: Actor) -> None:
    made = change(town, admin, urge_hours=12)
    assert (made.version, made.preset, made.who, made.note) == (2, "", "测试·系统管理员", "测试")
    entry = AuditEntry.objects.get(act="set_policy")
    assert (entry.actor_label, entry.detail["changed"]) == (admin.label, {"urge_hours": [24, 12]})


def test_setting_what_holds_already_is_refused_and_makes_no_version(town: Town, admin: Actor) -> None:
    with pytest.raises(Refused, match="nothing_changed"):
        change(town, admin, urge_hours=24)
    assert len(versions_of(town.areas["420599"])) == 1


def test_nobody_undoes_anothers_change_unseen(town: Town, admin: Actor) -> None:
    area = town.areas["420599"]
    seen = policy_for(area.path)
    assert seen is not None
    change(town, admin, urge_hours=12)
    with pytest.raises(Refused) as refusal:
        set_rules(actor=admin, area=area, data={"urge_hours": 6}, at=LATER, based_on=seen.pk)
    assert (refusal.value.code, "测试·系统管理员" in str(refusal.value.message)) == ("changed_since", True)


def test_an_older_version_holds_again_as_a_new_one(town: Town, admin: Actor) -> None:
    area = town.areas["420599"]
    before = standing_data(area.path)
    change(town, admin, urge_hours=12, loop_names={"city": "超大循环"})
    made = go_back(actor=admin, area=area, version=1, at=LATER, note="还是原来的好")
    assert (made.version, made.again, made.preset) == (3, 1, "street_office")
    assert standing_data(area.path) == before
    with pytest.raises(Refused, match="nothing_changed"):
        go_back(actor=admin, area=area, version=1, at=LATER)
    with pytest.raises(NotFound):
        go_back(actor=admin, area=area, version=9, at=LATER)


def test_only_who_keeps_the_catalogue_there_may_set_rules(town: Town, admin: Actor) -> None:
    for name in ("clerk", "leader", "auditor", "security", "worker"):
        with pytest.raises(NotAllowed):
            change(town, town.actor(name), urge_hours=12)
    with pytest.raises(NotAllowed):
        change(town, admin, "420600", urge_hours=12)
    with pytest.raises(Invalid):
        change(town, admin, "420599001001001", urge_hours=12)
    assert Policy.objects.count() == 1


def test_a_note_too_long_is_sent_back(town: Town, admin: Actor) -> None:
    with pytest.raises(Invalid) as refusal:
        set_rules(actor=admin, area=town.areas["420599"], data={"urge_hours": 3}, at=LATER, note="长" * 201)
    assert set(refusal.value.fields) == {"note"}


def test_a_running_limit_keeps_its_length_and_a_new_one_gets_the_new(town: Town, admin: Actor) -> None:
    old = town.report(at=START)
    change(town, admin, limits={"intake": "2 work_hours"})
    new = town.report(at=LATER)
    lengths = {case.pk: Clock.objects.get(case=case, kind="intake").seconds for case in (old, new)}
    assert lengths == {old.pk: 30 * 60, new.pk: 2 * 3600}


# -- what it would touch


def met(town: Town, **said: object) -> dict[str, tuple[str, int]]:
    area = town.areas["420599"]
    told = effects(area=area, wanted=merged(standing_data(area.path), said), at=LATER)
    return {one.difference.word.name: (one.why, one.count) for one in told.touched}


def test_limits_under_way_are_counted_by_their_kind(town: Town) -> None:
    town.report()
    town.drive(town.report(), "dispatch")
    said = {"intake": "1 work_hours", "sign": "1 work_hours", "sign_emergency": "5 clock_minutes"}
    assert met(town, limits=said) == {
        "limits.intake": ("keeps", 1),
        "limits.sign": ("keeps", 1),
        "limits.sign_emergency": ("keeps", 0),
    }


def test_a_preview_changes_nothing_and_counts_open_cases(town: Town) -> None:
    town.report()
    area = town.areas["420599"]
    told = effects(area=area, wanted=merged(standing_data(area.path), {"auto_close": False}), at=LATER)
    assert (told.open_cases, Policy.objects.count()) == (1, 1)


def test_areas_with_rules_of_their_own_are_left_out(town: Town, admin: Actor) -> None:
    change(town, admin, "420599001", urge_hours=12)
    town.report()
    area = town.areas["420599"]
    told = effects(area=area, wanted=merged(standing_data(area.path), {"urge_hours": 6}), at=LATER)
    assert ([one.code for one in told.own_rules], told.open_cases) == (["420599001"], 0)


def test_requests_that_wait_for_another_level_are_counted_and_stay(town: Town, admin: Actor) -> None:
    town.give_post("inspector", "approver", "420599001")
    case = town.drive(town.report(), "sign")
    then = START + timedelta(minutes=30)
    handler, until = town.actor("handler"), {"text": "设备没到", "until": "2026-03-04"}
    perform("request_extension", case.pk, actor=handler, at=then, data=until)
    assert met(town, approvers={"extension": "district"}) == {"approvers.extension": ("waits", 1)}
    assert met(town, approvers={"second_extension": "city"})["approvers.second_extension"] == ("waits", 0)
    change(town, admin, approvers={"extension": "district"})
    case.refresh_from_db()
    assert case.request_path == "420599/420599001/"


def test_a_banked_case_stays_with_the_approvers_it_came_to(town: Town, admin: Actor) -> None:
    town.give_post("inspector", "approver", "420599001")
    case = town.drive(town.report(), "sign")
    then = START + timedelta(minutes=30)
    said = {"text": "须大修", "until": "2026-04-01", "told": "已列入大修计划"}
    perform("bank", case.pk, actor=town.actor("inspector"), at=then, data=said)
    assert met(town, approvers={"bank": "district"}) == {"approvers.bank": ("waits", 1)}
    change(town, admin, approvers={"bank": "district"})
    banked = Case.objects.get(pk=case.pk)
    for name in ("inspector", "leader"):
        acts = {act.code for act in allowed_acts(banked, town.actor(name), at=then)}
        assert {"review", "strike_off"} <= acts, name
    again = town.drive(town.report(at=then), "sign", at=then)
    acts = {act.code for act in allowed_acts(again, town.actor("inspector"), at=then)}
    assert "bank" not in acts


def test_an_approval_for_which_nobody_holds_the_post_is_told(town: Town) -> None:
    area = town.areas["420599"]
    wanted = merged(standing_data(area.path), {"approvers": {"bank": "district", "cancel": "city"}})
    town.end_posts("leader", at=START)
    told = effects(area=area, wanted=wanted, at=LATER)
    assert {one.word.name: one.instead for one in told.vacant} == {
        "approvers.bank": None,
        "approvers.cancel": None,
    }


def test_a_smaller_number_tells_whom_it_bars(town: Town) -> None:
    case = town.report()
    Case.objects.filter(pk=case.pk).update(returns=1)
    assert met(town, returns_before_designation=1) == {"returns_before_designation": ("barred", 1)}
    assert met(town, returns_before_designation=3) == {"returns_before_designation": ("", 0)}


def test_a_refusal_can_be_reviewed_for_calendar_days(town: Town) -> None:
    case = town.report()
    refused = perform(
        "refuse", case.pk, actor=town.actor("clerk"), at=LATER,
        data={"reason": "no_duty", "text": "不属于受理范围"},
    )  # fmt: skip
    days = rules_for(refused.area_path).review_days
    reviewer = town.actor("leader")

    def may(then: timedelta) -> bool:
        acts = allowed_acts(refused, reviewer, at=LATER + then)
        return "restore" in {act.code for act in acts}

    assert (may(timedelta(days=days)), may(timedelta(days=days, seconds=1))) == (True, False)
