"""Filling a piece of ground with footprints: rows of boxes, houses along a street, single shapes."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import rotate, translate
from shapely.ops import linemerge

Random = np.random.Generator
Interval = tuple[float, float]


def bearing(ground: Any) -> float:
    """How far (degrees, -45 to 45) a piece of ground is turned out of the east-west direction."""
    corners = np.array(ground.minimum_rotated_rectangle.exterior.coords)
    side = corners[1] - corners[0]
    angle = float(np.degrees(np.arctan2(side[1], side[0])))
    return (angle + 45) % 90 - 45


def box(x: float, y: float, width: float, depth: float) -> Any:
    return shapely.box(x, y, x + width, y + depth)


def lying_in(ground: Any, south: float, north: float) -> list[Interval]:
    """The stretches of west to east over which a band from `south` to `north` lies in the ground."""
    west, _, east, _ = ground.bounds
    found: list[Interval] = [(west, east)]
    for y in (south, (south + north) / 2, north):
        across = ground.intersection(shapely.LineString([(west - 1, y), (east + 1, y)]))
        found = [both for one in found for other in _stretches(across) if (both := _common(one, other))]
    return found


def _stretches(across: Any) -> list[Interval]:
    parts = getattr(across, "geoms", [across])
    return [(p.bounds[0], p.bounds[2]) for p in parts if p.geom_type == "LineString" and not p.is_empty]


def _common(one: Interval, other: Interval) -> Interval | None:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if high - low > 1 else None


def turned(ground: Any, angle: float, place: Callable[[Any], list[Any]]) -> list[Any]:
    """Place shapes as if the ground lay straight, and turn them back."""
    middle = ground.centroid
    straight = rotate(ground, -angle, origin=middle)
    return [rotate(shape, angle, origin=middle) for shape in place(straight)]


def slabs(
    ground: Any, random: Random, *, depth: float, pitch: float, lengths: tuple[float, ...], gap: float
) -> list[Any]:
    """Rows of slab blocks facing south, evenly spread over each row."""
    made: list[Any] = []
    _, south, _, north = ground.bounds
    count = max(1, int((north - south - depth) // pitch) + 1)
    y = south + (north - south - depth - (count - 1) * pitch) / 2
    for _row in range(count):
        for west, east in lying_in(ground, y, y + depth):
            made.extend(_spread(west, east, y, depth, float(random.choice(lengths)), gap))
        y += pitch
    return made


def _spread(west: float, east: float, y: float, depth: float, length: float, gap: float) -> Iterator[Any]:
    room = east - west
    if room < length:
        if room >= 0.55 * length:
            yield box(west, y, room, depth)
        return
    count = int((room + gap) // (length + gap))
    spare = (room - count * length) / max(1, count - 1) if count > 1 else 0.0
    step = length + min(spare, gap * 2.2)
    start = west + (room - (count - 1) * step - length) / 2
    for n in range(count):
        yield box(start + n * step, y, length, depth)


def crowded(ground: Any, random: Random) -> list[Any]:
    """Small old houses back to back in pairs of rows, lanes between the pairs, gaps here and there."""
    made: list[Any] = []
    _, south, _, north = ground.bounds
    y = south + 1.0
    while y < north - 7:
        depths = random.uniform(8, 12.5, 2)
        for depth in depths:
            for west, east in lying_in(ground, y, y + depth):
                made.extend(_terrace(west, east, y, depth, random))
            y += depth + 1.2
        y += random.uniform(4.0, 6.5)
    return made


def _terrace(west: float, east: float, y: float, depth: float, random: Random) -> Iterator[Any]:
    x = west + random.uniform(0, 2)
    while x < east - 6:
        width = min(random.uniform(7.5, 15), east - x)
        if random.random() > 0.1 and width > 6:
            back = random.uniform(0, 0.22) * depth
            house = box(x, y + back / 2, width - 0.7, depth - back)
            if width > 11 and random.random() < 0.4:  # a courtyard cut out of one corner
                house = house.difference(box(x + width * 0.55, y + depth * 0.5, width, depth))
            yield rotate(house, random.uniform(-2, 2))
        x += width + (random.uniform(3, 7) if random.random() < 0.12 else 0.4)


def towers(ground: Any, random: Random, *, pitch: tuple[float, float]) -> list[Any]:
    """Point blocks in staggered rows, each a cross of two slabs."""
    made: list[Any] = []
    _, south, _, north = ground.bounds
    across, up = pitch
    rows = max(1, int((north - south - 22) // up) + 1)
    y = south + (north - south - 22 - (rows - 1) * up) / 2
    for row in range(rows):
        for low, high in lying_in(ground, y, y + 22):
            count = int((high - low - 28) // across) + 1
            start = low + (high - low - 28 - (count - 1) * across) / 2
            shift = min(across / 4, max(0.0, start - low)) * (1 if row % 2 else -1)
            made.extend(_cross(start + n * across + shift, y) for n in range(max(0, count)))
        y += up
    return [t for t in made if ground.contains(t)]


def _cross(x: float, y: float) -> Any:
    return box(x, y + 4, 28, 13).union(box(x + 7, y, 14, 22))


def fitted(ground: Any, shape: Any, random: Random, *, tries: int = 60) -> Any | None:
    """The shape (drawn around 0, 0) moved to where it lies in the ground, near its middle if it can."""
    middle = np.array(ground.centroid.coords[0])
    reach = np.array([ground.bounds[2] - ground.bounds[0], ground.bounds[3] - ground.bounds[1]]) / 2
    for attempt in range(tries):
        away = random.uniform(-1, 1, 2) * reach * attempt / tries
        moved = translate(shape, *(middle + away))
        if ground.contains(moved):
            return moved
    return None


def along(
    ground: Any, street: Any, reach: float, random: Random, *, widths: Interval, depths: Interval
) -> list[tuple[Any, npt.NDArray[np.float64]]]:
    """Houses shoulder to shoulder along the edge that faces a street, each with the point before its door."""
    edge = ground.exterior.intersection(street.buffer(reach, cap_style="flat"))
    lines = [edge] if edge.geom_type == "LineString" else list(getattr(edge, "geoms", []))
    lines = [g for g in lines if g.geom_type == "LineString" and not g.is_empty]
    merged = linemerge(lines) if len(lines) > 1 else shapely.MultiLineString(lines)
    made: list[tuple[Any, npt.NDArray[np.float64]]] = []
    roomy = ground.buffer(0.6)
    for line in getattr(merged, "geoms", [merged]):
        if line.geom_type == "LineString" and line.length > 34:
            made.extend(_frontage(line, roomy, random, widths, depths))
    return made


def _frontage(
    line: Any, ground: Any, random: Random, widths: Interval, depths: Interval
) -> Iterator[tuple[Any, npt.NDArray[np.float64]]]:
    at, run = random.uniform(5, 10), 0
    depth = random.uniform(*depths)
    while at < line.length - 16:
        width = random.uniform(*widths)
        start, end = (np.array(line.interpolate(d).coords[0]) for d in (at, at + width - 0.6))
        step = (end - start) / np.hypot(*(end - start))
        inward = np.array([-step[1], step[0]])
        if not ground.contains(shapely.Point((start + end) / 2 + inward * 4)):
            inward = -inward
        corners = [start + inward, end + inward, end + inward * depth, start + inward * depth]
        shape = shapely.Polygon(corners)
        if ground.contains(shape):
            yield shape, (start + end) / 2 - inward * 2
        at, run = at + width, run + 1
        if run >= random.integers(4, 9):
            at, run, depth = at + random.uniform(5, 11), 0, random.uniform(*depths)


def blob(random: Random, radius: float, *, wobble: float = 0.25, squash: float = 1.0) -> Any:
    """A rounded shape around 0, 0, like a pond."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    waves = sum(random.uniform(0.3, 1) / n * np.sin(n * angle + random.uniform(0, 6)) for n in range(2, 5))
    r = radius * (1 + wobble * waves)
    return shapely.Polygon(np.column_stack([r * np.cos(angle), squash * r * np.sin(angle)]))


def running_track(length: float = 150.0, width: float = 66.0) -> Any:
    """An oval around 0, 0."""
    radius = width / 2
    return shapely.LineString([(-(length / 2 - radius), 0), (length / 2 - radius, 0)]).buffer(radius)


def parts(shape: Any, least: float = 60.0) -> list[Any]:
    """The polygons a shape consists of, without crumbs."""
    return [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon" and p.area > least]


def without(ground: Any, taken: list[Any]) -> Any:
    """The ground that is left when shapes are taken out of it."""
    return ground.difference(shapely.union_all(taken)) if taken else ground
