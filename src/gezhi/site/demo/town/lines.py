"""The lines the town is drawn from: the river, the arterial streets, the streets between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import rotate
from shapely.ops import polygonize, split

from gezhi.site.demo.town.names import Names, english
from gezhi.site.demo.town.parts import Road

Floats = npt.NDArray[np.float64]

NORTH, SOUTH = 1000.0, -990.0
BANK = 42.0  # from the water to the middle of the road along it
CRUMB = 150.0  # square metres
OVERSHOOT = 0.6  # lines cross a little where they meet, so that noding finds the meeting
BEYOND = 400.0  # the map goes on a little beyond the district
WIDTHS = {"motorway": 34.0, "arterial": 24.0, "minor": 11.0, "path": 5.0}

# Streets from south to north: key, bank, 0 along the river to 1 along the edge, name, class.
UPRIGHTS = (
    ("w0", "west", 0.0, "望江路", "arterial"),
    ("w1", "west", 0.33, "钟楼路", "arterial"),
    ("w2", "west", 0.66, "书院路", "arterial"),
    ("w3", "west", 1.0, "西环路", "arterial"),
    ("e0", "east", 0.0, "临波路", "arterial"),
    ("e1", "east", 0.25, "文汇路", "arterial"),
    ("e2", "east", 0.52, "映月路", "arterial"),
    ("e3", "east", 0.77, "桂雨路", "arterial"),
    ("e4", "east", 1.0, "东环快速路", "motorway"),
)
# Streets from west to east: key, northing at the river, name.
LEVELS = (
    ("n", NORTH, "北苑路"),
    ("songyun", 600.0, "听松路"),
    ("yunshan", 280.0, "云杉路"),
    ("yunze", -32.0, "云泽大道"),
    ("qinghe", -344.0, "青禾街"),
    ("dukou", -400.0, "渡口街"),
    ("haitang", -664.0, "海棠路"),
    ("s", SOUTH, "南华路"),
)
# Which of them are built, from which crossing street to which.
LAID: tuple[tuple[str, str | None, str | None], ...] = (
    ("w0", "s", "n"), ("w1", "s", "n"), ("w2", "s", "songyun"), ("w3", None, None),
    ("e0", "s", "n"), ("e1", "s", "n"), ("e2", "s", "songyun"), ("e3", "haitang", "n"),
    ("e4", None, None),
    ("n", None, "w0"), ("n", "e0", None), ("songyun", None, None), ("yunshan", "e0", "e4"),
    ("yunze", None, None), ("qinghe", "e0", "e4"), ("dukou", "w3", "w0"), ("haitang", None, None),
    ("s", None, "w0"), ("s", "e0", None),
)  # fmt: skip


def river_x(y: Floats) -> Floats:
    """The middle of the river at each northing."""
    x: Floats = -120 + 132 * np.sin(y / 416 + 0.6) + 44 * np.sin(y / 188 + 1.1)
    return x


def half_width(y: Floats) -> Floats:
    half: Floats = 40 + 8 * np.sin(y / 270 + 2.0)
    return half


def west_edge(y: Floats) -> Floats:
    x: Floats = -1225 + 60 * np.sin(y / 550 + 2.0) + 18 * np.sin(y / 210)
    return x


def east_edge(y: Floats) -> Floats:
    x: Floats = 1315 + 44 * np.sin(y / 640 + 0.4)
    return x


def _line(x: Floats, y: Floats) -> Any:
    return shapely.LineString(np.column_stack([x, y]))


@dataclass(frozen=True, slots=True)
class River:
    middle: Any
    banks: tuple[Any, Any]
    water: Any

    @staticmethod
    def draw() -> "River":
        y = np.arange(SOUTH - 800, NORTH + 801, 20.0)
        middle, half = river_x(y), half_width(y)
        west, east = _line(middle - half, y), _line(middle + half, y)
        water = shapely.Polygon([*west.coords, *reversed(east.coords)])
        return River(middle=_line(middle, y), banks=(west, east), water=water)


class Network:
    """The arterial streets: those along the river bend with it, the others less the farther they are."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.roads: list[Road] = []
        self._upright: dict[str, Any] = {}
        self._level: dict[str, Any] = {}
        self.names: dict[str, tuple[str, str]] = {}

    def upright(self, key: str, side: str, t: float, name: str, cls: str = "arterial") -> None:
        """A street from north to south; `t` 0 runs along the river, 1 along the district's edge."""
        y = np.arange(SOUTH - BEYOND, NORTH + BEYOND + 1, 25.0)
        bank = river_x(y) + (half_width(y) + BANK) * (-1 if side == "west" else 1)
        edge = west_edge(y) if side == "west" else east_edge(y)
        pull = t**0.75 if 0 < t < 1 else t
        wobble = 16 * np.sin(y / 250 + self.random.uniform(0, 6)) if 0 < t < 1 else 0
        self._upright[key] = _line(bank * (1 - pull) + edge * pull + wobble, y)
        self._named(key, name, cls)

    def level(self, key: str, y0: float, name: str, cls: str = "arterial") -> None:
        """A street from west to east, bent a little at the river."""
        x = np.arange(-1310 - BEYOND, 1380 + BEYOND + 1, 25.0)
        river = float(river_x(np.array([y0]))[0])
        tilt = np.where(x < river, -0.045, 0.03) * (x - river)
        wave = 21 * np.sin(x / 416 + self.random.uniform(0, 6))
        fade = np.minimum(1, np.abs(x - river) / 210)
        self._level[key] = _line(x, y0 + (tilt + wave) * fade)
        self._named(key, name, cls)

    def _named(self, key: str, name: str, cls: str) -> None:
        self.names[key] = (name, cls)

    def lay(self, key: str, start: str | None, end: str | None) -> None:
        """Put a street on the ground from one crossing street to another (None: to beyond the district)."""
        name, cls = self.names[key]
        upright = key in self._upright
        line = self._upright[key] if upright else self._level[key]
        others = self._level if upright else self._upright
        low, high = (self._crossing(line, others.get(end_key or "")) for end_key in (start, end))
        points = np.array(line.coords)
        along = points[:, 1] if upright else points[:, 0]
        axis = 1 if upright else 0
        keep = np.ones(len(points), dtype=bool)
        if low is not None:
            keep &= along > low[axis]
        if high is not None:
            keep &= along < high[axis]
        kept = [*([low] if low is not None else []), *points[keep], *([high] if high is not None else [])]
        self.put(name, cls, overshot(shapely.LineString(kept)))

    @staticmethod
    def _crossing(line: Any, other: Any) -> Floats | None:
        if other is None:
            return None
        found = line.intersection(other)
        point = found if found.geom_type == "Point" else found.geoms[0]
        return np.array(point.coords[0])

    def crossing(self, upright: str, level: str) -> Floats:
        """Where two streets meet, or would."""
        found = self._crossing(self._upright[upright], self._level[level])
        assert found is not None
        return found

    def put(self, name: str, cls: str, line: Any) -> None:
        word = {"路": "Road", "街": "Street", "道": "Avenue"}[name[-1]]
        stem = name.removesuffix("大道").removesuffix("快速路").rstrip("路街")
        if name.endswith("快速路"):
            word = "Expressway"
        self.roads.append(Road(name=name, name_en=english(stem, word), cls=cls, width=WIDTHS[cls], line=line))


