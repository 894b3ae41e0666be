"""Which grid a point lies in, and what the base map draws. All of it is public."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.db.models import Q, QuerySet

from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area
from gezhi.foundation.areas.queries import lineage
from gezhi.foundation.kept import kept
from gezhi.territory.layers.models import FeatureKind, Grid, Layer, MapFeature, MapSheet
from gezhi.territory.layers.rules import Bbox, Floats, cell_ranges, distance_m, geojson

__all__ = ["distance_m"]  # asked for here by those who ask where something lies

Ids = npt.NDArray[np.int64]
Stamps = tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class GridIndex:
    """The grids in force, held in memory: `geoms[i]` is the ground of the area `ids[i]` at `paths[i]`."""

    stamps: Stamps
    ids: Ids
    paths: tuple[str, ...]
    geoms: npt.NDArray[Any]
    tree: shapely.STRtree


@dataclass(frozen=True)
class GridShapes:
    """Grids of one part of the tree, in the order of their codes."""

    ids: Ids
    paths: list[str]
    codes: list[str]
    names: list[str]
    households: Ids
    geoms: npt.NDArray[Any]


@dataclass(frozen=True)
class Features:
    """What the base map draws: rows without geometry, and their geometries."""

    rows: list[MapFeature]
    geoms: npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two streets meet."""

    one: str
    other: str
    lon: float
    lat: float
    area_id: int


def locate(points: Floats) -> Ids:
    """For each point (rows of lon, lat) the id of the grid's area in the base layers in force, 0 outside.

    A point on a shared border belongs to the grid with the lower code, always the same one.
    """
    index = grid_index()
    return np.append(index.ids, 0)[_grids_under(points, index)]


def _grids_under(points: Floats, index: GridIndex) -> Ids:
    """For each point the place of its grid in the index, the length of the index for outside."""
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    found = np.full(len(points), len(index.ids), dtype=np.int64)
    usable = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(usable) and len(index.ids):
        which, grid = index.tree.query(shapely.points(points[usable]))
        at = usable[which]
        inside = shapely.intersects_xy(index.geoms[grid], points[at, 0], points[at, 1])
        np.minimum.at(found, at[inside], grid[inside])
    return found


def locate_one(*, lon: float, lat: float) -> Area | None:
    """The area of the grid this point lies in, or None outside all of them."""
    index = grid_index()
    (grid,) = _grids_under(np.array([[lon, lat]]), index)
    return lineage(index.paths[grid])[-1] if grid < len(index.ids) else None


_index: GridIndex | None = None
_SPEAKS_OF_TWO = re.compile(r"路口|交叉|交口|交汇|[与和跟&/、]|\band\b", re.IGNORECASE)


def layers_in_force() -> QuerySet[Layer]:
    """The published layers of base schemes that have not been followed by another."""
    return Layer.objects.filter(scheme__base=True, published_at__isnull=False, valid_until=None)


def layer_stamps() -> Stamps:
    """Changes whenever the grids in force change; one small query."""
    return tuple(layers_in_force().order_by("pk").values_list("stamp", flat=True))


kept_stamps = kept(layer_stamps)  # for what is asked at every report


def grid_index() -> GridIndex:
    """The index of this process, rebuilt when another layer has come into force."""
    global _index
    stamps = kept_stamps()
    if _index is None or _index.stamps != stamps:
        grids = Grid.objects.filter(layer__stamp__in=stamps).order_by("code", "pk")
        rows = list(grids.values_list("area_id", "area__path", "geom"))
        geoms = _shapes([wkb for _id, _path, wkb in rows])
        shapely.prepare(geoms)
        _index = GridIndex(
            stamps=stamps,
            ids=np.array([area_id for area_id, _path, _wkb in rows], dtype=np.int64),
            paths=tuple(path for _id, path, _wkb in rows),
            geoms=geoms,
            tree=shapely.STRtree(geoms),
        )
    return _index


def grids_of(path: str) -> GridShapes:
    """The grids in force at or below an area; all of them for an empty path."""
    rows = list(_grids_in_force(path).select_related("area"))
    return GridShapes(
        ids=np.array([g.area_id for g in rows], dtype=np.int64),
        paths=[g.area.path for g in rows],
        codes=[g.code for g in rows],
        names=[g.name for g in rows],
        households=np.array([g.households for g in rows], dtype=np.int64),
        geoms=_shapes([g.geom for g in rows]),
    )


