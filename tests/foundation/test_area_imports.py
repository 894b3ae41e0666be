"""Lists of areas: taken over whole, or not at all with every wrong row named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gezhi.foundation.actors.scope import SYSTEM, Actor, Seat
from gezhi.foundation.areas.imports import AreaFacts, take_areas
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed
from gezhi.foundation.audit.models import AuditEntry

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def row(number: int, code: str, kind: str, parent: str = "", **facts: Any) -> AreaFacts:
    return AreaFacts(
        row=number, code=code, name=facts.pop("name", f"地名{code}"), kind=kind, parent_code=parent, **facts
    )


DISTRICT = row(2, "420599", "district")
STREET = row(3, "420599001", "street", "420599")
COMMUNITY = row(4, "420599001001", "community", "420599001")


def problems(*rows: AreaFacts) -> dict[str, str]:
    before = Area.objects.count()
    with pytest.raises(Invalid) as refusal:
        take_areas(actor=SYSTEM, at=AT, rows=rows)
    assert Area.objects.count() == before
    return {number: str(text) for number, text in refusal.value.fields.items()}


def test_rows_may_stand_in_any_order() -> None:
    taken = take_areas(actor=SYSTEM, at=AT, rows=[COMMUNITY, STREET, DISTRICT])
    assert (taken.new, taken.changed) == (3, 0)
    assert Area.objects.get(code=COMMUNITY.code).path == "420599/420599001/420599001001/"
    assert AuditEntry.objects.get(act="take_areas").detail == {"new": 3, "changed": 0}


def test_the_same_list_again_changes_nothing() -> None:
    take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT, STREET])
    again = take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT, STREET, COMMUNITY])
    assert (again.new, again.changed, Area.objects.count()) == (1, 0, 3)


def test_names_and_places_of_known_areas_are_corrected() -> None:
    take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT])
    taken = take_areas(
        actor=SYSTEM, at=AT, rows=[row(2, "420599", "district", name="云泽区", lon=112.5, lat=30.2)]
    )
    area = Area.objects.get()
    assert (taken.changed, area.name, area.lon, area.lat) == (1, "云泽区", 112.5, 30.2)


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        (row(3, "420599001", "streat", "420599"), "3"),
        (row(3, "42 05", "street", "420599"), "3"),
        (row(3, "420599001", "street", "999999"), "3"),
        (row(3, "420599001", "city", "420599"), "3"),
        (row(3, "420599001", "street", "420599", name=""), "3"),
        (row(3, "420599001", "street", "420599", lon=112.5), "3"),
        (row(3, "420599001", "street", "420599", lon=200.0, lat=30.0), "3"),
        (row(3, "420599001", "street", "420599", lon=float("nan"), lat=30.0), "3"),
        (row(3, "420599", "district"), "3"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(wrong: AreaFacts, number: str) -> None:
    assert list(problems(DISTRICT, wrong)) == [number]


def test_all_wrong_rows_are_named_at_once() -> None:
    assert list(problems(row(2, "?", "district"), row(3, "B", "nonsense"))) == ["2", "3"]


def test_rows_that_hang_on_each_other_in_a_ring_are_wrong() -> None:
    assert problems(row(2, "A", "street", "B"), row(3, "B", "community", "A"))


def test_a_known_area_keeps_its_kind_and_place() -> None:
    take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT, STREET])
    assert list(problems(row(2, STREET.code, "community", "420599"))) == ["2"]
    assert list(problems(row(2, STREET.code, "street"))) == ["2"]


def test_a_retired_code_is_never_used_again_nor_built_upon() -> None:
    take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT, STREET])
    Area.objects.filter(code=STREET.code).update(retired_at=AT)
    assert list(problems(STREET)) == ["3"]
    assert list(problems(COMMUNITY)) == ["4"]


def test_people_need_the_grant_over_what_they_change() -> None:
    take_areas(actor=SYSTEM, at=AT, rows=[DISTRICT, STREET])
    seat = Seat(
        post_id=1,
        role="any",
        grants=frozenset({"manage_system"}),
        sees="area",
        area_id=1,
        area_path="420599/420599001/",
    )
    person = Actor(kind="user", ident="1", label="somebody", user_id=1, seats=(seat,))
    take_areas(actor=person, at=AT, rows=[COMMUNITY])
    with pytest.raises(NotAllowed):
        take_areas(actor=person, at=AT, rows=[row(2, "420599002", "street", "420599")])
    with pytest.raises(NotAllowed):
        take_areas(actor=person, at=AT, rows=[row(2, "420599", "district", name="改名")])
    assert Area.objects.get(code="420599").name != "改名"