def overshot(line: Any) -> Any:
    """The line made a little longer at both ends."""
    points = np.array(line.coords)
    for end, inner in ((0, 1), (-1, -2)):
        step = points[end] - points[inner]
        points[end] = points[end] + step / np.hypot(*step) * OVERSHOOT
    return shapely.LineString(points)


def arterials(random: np.random.Generator) -> tuple[list[Road], list[Any]]:
    """The town's arterial streets: two banks with their own patterns, three bridges, one slanting street.

    And the lines that close the district's boundary where it crosses the water without a street.
    """
    net = Network(random)
    for key, side, t, name, cls in UPRIGHTS:
        net.upright(key, side, t, name, cls)
    for key, y0, name in LEVELS:
        net.level(key, y0, name)
    for key, start, end in LAID:
        net.lay(key, start, end)
    slant = np.array([net.crossing("w3", "songyun"), net.crossing("w1", "yunze")])
    middle = slant.mean(axis=0) + np.array([28, 32])
    net.put("晴川路", "arterial", overshot(shapely.LineString([slant[0], middle, slant[1]])))
    limits = [
        overshot(shapely.LineString([net.crossing("w0", key), net.crossing("e0", key)])) for key in ("n", "s")
    ]
    return net.roads, limits


def faces(lines: list[Any]) -> list[Any]:
    """The areas the lines enclose; crumbs where three lines nearly meet go to a neighbour."""
    found = list(polygonize(shapely.unary_union(lines)))
    whole = [f for f in found if f.area >= CRUMB]
    for crumb in (f for f in found if f.area < CRUMB):
        shared = [crumb.boundary.intersection(f.boundary).length for f in whole]
        nearest = int(np.argmax(shared))
        whole[nearest] = whole[nearest].union(crumb)
    return whole


