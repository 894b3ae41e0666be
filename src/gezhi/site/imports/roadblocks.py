"""A first layer of grids for a map that has none: the blocks between its main roads.

A start that can be worked with, no division by households: streets and communities redraw it later.
"""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from shapely.ops import polygonize

from gezhi.territory.layers.rules import METRES_A_DEGREE

LEAST_AREA = 30_000.0  # square metres; smaller blocks join a neighbour
LEAST_WIDTH = 40.0  # metres: the strip between the two roadways of an avenue is no block
ARM = 2_500.0  # square metres of a thin arm worth cutting off
LARGE = 300_000.0  # larger blocks are cut again, along their inner streets
LEAST_INNER = 70_000.0  # square metres


def road_blocks(boundary: Any, roads: Sequence[Any], streets: Sequence[Any] = ()) -> list[Any]:
    """The parts into which main roads (lon, lat lines) cut the boundary, without slivers; all of it, no gap.

    Large parts are cut again by the other streets in them. One block, the whole boundary, where nothing
    encloses anything.
    """
    scale = np.array([cos(radians(boundary.centroid.y)), 1.0]) * METRES_A_DEGREE
    flat = _scaled(boundary, scale)
    blocks = _cut(flat, [_scaled(line, scale) for line in roads], LEAST_AREA)
    inner = [_scaled(line, scale) for line in streets]
    parts = [p for b in blocks for p in (_cut(b, inner, LEAST_INNER) if b.area > LARGE else [b])]
    return [boundary] if len(parts) == 1 else [_scaled(part, 1 / scale) for part in _matched(parts)]


def _scaled(geom: Any, scale: Any) -> Any:
    return shapely.transform(geom, lambda xy: xy * scale)


def _cut(block: Any, lines: Sequence[Any], least: float) -> list[Any]:
    """The parts of a block between lines, each so large at least and not thin; or the block itself."""
    inside = [part for line in lines if not (part := line.intersection(block)).is_empty]
    network = shapely.node(shapely.union_all([block.boundary, *inside]))
    faces = [face for face in polygonize(network) if block.contains(face.representative_point())]
    if len(faces) < 2:
        return [block]
    return _without_slivers([part for face in faces for part in _without_arms(face)], least)


def _without_arms(face: Any) -> list[Any]:
    """A part and, by themselves, its long thin arms: the median of an avenue that is open at one end."""
    core = face.buffer(-LEAST_WIDTH / 2).buffer(LEAST_WIDTH / 2 + 0.1)
    arms = [arm for arm in _polygons(face.difference(core)) if arm.area > ARM]
    rest = face.difference(shapely.union_all(arms)) if arms else face
    return [*_polygons(rest), *arms] if core.area else [face]


def _polygons(shape: Any) -> list[Any]:
    return [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon" and p.area > 1]


def _without_slivers(faces: list[Any], least: float) -> list[Any]:
    """Give each part that is too small or too thin to the neighbour it shares most border with."""
    blocks = sorted(faces, key=lambda f: f.area)
    while len(blocks) > 1:
        sliver = next((b for b in blocks if b.area < least or _thin(b)), None)
        if sliver is None:
            break
        others = [b for b in blocks if b is not sliver]
        shared = shapely.length(shapely.intersection(sliver.boundary, [b.boundary for b in others]))
        taker = others[int(np.argmax(shared))]
        joined = shapely.union_all([taker, sliver])
        blocks = sorted([*(b for b in others if b is not taker), joined], key=lambda b: b.area)
    return blocks


def _thin(block: Any) -> bool:
    """Whether most of a block is narrower than a block should be."""
    core = block.buffer(-LEAST_WIDTH / 2).buffer(LEAST_WIDTH / 2)
    return bool(core.area < 0.6 * block.area)


def _matched(parts: list[Any]) -> list[Any]:
    """Parts whose common borders have the same points: one cut again has more of them than its neighbour."""
    network = shapely.node(shapely.union_all([p.boundary for p in parts]))
    tree = shapely.STRtree(parts)
    owners: dict[int, list[Any]] = {}
    for face in polygonize(network):
        owner = tree.query(face.representative_point(), predicate="intersects")
        if len(owner):
            owners.setdefault(int(owner[0]), []).append(face)
    return [shapely.union_all(faces) for _, faces in sorted(owners.items())]
