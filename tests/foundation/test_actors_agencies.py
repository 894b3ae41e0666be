"""Agencies, roles, keys, areas, dead letters and the trail: who may change or read them, what is refused."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.town import START, Town

from gezhi.foundation.actors import agencies, keys, services
from gezhi.foundation.actors.managed import keys_seen_by
from gezhi.foundation.actors.models import ApiKey, Role
from gezhi.foundation.actors.queries import actor_of_key
from gezhi.foundation.actors.scope import SYSTEM, Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.areas.queries import lineage
from gezhi.foundation.areas.services import create_area, rename_area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.queries import AuditFilter, entries
from gezhi.foundation.audit.services import unless_taken
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases.owners import roles_with

DAY = timedelta(days=1)


def fields_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(error.value.fields)


# -- agencies


def agency(town: Town, **change: object) -> dict[str, object]:
    return {
        "code": "PARK",
        "name": "测试园林所",
        "kind": "station",
        "area_id": town.areas["420599001"].pk,
        "functions": ["greening"],
        **change,
    }


def test_an_agency_is_founded_below_another_and_closed_when_empty(town: Town) -> None:
    admin = town.actor("admin")
    made_one = agencies.create_agency(
        actor=admin,
        at=START,
        **agency(town, parent_id=town.agencies["SAN"].pk),
    )
    assert made_one.path == "SAN/PARK/"
    with pytest.raises(Refused) as error:
        agencies.close_agency(actor=admin, at=START, agency_id=town.agencies["SAN"].pk)
    assert error.value.code == "agency_has_others_below"
    agencies.close_agency(actor=admin, at=START, agency_id=made_one.pk)
    with pytest.raises(Refused) as error:
        agencies.close_agency(actor=admin, at=START, agency_id=town.agencies["SAN"].pk)
    assert error.value.code == "agency_has_posts"
    assert OutboxMessage.objects.filter(topic="agency.closed").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "SAN"}, "code"),
        ({"code": "a/b"}, "code"),
        ({"name": ""}, "name"),
        ({"kind": "gang"}, "kind"),
        ({"functions": ["Not a word"]}, "functions"),
        ({"area_id": 10**9}, "area"),
        ({"parent_id": 10**9}, "parent"),
        ({"phone": "1" * 31}, "phone"),
        ({"code": "x" * 31}, "code"),
    ],
)
def test_what_does_not_fit_an_agency_is_named(town: Town, change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as error:
        agencies.create_agency(actor=town.actor("admin"), at=START, **agency(town, **change))
    assert fields_of(error) == {field}


def test_an_agency_moves_within_what_lies_above_and_below_it(town: Town) -> None:
    admin = town.actor("admin")
    street = agencies.create_agency(actor=admin, at=START, **agency(town))
    below = agency(town, code="PARK-1", area_id=town.areas["420599001001"].pk, parent_id=street.pk)
    agencies.create_agency(actor=admin, at=START, **below)
    moved = {key: value for key, value in agency(town).items() if key != "code"}
    with pytest.raises(Invalid) as error:
        agencies.edit_agency(
            actor=admin,
            at=START,
            agency_id=street.pk,
            **{**moved, "area_id": town.areas["420599001002"].pk},
        )
    assert fields_of(error) == {"area"}
    agencies.edit_agency(
        actor=admin,
        at=START,
        agency_id=street.pk,
        **{**moved, "functions": ["greening", "trees"]},
    )
    street.refresh_from_db()
    assert street.functions == ["greening", "trees"]


def test_a_street_founds_no_agency_below_one_of_the_district(town: Town, street_manager: Actor) -> None:
    with pytest.raises(Invalid) as error:
        agencies.create_agency(
            actor=street_manager, at=START, **agency(town, parent_id=town.agencies["SAN"].pk)
        )
    assert fields_of(error) == {"parent"}
    own = agencies.create_agency(actor=street_manager, at=START, **agency(town))
    child = agency(town, code="PARK-1", parent_id=own.pk)
    assert agencies.create_agency(actor=street_manager, at=START, **child).path == "PARK/PARK-1/"


def test_agencies_do_not_hang_deeper_than_their_path_can_say(town: Town) -> None:
    above = None
    for letter in "ABCDEF":
        made_one = agencies.create_agency(
            actor=SYSTEM, at=START, **agency(town, code=letter * 30, parent_id=above)
        )
        above = made_one.pk
    with pytest.raises(Invalid) as error:
        agencies.create_agency(actor=SYSTEM, at=START, **agency(town, code="G" * 30, parent_id=above))
    assert fields_of(error) == {"code"}


def test_who_is_second_with_a_code_is_told_so_and_not_thrown_out(town: Town) -> None:
    with pytest.raises(Invalid) as error, transaction.atomic(), unless_taken({"code": "taken"}):
        Role.objects.create(code="leader", name="", name_en="", sees="own")
    assert fields_of(error) == {"code"}
    assert Role.objects.get(pk="leader").name


# -- roles


def test_a_changed_role_counts_at_once(town: Town) -> None:
    assert "appraiser" not in roles_with("collect")
    agencies.save_role(
        actor=town.actor("admin"), at=START, code="appraiser", name="考核员", name_en="Appraiser",
        grants=["appraise", "collect"], sees="area",
    )  # fmt: skip
    assert "appraiser" in roles_with("collect")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "Bad Code"}, "code"),
        ({"grants": ["rule_the_world"]}, "grants"),
        ({"grants": ["manage_keys", "audit"]}, "grants"),
        ({"grants": []}, "grants"),
        ({"sees": "everything"}, "sees"),
        ({"name": ""}, "name"),
        ({"code": "leader"}, "code"),
    ],
)
def test_what_does_not_fit_a_role_is_named(town: Town, change: dict[str, object], field: str) -> None:
    role = {
        "code": "lamp_keeper",
        "name": "灯长",
        "name_en": "Lamp keeper",
        "grants": ["collect"],
        "sees": "own",
    }
    with pytest.raises(Invalid) as error:
        agencies.save_role(actor=town.actor("admin"), at=START, new=True, **{**role, **change})
    assert fields_of(error) == {field}


def test_nobody_widens_a_role_they_hold(town: Town) -> None:
    before = Role.objects.get(pk="system_admin").grants
    with pytest.raises(NotAllowed):
        agencies.save_role(
            actor=town.actor("admin"), at=START, code="system_admin", name="系统管理员",
            name_en="System administrator", grants=[*before, "intake"], sees="own",
        )  # fmt: skip
    assert Role.objects.get(pk="system_admin").grants == before


# -- keys


def test_a_key_is_told_once_and_acts_within_its_scopes_until_it_ends(town: Town) -> None:
    key, secret = keys.create_key(
        actor=town.actor("clerk"), at=START, name="12345 对接", scopes=["cases:read"], expires_at=START + DAY
    )
    assert secret.startswith("gz_")
    assert secret not in str(ApiKey.objects.filter(pk=key.pk).values())
    program = actor_of_key(secret, at=START)
    assert program is not None
    assert program.may("intake")
    assert (program.allows("cases:read"), program.allows("cases:act")) == (True, False)
    assert actor_of_key(secret, at=START + DAY) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"expires_at": START}, "expires_at"),
        ({"expires_at": START + 732 * DAY}, "expires_at"),
    ],
)
def test_what_does_not_fit_a_key_is_named(town: Town, change: dict[str, object], field: str) -> None:
    asked = {"name": "k", "scopes": ["cases:read"], "expires_at": START + DAY, **change}
    with pytest.raises(Invalid) as error:
        keys.create_key(actor=town.actor("clerk"), at=START, **asked)
    assert fields_of(error) == {field}


def test_a_program_makes_no_keys(town: Town) -> None:
    _key, secret = keys.create_key(
        actor=town.actor("clerk"), at=START, name="k", scopes=["admin"], expires_at=START + DAY
    )
    program = actor_of_key(secret, at=START)
    assert program is not None
    with pytest.raises(NotAllowed):
        keys.create_key(actor=program, at=START, name="k2", scopes=["admin"], expires_at=START + DAY)


def test_the_guard_of_keys_sees_and_revokes_all_others_only_their_own(town: Town) -> None:
    key, secret = keys.create_key(
        actor=town.actor("clerk"), at=START, name="k", scopes=["cases:read"], expires_at=START + DAY
    )
    assert list(keys_seen_by(town.actor("security"))) == [key]
    with pytest.raises(NotFound):
        keys.revoke_key(actor=town.actor("admin"), at=START, key_id=key.pk)
    keys.revoke_key(actor=town.actor("security"), at=START, key_id=key.pk)
    assert actor_of_key(secret, at=START) is None


def test_twenty_keys_are_enough(town: Town) -> None:
    for n in range(20):
        keys.create_key(
            actor=town.actor("clerk"), at=START, name=f"k{n}", scopes=["cases:read"], expires_at=START + DAY
        )
    with pytest.raises(Refused) as error:
        keys.create_key(
            actor=town.actor("clerk"), at=START, name="k", scopes=["cases:read"], expires_at=START + DAY
        )
    assert error.value.code == "too_many_keys"


# -- areas, outbox, audit


def test_an_area_is_added_below_another_under_a_new_code(town: Town) -> None:
    admin, parent = town.actor("admin"), town.areas["420599001001"]
    area = create_area(
        actor=admin, at=START, parent_id=parent.pk, kind="grid", code="420599001001003", name="甲三网格"
    )
    assert area.path == f"{parent.path}420599001001003/"
    assert lineage(area.path)[-1].name == "甲三网格"
    renamed = rename_area(actor=admin, at=START, area_id=area.pk, name="甲三网格（新）")
    assert Area.objects.get(pk=renamed.pk).name == "甲三网格（新）"
    assert [each.name for each in lineage(area.path)][-2:] == ["甲社区", "甲三网格（新）"]
    with pytest.raises(Invalid) as error:
        create_area(
            actor=admin, at=START, parent_id=parent.pk, kind="street", code="420599001001003", name=""
        )
    assert fields_of(error) == {"kind", "code", "name"}


@pytest.mark.parametrize("name", ["clerk", "security", "auditor"])
def test_only_who_runs_the_system_adds_areas(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        create_area(
            actor=town.actor(name),
            at=START,
            parent_id=town.areas["420599001001"].pk,
            kind="grid",
            code="420599001001003",
            name="甲三网格",
        )


def test_a_dead_letter_gets_its_attempts_back(town: Town) -> None:
    dead = OutboxMessage.objects.create(
        topic="t", key="k", created_at=START, due_at=START, dead_at=START, attempts=8, last_error="boom"
    )
    with pytest.raises(NotAllowed):
        keys.retry_dead_letter(actor=town.actor("clerk"), at=START, message_id=dead.pk)
    keys.retry_dead_letter(actor=town.actor("admin"), at=START + DAY, message_id=dead.pk)
    dead.refresh_from_db()
    assert (dead.dead_at, dead.attempts, dead.due_at) == (None, 0, START + DAY)
    with pytest.raises(Refused):
        keys.retry_dead_letter(actor=town.actor("admin"), at=START, message_id=dead.pk)


def test_the_trail_is_read_by_its_auditor_page_by_page(town: Town) -> None:
    for n in range(5):
        services.create_user(actor=town.actor("admin"), at=START, username=f"person{n}", name="测试·新人")
    auditor = town.actor("auditor")
    first = entries(auditor, AuditFilter(act="create_user", limit=3))
    second = entries(auditor, AuditFilter(act="create_user", limit=3, after=first.next_key))
    names = [row.detail["username"] for row in (*first.rows, *second.rows)]
    assert names == [f"person{n}" for n in (4, 3, 2, 1, 0)]
    assert second.next_key == ""
    assert entries(auditor, AuditFilter(after="9" * 5000)).rows
    with pytest.raises(NotAllowed):
        entries(town.actor("admin"), AuditFilter())
