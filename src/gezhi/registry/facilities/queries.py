"""Components by place. Where a lamp stands is public; who must mend it is told to staff by `visible_to`."""

from collections.abc import Sequence

from gezhi.registry.facilities.models import Component
from gezhi.territory.layers.queries import in_box
from gezhi.territory.layers.rules import bbox_around, distance_m


def near(
    *, lon: float, lat: float, radius_m: float, item_codes: Sequence[str] = ()
) -> list[tuple[Component, float]]:
    """Standing components within so many metres, nearest first; of these items only, if any are given."""
    around = in_box(bbox_around(lon, lat, radius_m))
    found = Component.objects.standing().filter(around).select_related("owner", "maintainer")
    if item_codes:
        found = found.filter(item_code__in=item_codes)
    measured = [(c, distance_m(lon, lat, c.lon, c.lat)) for c in found]
    return sorted(
        (pair for pair in measured if pair[1] <= radius_m), key=lambda pair: (pair[1], pair[0].code)
    )
