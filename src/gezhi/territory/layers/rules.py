"""Pure geometry on lon, lat in degrees: distances, position cells, GeoJSON text."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

EARTH_RADIUS_M = 6_371_008.8
METRES_A_DEGREE = math.pi * EARTH_RADIUS_M / 180
CELL_BITS = 26  # per axis: 52 bits in all, cells of about 0.6 m × 0.3 m at the equator
DECIMALS = 6  # of a degree: a decimetre

Bbox = tuple[float, float, float, float]  # min lon, min lat, max lon, max lat
Floats = npt.NDArray[np.float64]


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points along the sphere."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (p2 - p1) / 2, math.radians(lon2 - lon1) / 2
    a = math.sin(half_lat) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


def bbox_around(lon: float, lat: float, radius_m: float) -> Bbox:
    """The box that holds every point within `radius_m` of a place."""
    high = radius_m / METRES_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(lat)))
    return lon - wide, lat - high, lon + wide, lat + high


def cell_of(lon: float, lat: float) -> int:
    """The position as one integer in Z-order: near places share leading bits, so a box is a few ranges."""
    return _interleave(*_steps(lon, lat))


def cell_ranges(bbox: Bbox) -> list[tuple[int, int]]:
    """At most nine half-open ranges of cells that together hold every point of the box (and some around)."""
    west, south = _steps(bbox[0], bbox[1])
    east, north = _steps(bbox[2], bbox[3])
    shift = max(0, max(east - west, north - south).bit_length() - 1)
    starts = sorted(
        _interleave(x, y) << (2 * shift)
        for x in range(west >> shift, (east >> shift) + 1)
        for y in range(south >> shift, (north >> shift) + 1)
    )
    ranges: list[tuple[int, int]] = []
    for start in starts:
        if ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], start + (1 << (2 * shift)))
        else:
            ranges.append((start, start + (1 << (2 * shift))))
    return ranges


def _steps(lon: float, lat: float) -> tuple[int, int]:
    top = (1 << CELL_BITS) - 1
    x = int((lon + 180.0) / 360.0 * (top + 1))
    y = int((lat + 90.0) / 180.0 * (top + 1))
    return min(max(x, 0), top), min(max(y, 0), top)


def _interleave(x: int, y: int) -> int:
    return _spread(x) | (_spread(y) << 1)


def _spread(value: int) -> int:
    """Put a zero bit between all bits of a number below 2^32."""
    value = (value | (value << 16)) & 0x0000FFFF0000FFFF
    value = (value | (value << 8)) & 0x00FF00FF00FF00FF
    value = (value | (value << 4)) & 0x0F0F0F0F0F0F0F0F
    value = (value | (value << 2)) & 0x3333333333333333
    return (value | (value << 1)) & 0x5555555555555555


def geojson(geoms: Sequence[Any] | npt.NDArray[Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """A FeatureCollection as text: one feature for each geometry, its row as properties, six decimals.

    A row's "id" becomes the feature's id.
    """
    features = []
    for geom, row in zip(geoms, rows, strict=True):
        properties = dict(row)
        feature: dict[str, Any] = {"type": "Feature"}
        if "id" in properties:
            feature["id"] = properties.pop("id")
        features.append(
            feature | {"geometry": _rounded(shapely.geometry.mapping(geom)), "properties": properties}
        )
    return json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
