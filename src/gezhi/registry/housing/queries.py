"""Buildings by place and by address. Footprints, names and addresses are public, as on any street map."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from gezhi.foundation.areas.fields import within
from gezhi.registry.housing.models import Building
from gezhi.registry.housing.rules import fold
from gezhi.territory.layers.queries import find_crossing, in_box
from gezhi.territory.layers.rules import Bbox, bbox_around, distance_m, geojson

SHORTEST = 2  # characters a match needs to be worth showing
GOOD_ENOUGH = 3  # characters after which later starts are not tried
LEAD_IN = 10  # characters of talk that may stand before the address
LONGEST = 60
NUMBERS_COMPARED = 500  # houses of one street
_DIGIT_ENDS = re.compile(r"\d+$")
_NUMBER = re.compile(r"(\d{1,6})(?:号|-|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """An address found, with where it lies."""

    label: str
    address: str
    lon: float
    lat: float
    area_id: int


@dataclass(frozen=True, slots=True)
class Buildings:
    """Buildings and their footprints."""

    rows: list[Building]
    geoms: npt.NDArray[Any]


def in_bbox(bbox: Bbox) -> QuerySet[Building]:
    """Standing buildings whose middle lies in a box."""
    return Building.objects.standing().filter(in_box(bbox))


def near(*, lon: float, lat: float, radius_m: float) -> list[tuple[Building, float]]:
    """Standing buildings whose middle is within so many metres, nearest first, with the metres."""
    found = in_bbox(bbox_around(lon, lat, radius_m)).defer("geom", "folded")
    measured = [(b, distance_m(lon, lat, b.lon, b.lat)) for b in found]
    return sorted(
        (pair for pair in measured if pair[1] <= radius_m), key=lambda pair: (pair[1], pair[0].code)
    )


def find_address(*, text: str, path: str = "", limit: int = 8) -> list[Place]:
    """Places a caller may mean: the crossing of two streets, else what holds the longest piece of the text.

    "我在映月园3栋2单元" finds 映月园3号楼. A house number nobody has finds the nearest numbers of the street;
    otherwise shorter addresses come first, for they fit closest.
    """
    crossing = find_crossing(text=text, path=path)
    if crossing is not None:
        words = _("Crossing of %(one)s and %(other)s") % {"one": crossing.one, "other": crossing.other}
        return [Place(words, words, crossing.lon, crossing.lat, crossing.area_id)]
    wanted = fold(text)[:LONGEST]
    buildings = Building.objects.standing()
    if path:
        buildings = buildings.filter(within("area__path", path))
    start, piece = _longest_piece(buildings, wanted)
    if len(piece) < SHORTEST:
        return []
    rest = wanted[start + len(piece) :]
    if _DIGIT_ENDS.search(piece) and not rest.startswith("号"):  # half a number is no address
        piece = _DIGIT_ENDS.sub("", piece)
    found = buildings.filter(folded__contains=piece).order_by(Length("folded"), "code").defer("geom")
    number = _NUMBER.match(wanted[start + len(piece) :])
    if number is None:
        return [_place(b) for b in found[:limit]]
    nearest = sorted(found[:NUMBERS_COMPARED], key=lambda b: _numbers_apart(b, piece, int(number[1])))
    return [_place(b) for b in nearest[:limit]]


def _longest_piece(buildings: QuerySet[Building], wanted: str) -> tuple[int, str]:
    """The longest piece from the first place where enough of one is found (talk may stand before: 我在…)."""
    best = (0, "")
    for start in range(min(len(wanted), LEAD_IN)):
        piece = _longest_start(buildings, wanted[start:], at_least=len(best[1]))
        if piece:
            best = (start, piece)
        if len(best[1]) >= GOOD_ENOUGH:
            break
    return best


def _numbers_apart(building: Building, piece: str, wanted: int) -> tuple[int, int]:
    """How far a house number after the street's name is from the wanted one; the same side of it first."""
    for found in re.finditer(re.escape(piece) + r"(\d{1,6})", building.folded):
        number = int(found[1])
        return abs(number - wanted), (number - wanted) % 2
    return 10**6, 0


def _longest_start(buildings: QuerySet[Building], wanted: str, *, at_least: int) -> str:
    """The longest start beyond `at_least` characters that some building holds, found by halves."""
    low, high = at_least, len(wanted)
    while low < high:
        middle = (low + high + 1) // 2
        if buildings.filter(folded__contains=wanted[:middle]).exists():
            low = middle
        else:
            high = middle - 1
    return wanted[:low] if low > at_least else ""


def _place(building: Building) -> Place:
    return Place(
        label=building.name or building.address,
        address=building.address or building.name,
        lon=building.lon,
        lat=building.lat,
        area_id=building.area_id,
    )


def buildings_of(bbox: Bbox) -> Buildings:
    """Standing buildings of a box with their footprints."""
    rows = list(in_bbox(bbox).defer("folded"))
    geoms = np.asarray(shapely.from_wkb([bytes(b.geom) for b in rows]), dtype=object)
    return Buildings(rows=rows, geoms=geoms)


def buildings_stamp() -> str:
    """Changes whenever a building does; one aggregate."""
    seen = Building.objects.aggregate(n=Count("pk"), last=Max("pk"), at=Max("updated_at"))
    return f"{seen['n']}-{seen['last']}-{seen['at'].timestamp() if seen['at'] else 0}"


def as_geojson(bbox: Bbox) -> str:
    """Footprints of a box with name, address, use and floors."""
    buildings = buildings_of(bbox)
    rows = [
        {
            "id": b.pk,
            "name": b.name,
            "name_en": b.name_en,
            "address": b.address,
            "use": b.use,
            "floors": b.floors,
        }
        for b in buildings.rows
    ]
    return geojson(buildings.geoms, rows)
