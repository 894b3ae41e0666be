"""BeiDou grid position codes: the standard's own vectors, edges, and all four hemispheres."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.foundation.codes.beidou import STEPS, UNITS, decode, encode, level_of
from gezhi.foundation.codes.errors import CodeError

LON = Fraction(116) + Fraction(18, 60) + Fraction("45.37") / 3600
LAT = Fraction(39) + Fraction(59, 60) + Fraction("35.38") / 3600

VECTORS = [
    (1, "N50J"),
    (2, "N50J47"),
    (3, "N50J475"),
    (4, "N50J47539"),
    (5, "N50J47539B8"),
    (6, "N50J47539B82"),
    (7, "N50J47539B8255"),
    (8, "N50J47539B825534"),
]

HEIGHTS = {  # of a cell, as the standard names them
    1: Fraction(4),
    2: Fraction(30, 60),
    3: Fraction(10, 60),
    4: Fraction(1, 60),
    5: Fraction(4, 3600),
    6: Fraction(2, 3600),
    7: Fraction(1, 4 * 3600),
    8: Fraction(1, 32 * 3600),
    9: Fraction(1, 256 * 3600),
    10: Fraction(1, 2048 * 3600),
}


def wrong(call, *args, **named) -> str:
    with pytest.raises(CodeError) as error:
        call(*args, **named)
    return error.value.code


@pytest.mark.parametrize(("level", "code"), VECTORS)
def test_the_standards_place_has_the_standards_codes(level, code):
    assert encode(lon=LON, lat=LAT, level=level) == code
    assert level_of(code) == level


@pytest.mark.parametrize(("level", "height"), HEIGHTS.items())
def test_cells_have_the_heights_the_standard_names_and_the_widths_that_go_with_them(level, height):
    cell = decode(encode(lon=LON, lat=LAT, level=level))
    assert cell.north - cell.south == height
    assert cell.east - cell.west == {1: Fraction(6), 3: Fraction(15, 60)}.get(level, height)


def test_the_last_two_levels_cut_by_eight_as_the_two_before():
    assert encode(lon=LON, lat=LAT, level=10) == "N50J47539B8255346152"
    assert [STEPS[level][:2] for level in (7, 8, 9, 10)] == [(8, 8)] * 4


def test_a_float_at_an_edge_belongs_to_the_cell_it_is_the_west_edge_of():
    """116.1° is 6 minutes exactly, yet the nearest binary fraction lies below."""
    assert Fraction(116.1) != Fraction("116.1")
    for lon in (116.1, "116.1", Decimal("116.1"), Fraction(1161, 10)):
        assert decode(encode(lon=lon, lat=0, level=4)).west == Fraction(1161, 10)


def test_the_hemispheres_mirror_each_other():
    east, west = (
        encode(lon=Fraction("3.3"), lat=LAT, level=10),
        encode(lon=Fraction("-3.3"), lat=LAT, level=5),
    )
    assert (east[:3], west[:3]) == ("N31", "N30")
    inner = {"lon": Fraction("116.3001"), "lat": Fraction("39.9001")}
    north = encode(**inner, level=10)
    south = encode(lon=inner["lon"], lat=-inner["lat"], level=10)
    other = encode(lon=-inner["lon"], lat=-inner["lat"], level=10)
    assert south == "S" + north[1:]
    assert other == "S11" + north[3:]
    assert int(north[1:3]) + int(other[1:3]) == 61


def test_the_date_line_is_one_meridian_and_the_equator_is_north():
    assert encode(lon=180, lat=0, level=10) == encode(lon=-180, lat=0, level=10)
    assert encode(lon=180, lat=0, level=1) == "N01A"
    assert encode(lon=0, lat=-0.0, level=1) == "N31A"
    assert encode(lon=-1e-9, lat=-1e-9, level=1) == "S30A"


degrees_lon = st.fractions(-180, 180, max_denominator=10**12)
degrees_lat = st.fractions(-88, 88, max_denominator=10**12).filter(lambda lat: lat < 88)
edges_lon = st.integers(-180 * 3600, 180 * 3600).map(lambda s: Fraction(s, 3600))
edges_lat = st.integers(-88 * 3600, 88 * 3600 - 1).map(lambda s: Fraction(s, 3600))
finest_lon = st.integers(-180 * UNITS, 180 * UNITS).map(lambda n: Fraction(n, UNITS))
finest_lat = st.integers(-88 * UNITS, 88 * UNITS - 1).map(lambda n: Fraction(n, UNITS))
lons, lats, levels = (
    degrees_lon | edges_lon | finest_lon,
    degrees_lat | edges_lat | finest_lat,
    st.integers(1, 10),
)


@given(lons, lats, levels)
def test_the_cell_of_a_code_contains_the_place_it_was_made_from(lon, lat, level):
    cell = decode(encode(lon=lon, lat=lat, level=level))
    assert cell.west <= (lon if lon < 180 else -180) < cell.east
    assert cell.south <= lat < cell.north


@given(lons, lats, levels)
def test_the_middle_and_the_west_and_south_edge_of_a_cell_have_its_code(lon, lat, level):
    code = encode(lon=lon, lat=lat, level=level)
    cell = decode(code)
    middle = (cell.west + cell.east) / 2, (cell.south + cell.north) / 2
    assert encode(lon=middle[0], lat=middle[1], level=level) == code
    assert encode(lon=cell.west, lat=cell.south, level=level) == code
    assert cell.centre == (float(middle[0]), float(middle[1]))


@given(lons, lats, st.integers(1, 9))
def test_a_code_begins_with_the_code_of_the_larger_cell(lon, lat, level):
    finer = encode(lon=lon, lat=lat, level=level + 1)
    coarse = encode(lon=lon, lat=lat, level=level)
    assert finer.startswith(coarse)
    inner, outer = decode(finer), decode(coarse)
    assert outer.west <= inner.west and inner.east <= outer.east
    assert outer.south <= inner.south and inner.north <= outer.north


@pytest.mark.parametrize(
    ("lon", "lat", "level", "code"),
    [
        (0, 88, 1, "beidou_polar"),
        (0, "-88.0001", 1, "beidou_polar"),
        (0, -90, 1, "beidou_polar"),
        ("180.00000001", 0, 1, "beidou_place"),
        (0, 91, 1, "beidou_place"),
        (float("nan"), 0, 1, "beidou_place"),
        (float("inf"), 0, 1, "beidou_place"),
        ("east", 0, 1, "beidou_place"),
        (0, 0, 0, "beidou_level"),
        (0, 0, 11, "beidou_level"),
    ],
)
def test_a_place_without_a_code_says_why(lon, lat, level, code):
    assert wrong(encode, lon=lon, lat=lat, level=level) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "beidou_length"),
        ("N50J4", "beidou_length"),
        ("N50J47539B825", "beidou_length"),  # the form of the engine that writes level 6 with two characters
        ("X50J", "beidou_first"),
        ("N00J", "beidou_first"),
        ("N61J", "beidou_first"),
        ("N50W", "beidou_first"),
        ("N50J4C", "beidou_character"),
        ("N50JC7", "beidou_character"),
        ("N50J478", "beidou_character"),
        ("N50J476", "beidou_character"),
        ("N50J4753A", "beidou_character"),
        ("N50J47539F8", "beidou_character"),
        ("N50J47539B84", "beidou_character"),
        ("N50J47539B8285", "beidou_character"),
    ],
)
def test_a_text_that_is_no_code_says_why(text, code):
    assert wrong(decode, text) == code


def test_small_letters_and_blanks_around_are_forgiven():
    assert decode(" n50j47539b8 ") == decode("N50J47539B8")