def bounds_of(path: str) -> Bbox | None:
    """The box around all grids in force at or below an area: where its map opens."""
    boxes = np.array(_grids_in_force(path).values_list("min_lon", "min_lat", "max_lon", "max_lat"))
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def grids_as_geojson(path: str) -> str:
    """The grids in force at or below an area, with id, code, path, name and households."""
    shapes = grids_of(path)
    rows = [
        {"id": int(i), "code": code, "path": at, "name": name, "households": int(n)}
        for i, code, at, name, n in zip(
            shapes.ids, shapes.codes, shapes.paths, shapes.names, shapes.households, strict=True
        )
    ]
    return geojson(shapes.geoms, rows)


def areas_as_geojson(path: str, kind: str) -> str:
    """The outlines of the areas of one kind (district, street, community) joined from their grids."""
    shapes = grids_of(path)
    areas = list(Area.objects.below(path).filter(kind=kind))
    parts = [np.array([p.startswith(area.path) for p in shapes.paths], dtype=bool) for area in areas]
    drawn = [(area, shapes.geoms[part]) for area, part in zip(areas, parts, strict=True) if part.any()]
    rows = [
        {"id": a.pk, "code": a.code, "path": a.path, "name": a.name, "name_en": a.name_en} for a, _ in drawn
    ]
    return geojson([shapely.union_all(geoms) for _, geoms in drawn], rows)


def features_in(bbox: Bbox | None, kinds: Sequence[str]) -> Features:
    """Roads, water, greenery, boundaries that touch a box, or all of them."""
    rows = MapFeature.objects.filter(kind__in=kinds)
    if bbox is not None:
        west, south, east, north = bbox
        rows = rows.filter(min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south)
    found = list(rows)
    return Features(rows=found, geoms=_shapes([f.geom for f in found]))


def sheet_stamps() -> Stamps:
    """Changes whenever some area's base map is replaced; one small query."""
    return tuple(MapSheet.objects.order_by("pk").values_list("stamp", flat=True))


def features_as_geojson(kind: FeatureKind) -> str:
    """All features of one kind with cls, name and name_en."""
    found = features_in(None, [kind])
    rows = [{"id": f.pk, "cls": f.cls, "name": f.name, "name_en": f.name_en} for f in found.rows]
    return geojson(found.geoms, rows)


def in_box(bbox: Bbox) -> Q:
    """The condition that a row with lon, lat and cell lies in a box; few index ranges if the box is small."""
    west, south, east, north = bbox
    inside = Q(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    cells = Q()
    for first, last in cell_ranges(bbox):
        cells |= Q(cell__gte=first, cell__lte=last)
    return cells & inside


def find_crossing(*, text: str, path: str = "") -> Crossing | None:
    """Where the first two streets a text names meet, if it speaks of two (文汇路与青禾街路口) and they do."""
    named = _streets_named(text) if _SPEAKS_OF_TWO.search(text) else []
    if len(named) < 2:
        return None
    one, other = named[:2]
    meeting = shapely.intersection(_street(one), _street(other))
    if meeting.is_empty:
        return None
    place = (
        shapely.get_point(meeting, 0) if meeting.geom_type == "LineString" else meeting.representative_point()
    )
    area = locate_one(lon=place.x, lat=place.y)
    if area is None or not area.path.startswith(path):
        return None
    return Crossing(one=one, other=other, lon=place.x, lat=place.y, area_id=area.pk)


def _streets_named(text: str) -> list[str]:
    """The streets a text names, in its order; where 青禾街一巷 stands, 青禾街 is not named."""
    names = MapFeature.objects.filter(kind=FeatureKind.ROAD).exclude(name="").values_list("name", flat=True)
    found = sorted((name for name in set(names) if name in text), key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in found)
    return list(dict.fromkeys(re.findall(pattern, text))) if pattern else []


def _street(name: str) -> Any:
    rows = MapFeature.objects.filter(kind=FeatureKind.ROAD, name=name).values_list("geom", flat=True)
    return shapely.union_all(_shapes(list(rows)))


def attributions() -> list[str]:
    """Whom the map has to name, each once."""
    texts = MapSheet.objects.exclude(attribution="").values_list("attribution", flat=True)
    return sorted(set(texts))


def _grids_in_force(path: str) -> QuerySet[Grid]:
    return Grid.objects.filter(within("area__path", path), layer__in=layers_in_force()).order_by("code", "pk")


def _shapes(wkbs: Sequence[bytes | memoryview]) -> npt.NDArray[Any]:
    return np.asarray(shapely.from_wkb([bytes(wkb) for wkb in wkbs]), dtype=object)
