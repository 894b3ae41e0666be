"""The demo district in the database: everything hangs together as a surveyed district's would."""

import csv
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
from django.test import TestCase

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.models import AuditEntry
from gezhi.registry.facilities.models import Component
from gezhi.registry.facilities.queries import near
from gezhi.registry.housing.models import Building
from gezhi.registry.housing.queries import find_address
from gezhi.site.demo.ground import Ground, load_ground
from gezhi.territory.layers import queries
from gezhi.territory.layers.models import Grid, Layer

AT = datetime(2025, 10, 1, tzinfo=UTC)
PACKS = ("city_management", "community_demands")


class TestGround(TestCase):
    ground: Ground

    @classmethod
    def setUpTestData(cls) -> None:
        cls.ground = load_ground(seed=2026, at=AT)

    def test_the_tree_reaches_from_the_province_to_56_grids(self) -> None:
        kinds = Counter(Area.objects.values_list("kind", flat=True))
        assert kinds == {"province": 1, "city": 1, "district": 1, "street": 3, "community": 12, "grid": 56}
        assert self.ground.district.path == "42/4205/420599/"
        grid = Area.objects.filter(kind="grid").earliest("path")
        assert grid.path == f"42/4205/420599/{grid.code[:9]}/{grid.code[:12]}/{grid.code}/"
        assert not Area.objects.filter(lon=None).exclude(kind__in=("province", "city")).exists()

    def test_one_layer_of_the_base_scheme_is_in_force(self) -> None:
        layer = Layer.objects.get()
        assert (layer.scheme.base, layer.valid_from, layer.valid_until) == (True, AT, None)
        assert Grid.objects.count() == 56

    def test_every_spot_lies_in_the_grid_it_names(self) -> None:
        spots = self.ground.spots
        located = queries.locate(np.array([(s.lon, s.lat) for s in spots]))
        wrong = [s for s, area in zip(spots, located, strict=True) if self.ground.areas[s.grid].pk != area]
        assert len(wrong) <= 0.01 * len(spots)  # a few stand on a border

    def test_buildings_and_components_stand_in_grids(self) -> None:
        assert Building.objects.count() > 4000
        assert not Building.objects.exclude(area__kind="grid").exists()
        assert not Component.objects.exclude(area__kind="grid").exists()
        households = sum(b.households or 0 for b in Building.objects.all())
        assert households == sum(Grid.objects.values_list("households", flat=True))

    def test_components_are_kept_by_agencies_that_answer_for_such_things(self) -> None:
        assert Component.objects.filter(maintainer=None).count() < 0.1 * Component.objects.count()
        lamp = Component.objects.filter(item_code="0137").select_related("maintainer").first()
        assert lamp is not None
        assert lamp.maintainer is not None
        assert "lighting" in lamp.maintainer.functions
        assert near(lon=lamp.lon, lat=lamp.lat, radius_m=5)[0][0] == lamp

    def test_every_duty_of_the_packs_has_an_agency_that_covers_the_whole_district(self) -> None:
        duties: set[str] = set()
        for pack in PACKS:
            with (files("gezhi.packs") / pack / "functions.csv").open(encoding="utf-8") as lines:
                duties |= {row["code"] for row in csv.DictReader(lines)}
        at_district = {f for a in Agency.objects.filter(area=self.ground.district) for f in a.functions}
        assert duties - at_district == {"community_committee", "property"}
        assert {f for a in Agency.objects.all() for f in a.functions} == duties
        for duty in ("community_committee", "property"):
            serving = [a.area_id for a in Agency.objects.all() if duty in a.functions]
            assert sorted(serving) == sorted(
                a.pk for a in self.ground.areas.values() if a.kind == "community"
            )

    def test_agencies_below_another_hang_below_it(self) -> None:
        assert self.ground.agencies["FD1"].path == "CG/FD1/"
        assert self.ground.agencies["FD1"].area.kind == "street"

    def test_estates_and_crossings_are_found_by_name(self) -> None:
        assert find_address(text="映月园2栋")[0].address == "映月园2号楼"
        crossing = find_address(text="文汇路与青禾街路口")[0]
        assert queries.locate_one(lon=crossing.lon, lat=crossing.lat) is not None

    def test_the_map_opens_on_the_district_and_draws_it(self) -> None:
        bounds = queries.bounds_of(self.ground.district.path)
        assert bounds is not None
        assert 112.48 < bounds[0] < 112.5 < bounds[2] < 112.52
        assert '"name":"云泽河"' in queries.features_as_geojson("water")
        assert '"name":"青禾街"' in queries.features_as_geojson("road")

    def test_all_of_it_went_through_services(self) -> None:
        acts = set(AuditEntry.objects.values_list("act", flat=True))
        expected = {
            "take_areas",
            "layer.publish",
            "map.replace",
            "buildings.take",
            "components.take",
            "create_agency",
        }
        assert expected <= acts
