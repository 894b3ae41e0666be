"""Codes of areas, grids, components, people and organisations."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from gezhi.foundation.codes.areas import (
    Level,
    UrbanRural,
    make_grid_code,
    number_grids,
    parse_division,
    parse_grid_code,
    parse_urban_rural,
)
from gezhi.foundation.codes.components import make_component_code, parse_component_code
from gezhi.foundation.codes.errors import CodeError
from gezhi.foundation.codes.people import Sex, parse_credit_code, parse_identity

TODAY = date(2025, 11, 21)


def wrong(call, *args, **named) -> str:
    """The code of the error a call raises."""
    with pytest.raises(CodeError) as error:
        call(*args, **named)
    return error.value.code


class TestDivisions:
    @pytest.mark.parametrize(
        ("text", "level", "short", "parent"),
        [
            ("42", Level.PROVINCE, "42", ""),
            ("420500000000", Level.CITY, "4205", "420000000000"),
            ("420599", Level.COUNTY, "420599", "420500000000"),
            ("420599001", Level.STREET, "420599001", "420599000000"),
            ("420599001002", Level.COMMUNITY, "420599001002", "420599001000"),
            (
                "441900003000",
                Level.STREET,
                "441900003",
                "441900000000",
            ),  # a city with streets and no counties
        ],
    )
    def test_a_code_tells_its_level_and_what_is_above(self, text, level, short, parent):
        found = parse_division(text)
        assert (found.level, found.short, found.parent) == (level, short, parent)
        assert len(found.code) == 12

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "division_digits"),
            ("4205990010", "division_digits"),
            ("42059900100a", "division_digits"),
            ("４２０５９９００１００２", "division_digits"),
            ("020599001002", "division_province"),
            ("420000001000", "division_gap"),
            ("420599000002", "division_gap"),
        ],
    )
    def test_what_is_none_says_why(self, text, code):
        assert wrong(parse_division, text) == code

    def test_urban_and_rural_classes_are_the_seven(self):
        assert [c.value for c in UrbanRural] == ["111", "112", "121", "122", "123", "210", "220"]
        assert parse_urban_rural(" 121 ").urban
        assert not parse_urban_rural("220").urban
        assert wrong(parse_urban_rural, "100") == "urban_rural_unknown"


class TestGrids:
    def test_a_grid_code_is_its_community_and_three_digits(self):
        assert make_grid_code(community="420599001002", sequence=7) == "420599001002007"
        assert parse_grid_code("420599001002007") == ("420599001002", 7)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("42059900100200", "grid_digits"),
            ("420599001002000", "grid_sequence"),
            ("420599001000001", "grid_community"),
            ("420599000002001", "division_gap"),
        ],
    )
    def test_what_is_none_says_why(self, text, code):
        assert wrong(parse_grid_code, text) == code

    def test_a_thousandth_grid_has_no_code(self):
        assert wrong(make_grid_code, community="420599001002", sequence=1000) == "grid_sequence"


class TestNumberingOfGrids:
    @staticmethod
    def board(rows: int, columns: int, jitter: float) -> list[tuple[float, float]]:
        """Centroids in the order of reading, each off its place by up to `jitter` of a grid."""
        shake = random.Random(rows * 100 + columns)
        return [
            (
                111.3 + 0.0035 * (column + shake.uniform(-jitter, jitter)),
                30.7 - 0.003 * (row + shake.uniform(-jitter, jitter)),
            )
            for row in range(rows)
            for column in range(columns)
        ]

    @pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 7), (7, 1), (2, 8), (8, 2), (3, 3), (4, 5)])
    def test_they_are_read_like_a_page_though_no_chessboard(self, rows, columns):
        assert number_grids(self.board(rows, columns, 0.15)) == list(range(1, rows * columns + 1))

    @given(st.lists(st.tuples(st.floats(111.2, 111.4), st.floats(30.6, 30.8)), max_size=30, unique=True))
    def test_every_grid_gets_a_number_of_its_own_whatever_the_order_of_the_list(self, centroids):
        numbers = number_grids(centroids)
        assert sorted(numbers) == list(range(1, len(centroids) + 1))
        backwards = number_grids(centroids[::-1])
        assert backwards == numbers[::-1]


class TestComponents:
    def test_a_code_is_taken_apart_and_put_together(self):
        assert parse_component_code("3205080101000001") == ("320508", "01", "01", 1)
        assert (
            make_component_code(county="320508", class_code="01", item_code="01", sequence=1)
            == "3205080101000001"
        )

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("320508010100001", "component_digits"),
            ("3205080001000001", "component_class"),
            ("3205080100000001", "component_item"),
            ("3205080101000000", "component_sequence"),
            ("0205080101000001", "division_province"),
            ("3200000101000001", "component_county"),
        ],
    )
    def test_what_is_none_says_why(self, text, code):
        assert wrong(parse_component_code, text) == code

    def test_numbers_end_at_six_digits(self):
        parts = {"county": "420599", "class_code": "01", "item_code": "01"}
        assert wrong(make_component_code, **parts, sequence=1_000_000) == "component_sequence"
        assert wrong(make_component_code, **{**parts, "item_code": "1"}, sequence=1) == "component_digits"


def identity(county: str, born: str, order: int) -> str:
    head = f"{county}{born}{order:03}"
    return head + ric.calc_check_digit(head + "0")


class TestIdentityNumbers:
    def test_the_standards_example_is_read(self):
        found = parse_identity("11010519491231002X", on=TODAY)
        assert found == ("11010519491231002X", "110105", date(1949, 12, 31), Sex.FEMALE)

    @pytest.mark.parametrize(
        "typed", [" 110105 19491231 002x ", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X"]
    )
    def test_it_is_read_however_it_was_typed(self, typed):
        assert parse_identity(typed, on=TODAY).number == "11010519491231002X"

    def test_a_county_that_no_longer_exists_is_no_error(self):
        assert parse_identity(identity("420599", "19800229", 113), on=TODAY).sex == Sex.MALE

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("", "identity_form"),
            ("110105491231002", "identity_old"),
            ("1101051949123100X2", "identity_form"),
            ("110105194912310021", "identity_check"),
            (identity("010105", "19491231", 2), "identity_county"),
            (identity("420000", "19491231", 2), "identity_county"),
            (identity("420599", "19810229", 2), "identity_birth"),
            (identity("420599", "20251122", 2), "identity_birth"),
            (identity("420599", "18000101", 2), "identity_birth"),
        ],
    )
    def test_what_is_none_says_why(self, number, code):
        assert wrong(parse_identity, number, on=TODAY) == code

    @given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
    def test_any_one_mistyped_digit_is_noticed(self, born, order, place, off):
        number = identity("420599", f"{born:%Y%m%d}", order)
        assert parse_identity(number, on=TODAY).born == born
        typo = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
        assert wrong(parse_identity, typo, on=TODAY) in ("identity_check", "identity_county")


class TestCreditCodes:
    @pytest.mark.parametrize("typed", ["91350100M000100Y43", " 9135 0100 m000100y43", "91350100-M000100Y4-3"])
    def test_the_standards_example_is_read_however_typed(self, typed):
        assert parse_credit_code(typed) == "91350100M000100Y43"

    def test_rural_collectives_have_letters_at_the_start(self):
        head = "N1420599MA4K0AB1C"
        assert parse_credit_code(head + uscc.calc_check_digit(head)) == head + uscc.calc_check_digit(head)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "credit_form"),
            ("91350100M000100Y4", "credit_form"),
            ("91350100I000100Y43", "credit_form"),
            ("9135010XM000100Y43", "credit_form"),
            ("91350100M000100Y44", "credit_check"),
            ("91350100M000200Y43", "credit_check"),
        ],
    )
    def test_what_is_none_says_why(self, text, code):
        assert wrong(parse_credit_code, text) == code
