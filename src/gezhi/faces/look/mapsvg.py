"""A map as one SVG picture: for pages without scripts, browsers without WebGL, cards and print.

Pure: geometries in, text out. Styles follow web/src/map/style.ts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, log2, radians
from typing import Any, Self

import numpy as np
import shapely
from django.utils.html import escape

from gezhi.territory.layers.rules import Bbox

TILE = 512  # pixels of the whole world at zoom 0, as MapLibre counts
ROAD_WIDTHS = {"path": 1.2, "minor": 3.5, "arterial": 7.0, "motorway": 9.0}  # pixels at zoom 15
ROAD_COLOURS = {"path": "#e0e4e1", "minor": "#ffffff", "arterial": "#fdf3dc", "motorway": "#fbe7bb"}
ROAD_EDGES = {"minor": "#e2e6e4", "arterial": "#eadfc4", "motorway": "#e4d3a8"}
BUILDING_COLOURS = {"public": "#d7dff0", "shop": "#efe1d2"}
NAME_COLOURS = {"water": "#2b6680", "green": "#3f6b3a", "road": "#6a5d3c", "grid": "#0b5f58"}
PIN_COLOURS = {"r": "#b91c1c", "a": "#d97706", "g": "#15803d", "n": "#52605d", "b": "#1d4ed8"}
PIN_MARKS = {  # as in web/src/map/pins.ts
    "r": '<path d="M13 7.5v6.5M13 17.2v.6" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>',
    "a": '<path d="M13 8.2V13h3.6" stroke="#fff" stroke-width="2.4" fill="none"/>',
    "g": '<circle cx="13" cy="12.6" r="3.4" fill="#fff"/>',
    "n": '<circle cx="13" cy="12.6" r="3.2" fill="none" stroke="#fff" stroke-width="2.2"/>',
    "b": '<path d="m9 12.8 3 3 5-6" stroke="#fff" stroke-width="2.4" fill="none"/>',
}
FONT = "PingFang SC, HarmonyOS Sans SC, Noto Sans CJK SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True, slots=True)
class Frame:
    """A window on the ground: its middle, the zoom as MapLibre counts it, its size in pixels."""

    lon: float
    lat: float
    zoom: float
    width: int
    height: int

    @classmethod
    def around(cls, bbox: Bbox, *, width: int, height: int, padding: int = 24) -> Self:
        """The frame in which a box just fits."""
        west, south, east, north = bbox
        lat = (south + north) / 2
        across = max(east - west, 1e-5) / max(width - 2 * padding, 1)
        up = max(north - south, 1e-5) / cos(radians(lat)) / max(height - 2 * padding, 1)
        zoom = log2(360 / TILE / max(across, up))
        return cls((west + east) / 2, lat, max(1.0, min(19.0, zoom)), width, height)

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of a degree east and of a degree north."""
        east = TILE * 2**self.zoom / 360
        return east, east / cos(radians(self.lat))

    @property
    def bbox(self) -> Bbox:
        """What the frame shows."""
        east, north = self.scale
        half_lon, half_lat = self.width / 2 / east, self.height / 2 / north
        return self.lon - half_lon, self.lat - half_lat, self.lon + half_lon, self.lat + half_lat

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is drawn, from the upper left corner."""
        east, north = self.scale
        return (lon - self.lon) * east + self.width / 2, (self.lat - lat) * north + self.height / 2

    def place(self, x: float, y: float) -> tuple[float, float]:
        """The place drawn at a pixel: what a tap on the picture means."""
        east, north = self.scale
        return self.lon + (x - self.width / 2) / east, self.lat - (y - self.height / 2) / north


@dataclass(frozen=True, slots=True)
class Name:
    """A word on the map. `kind` gives its colour: water, green, road, grid, building."""

    text: str
    kind: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Pin:
    """One place marked; tones as everywhere: r overdue, a due soon, g in time, n closed, b information."""

    lon: float
    lat: float
    tone: str = "r"


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to be drawn: geometries in lon, lat; roads and buildings with what they are."""

    water: Sequence[Any] = ()
    green: Sequence[Any] = ()
    roads: Sequence[tuple[str, Any]] = ()
    buildings: Sequence[tuple[str, Any]] = ()
    grids: Sequence[Any] = ()
    names: Sequence[Name] = ()
    pins: Sequence[Pin] = ()
    legend: Sequence[tuple[str, str]] = field(default=())  # (a tone, or "grid"; its words)


