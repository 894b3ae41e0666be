"""What a generated town consists of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi, radians
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Frame:
    """From metres around a middle to lon, lat. Good to a few centimetres over a district."""

    lon: float
    lat: float

    def lonlat(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        degree = pi * EARTH_RADIUS_M / 180
        scale = np.array([1 / (degree * cos(radians(self.lat))), 1 / degree])
        found: npt.NDArray[np.float64] = np.round(xy * scale + np.array([self.lon, self.lat]), 7)
        return found

    def shape(self, geom: Any) -> Any:
        """A geometry in metres as one in degrees."""
        return shapely.transform(geom, self.lonlat)

    def point(self, x: float, y: float) -> tuple[float, float]:
        lon, lat = self.lonlat(np.array([[x, y]]))[0]
        return float(lon), float(lat)


@dataclass(slots=True)
class Road:
    """A street by its middle line. `cls` as on the map: motorway, arterial, minor, path."""

    name: str
    name_en: str
    cls: str
    width: float
    line: Any
    numbers: dict[int, float] = field(default_factory=dict)  # house number taken → metres along the line


@dataclass(slots=True)
class Feature:
    """A piece of water or greenery."""

    kind: str
    cls: str
    geom: Any
    name: str = ""
    name_en: str = ""


@dataclass(slots=True)
class House:
    """A building. `grid` is filled in when the grids are known."""

    geom: Any
    use: str
    floors: int
    households: int = 0
    name: str = ""
    name_en: str = ""
    address: str = ""
    estate: str = ""
    block: int = -1
    grid: str = ""
    code: str = ""


@dataclass(slots=True)
class Furniture:
    """A city component."""

    code: str
    name: str
    x: float
    y: float
    address: str
    grid: str = ""


@dataclass(slots=True)
class Spot:
    """A place with words for it: where cases of the demonstration happen.

    `kind`: street, estate, crossing, market, green, water, public, industry.
    """

    x: float
    y: float
    text: str
    kind: str
    grid: str = ""
    road: str = ""
    estate: str = ""


@dataclass(slots=True)
class Division:
    """A street, community or grid of the district."""

    kind: str
    code: str
    parent: str
    name: str
    name_en: str
    geom: Any
    households: int = 0


@dataclass(slots=True)
class City:
    """The whole town. Geometries and places are lon, lat; what has a `grid` has its 15-digit code."""

    frame: Frame
    county: str
    name: str
    name_en: str
    divisions: list[Division]
    roads: list[Road]
    features: list[Feature]
    houses: list[House]
    furniture: list[Furniture]
    spots: list[Spot]

    def of_kind(self, kind: str) -> Sequence[Division]:
        return [d for d in self.divisions if d.kind == kind]
