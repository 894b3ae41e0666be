"""Saying where: by an address, or by a tap on a picture of the map. Works without scripts.

The picture is an <input type="image">; the browser sends where it was tapped. With scripts the live map takes
the picture's place and fills the same two fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from gezhi.faces.look.maps import map_config, picture_url
from gezhi.faces.look.mapsvg import Frame
from gezhi.faces.look.places import parted
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import ancestor_of_kind
from gezhi.registry.housing.queries import Place, find_address, near
from gezhi.territory.layers.queries import bounds_of, locate_one

SIZES = {"map": (280, 300), "wide": (660, 440)}  # the picture on phones and on larger screens
NEAREST_ZOOM, FARTHEST_ZOOM, STREET_ZOOM = 18.0, 9.0, 16.6
CLOSER = 2.0  # a tap comes closer by so much until one sees houses
NEARBY_M = 60.0
PAN = {"north": (0, 1), "south": (0, -1), "west": (-1, 0), "east": (1, 0)}
STEPS = ("find", "zoom-in", "zoom-out", *PAN)  # the buttons' words
ENTER = "enter"  # the Enter key, which presses the first button of a form
Point = tuple[float, float]


@dataclass(frozen=True)
class Where:
    """What a form knows of a place: the point chosen, the part of the map shown, an address looked for."""

    chosen: Point | None
    view: tuple[float, float, float]  # middle and zoom of the picture
    query: str = ""
    found: tuple[Place, ...] = field(default=(), compare=False)
    searched: bool = False

    @property
    def view_text(self) -> str:
        return "{:.6f},{:.6f},{:.2f}".format(*self.view)

    def frame(self, size: str) -> Frame:
        return Frame(*self.view, *SIZES[size])

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """The pictures to tap, one for each width of screen."""
        tone = "r" if self.chosen else ""
        return [
            {
                "name": size,
                "url": picture_url(self.frame(size), tone=tone, mark=self.chosen),
                "width": SIZES[size][0],
                "height": SIZES[size][1],
            }
            for size in SIZES
        ]

    @property
    def live(self) -> dict[str, Any]:
        """The live map that takes the pictures' place."""
        pick = {"lon": "#place-lon", "lat": "#place-lat"}
        return map_config(center=self.view[:2], zoom=self.view[2], pick=pick)


def begin() -> Where:
    """Nothing chosen yet: the whole district."""
    bounds = bounds_of("")
    if bounds is None:
        return Where(None, (0.0, 0.0, FARTHEST_ZOOM))
    frame = Frame.around(bounds, width=SIZES["map"][0], height=SIZES["map"][1], padding=4)
    return Where(None, (frame.lon, frame.lat, max(FARTHEST_ZOOM, min(NEAREST_ZOOM, frame.zoom))))


def read(data: Mapping[str, Any]) -> Where:
    """The place part of a form as it was sent, and what the pressed button changes in it."""
    start = begin()
    where = Where(
        chosen=parted(f"{data.get('lon', '')},{data.get('lat', '')}"),
        view=_view(data.get("view", "")) or start.view,
        query=str(data.get("q", "")).strip(),
    )
    if where.chosen and not data.get("view"):
        where = _look_at(where, where.chosen)
    return _pressed(where, data)


def _view(text: str) -> tuple[float, float, float] | None:
    place, _comma, zoom = text.rpartition(",")
    point = parted(place)
    try:
        closeness = float(zoom)
    except ValueError:
        return None
    if point is None or not FARTHEST_ZOOM <= closeness <= NEAREST_ZOOM:
        return None
    return (*point, closeness)


def _pressed(where: Where, data: Mapping[str, Any]) -> Where:
    for size in SIZES:
        if f"{size}.x" in data:
            return _tapped(where, size, str(data[f"{size}.x"]), str(data.get(f"{size}.y", "")))
    if picked := parted(data.get("pick", "")):
        return _look_at(replace(where, chosen=picked, query=""), picked)
    step = data.get("do", "")
    lon, lat, zoom = where.view
    if step in ("zoom-in", "zoom-out"):
        zoom += 1 if step == "zoom-in" else -1
        return replace(where, view=(lon, lat, max(FARTHEST_ZOOM, min(NEAREST_ZOOM, zoom))))
    if step in PAN:
        east, north = PAN[step]
        frame = where.frame("map")
        across, up = frame.bbox[2] - frame.bbox[0], frame.bbox[3] - frame.bbox[1]
        return replace(where, view=(lon + east * across / 2, lat + north * up / 2, zoom))
    if step == "find" or (step == ENTER and where.query):
        return search(where)
    return where


def search(where: Where) -> Where:
    """Look for an address, or a crossing of two streets."""
    if not where.query:
        return where
    return replace(where, found=tuple(find_address(text=where.query)), searched=True)


def _tapped(where: Where, size: str, x: str, y: str) -> Where:
    try:
        place = where.frame(size).place(float(x), float(y))
    except ValueError:
        return where
    zoom = where.view[2]
    closer = min(zoom + CLOSER, STREET_ZOOM) if zoom < STREET_ZOOM else zoom
    return replace(where, chosen=place, view=(*place, closer))


def _look_at(where: Where, place: Point) -> Where:
    return replace(where, view=(*place, max(where.view[2], STREET_ZOOM)))


@dataclass(frozen=True)
class Said:
    """A place in words; `area` is None outside the district."""

    area: Area | None
    text: str
    address: str


def describe(point: Point) -> Said:
    """Where a point lies: community, grid, the building it is at."""
    lon, lat = point
    area = locate_one(lon=lon, lat=lat)
    if area is None:
        return Said(None, _("This place is outside the district. Choose a place inside it."), "")
    community = ancestor_of_kind(area.path, AreaKind.COMMUNITY)
    names = " · ".join(each.shown for each in (community, area) if each is not None)
    around = near(lon=lon, lat=lat, radius_m=NEARBY_M)
    if not around:
        return Said(area, names, area.name)
    building = around[0][0]
    known = building.address or building.name
    return Said(area, _("%(names)s, near %(building)s") % {"names": names, "building": str(building)}, known)
