"""Between WGS84 and the shifted coordinates of map services."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.foundation.codes.crs import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# Well inside the box: along its edge the formula itself has a step.
lons, lats = st.floats(72.02, 137.82), st.floats(0.84, 55.81)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return 111_320 * hypot((one[0] - other[0]) * cos(radians(one[1])), one[1] - other[1])


def test_the_place_public_libraries_use_as_their_example_comes_out_as_theirs():
    assert wgs84_to_gcj02(116.404, 39.915) == pytest.approx(
        (116.41024449916938, 39.91640428150164), abs=1e-12
    )
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)
    assert bd09_to_gcj02(116.404, 39.915) == pytest.approx((116.39762729119315, 39.90865673957631), abs=1e-6)


@given(lons, lats)
def test_there_and_back_is_exact_to_far_less_than_a_millionth_of_a_degree(lon, lat):
    for there, back in (
        (wgs84_to_gcj02, gcj02_to_wgs84),
        (gcj02_to_bd09, bd09_to_gcj02),
        (wgs84_to_bd09, bd09_to_wgs84),
    ):
        assert back(*there(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


@given(lons, lats)
def test_the_shift_is_hundreds_of_metres_and_never_a_kilometre(lon, lat):
    assert metres((lon, lat), wgs84_to_gcj02(lon, lat)) < 1000
    assert 500 < metres((lon, lat), gcj02_to_bd09(lon, lat)) < 1200


def test_over_cities_it_is_what_one_sees_on_the_map():
    """Beijing, Yichang, Guangzhou, Urumqi: the known mean is about 490 m, the most 745 m."""
    for place in ((116.39, 39.91), (111.29, 30.69), (113.26, 23.13), (87.62, 43.83)):
        assert 200 < metres(place, wgs84_to_gcj02(*place)) < 750


@pytest.mark.parametrize("place", [(2.35, 48.86), (-70.6, -33.5), (139.7, 35.7), (105.0, 56.0)])
def test_abroad_nothing_is_shifted(place):
    assert wgs84_to_gcj02(*place) == place
    assert gcj02_to_wgs84(*place) == place
