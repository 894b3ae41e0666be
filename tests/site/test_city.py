"""The generated town: the same from the same seed, seamless, and of the sizes a town of its kind has."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gezhi.foundation.codes.areas import number_grids, parse_grid_code
from gezhi.foundation.codes.components import parse_component_code
from gezhi.site.demo.city import generate
from gezhi.site.demo.town.divide import Graph, divide
from gezhi.site.demo.town.parts import City

METRES = 111_195.0
SQUARE_METRES = METRES * METRES * np.cos(np.radians(30.2))


@pytest.fixture(scope="module", params=[1, 7, 2026])
def city(request: pytest.FixtureRequest) -> City:
    return generate(seed=request.param)


def test_the_same_seed_draws_the_same_town_and_another_seed_another() -> None:
    one, again, other = generate(seed=3), generate(seed=3), generate(seed=4)
    assert [h.geom.wkb for h in one.houses] == [h.geom.wkb for h in again.houses]
    assert [(f.code, f.x, f.y) for f in one.furniture] == [(f.code, f.x, f.y) for f in again.furniture]
    assert [s.text for s in one.spots] == [s.text for s in again.spots]
    assert [h.geom.wkb for h in one.houses] != [h.geom.wkb for h in other.houses]


class TestDivisions:
    def test_there_are_three_streets_twelve_communities_and_56_grids(self, city: City) -> None:
        kinds = Counter(d.kind for d in city.divisions)
        assert kinds == {"district": 1, "street": 3, "community": 12, "grid": 56}

    def test_every_grid_has_a_code_below_that_of_its_community(self, city: City) -> None:
        communities = {d.code: d.parent for d in city.of_kind("community")}
        streets = {d.code: d.parent for d in city.of_kind("street")}
        for grid in city.of_kind("grid"):
            assert parse_grid_code(grid.code).community == grid.parent
            assert streets[communities[grid.parent]] == "420599"
        assert len({g.code for g in city.of_kind("grid")}) == 56

    def test_the_grids_cover_the_district_without_gap_or_overlap(self, city: City) -> None:
        geoms = [g.geom for g in city.of_kind("grid")]
        assert all(g.geom_type == "Polygon" and g.is_valid for g in geoms)
        assert shapely.coverage_is_valid(geoms, gap_width=1e-6)
        whole = shapely.union_all(geoms)
        assert whole.geom_type == "Polygon"
        assert len(whole.interiors) == 0
        assert sum(g.area for g in geoms) == pytest.approx(whole.area, rel=1e-9)

    def test_each_grid_holds_200_to_500_households_and_they_add_up(self, city: City) -> None:
        living: Counter[str] = Counter()
        for house in city.houses:
            living[house.grid] += house.households
        for grid in city.of_kind("grid"):
            assert grid.households == living[grid.code]
            assert 200 <= grid.households <= 500
        for upper, lower in (("community", "grid"), ("street", "community"), ("district", "street")):
            for division in city.of_kind(upper):
                parts = [d.households for d in city.of_kind(lower) if d.parent == division.code]
                assert division.households == sum(parts)

    def test_grids_are_numbered_like_a_page_is_read(self, city: City) -> None:
        for community in city.of_kind("community"):
            grids = sorted(
                (g for g in city.of_kind("grid") if g.parent == community.code), key=lambda g: g.code
            )
            middles = [(g.geom.centroid.x, g.geom.centroid.y) for g in grids]
            assert number_grids(middles) == list(range(1, len(grids) + 1))


class TestStreets:
    def test_three_bridges_cross_the_river_and_no_other_street_does(self, city: City) -> None:
        river = next(f.geom for f in city.features if f.cls == "river")
        assert river.area * SQUARE_METRES > 100_000
        bank_to_bank = {r.name for r in city.roads if r.line.intersection(river).length * METRES > 60}
        assert bank_to_bank == {"听松路", "云泽大道", "海棠路"}

    def test_the_known_places_are_there(self, city: City) -> None:
        names = {r.name for r in city.roads}
        assert {"青禾街", "文汇路", "望江路", "东环快速路"} <= names
        estates = Counter(h.estate for h in city.houses)
        assert min(estates["映月园"], estates["观澜里"]) >= 5
        assert any(s.text.startswith("文汇路与青禾街路口") for s in city.spots)

    def test_no_two_streets_share_a_name(self, city: City) -> None:
        named = Counter(r.name for r in city.roads if r.name)
        repeated = {name for name, n in named.items() if n > 1}
        assert repeated <= {"北苑路", "南华路", "环湖步道"}  # cut in two by the river; by the park's paths


class TestBuildings:
    def test_no_building_stands_in_the_water_or_on_a_street(self, city: City) -> None:
        river = next(f.geom for f in city.features if f.cls == "river")
        tree = shapely.STRtree([h.geom for h in city.houses])
        assert not len(tree.query(river, predicate="intersects"))
        for road in city.roads:
            if road.cls != "path":
                assert not len(tree.query(road.line, predicate="crosses")), road.name

    def test_buildings_do_not_overlap(self, city: City) -> None:
        geoms = np.array([h.geom for h in city.houses], dtype=object)
        left, right = shapely.STRtree(geoms).query(geoms, predicate="intersects")
        pairs = left < right
        shared = shapely.area(shapely.intersection(geoms[left[pairs]], geoms[right[pairs]])) * SQUARE_METRES
        assert np.count_nonzero(shared > 4) <= 0.002 * len(geoms)

    def test_codes_are_the_grid_s_and_five_digits(self, city: City) -> None:
        codes = [h.code for h in city.houses]
        assert len(set(codes)) == len(codes)
        assert all(h.code[:15] == h.grid and len(h.code) == 20 and h.code.isdigit() for h in city.houses)

    def test_most_have_an_address_of_their_own(self, city: City) -> None:
        addresses = [h.address for h in city.houses if h.address]
        assert len(addresses) >= 0.99 * len(city.houses)
        assert len(set(addresses)) >= 0.95 * len(addresses)

    def test_a_town_has_homes_shops_offices_schools_and_works(self, city: City) -> None:
        uses = Counter(h.use for h in city.houses)
        assert uses["home"] > 2_000
        assert uses["shop"] > 700
        assert all(uses[use] > 10 for use in ("office", "public", "industry"))


class TestFurnitureAndSpots:
    def test_about_two_and_a_half_thousand_components_with_codes_of_their_own(self, city: City) -> None:
        assert 2_200 <= len(city.furniture) <= 2_900
        codes = [f.code for f in city.furniture]
        assert len(set(codes)) == len(codes)
        assert {parse_component_code(code).county for code in codes} == {"420599"}

    def test_every_grid_has_places_for_cases_inside_it(self, city: City) -> None:
        grids = {g.code: g.geom for g in city.of_kind("grid")}
        assert min(Counter(s.grid for s in city.spots).values()) >= 8
        assert {s.grid for s in city.spots} == set(grids)
        for spot in city.spots[::25]:
            assert grids[spot.grid].buffer(1e-9).contains(shapely.Point(spot.x, spot.y))

    def test_every_kind_of_place_occurs(self, city: City) -> None:
        kinds = {s.kind for s in city.spots}
        assert kinds == {"street", "estate", "crossing", "market", "green", "water", "public", "industry"}


def test_dividing_a_row_of_pieces_gives_connected_parts_of_even_weight() -> None:
    row = Graph(weights=[1.0] * 12, shared={(n, n + 1): 100.0 for n in range(11)})
    labels = divide(row, 4, np.random.default_rng(1))
    assert sorted(Counter(labels).values()) == [3, 3, 3, 3]
    assert sum(a != b for a, b in pairwise(labels)) == 3
