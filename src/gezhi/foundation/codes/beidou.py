"""BeiDou grid position code, two-dimensional part, coded after GB/T 39409-2020 (CGCS2000 degrees).

The ground is cut into cells of ten levels, from 6° × 4° down to 1/2048 second. All cells are whole multiples
of 1/2048 second, so everything is counted in these units with exact integers: floating point fails at edges.
Columns count away from Greenwich inside a level-1 zone and rows away from the equator, so the other
hemispheres mirror the north-eastern one. West and south edges belong to a cell, in every hemisphere.
"""

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

from gezhi.foundation.codes.errors import CodeError

Degrees = int | float | str | Decimal | Fraction

UNITS = 3600 * 2048  # to a degree
ZONE, BAND = 6 * UNITS, 4 * UNITS
BANDS = "ABCDEFGHIJKLMNOPQRSTUV"  # 22 × 4° = 88°; the caps beyond are coded in another way
HEX = "0123456789ABCDEF"


class Step(NamedTuple):
    """How a level cuts a cell of the one above."""

    columns: int
    rows: int
    joined: bool  # one character, 2·row + column, instead of one each

    @property
    def length(self) -> int:
        return 1 if self.joined else 2


STEPS = {
    2: Step(12, 8, False),  # 30′ × 30′
    3: Step(2, 3, True),  # 15′ × 10′
    4: Step(15, 10, False),  # 1′
    5: Step(15, 15, False),  # 4″
    6: Step(2, 2, True),  # 2″
    7: Step(8, 8, False),  # 1/4″
    8: Step(8, 8, False),  # 1/32″
    9: Step(8, 8, False),  # 1/256″
    10: Step(8, 8, False),  # 1/2048″
}
FIRST_LENGTH = 4
MOST_LEVEL = 10


class Bounds(NamedTuple):
    """A cell's edges in exact degrees; west and south belong to it, east and north to its neighbours."""

    west: Fraction
    south: Fraction
    east: Fraction
    north: Fraction

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        return float((self.west + self.east) / 2), float((self.south + self.north) / 2)


def encode(*, lon: Degrees, lat: Degrees, level: int) -> str:
    """The code of the cell of this level a place lies in.

    A float is taken as the decimal number it prints as, so 116.1 is exactly 6 minutes past 116°.
    Errors: beidou_level, beidou_place (not on earth), beidou_polar (88° and beyond).
    """
    if not 1 <= level <= MOST_LEVEL:
        raise CodeError("beidou_level", f"levels are 1 to {MOST_LEVEL}, not {level}")
    east, north = _exact(lon), _exact(lat)
    if abs(east) > 180 or abs(north) > 90:
        raise CodeError("beidou_place", f"not a place on earth: {lon}, {lat}")
    if east == 180:
        east = -east  # one meridian
    x, y = floor(east * UNITS), floor(north * UNITS)
    zone = x // ZONE + 31
    x = _mirrored(x) % ZONE
    band, below = divmod(_mirrored(y), BAND)
    if band >= len(BANDS):
        raise CodeError("beidou_polar", "the polar caps have no such code")
    return f"{'N' if y >= 0 else 'S'}{zone:02}{BANDS[band]}" + _cut(x, below, level)


def decode(code: str) -> Bounds:
    """The cell of a code. Errors: beidou_length, beidou_first (in the first four), beidou_character."""
    code = code.strip().upper()
    level = level_of(code)
    if code[0] not in "NS" or not (code[1:3].isascii() and code[1:3].isdigit()) or code[3] not in BANDS:
        raise CodeError("beidou_first", f"not a cell of level 1: {code[:4]}")
    zone = int(code[1:3])
    if not 1 <= zone <= 60:
        raise CodeError("beidou_first", f"zones are 01 to 60, not {zone:02}")
    x, y, width, height = 0, BANDS.index(code[3]) * BAND, ZONE, BAND
    place = FIRST_LENGTH
    for step in (STEPS[n] for n in range(2, level + 1)):
        width, height = width // step.columns, height // step.rows
        column, row = _read(code[place : place + step.length], step)
        x, y = x + column * width, y + row * height
        place += step.length
    west = (zone - 31) * ZONE + x if zone > 30 else (zone - 30) * ZONE - x - width
    south = y if code[0] == "N" else -y - height
    return Bounds(
        Fraction(west, UNITS),
        Fraction(south, UNITS),
        Fraction(west + width, UNITS),
        Fraction(south + height, UNITS),
    )


def level_of(code: str) -> int:
    """The level of a code, by its length alone. Errors: beidou_length."""
    length = FIRST_LENGTH
    for level in range(1, MOST_LEVEL + 1):
        length += STEPS[level].length if level > 1 else 0
        if len(code) == length:
            return level
    raise CodeError("beidou_length", f"no level has {len(code)} characters")


def _exact(value: Degrees) -> Fraction:
    try:
        return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise CodeError("beidou_place", f"not a number of degrees: {value!r}") from error


def _mirrored(units: int) -> int:
    """The unit's number counted away from zero: 0 → 0, 1 → 1, but -1 → 0, -2 → 1."""
    return units if units >= 0 else -1 - units


def _cut(x: int, y: int, level: int) -> str:
    """The characters from level 2 on for units counted from the corner of a level-1 cell."""
    width, height = ZONE, BAND
    written = ""
    for step in (STEPS[n] for n in range(2, level + 1)):
        width, height = width // step.columns, height // step.rows
        column, x = divmod(x, width)
        row, y = divmod(y, height)
        written += HEX[2 * row + column] if step.joined else HEX[column] + HEX[row]
    return written


def _read(part: str, step: Step) -> tuple[int, int]:
    values = [HEX.find(character) for character in part]
    column, row = (values[0] % 2, values[0] // 2) if step.joined else (values[0], values[1])
    if min(values) < 0 or column >= step.columns or row >= step.rows:
        raise CodeError("beidou_character", f"{part!r} names no cell")
    return column, row
