"""Layers of grids: what is published, and which grid a point lies in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from gezhi.foundation.actors.scope import SYSTEM, Actor, Seat
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotAllowed, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.codes.cells import cell
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.territory.layers import queries, rules, services
from gezhi.territory.layers.models import FeatureKind, Layer, Scheme
from gezhi.territory.layers.services import FeatureShape, GridShape

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(days=30)
pytestmark = pytest.mark.django_db


def make_area(code: str, kind: str, parent: Area | None, name: str) -> Area:
    path = f"{parent.path if parent else ''}{code}/"
    return Area.objects.create(code=code, kind=kind, parent=parent, path=path, name=name)


def square(west: float, south: float, side: float = 0.01) -> Any:
    return shapely.box(west, south, west + side, south + side)


@pytest.fixture
def district() -> Area:
    return make_area("420599", "district", None, "云泽区")


@pytest.fixture
def cells(district: Area) -> list[Area]:
    """Four grids in a row from west to east."""
    return [make_area(f"42059900100100{n}", "grid", district, f"第{n}网格") for n in range(1, 5)]


@pytest.fixture
def scheme(district: Area) -> Scheme:
    return services.ensure_scheme(
        actor=SYSTEM, at=AT, area=district, code="base", name="基础网格", name_en="Base grids", base=True
    )


def row_of_squares(cells: list[Area]) -> list[GridShape]:
    return [
        GridShape(area=a, geom=square(112.5 + 0.01 * n, 30.2), households=300) for n, a in enumerate(cells)
    ]


@pytest.fixture
def layer(scheme: Scheme, cells: list[Area]) -> Layer:
    return services.publish_layer(actor=SYSTEM, at=AT, scheme=scheme, grids=row_of_squares(cells))


def keeper(path: str, grant: str = "manage_catalogue") -> Actor:
    seat = Seat(post_id=1, role="keeper", grants=frozenset({grant}), sees="area", area_id=1, area_path=path)
    return Actor(kind="user", ident="1", label="keeper", user_id=1, seats=(seat,))


class TestLocate:
    def test_every_point_gets_the_grid_it_lies_in_and_zero_outside(
        self, layer: Layer, cells: list[Area]
    ) -> None:
        points = np.array([[112.535, 30.205], [112.505, 30.205], [112.6, 30.205], [112.505, 30.3]])
        assert queries.locate(points).tolist() == [cells[3].pk, cells[0].pk, 0, 0]

    def test_a_point_on_a_shared_border_belongs_to_the_lower_code(
        self, layer: Layer, cells: list[Area]
    ) -> None:
        assert queries.locate(np.array([[112.51, 30.205]] * 3)).tolist() == [cells[0].pk] * 3

    def test_positions_that_are_no_numbers_lie_outside(self, layer: Layer) -> None:
        points = np.array([[np.nan, 30.205], [112.505, np.inf]])
        assert queries.locate(points).tolist() == [0, 0]

    def test_no_points_give_no_answers(self, layer: Layer) -> None:
        assert queries.locate(np.empty((0, 2))).tolist() == []

    def test_without_any_layer_every_point_is_outside(self) -> None:
        assert queries.locate(np.array([[112.505, 30.205]])).tolist() == [0]

    def test_one_point_gives_the_area_itself(self, layer: Layer, cells: list[Area]) -> None:
        assert queries.locate_one(lon=112.525, lat=30.205) == cells[2]
        assert queries.locate_one(lon=0, lat=0) is None

    def test_agrees_with_asking_every_polygon_in_turn(self, layer: Layer, cells: list[Area]) -> None:
        points = np.random.default_rng(5).uniform((112.49, 30.19), (112.55, 30.22), (2000, 2))
        shapes = row_of_squares(cells)
        slow = [next((s.area.pk for s in shapes if s.geom.intersects(shapely.Point(p))), 0) for p in points]
        assert queries.locate(points).tolist() == slow
        assert 0 < np.count_nonzero(slow) < 2000

    def test_follows_the_next_layer_as_soon_as_it_is_published(
        self, layer: Layer, scheme: Scheme, cells: list[Area]
    ) -> None:
        point = np.array([[112.505, 30.205]])
        assert queries.locate(point).tolist() == [cells[0].pk]
        services.publish_layer(
            actor=SYSTEM,
            at=LATER,
            scheme=scheme,
            grids=[GridShape(area=cells[1], geom=square(112.5, 30.2, 0.04))],
        )
        assert queries.locate(point).tolist() == [cells[1].pk]

    def test_ignores_schemes_that_are_not_base(self, layer: Layer, district: Area, cells: list[Area]) -> None:
        fire = services.ensure_scheme(
            actor=SYSTEM, at=AT, area=district, code="fire", name="消防网格", name_en="Fire", base=False
        )
        services.publish_layer(
            actor=SYSTEM, at=AT, scheme=fire, grids=[GridShape(area=cells[3], geom=square(112.4, 30.1, 0.3))]
        )
        assert queries.locate(np.array([[112.505, 30.205], [112.41, 30.11]])).tolist() == [cells[0].pk, 0]

    def test_asks_the_database_nothing_when_the_index_is_warm(
        self, layer: Layer, django_assert_num_queries: Any
    ) -> None:
        queries.locate(np.array([[112.505, 30.205]]))
        with django_assert_num_queries(0):
            queries.locate(np.array([[112.505, 30.205]] * 500))


class TestPublish:
    def test_a_new_layer_ends_the_one_before_and_keeps_it(
        self, layer: Layer, scheme: Scheme, cells: list[Area]
    ) -> None:
        fresh = services.publish_layer(actor=SYSTEM, at=LATER, scheme=scheme, grids=row_of_squares(cells[:2]))
        layer.refresh_from_db()
        assert (layer.valid_until, layer.grids.count()) == (LATER, 4)
        assert (fresh.version, fresh.valid_until) == (2, None)

    def test_is_audited_and_told_to_others(self, layer: Layer) -> None:
        entry = AuditEntry.objects.get(act="layer.publish")
        assert entry.detail == {"scheme": "base", "version": 1, "grids": 4}
        assert OutboxMessage.objects.get(topic="layer.published").payload["grids"] == 4

    def test_refuses_grids_that_overlap_and_names_them(self, scheme: Scheme, cells: list[Area]) -> None:
        shapes = [
            GridShape(area=cells[0], geom=square(0, 0)),
            GridShape(area=cells[1], geom=square(0.005, 0)),
        ]
        with pytest.raises(Refused) as refusal:
            services.publish_layer(actor=SYSTEM, at=AT, scheme=scheme, grids=shapes)
        assert refusal.value.code == "grid_overlap"
        assert cells[0].code in str(refusal.value.message)
        assert not Layer.objects.exists()

    def test_refuses_a_boundary_that_crosses_itself(self, scheme: Scheme, cells: list[Area]) -> None:
        bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
        with pytest.raises(Refused, match="grid_shape"):
            services.publish_layer(
                actor=SYSTEM, at=AT, scheme=scheme, grids=[GridShape(area=cells[0], geom=bow)]
            )

    def test_refuses_a_grid_of_another_district(self, scheme: Scheme) -> None:
        elsewhere = make_area("420598", "district", None, "别处")
        with pytest.raises(Refused, match="grid_outside"):
            services.publish_layer(
                actor=SYSTEM, at=AT, scheme=scheme, grids=[GridShape(area=elsewhere, geom=square(0, 0))]
            )

    def test_refuses_a_layer_older_than_the_one_in_force(
        self, layer: Layer, scheme: Scheme, cells: list[Area]
    ) -> None:
        with pytest.raises(Refused, match="layer_order"):
            services.publish_layer(actor=SYSTEM, at=AT, scheme=scheme, grids=row_of_squares(cells))

    @pytest.mark.parametrize(
        ("path", "grant", "allowed"),
        [
            ("420599/", "manage_catalogue", True),
            ("420599/", "manage_system", True),
            ("420599/", "dispatch", False),
            ("420599/420599001000/", "manage_catalogue", False),
        ],
    )
    def test_needs_a_grant_over_the_whole_area_of_the_scheme(
        self, scheme: Scheme, cells: list[Area], path: str, grant: str, allowed: bool
    ) -> None:
        actor = keeper(path, grant)
        if allowed:
            services.publish_layer(actor=actor, at=AT, scheme=scheme, grids=row_of_squares(cells))
        else:
            with pytest.raises(NotAllowed):
                services.publish_layer(actor=actor, at=AT, scheme=scheme, grids=row_of_squares(cells))
        assert Layer.objects.exists() is allowed


class TestBaseMap:
    def road(self, name: str, west: float) -> FeatureShape:
        line = shapely.LineString([(west, 30.2), (west + 0.01, 30.2123456789)])
        return FeatureShape(kind="road", cls="minor", geom=line, name=name)

    def draw(self, area: Area, *features: FeatureShape, attribution: str = "") -> None:
        services.replace_features(
            actor=SYSTEM, at=AT, area=area, source="survey", attribution=attribution, features=features
        )

    def test_replacing_removes_what_the_same_source_drew_before(self, district: Area) -> None:
        for name in ("旧路", "新路"):
            self.draw(district, self.road(name, 112.5))
        assert [f.name for f in queries.features_in(None, ["road"]).rows] == ["新路"]

    def test_a_box_holds_what_touches_it_only(self, district: Area) -> None:
        self.draw(district, self.road("西路", 112.5), self.road("东路", 112.7))
        found = queries.features_in((112.505, 30.1, 112.506, 30.3), ["road", "water"])
        assert [f.name for f in found.rows] == ["西路"]
        assert queries.features_in((112.505, 30.1, 112.506, 30.3), ["water"]).rows == []

    def test_the_geojson_is_rounded_and_a_replacement_changes_the_stamp(self, district: Area) -> None:
        stamps = set()
        for name in ("青禾街", "文汇路"):
            self.draw(district, self.road(name, 112.5))
            text = queries.features_as_geojson(FeatureKind.ROAD)
            assert "[112.51,30.212346]" in text
            assert f'"name":"{name}"' in text
            stamps.add(queries.sheet_stamps())
        assert len(stamps) == 2

    def test_the_map_names_its_sources_once(self, district: Area, cells: list[Area]) -> None:
        for area in (district, cells[0]):
            self.draw(area, attribution="© OpenStreetMap contributors")
        assert queries.attributions() == ["© OpenStreetMap contributors"]

    def test_communities_are_drawn_from_their_grids(self, layer: Layer, cells: list[Area]) -> None:
        text = queries.areas_as_geojson("420599/", "district")
        assert '"name":"云泽区"' in text
        assert '"type":"Polygon"' in text
        assert queries.bounds_of("420599/") == pytest.approx((112.5, 30.2, 112.54, 30.21))
        assert queries.bounds_of("99/") is None


class TestRules:
    def test_a_degree_of_latitude_is_about_a_hundred_and_eleven_kilometres(self) -> None:
        assert rules.distance_m(112.5, 30.0, 112.5, 31.0) == pytest.approx(111_195, abs=2)
        assert rules.distance_m(112.5, 30.0, 112.5, 30.0) == 0

    def test_the_ranges_of_a_box_hold_every_point_of_it(self) -> None:
        random = np.random.default_rng(3)
        for _ in range(200):
            lon, lat = random.uniform((-179, -85), (179, 85))
            box = rules.bbox_around(lon, lat, float(10 ** random.uniform(0, 2)))
            ranges = rules.cell_ranges(box)
            assert ranges
            for x, y in random.uniform(box[:2], box[2:], (20, 2)):
                assert any(first <= cell(x, y) <= last for first, last in ranges)

    def test_the_ranges_of_a_small_box_leave_far_points_out(self) -> None:
        ranges = rules.cell_ranges(rules.bbox_around(112.5, 30.2, 50))
        far = cell(112.52, 30.2)
        assert not any(first <= far <= last for first, last in ranges)

    def test_a_very_wide_box_has_no_ranges(self) -> None:
        assert rules.cell_ranges((-200, -95, 200, 95)) == []
