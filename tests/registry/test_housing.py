"""Buildings: taken over from a source, found by place and by what a caller says."""

from datetime import timedelta
from typing import Any

import pytest
import shapely
from small_ground import AT, Ground, seated

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import NotAllowed
from gezhi.foundation.audit.models import AuditEntry
from gezhi.registry.housing import queries, services
from gezhi.registry.housing.models import Building
from gezhi.registry.housing.rules import fold
from gezhi.registry.housing.services import BuildingFacts, Taken
from gezhi.territory.layers.queries import find_crossing
from gezhi.territory.layers.services import FeatureShape, replace_features

LATER = AT + timedelta(days=1)


def house(code: str, lon: float, lat: float, **facts: Any) -> BuildingFacts:
    return BuildingFacts(code=code, geom=shapely.box(lon, lat, lon + 0.0002, lat + 0.0001), **facts)


def take(ground: Ground, *buildings: BuildingFacts, at: Any = AT) -> Taken:
    return services.take_buildings(
        actor=SYSTEM, at=at, area=ground.district, source="survey", buildings=buildings
    )


class TestTakingOver:
    def test_each_building_lands_in_the_grid_it_stands_in(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202), house("b", 112.512, 30.202), house("c", 112.6, 30.2))
        areas = dict(Building.objects.values_list("code", "area_id"))
        assert areas == {"a": ground.west.pk, "b": ground.east.pk, "c": ground.district.pk}

    def test_the_same_again_changes_nothing_and_what_is_missing_is_ended(self, ground: Ground) -> None:
        first, second = house("a", 112.502, 30.202), house("b", 112.6, 30.2)
        assert take(ground, first, second) == Taken(new=2, again=0, gone=0)
        assert take(ground, first, second) == Taken(new=0, again=2, gone=0)
        assert take(ground, first, at=LATER) == Taken(new=0, again=1, gone=1)
        assert list(Building.objects.standing().values_list("code", flat=True)) == ["a"]
        assert Building.objects.get(code="b").ended_at == LATER

    def test_a_building_that_comes_back_stands_again(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202))
        take(ground)
        take(ground, house("a", 112.502, 30.202))
        assert Building.objects.standing().count() == 1

    def test_a_source_that_does_not_count_households_keeps_the_known_number(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202, households=48))
        take(ground, house("a", 112.502, 30.202))
        assert Building.objects.get(code="a").households == 48

    def test_another_source_is_left_alone(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202))
        services.take_buildings(
            actor=SYSTEM, at=AT, area=ground.district, source="osm", buildings=[house("z", 112.503, 30.203)]
        )
        assert Building.objects.standing().count() == 2

    def test_is_audited_and_needs_a_grant(self, ground: Ground) -> None:
        with pytest.raises(NotAllowed):
            services.take_buildings(
                actor=seated(ground.district), at=AT, area=ground.district, source="survey", buildings=[]
            )
        keeper = seated(ground.district, grants=frozenset({"manage_catalogue"}))
        services.take_buildings(actor=keeper, at=AT, area=ground.district, source="survey", buildings=[])
        assert AuditEntry.objects.get(act="buildings.take").actor_id == "1"


class TestScope:
    def test_the_register_shows_the_areas_of_ones_posts_only(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202), house("b", 112.512, 30.202))
        assert [b.code for b in Building.objects.visible_to(seated(ground.east))] == ["b"]
        assert [b.code for b in Building.objects.visible_to(seated(ground.district))] == ["a", "b"]
        assert list(Building.objects.visible_to(None)) == []


class TestByPlace:
    def test_near_is_measured_in_metres_nearest_first(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202), house("b", 112.5025, 30.202), house("c", 112.505, 30.202))
        found = queries.near(lon=112.5021, lat=30.20205, radius_m=60)
        assert [b.code for b, _ in found] == ["a", "b"]
        assert found[0][1] == pytest.approx(0, abs=1)
        assert found[1][1] == pytest.approx(48, abs=1)

    def test_the_map_draws_standing_buildings_and_knows_of_each_change(self, ground: Ground) -> None:
        everywhere = (112.0, 30.0, 113.0, 31.0)
        seen = set()
        for n, name in enumerate(("1号楼", "2号楼")):
            take(ground, house("a", 112.502, 30.202, name=name), at=AT + timedelta(days=n))
            seen.add(queries.buildings_stamp())
            assert f'"name":"{name}"' in queries.as_geojson(everywhere)
        take(ground, at=AT + timedelta(days=2))
        assert '"features":[]' in queries.as_geojson(everywhere)
        assert len(seen | {queries.buildings_stamp()}) == 3

    def test_a_box_holds_its_own_buildings_only(self, ground: Ground) -> None:
        take(ground, house("a", 112.502, 30.202, name="甲"), house("b", 112.518, 30.208, name="乙"))
        text = queries.as_geojson((112.501, 30.201, 112.503, 30.203))
        assert "甲" in text
        assert "乙" not in text


