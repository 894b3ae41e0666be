"""Integer cells of 1/600° (about 185 m north to south) for looking up what lies near.

A place's cell is one number to store and index; whatever lies within one cell's width of a place is in one of
the nine cells of `neighbours`. At 30° N a cell is 160 m wide, at 53° N (the north of China) 111 m.
"""

from math import floor, isfinite

PER_DEGREE = 600
COLUMNS = 360 * PER_DEGREE
ROWS = 180 * PER_DEGREE
STRIDE = 1 << 20  # a column's number times this, plus the row's


def cell(lon: float, lat: float) -> int:
    """The cell a place lies in; its western and southern edges belong to it. The pole is in the last row."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"not a place on earth: {lon}, {lat}")
    column = floor((lon + 180) * PER_DEGREE) % COLUMNS
    row = min(floor((lat + 90) * PER_DEGREE), ROWS - 1)
    return column * STRIDE + row


def neighbours(middle: int) -> list[int]:
    """The cell and those around it, smallest first: nine, or six at the first and the last row."""
    column, row = divmod(middle, STRIDE)
    if not (0 <= column < COLUMNS and 0 <= row < ROWS):
        raise ValueError(f"not a cell: {middle}")
    return sorted(
        (column + east) % COLUMNS * STRIDE + row + north
        for east in (-1, 0, 1)
        for north in (-1, 0, 1)
        if 0 <= row + north < ROWS
    )