@dataclass(frozen=True, slots=True)
class Grain:
    """How finely a superblock is cut: area in square metres at which pieces are left whole, least width."""

    area: float
    width: float
    lanes: bool


def cut_streets(superblock: Any, grain: Grain, names: Names, random: np.random.Generator) -> list[Road]:
    """Streets that cut a superblock into blocks: across the longer side, again and again."""
    roads: list[Road] = []
    waiting = [(superblock, 0)]
    while waiting:
        piece, depth = waiting.pop(0)
        long, short, angle = _box(piece)
        if (
            piece.area < grain.area * random.uniform(0.9, 1.6)
            or long / 2 < grain.width
            or short < grain.width / 2
        ):
            continue
        across = _cut(piece, long, short, angle, random)
        parts = [p for p in split(piece, across).geoms if p.area > 400]
        inside = across.intersection(piece.buffer(OVERSHOOT))
        if len(parts) != 2 or inside.geom_type != "LineString":
            continue
        lane = grain.lanes and depth >= 2
        name, name_en = names.lane() if lane else names.street()
        cls = "path" if lane else "minor"
        roads.append(Road(name=name, name_en=name_en, cls=cls, width=WIDTHS[cls], line=inside))
        waiting.extend((p, depth + 1) for p in parts)
    return roads


def _box(piece: Any) -> tuple[float, float, float]:
    """Long side, short side and direction of the long side (degrees) of the tightest box around a piece."""
    corners = np.array(piece.minimum_rotated_rectangle.exterior.coords)
    one, other = corners[1] - corners[0], corners[2] - corners[1]
    long, short = (one, other) if np.hypot(*one) >= np.hypot(*other) else (other, one)
    return float(np.hypot(*long)), float(np.hypot(*short)), float(np.degrees(np.arctan2(long[1], long[0])))


def _cut(piece: Any, long: float, short: float, angle: float, random: np.random.Generator) -> Any:
    """A slightly bent line across the piece near its middle."""
    middle = np.array(piece.centroid.coords[0])
    away = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    middle = middle + away * long * random.uniform(-0.07, 0.07)
    reach = short + 60
    t = np.linspace(-1, 1, 9)
    bow = random.uniform(-0.03, 0.03) * short
    line = shapely.LineString(np.column_stack([bow * (1 - t**2), t * reach]))
    turned = rotate(line, angle, origin=(0, 0))
    return shapely.transform(turned, lambda xy: xy + middle)
