"""The base map's data and the server's pictures of it. All of it is public: it hangs on every sign-board."""

import gzip
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from gezhi.faces.look.maps import BASE_KINDS
from gezhi.faces.look.mapsvg import PIN_COLOURS, Frame, Ground, Name, Pin, border_lines, draw
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.registry.housing import queries as housing
from gezhi.territory.layers import queries as layers
from gezhi.territory.layers.models import FeatureKind
from gezhi.territory.layers.rules import Bbox, geojson

SQUARES_A_DEGREE = 100
TEXTS_KEPT = 200
BROWSER_KEEPS_S = 300
LARGEST = 1600  # pixels of a picture's side
BUILDINGS_FROM_ZOOM = 14.0
NAMES_FROM_ZOOM = 13.0
FEATURES = {"roads": FeatureKind.ROAD, "water": FeatureKind.WATER, "green": FeatureKind.GREEN}

_packed: dict[tuple[str, str], bytes] = {}


@require_GET
def base(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of the base map as GeoJSON; buildings by square (`?square=x,y`, in hundredths of a degree)."""
    if kind not in BASE_KINDS:
        raise Http404
    if kind == "buildings":
        square = request.GET.get("square", "")
        return _answer(
            request,
            f"{housing.buildings_stamp()} {square}",
            kind,
            lambda: housing.as_geojson(_square(square)),
        )
    if kind in FEATURES:
        feature = FEATURES[kind]
        return _answer(request, str(layers.sheet_stamps()), kind, lambda: layers.features_as_geojson(feature))
    stamp = f"{layers.layer_stamps()} {layers.sheet_stamps()}"
    writers: dict[str, Callable[[], str]] = {
        "grids": lambda: layers.grids_as_geojson(""),
        "communities": lambda: layers.areas_as_geojson("", AreaKind.COMMUNITY),
        "borders": _borders,
        "labels": _labels,
    }
    return _answer(request, stamp, kind, writers[kind])


@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """A place as an SVG picture: `lon`, `lat`, `zoom`, `width`, `height`; `pin` marks its middle or `at`."""
    frame = asked_frame(request)
    marked = _marked(request.GET.get("at", ""), frame)
    tone = request.GET.get("pin", "")
    if tone and tone not in PIN_COLOURS:
        raise Http404
    stamp = f"{layers.layer_stamps()} {layers.sheet_stamps()} {housing.buildings_stamp()}"
    title = pgettext("drawing", "Map")
    return _answer(
        request,
        f"{stamp} {frame} {tone} {marked} {title}",
        "picture",
        lambda: draw(frame, ground_of(frame, pins=[Pin(*marked, tone)] if tone else []), title=title),
        media_type="image/svg+xml",
    )


def _marked(text: str, frame: Frame) -> tuple[float, float]:
    if not text:
        return frame.lon, frame.lat
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise Http404 from problem
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise Http404
    return lon, lat


def asked_frame(request: HttpRequest) -> Frame:
    """The frame a request's query names; out of bounds is no such page."""
    asked = request.GET
    try:
        frame = Frame(
            lon=float(asked["lon"]),
            lat=float(asked["lat"]),
            zoom=float(asked.get("zoom", 16)),
            width=int(asked.get("width", 860)),
            height=int(asked.get("height", 480)),
        )
    except (KeyError, ValueError) as problem:
        raise Http404 from problem
    sound = -180 <= frame.lon <= 180 and -85 <= frame.lat <= 85 and 8 <= frame.zoom <= 20
    if not sound or not (16 <= frame.width <= LARGEST and 16 <= frame.height <= LARGEST):
        raise Http404
    return frame


def ground_of(frame: Frame, *, pins: list[Pin]) -> Ground:
    """What lies in a frame, ready to be drawn."""
    features = layers.features_in(frame.bbox, list(FEATURES.values()))
    of: dict[str, list[Any]] = {kind: [] for kind in FEATURES.values()}
    for row, geom in zip(features.rows, features.geoms, strict=True):
        of[row.kind].append((row, geom))
    near = frame.zoom >= BUILDINGS_FROM_ZOOM
    buildings = housing.buildings_of(frame.bbox) if near else None
    index = layers.grid_index()
    which = np.sort(index.tree.query(shapely.box(*frame.bbox))) if len(index.ids) else np.array([], dtype=int)
    names = _grid_names(index, which) if frame.zoom >= NAMES_FROM_ZOOM else []
    return Ground(
        water=[geom for _row, geom in of[FeatureKind.WATER]],
        green=[geom for _row, geom in of[FeatureKind.GREEN]],
        roads=[(row.cls, geom) for row, geom in of[FeatureKind.ROAD]],
        buildings=[(b.use, g) for b, g in zip(buildings.rows, buildings.geoms, strict=True)]
        if buildings
        else [],
        grids=[index.geoms[i] for i in which],
        names=names + _feature_names(of, frame.bbox),
        pins=pins,
        legend=[("grid", pgettext("drawing", "Grid border"))] if len(which) else [],
    )


def _grid_names(index: layers.GridIndex, which: Any) -> list[Name]:
    ids = [int(index.ids[i]) for i in which]
    areas = {area.pk: area for area in Area.objects.filter(pk__in=ids)}
    points = [shapely.point_on_surface(index.geoms[i]) for i in which]
    return [
        Name(areas[pk].shown, "grid", point.x, point.y)
        for pk, point in zip(ids, points, strict=True)
        if pk in areas
    ]


def _feature_names(of: dict[str, list[Any]], bbox: Bbox) -> list[Name]:
    """Names of water, greenery and roads, each once, in the middle of what is seen of the largest piece."""
    largest: dict[tuple[str, str], Any] = {}
    for kind, rows in of.items():
        for row, geom in rows:
            if not row.name or row.cls == "path":
                continue
            pieces = shapely.get_parts(shapely.clip_by_rect(geom, *bbox))
            seen = max(pieces, key=lambda piece: piece.length, default=None)
            held = largest.get((kind, row.name))
            if seen is not None and (held is None or seen.length > held.length):
                largest[kind, row.name] = seen
    names = []
    for (kind, name), piece in largest.items():
        line = piece.geom_type == "LineString"
        middle = piece.interpolate(0.5, normalized=True) if line else piece.representative_point()
        names.append(Name(name, kind, middle.x, middle.y))
    return names


def _borders() -> str:
    """The grids' borders, each once: dashes of two neighbours drawn over each other would close up."""
    lines = border_lines(layers.grids_of("").geoms)
    return geojson(lines, [{} for _line in lines])


def _labels() -> str:
    """One point for each name: on lines and areas cut into tiles a name would be drawn once a tile."""
    rows: list[dict[str, Any]] = []
    points: list[Any] = []
    shapes = layers.grids_of("")
    areas = {area.pk: area for area in Area.objects.filter(pk__in=shapes.ids.tolist())}
    for pk, geom in zip(shapes.ids.tolist(), shapes.geoms, strict=True):
        rows.append({"kind": "grid", "name": areas[pk].name, "name_en": areas[pk].name_en})
        points.append(shapely.point_on_surface(geom))
    paths = np.array(shapes.paths, dtype=object)
    for community in Area.objects.filter(kind=AreaKind.COMMUNITY, retired_at=None):
        inside = np.array([path.startswith(community.path) for path in paths], dtype=bool)
        if inside.any():
            rows.append({"kind": "community", "name": community.name, "name_en": community.name_en})
            points.append(shapely.point_on_surface(shapely.union_all(shapes.geoms[inside])))
    features = layers.features_in(None, [FeatureKind.WATER, FeatureKind.GREEN])
    for row, geom in zip(features.rows, features.geoms, strict=True):
        if row.name:
            rows.append({"kind": row.kind, "name": row.name, "name_en": row.name_en})
            points.append(shapely.point_on_surface(geom))
    return geojson(points, rows)


def _square(text: str) -> Bbox:
    try:
        x, y = (int(part) for part in text.split(","))
    except ValueError as problem:
        raise Http404 from problem
    if abs(x) > 180 * SQUARES_A_DEGREE or abs(y) > 90 * SQUARES_A_DEGREE:
        raise Http404
    side = 1 / SQUARES_A_DEGREE
    return x * side, y * side, (x + 1) * side, (y + 1) * side


def _answer(
    request: HttpRequest,
    stamp: str,
    kind: str,
    write: Callable[[], str],
    *,
    media_type: str = "application/geo+json",
) -> HttpResponse:
    """The text packed once for each stamp; browsers keep it for minutes and then ask by its tag."""
    digest = hashlib.sha256(f"{kind} {stamp}".encode()).hexdigest()[:20]
    etag = f'W/"{digest}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        key = (kind, digest)
        if key not in _packed:
            while len(_packed) >= TEXTS_KEPT:
                _packed.pop(next(iter(_packed)))
            _packed[key] = gzip.compress(write().encode(), compresslevel=6)
        packed = _packed[key]
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response = HttpResponse(packed, content_type=media_type)
            response["Content-Encoding"] = "gzip"
        else:
            response = HttpResponse(gzip.decompress(packed), content_type=media_type)
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = f"public, max-age={BROWSER_KEEPS_S}"
    return response
