"""Cells for looking up what lies near."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.foundation.codes.cells import cell, neighbours

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)


def test_a_cell_is_its_column_times_a_stride_plus_its_row():
    assert cell(116.3126, 39.9932) == math.floor(296.3126 * 600) * 2**20 + math.floor(129.9932 * 600)


def test_places_a_few_metres_apart_share_a_cell_or_are_neighbours():
    assert cell(116.31261, 39.99321) == cell(116.31262, 39.99322)
    west, east = cell(116.3166666, 39.99), cell(116.3166667, 39.99)
    assert west != east
    assert west in neighbours(east)


@given(lons, lats, st.floats(-1, 1), st.floats(-1, 1))
def test_whatever_is_less_than_a_cell_away_is_in_the_nine_cells(lon, lat, east, north):
    other_lon = (lon + east * 0.999 / 600 + 180) % 360 - 180
    other_lat = max(-90.0, min(90.0, lat + north * 0.999 / 600))
    assert cell(other_lon, other_lat) in neighbours(cell(lon, lat))


@given(lons, lats)
def test_neighbours_are_distinct_and_mutual(lon, lat):
    middle = cell(lon, lat)
    around = neighbours(middle)
    at_a_pole = middle % 2**20 in (0, 180 * 600 - 1)
    assert len(around) == len(set(around)) == (6 if at_a_pole else 9)
    assert all(middle in neighbours(other) for other in around)


def test_both_sides_of_the_date_line_are_neighbours_and_180_is_minus_180():
    assert cell(180, 10) == cell(-180, 10)
    assert cell(179.9999, 10) in neighbours(cell(-179.9999, 10))


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (math.nan, 0), (0, math.inf)])
def test_what_is_not_on_earth_has_no_cell(lon, lat):
    with pytest.raises(ValueError, match="not a place"):
        cell(lon, lat)


def test_a_number_that_is_no_cell_has_no_neighbours():
    with pytest.raises(ValueError, match="not a cell"):
        neighbours(-1)
