"""Pure geometry on lon, lat in degrees: distances, boxes, GeoJSON text."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gezhi.foundation.codes.cells import STRIDE, cell

EARTH_RADIUS_M = 6_371_008.8
METRES_A_DEGREE = math.pi * EARTH_RADIUS_M / 180
MOST_COLUMNS = 24  # about 4 km
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


def cell_ranges(bbox: Bbox) -> list[tuple[int, int]]:
    """Ranges of position cells (both ends included) that hold every point of the box, one a column.

    Empty when the box is so wide that the ranges would cost more than they save.
    """
    west, south, east, north = bbox
    first = cell(min(max(west, -180.0), 180.0), min(max(south, -90.0), 90.0))
    last = cell(min(max(east, -180.0), 179.999999), min(max(north, -90.0), 90.0))
    columns = range(first // STRIDE, last // STRIDE + 1)
    if len(columns) > MOST_COLUMNS:
        return []
    return [(c * STRIDE + first % STRIDE, c * STRIDE + last % STRIDE) for c in columns]


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
