"""What pages say to maps: the live map's config, and the address of the server's own picture of a place."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from gezhi.faces.look.mapsvg import Frame
from gezhi.territory.layers.queries import attributions, bounds_of
from gezhi.territory.layers.rules import Bbox

BASE_KINDS = ("roads", "water", "green", "grids", "borders", "communities", "labels", "buildings")
WIDTH, HEIGHT = 860, 480


def map_config(
    *,
    path: str = "",
    bounds: Bbox | None = None,
    center: tuple[float, float] | None = None,
    zoom: float | None = None,
    points: str | Mapping[str, Any] = "",
    pin: Mapping[str, Any] | None = None,
    pick: Mapping[str, str] | None = None,
    point_list: str = "",
    grid: int | None = None,
) -> dict[str, Any]:
    """The config of a live map (its fields are explained in web/src/map/config.ts).

    It opens on the pin, else on `center` and `zoom`, else on `bounds`, else on the grids of the area `path`.
    `points` is an address that answers GeoJSON, or the GeoJSON itself.
    """
    config: dict[str, Any] = {
        "base": {kind: reverse("look:map_base", args=[kind]) for kind in BASE_KINDS},
        "attribution": attributions(),
        "lang": get_language() or "",
    }
    if pin is None and center is None:
        bounds = bounds or bounds_of(path) or bounds_of("")
    given = {
        "bounds": bounds, "center": center, "zoom": zoom, "points": points, "pin": pin, "pick": pick,
        "list": point_list, "grid": grid, "tiles": _tiles(),
    }  # fmt: skip
    config |= {key: value for key, value in given.items() if value}
    frame = _frame(bounds, center, zoom, pin)
    if frame:
        config["picture"] = {
            "url": picture_url(frame, tone=pin.get("tone", "r") if pin else ""),
            "lon": frame.lon, "lat": frame.lat, "zoom": frame.zoom,
            "width": frame.width, "height": frame.height,
        }  # fmt: skip
    return config


def picture_url(frame: Frame, *, tone: str = "", mark: tuple[float, float] | None = None) -> str:
    """The address of the server's picture of a frame; with a tone its middle, or `mark`, is marked."""
    asked = {
        "lon": f"{frame.lon:.6f}",
        "lat": f"{frame.lat:.6f}",
        "zoom": f"{frame.zoom:.2f}",
        "width": frame.width,
        "height": frame.height,
    } | ({"pin": tone} if tone else {})
    if mark:
        asked["at"] = f"{mark[0]:.6f},{mark[1]:.6f}"
    return f"{reverse('look:map_picture')}?{urlencode(asked)}"


def _frame(
    bounds: Bbox | None,
    center: tuple[float, float] | None,
    zoom: float | None,
    pin: Mapping[str, Any] | None,
) -> Frame | None:
    middle = (float(pin["lon"]), float(pin["lat"])) if pin else center
    if middle:
        return Frame(*middle, zoom or 16, WIDTH, HEIGHT)
    return Frame.around(bounds, width=WIDTH, height=HEIGHT) if bounds else None


def _tiles() -> dict[str, Any] | None:
    """The outside tile source, if one is set; several templates, parted by spaces, lie over each other."""
    urls = settings.TILES_URL.split()
    if not urls:
        return None
    return {"urls": urls, "attribution": settings.TILES_ATTRIBUTION, "crs": settings.TILES_CRS}