class TestAddresses:
    @pytest.fixture(autouse=True)
    def _houses(self, ground: Ground) -> None:
        take(
            ground,
            house("a", 112.502, 30.202, name="映月园3号楼", address="青禾街88号映月园3号楼", estate="映月园"),
            house(
                "b", 112.503, 30.202, name="映月园13号楼", address="青禾街88号映月园13号楼", estate="映月园"
            ),
            house("c", 112.512, 30.202, name="老茶馆", address="文汇路12号", name_en="Old Tea House"),
        )

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ("映月园3号楼", "映月园3号楼"),
            ("映月园三栋", "映月园3号楼"),
            ("映月园 3 幢 2 单元 301", "映月园3号楼"),
            ("映月园十三栋", "映月园13号楼"),
            ("我住在映月园3栋,楼道灯不亮", "映月园3号楼"),
            ("文汇路12号", "老茶馆"),
            ("old tea", "老茶馆"),
        ],
    )
    def test_what_a_caller_says_finds_the_building(self, said: str, found: str) -> None:
        assert queries.find_address(text=said)[0].label == found

    @pytest.mark.parametrize("said", ["", "月", "并不存在的地方"])
    def test_what_no_building_holds_finds_nothing(self, said: str) -> None:
        assert queries.find_address(text=said) == []

    def test_an_estate_lists_its_buildings_up_to_the_limit(self) -> None:
        assert len(queries.find_address(text="映月园")) == 2
        assert len(queries.find_address(text="映月园", limit=1)) == 1

    def test_a_house_number_nobody_has_finds_the_nearest_ones(self, ground: Ground) -> None:
        houses = [
            house(f"n{n}", 112.504 + n * 1e-5, 30.204, address=f"青禾街{n}号") for n in (7, 100, 12, 20)
        ]
        services.take_buildings(actor=SYSTEM, at=AT, area=ground.district, source="numbers", buildings=houses)
        found = [p.address for p in queries.find_address(text="青禾街18号", limit=3)]
        assert found == ["青禾街20号", "青禾街12号", "青禾街7号"]

    def test_two_streets_find_their_crossing(self, ground: Ground) -> None:
        def road(name: str, *points: tuple[float, float]) -> FeatureShape:
            return FeatureShape(kind="road", cls="minor", geom=shapely.LineString(points), name=name)

        replace_features(
            actor=SYSTEM,
            at=AT,
            area=ground.district,
            source="survey",
            attribution="",
            features=[
                road("文汇路", (112.505, 30.2), (112.505, 30.21)),
                road("青禾街", (112.5, 30.204), (112.52, 30.204)),
                road("海棠路", (112.5, 30.209), (112.504, 30.209)),
                road("青禾街一巷", (112.503, 30.204), (112.503, 30.209), (112.505, 30.209)),
            ],
        )
        (place,) = queries.find_address(text="我在文汇路和青禾街路口东北角")
        assert (place.lon, place.lat) == pytest.approx((112.505, 30.204))
        assert place.area_id == ground.west.pk
        assert "文汇路" in place.address
        assert find_crossing(text="海棠路与青禾街路口") is None
        lane = find_crossing(text="青禾街一巷和文汇路路口")
        assert lane is not None
        assert (lane.one, lane.other) == ("青禾街一巷", "文汇路")
        assert find_crossing(text="文汇路与青禾街路口", path=ground.east.path) is None
        assert find_crossing(text="文汇路，青禾街") is None

    def test_only_the_wanted_part_of_the_tree_is_searched(self, ground: Ground) -> None:
        assert queries.find_address(text="文汇路", path=ground.west.path) == []
        place = queries.find_address(text="文汇路", path=ground.east.path)[0]
        assert (place.address, place.area_id) == ("文汇路12号", ground.east.pk)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("3栋", "3号楼"),
        ("三幢", "3号楼"),
        ("二十一号楼", "21号楼"),
        ("十号楼", "10号楼"),
        ("三十栋", "30号楼"),
        ("12号", "12号"),
        ("A座 5#楼", "a座5号楼"),
        ("三里屯路", "三里屯路"),
        ("文汇路 \0（12-1）号。", "文汇路121号"),
    ],
)
def test_spellings_of_one_address_are_folded_together(written: str, folded: str) -> None:
    assert fold(written) == folded
