"""City components: taken over from a census and found by place."""

from typing import Any

import pytest
from small_ground import AT, Ground, seated

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import NotAllowed, Refused
from gezhi.registry.facilities import queries, services
from gezhi.registry.facilities.models import Component
from gezhi.registry.facilities.services import ComponentFacts

LID, LAMP = "4205990101000001", "4205990110000001"


def take(ground: Ground, *components: ComponentFacts) -> int:
    return services.take_components(actor=SYSTEM, at=AT, area=ground.district, components=components)


def lid(**facts: Any) -> ComponentFacts:
    known: dict[str, Any] = {"code": LID, "name": "上水井盖", "lon": 112.502, "lat": 30.202}
    return ComponentFacts(**(known | facts))


def test_a_component_knows_its_item_and_its_grid(ground: Ground) -> None:
    take(ground, lid())
    component = Component.objects.get()
    assert (component.item_code, component.area) == ("0101", ground.west)


def test_a_second_census_moves_what_it_meets_again(ground: Ground) -> None:
    take(ground, lid())
    assert take(ground, lid(lon=112.512, name="供水井盖")) == 1
    component = Component.objects.get()
    assert (component.area, component.name) == (ground.east, "供水井盖")


@pytest.mark.parametrize(
    "code",
    ["", "420599010100000", "42059901010000011", "4205990101000OO1", "420599010100000１", "4205990100000001"],
)
def test_a_code_that_names_no_component_is_refused(ground: Ground, code: str) -> None:
    with pytest.raises(Refused, match="component_code"):
        take(ground, lid(code=code))
    assert not Component.objects.exists()


def test_near_lists_the_wanted_items_nearest_first(ground: Ground) -> None:
    take(ground, lid(), lid(code=LAMP, name="路灯", lon=112.5023), lid(code=LID[:-1] + "2", lon=112.5024))
    everything = queries.near(lon=112.5021, lat=30.202, radius_m=100)
    assert [c.code for c, _ in everything] == [LID, LAMP, LID[:-1] + "2"]
    assert [c.code for c, _ in queries.near(lon=112.5021, lat=30.202, radius_m=100, item_codes=["0110"])] == [
        LAMP
    ]
    assert [c.code for c, _ in queries.near(lon=112.5021, lat=30.202, radius_m=12)] == [LID]


def test_an_agency_sees_what_it_maintains_wherever_it_stands(ground: Ground) -> None:
    water = Agency.objects.create(
        code="water", path="water/", kind="utility", name="供水公司", area=ground.district
    )
    take(ground, lid(maintainer_id=water.pk), lid(code=LAMP))
    plumber = seated(ground.east, agency_path="water/")
    assert [c.code for c in Component.objects.visible_to(plumber)] == [LID]
    assert [c.code for c in Component.objects.visible_to(seated(ground.west))] == [LID, LAMP]
    assert list(Component.objects.visible_to(None)) == []


def test_only_those_who_keep_the_register_may_take_over(ground: Ground) -> None:
    with pytest.raises(NotAllowed):
        services.take_components(
            actor=seated(ground.district), at=AT, area=ground.district, components=[lid()]
        )
