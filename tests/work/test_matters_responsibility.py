"""Who answers for a matter at a place: the thing's keeper, the responsibility list, then the catalogue."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import SYSTEM, Actor, Seat
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import (
    CatalogueVersion,
    Condition,
    Duty,
    MatterClass,
    MatterItem,
    ResponsibilityRule,
)
from gezhi.work.matters.queries import Preferred, Suggestion

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(days=30)
DISTRICT, STREET, COMMUNITY, GRID = "D", "D/S", "D/S/C", "D/S/C/G"


@dataclass
class Place:
    """A district with one street, community and grid, another street beside it, and the units there."""

    areas: dict[str, Area]
    condition: Condition

    def suggest(
        self,
        code: str = GRID,
        *,
        at: datetime = AT,
        condition: Condition | None = None,
        preferred: tuple[Preferred, ...] = (),
        known: dict[str, Agency] | None = None,
    ) -> list[Suggestion]:
        return queries.suggest_agencies(
            condition=condition or self.condition,
            area_path=self.areas[code].path,
            at=at,
            preferred=preferred,
            known=known,
        )

    def names(self, code: str = GRID, *, at: datetime = AT) -> list[str]:
        return [suggestion.agency.code for suggestion in self.suggest(code, at=at)]

    def rule(self, code: str, *steps: dict[str, str], at: datetime = AT, **matter: str) -> ResponsibilityRule:
        return services.set_rule(
            actor=SYSTEM, area_id=self.areas[code].pk, chain=list(steps), at=at, **matter
        )


def agency(area: Area, code: str, *functions: str) -> Agency:
    return Agency.objects.create(
        code=code,
        path=f"{code}/",
        kind=Agency.Kind.STATION,
        name=f"测试·{code}",
        name_en=f"Test {code}",
        area=area,
        functions=list(functions),
    )


@pytest.fixture
def place(db: None) -> Place:
    areas: dict[str, Area] = {}
    kinds = {1: "district", 2: "street", 3: "community", 4: "grid"}
    for code in (DISTRICT, STREET, COMMUNITY, GRID, "D/T"):
        parent, _slash, _own = code.rpartition("/")
        areas[code] = Area.objects.create(
            kind=kinds[code.count("/") + 1],
            code=code.replace("/", ""),
            path=f"{code}/",
            parent=areas.get(parent),
            name={STREET: "海棠街道"}.get(code, f"测试·{code}"),
            name_en={STREET: "Haitang Street"}.get(code, ""),
        )
    for duty in ("property", "sanitation", "water", "committee"):
        Duty.objects.create(code=duty, name={"sanitation": "环卫"}.get(duty, duty), name_en=duty)
    agency(areas[DISTRICT], "district-sanitation", "sanitation")
    agency(areas[STREET], "street-sanitation", "sanitation")
    agency(areas["D/T"], "other-street-sanitation", "sanitation")
    agency(areas[DISTRICT], "district-water", "water")
    agency(areas[COMMUNITY], "committee", "committee")
    agency(areas[GRID], "property-firm", "property")
    version = CatalogueVersion.objects.create(
        number=1, name="测试", state="published", published_at=AT, effective_from=AT, created_at=AT
    )
    matter_class = MatterClass.objects.create(
        version=version, kind="event", code="01", name="类", name_en="C"
    )
    item = MatterItem.objects.create(
        version=version,
        matter_class=matter_class,
        kind="event",
        code="0110",
        name="暴露垃圾",
        name_en="Rubbish",
        initials="bllj",
    )
    condition = Condition.objects.create(
        item=item,
        number=1,
        text_zh="有垃圾",
        text_en="Rubbish",
        limit_kind="work_hours",
        limit_amount=Decimal(4),
        closing_zh="无垃圾",
        closing_en="None",
        responsible={"community": "property", "street": "sanitation", "district": "sanitation"},
    )
    return Place(areas, condition)


def test_the_catalogue_leads_from_the_community_up(place: Place) -> None:
    found = place.suggest()
    assert [(s.agency.code, s.level, s.basis) for s in found] == [
        ("property-firm", "community", "catalogue"),
        ("street-sanitation", "street", "catalogue"),
        ("district-sanitation", "district", "catalogue"),
    ]


def test_a_unit_answers_only_where_its_jurisdiction_covers_the_place(place: Place) -> None:
    assert place.names("D/T") == ["other-street-sanitation", "district-sanitation"]
    assert place.names(COMMUNITY) == ["street-sanitation", "district-sanitation"]
    assert place.names(DISTRICT) == ["district-sanitation"]


def test_a_duty_nobody_has_at_its_level_is_looked_for_at_any(place: Place) -> None:
    place.condition.responsible = {"street": "water"}
    assert place.names() == ["district-water"]
    place.condition.responsible = {"street": "committee", "district": "committee"}
    assert place.names() == ["committee"]


def test_a_closed_unit_is_never_suggested(place: Place) -> None:
    place.rule(STREET, {"agency": "committee"})
    Agency.objects.filter(code__in=["committee", "street-sanitation"]).update(closed_at=LATER)
    firm = Agency.objects.get(code="property-firm")
    firm.closed_at = AT
    firm.save()
    assert place.names(at=AT) == ["committee", "street-sanitation", "district-sanitation"]
    assert place.names(at=LATER) == ["district-sanitation"]
    keeper = Preferred(firm, "maintainer")
    known = {"property": firm}
    assert "property-firm" not in [s.agency.code for s in place.suggest(preferred=(keeper,), known=known)]


def test_the_responsibility_list_comes_before_the_catalogue_and_says_so(place: Place) -> None:
    place.rule(STREET, {"agency": "committee"}, kind="event", class_code="01", item_code="0110")
    first, second, *_rest = place.suggest()
    assert (first.agency.code, first.basis, first.level) == ("committee", "list", "community")
    assert (second.agency.code, second.basis) == ("property-firm", "catalogue")
    with translation.override("zh-hans"):
        assert place.suggest()[0].why == "依据权责清单：暴露垃圾 · 海棠街道"
        assert place.suggest()[2].why == "依据事项目录：环卫（街道级）"
    with translation.override("en"):
        assert place.suggest()[0].why == "By the responsibility list: Rubbish · Haitang Street"


def test_the_steps_of_a_chain_are_tried_in_turn(place: Place) -> None:
    place.rule(DISTRICT, {"function": "committee"}, {"agency": "district-water"}, {"function": "property"})
    assert place.names()[:3] == ["committee", "district-water", "property-firm"]
    assert place.names("D/T")[0] == "district-water"


def test_the_nearest_area_decides_and_there_the_narrowest_matter(place: Place) -> None:
    place.rule(DISTRICT, {"agency": "district-water"}, kind="event", class_code="01", item_code="0110")
    assert place.names()[0] == "district-water"
    place.rule(STREET, {"agency": "street-sanitation"})
    assert place.names()[0] == "street-sanitation"
    place.rule(STREET, {"agency": "committee"}, kind="event", class_code="01")
    assert place.names()[0] == "committee"
    place.rule(STREET, {"agency": "district-sanitation"}, kind="event")
    assert place.names()[0] == "committee"
    assert place.names("D/T")[0] == "district-water"


def test_a_line_for_another_matter_does_not_count(place: Place) -> None:
    newest = CatalogueVersion.objects.get()
    other = MatterClass.objects.create(version=newest, kind="component", code="01", name="类", name_en="C")
    for code in ("0110", "0111"):
        MatterItem.objects.create(
            version=newest, matter_class=other, kind="component", code=code, name="井", name_en="W"
        )
    place.rule(GRID, {"agency": "district-water"}, kind="component", class_code="01", item_code="0110")
    assert place.names()[0] == "property-firm"


def test_a_line_that_leads_to_nobody_gives_way_to_the_next(place: Place) -> None:
    place.rule(GRID, {"agency": "committee"})
    place.rule(STREET, {"agency": "district-water"})
    Agency.objects.filter(code="committee").update(closed_at=AT)
    assert place.names()[0] == "district-water"


def test_who_keeps_the_very_thing_comes_first(place: Place) -> None:
    water = Agency.objects.select_related("area").get(code="district-water")
    firm = Agency.objects.select_related("area").get(code="property-firm")
    found = place.suggest(preferred=(Preferred(water, "maintainer"), Preferred(firm, "owner")))
    assert [(s.agency.code, s.basis) for s in found[:2]] == [
        ("district-water", "place"),
        ("property-firm", "place"),
    ]
    assert [s.agency.code for s in found].count("property-firm") == 1
    assert found[0].why != found[1].why


def test_what_is_known_of_a_place_settles_the_duty_there(place: Place) -> None:
    estate_firm = agency(place.areas[STREET], "estate-firm", "property")
    found = place.suggest(known={"property": estate_firm})
    assert [s.agency.code for s in found] == ["estate-firm", "street-sanitation", "district-sanitation"]


def test_cases_go_straight_to_the_level_the_list_names(place: Place) -> None:
    def begins(code: str) -> str:
        return queries.starting_level(condition=place.condition, area_path=place.areas[code].path, at=AT)

    assert begins(GRID) == ""
    place.rule(STREET, {"function": "sanitation"}, starting_level="street")
    assert begins(GRID) == "street"


def test_suggesting_again_within_seconds_takes_no_query(
    place: Place, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    place.rule(STREET, {"function": "sanitation"})
    place.suggest()
    with django_assert_num_queries(0):
        place.suggest()


def test_a_new_line_ends_the_old_one_for_the_same_matter(place: Place) -> None:
    old = place.rule(STREET, {"agency": "committee"})
    new = place.rule(STREET, {"agency": "district-water"}, at=LATER)
    old.refresh_from_db()
    assert old.ended_at == LATER
    assert place.names(at=LATER - timedelta(seconds=1))[0] == "committee"
    assert place.names(at=LATER)[0] == "district-water"
    services.end_rule(actor=SYSTEM, rule_id=new.pk, at=LATER + timedelta(days=1))
    assert place.names(at=LATER + timedelta(days=1))[0] == "property-firm"
    with pytest.raises(NotFound):
        services.end_rule(actor=SYSTEM, rule_id=new.pk, at=LATER)
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == [
        "set_responsibility",
        "set_responsibility",
        "end_responsibility",
    ]


def test_the_list_is_written_by_who_keeps_it_on_that_area(place: Place) -> None:
    grants = frozenset({"manage_catalogue"})
    seat = Seat(post_id=1, role="admin", grants=grants, sees="area", area_id=1, area_path="D/S/")
    keeper = Actor(kind="user", ident="7", label="街道管理员", user_id=7, seats=(seat,))
    chain = [{"function": "sanitation"}]
    rule = services.set_rule(actor=keeper, area_id=place.areas[STREET].pk, chain=chain, at=AT)
    with pytest.raises(NotAllowed):
        services.set_rule(actor=keeper, area_id=place.areas[DISTRICT].pk, chain=chain, at=AT)
    with pytest.raises(NotAllowed):
        services.set_rule(actor=keeper, area_id=place.areas["D/T"].pk, chain=chain, at=AT)
    stranger = Actor(kind="user", ident="8", label="路人", user_id=8)
    with pytest.raises(NotAllowed):
        services.end_rule(actor=stranger, rule_id=rule.pk, at=AT)
    with pytest.raises(NotFound):
        services.set_rule(actor=keeper, area_id=0, chain=chain, at=AT)


@pytest.mark.parametrize(
    ("chain", "matter", "field"),
    [
        ([], {}, "chain"),
        ([{}], {}, "chain"),
        ([{"function": "astrology"}], {}, "chain"),
        ([{"agency": "nobody"}], {}, "chain"),
        ([{"function": "water", "agency": "committee"}], {}, "chain"),
        ([{"person": "张三"}], {}, "chain"),
        ([{"function": "water"}], {"kind": "rumour"}, "kind"),
        ([{"function": "water"}], {"kind": "event", "class_code": "77"}, "class_code"),
        ([{"function": "water"}], {"kind": "event", "class_code": "01", "item_code": "0199"}, "item_code"),
        ([{"function": "water"}], {"class_code": "01"}, "class_code"),
        ([{"function": "water"}], {"starting_level": "galaxy"}, "starting_level"),
    ],
)
def test_a_wrong_line_is_refused_with_its_field(
    place: Place, chain: list[dict[str, str]], matter: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as invalid:
        services.set_rule(actor=SYSTEM, area_id=place.areas[STREET].pk, chain=chain, at=AT, **matter)
    assert list(invalid.value.fields) == [field]
    assert not ResponsibilityRule.objects.exists()


def test_the_database_keeps_the_list_free_of_doubles(place: Place) -> None:
    place.rule(STREET, {"agency": "committee"})
    area = place.areas[STREET]
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponsibilityRule.objects.create(area=area, chain=[{"agency": "committee"}], since=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponsibilityRule.objects.create(area=area, item_code="0110", chain=[], since=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit_amount": Decimal(0)},
        {"limit_kind": "moons"},
        {"text_zh": ""},
        {"closing_en": ""},
        {"number": 1},
    ],
)
def test_the_database_refuses_a_broken_condition(place: Place, wrong: dict[str, object]) -> None:
    fields = {"number": 2, "limit_kind": "work_days", "limit_amount": Decimal(1)}
    texts = {"text_zh": "甲", "text_en": "a", "closing_zh": "乙", "closing_en": "b"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.create(item=place.condition.item, **{**fields, **texts, **wrong})