def draw(frame: Frame, ground: Ground, *, title: str) -> str:
    """The picture as SVG text, with `title` for those who hear it."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width} {frame.height}" '
        f'width="{frame.width}" height="{frame.height}" role="img" '
        f'preserveAspectRatio="xMidYMid slice" font-family="{FONT}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{frame.width}" height="{frame.height}" fill="#f4f5f4"/>',
        _areas(frame, ground.green, "#e6f0e3"),
        _water(frame, ground.water),
        *_roads(frame, ground.roads, edges=True),
        *_buildings(frame, ground.buildings),
        *_roads(frame, ground.roads, edges=False),
        _grids(frame, ground.grids),
        *_names(frame, ground.names, ground.pins),
        *(_pin(frame, pin) for pin in sorted(ground.pins, key=lambda pin: -pin.lat)),
        _legend(frame, ground.legend),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _path(frame: Frame, geoms: Iterable[Any]) -> str:
    """One path of many lines and rings, cut to a little more than the frame."""
    west, south, east, north = frame.bbox
    more_lon, more_lat = (east - west) * 0.05, (north - south) * 0.05
    kept = shapely.clip_by_rect(
        np.asarray(list(geoms), dtype=object),
        west - more_lon, south - more_lat, east + more_lon, north + more_lat,
    )  # fmt: skip
    text: list[str] = []
    for part in shapely.get_parts(kept[~shapely.is_empty(kept)]):
        if part.geom_type == "Polygon":
            text += [_line(frame, ring) + "Z" for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing"):
            text.append(_line(frame, part))
    return "".join(text)


def _line(frame: Frame, line: Any) -> str:
    east, north = frame.scale
    xy = shapely.get_coordinates(line)
    x = (xy[:, 0] - frame.lon) * east + frame.width / 2
    y = (frame.lat - xy[:, 1]) * north + frame.height / 2
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def _areas(frame: Frame, geoms: Sequence[Any], colour: str) -> str:
    # As one shape: areas that overlap (a wood in a park) would blot each other out under even-odd.
    path = _path(frame, [shapely.union_all(np.asarray(geoms, dtype=object))])
    return f'<path d="{path}" fill="{colour}" fill-rule="evenodd"/>' if path else ""


def _water(frame: Frame, geoms: Sequence[Any]) -> str:
    lines = [g for g in geoms if "Line" in g.geom_type]
    surfaces = [g for g in geoms if "Line" not in g.geom_type]
    path = _path(frame, lines)
    drawn = f'<path d="{path}" fill="none" stroke="#cfe4ee" stroke-width="5"/>' if path else ""
    return _areas(frame, surfaces, "#cfe4ee") + drawn


def _roads(frame: Frame, roads: Sequence[tuple[str, Any]], *, edges: bool) -> Iterable[str]:
    grown = 1.6 ** (frame.zoom - 15)
    for cls, width in ROAD_WIDTHS.items():
        colour = ROAD_EDGES.get(cls) if edges else ROAD_COLOURS[cls]
        path = _path(frame, [geom for kind, geom in roads if kind == cls]) if colour else ""
        if path:
            shown = max(0.6, width * grown) + (1.6 if edges else 0)
            yield (
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{shown:.1f}" '
                'stroke-linejoin="round" stroke-linecap="round"/>'
            )


def _buildings(frame: Frame, buildings: Sequence[tuple[str, Any]]) -> Iterable[str]:
    by_colour: dict[str, list[Any]] = {}
    for use, geom in buildings:
        by_colour.setdefault(BUILDING_COLOURS.get(use, "#dfe3e1"), []).append(geom)
    for colour, geoms in by_colour.items():
        path = _path(frame, geoms)
        if path:
            yield f'<path d="{path}" fill="{colour}" stroke="#cdd4d1" stroke-width=".6"/>'


def border_lines(grids: Iterable[Any]) -> list[Any]:
    """The borders of grids as lines, a shared one once."""
    borders = shapely.boundary(np.asarray(list(grids), dtype=object))
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(borders))))


def _grids(frame: Frame, grids: Sequence[Any]) -> str:
    path = _path(frame, border_lines(grids))
    if not path:
        return ""
    return (
        f'<path d="{path}" fill="none" stroke="#0f766e" stroke-opacity=".75" stroke-width="1.4" '
        'stroke-dasharray="6 4"/>'
    )


def _names(frame: Frame, names: Sequence[Name], pins: Sequence[Pin]) -> Iterable[str]:
    """Words that avoid the pins and each other: the first given wins its place."""
    feet = [frame.pixel(pin.lon, pin.lat) for pin in pins]
    taken = [(x - 13, y - 33, x + 13, y) for x, y in feet]
    for name in names:
        x, y = frame.pixel(name.lon, name.lat)
        half = sum(6.2 if ord(char) > 0x2E80 else 3.4 for char in name.text) + 4
        box = (x - half, y - 9, x + half, y + 9)
        inside = box[0] >= 0 and box[2] <= frame.width and box[1] >= 0 and box[3] <= frame.height
        if not name.text or not inside or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        yield (
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="12" '
            f'fill="{NAME_COLOURS.get(name.kind, "#52605d")}" stroke="#fff" stroke-width="3" '
            f'paint-order="stroke">{escape(name.text)}</text>'
        )


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _pin(frame: Frame, pin: Pin) -> str:
    x, y = frame.pixel(pin.lon, pin.lat)
    return f'<g transform="translate({x - 13:.1f} {y - 33:.1f})">{_pin_shape(pin.tone)}</g>'


def _pin_shape(tone: str) -> str:
    colour = PIN_COLOURS[tone]
    return (
        '<path d="M13 1.2C6.6 1.2 1.4 6.3 1.4 12.6 1.4 20.6 13 32.6 13 32.6s11.6-12 11.6-20C24.6 6.3 19.4 '
        f'1.2 13 1.2z" fill="{colour}" stroke="#fff" stroke-width="2"/>{PIN_MARKS[tone]}'
    )


def _legend(frame: Frame, entries: Sequence[tuple[str, str]]) -> str:
    if not entries:
        return ""
    parts, x = [], 18.0
    for sign, words in entries:
        if sign == "grid":
            parts.append(
                f'<path d="M{x:.0f} {frame.height - 21}h16" stroke="#0f766e" stroke-width="2" '
                'stroke-dasharray="5 3"/>'
            )
        else:
            drawn = f'<g transform="translate({x:.0f} {frame.height - 30}) scale(.5)">{_pin_shape(sign)}</g>'
            parts.append(drawn)
        x += 20
        text = (
            f'<text x="{x:.0f}" y="{frame.height - 17}" font-size="12" fill="#52605d">{escape(words)}</text>'
        )
        parts.append(text)
        x += sum(12.2 if ord(char) > 0x2E80 else 6.8 for char in words) + 14
    ground = (
        f'<rect x="10" y="{frame.height - 34}" width="{x - 14:.0f}" height="25" rx="6" fill="#fff" '
        'fill-opacity=".92" stroke="#e3e8e6"/>'
    )
    return ground + "".join(parts)
