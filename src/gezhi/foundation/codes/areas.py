"""Codes of administrative divisions (12 digits), of their urban or rural class (3) and of grids (15).

Coded after China's statistical division code and the grid code in use with GB/T 30428.1:
2 province + 2 city + 2 county + 3 street + 3 community + 3 grid.
"""

from collections.abc import Sequence
from enum import StrEnum
from math import cos, radians, sqrt
from typing import NamedTuple

from gezhi.foundation.codes.errors import CodeError, digits


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"


LENGTHS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.STREET: 9, Level.COMMUNITY: 12}


class Division(NamedTuple):
    """The parts of a division code; parts below the division's own level are zeros."""

    province: str
    city: str
    county: str
    street: str
    community: str

    @property
    def code(self) -> str:
        """All 12 digits."""
        return "".join(self)

    @property
    def level(self) -> Level:
        if self.community != "000":
            return Level.COMMUNITY
        if self.street != "000":
            return Level.STREET
        if self.county != "00":
            return Level.COUNTY
        return Level.CITY if self.city != "00" else Level.PROVINCE

    @property
    def short(self) -> str:
        """The code without the zeros below its level: 2, 4, 6, 9 or 12 digits."""
        return self.code[: LENGTHS[self.level]]

    @property
    def parent(self) -> str:
        """The 12 digits of the division above, "" above a province. A city without counties has streets."""
        above = [length for length in LENGTHS.values() if length < len(self.short)]
        return self.code[: above[-1]].ljust(12, "0") if above else ""


def parse_division(text: str) -> Division:
    """Take a division code apart; the short forms of 2, 4, 6 and 9 digits are read too.

    Errors: division_digits, division_province, division_gap (something below a part that is zero).
    """
    text = text.strip()
    if len(text) in LENGTHS.values():
        text = text.ljust(12, "0")
    code = digits(text, 12, "division")
    found = Division(code[:2], code[2:4], code[4:6], code[6:9], code[9:])
    if found.province[0] == "0":
        raise CodeError("division_province", f"no province has the code {found.province}")
    below_city = found.county + found.street + found.community
    if (found.city == "00" and int(below_city)) or (found.street == "000" and found.community != "000"):
        raise CodeError("division_gap", f"a part below one that is zero: {code}")
    return found


class UrbanRural(StrEnum):
    """The class the statistics give a community. 1.. is urban, 2.. is rural."""

    MAIN_URBAN = "111"
    URBAN_FRINGE = "112"
    TOWN_CENTRE = "121"
    TOWN_FRINGE = "122"
    SPECIAL = "123"
    TOWNSHIP_CENTRE = "210"
    VILLAGE = "220"

    @property
    def urban(self) -> bool:
        return self.value[0] == "1"


def parse_urban_rural(text: str) -> UrbanRural:
    """Read a class. Errors: urban_rural_unknown."""
    try:
        return UrbanRural(text.strip())
    except ValueError as error:
        raise CodeError("urban_rural_unknown", f"not an urban-rural class: {text!r}") from error


class GridCode(NamedTuple):
    community: str  # 12 digits
    sequence: int

    @property
    def code(self) -> str:
        return f"{self.community}{self.sequence:03}"


def make_grid_code(*, community: str, sequence: int) -> str:
    """The 15 digits of a grid. Errors: those of divisions, grid_community, grid_sequence."""
    if parse_division(community).level != Level.COMMUNITY:
        raise CodeError("grid_community", f"a grid lies in a community: {community}")
    if not 1 <= sequence <= 999:
        raise CodeError("grid_sequence", f"grids are numbered 1 to 999, not {sequence}")
    return GridCode(community.strip(), sequence).code


def parse_grid_code(text: str) -> GridCode:
    """Take a grid code apart. Errors: grid_digits and those of `make_grid_code`."""
    code = digits(text, 15, "grid")
    found = GridCode(code[:12], int(code[12:]))
    make_grid_code(community=found.community, sequence=found.sequence)
    return found


def number_grids(centroids: Sequence[tuple[float, float]]) -> list[int]:
    """The sequence number of each grid of one community from its centroid (lon, lat): read like a page,
    in rows from north to south, each from west to east.

    Grids are no chessboard: a new row begins where a centroid lies more than half a grid's usual width south
    of the northernmost of its row. The order of the list does not matter unless two centroids are the same.
    """
    if not centroids:
        return []
    reach = _usual_width(centroids) / 2
    north_to_south = sorted(range(len(centroids)), key=lambda n: (-centroids[n][1], centroids[n][0]))
    rows: list[list[int]] = []
    for place in north_to_south:
        if not rows or centroids[rows[-1][0]][1] - centroids[place][1] > reach:
            rows.append([])
        rows[-1].append(place)
    order = [n for row in rows for n in sorted(row, key=lambda n: (centroids[n], n))]
    numbers = [0] * len(centroids)
    for number, place in enumerate(order, start=1):
        numbers[place] = number
    return numbers


def _usual_width(centroids: Sequence[tuple[float, float]]) -> float:
    """The side s, in degrees of latitude, of squares that fill the community.

    n·s² = (width + s)·(height + s), where width and height span the centroids, so fall short by one square.
    """
    lons, lats = [lon for lon, _ in centroids], [lat for _, lat in centroids]
    height = max(lats) - min(lats)
    width = (max(lons) - min(lons)) * cos(radians(sum(lats) / len(lats)))
    others = len(centroids) - 1
    if not others:
        return 0.0
    half = (width + height) / (2 * others)
    return half + sqrt(half * half + width * height / others)
