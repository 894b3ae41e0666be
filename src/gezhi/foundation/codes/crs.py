"""Between WGS84 (as good as CGCS2000) and the shifted coordinates of Chinese map services.

GCJ-02 is what Amap and Tencent hand out, BD-09 what Baidu does. Written from the publicly known formulae. The
ways back are solved by iteration to less than a millimetre; the closed approximations in use are metres off.
All functions take and return degrees, longitude first.
"""

from collections.abc import Callable
from math import cos, pi, sin, sqrt

Place = tuple[float, float]

AXIS = 6378245.0  # Krasovsky 1940, metres
ECCENTRICITY = 0.00669342162296594323  # squared
BD_TURN = pi * 3000 / 180
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271  # outside this box GCJ-02 is WGS84
EXACT = 1e-10  # degrees, a hundredth of a millimetre
MOST_ROUNDS = 30


def wgs84_to_gcj02(lon: float, lat: float) -> Place:
    return _shifted(lon, lat) if _inside(lon, lat) else (lon, lat)


def gcj02_to_wgs84(lon: float, lat: float) -> Place:
    """Exact but for a band of some hundred metres along the box, where the formula itself has a step."""
    return _solve(_shifted, lon, lat) if _inside(lon, lat) else (lon, lat)


def gcj02_to_bd09(lon: float, lat: float) -> Place:
    radius = sqrt(lon * lon + lat * lat) + 0.00002 * sin(lat * BD_TURN)
    turn = 0.000003 * cos(lon * BD_TURN)
    along, across = lon / sqrt(lon * lon + lat * lat), lat / sqrt(lon * lon + lat * lat)
    return (
        radius * (along * cos(turn) - across * sin(turn)) + 0.0065,
        radius * (across * cos(turn) + along * sin(turn)) + 0.006,
    )


def bd09_to_gcj02(lon: float, lat: float) -> Place:
    return _solve(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: float, lat: float) -> Place:
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: float, lat: float) -> Place:
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _inside(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def _solve(forward: Callable[[float, float], Place], lon: float, lat: float) -> Place:
    """The place `forward` takes to this one. The shift changes by less than a hundredth of the way, so each
    round leaves less than that of the error."""
    found_lon, found_lat = lon, lat
    for _round in range(MOST_ROUNDS):
        there_lon, there_lat = forward(found_lon, found_lat)
        off_lon, off_lat = lon - there_lon, lat - there_lat
        found_lon, found_lat = found_lon + off_lon, found_lat + off_lat
        if abs(off_lon) < EXACT and abs(off_lat) < EXACT:
            return found_lon, found_lat
    raise ArithmeticError(f"no way back from {lon}, {lat}")


def _shifted(lon: float, lat: float) -> Place:
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    turned = lat / 180.0 * pi
    magic = 1 - ECCENTRICITY * sin(turned) ** 2
    metres_north = AXIS * (1 - ECCENTRICITY) / (magic * sqrt(magic)) * pi / 180.0
    metres_east = AXIS / sqrt(magic) * cos(turned) * pi / 180.0
    return lon + east / metres_east, lat + north / metres_north
