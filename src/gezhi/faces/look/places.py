"""Choosing a place on a map."""

from typing import Any

from django import forms

from gezhi.faces.look.maps import map_config

PICK_ZOOM = 17.0
Context = dict[str, Any]


class PointInput(forms.Widget):
    """A map to tap, with the two numbers in hidden fields. Its value is "lon,lat", or "" as long as none is.

    `around` is where the map opens as long as nothing is chosen; `path` the area it opens on otherwise.
    """

    template_name = "look/widgets/point.html"
    grouped = True

    def __init__(self, *, around: tuple[float, float] | None = None, path: str = "") -> None:
        super().__init__()
        self.around, self.path = around, path

    def get_context(self, name: str, value: Any, attrs: Context | None) -> Context:
        context = super().get_context(name, value, attrs)
        chosen = parted(value)
        ident = context["widget"]["attrs"].get("id", name)
        pick = {"lon": f"#{ident}-lon", "lat": f"#{ident}-lat", "accuracy": f"#{ident}-accuracy"}
        middle = chosen or self.around
        config = map_config(path=self.path, center=middle, zoom=PICK_ZOOM if middle else None, pick=pick)
        lon, lat = (f"{part:.6f}" for part in chosen) if chosen else ("", "")
        return context | {"config": config, "lon": lon, "lat": lat, "name": name}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        lon, lat = data.get(f"{name}-lon", ""), data.get(f"{name}-lat", "")
        return f"{lon},{lat}" if lon and lat else ""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}-map" if id_ else ""


def parted(value: Any) -> tuple[float, float] | None:
    """ "lon,lat" as numbers; None for anything that is not a place on earth."""
    try:
        lon, lat = (float(part) for part in str(value or "").split(","))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None
