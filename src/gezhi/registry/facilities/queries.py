"""Components by place. Where a lamp stands is public; who must mend it is told to staff by `visible_to`."""

from collections.abc import Sequence

import shapely
from django.db.models import Count, Max, QuerySet

from gezhi.registry.facilities.models import Component
from gezhi.territory.layers.queries import in_box
from gezhi.territory.layers.rules import Bbox, bbox_around, distance_m, geojson


def in_bbox(bbox: Bbox) -> QuerySet[Component]:
    """Standing components in a box."""
    return Component.objects.standing().filter(in_box(bbox))


def near(
    *, lon: float, lat: float, radius_m: float, item_codes: Sequence[str] = ()
) -> list[tuple[Component, float]]:
    """Standing components within so many metres, nearest first; of these items only, if any are given."""
    found = in_bbox(bbox_around(lon, lat, radius_m)).select_related("owner", "maintainer")
    if item_codes:
        found = found.filter(item_code__in=item_codes)
    measured = [(c, distance_m(lon, lat, c.lon, c.lat)) for c in found]
    return sorted(
        (pair for pair in measured if pair[1] <= radius_m), key=lambda pair: (pair[1], pair[0].code)
    )


_text: tuple[str, str] = ("", "")


def components_stamp() -> str:
    """Changes whenever a component does; one aggregate."""
    seen = Component.objects.aggregate(n=Count("pk"), last=Max("pk"), at=Max("updated_at"))
    return f"{seen['n']}-{seen['last']}-{seen['at'].timestamp() if seen['at'] else 0}"


def as_geojson(*, bbox: Bbox | None = None) -> str:
    """Points with code, item and name; all of them are kept in memory until one changes."""
    global _text
    if bbox is not None:
        return _written(in_bbox(bbox))
    stamp = components_stamp()
    if _text[0] != stamp:
        _text = (stamp, _written(Component.objects.standing()))
    return _text[1]


def _written(components: QuerySet[Component]) -> str:
    rows = list(components)
    points = shapely.points([(c.lon, c.lat) for c in rows]) if rows else []
    return geojson(points, [{"id": c.pk, "code": c.code, "item": c.item_code, "name": c.name} for c in rows])
