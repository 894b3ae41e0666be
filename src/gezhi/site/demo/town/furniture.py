"""Manhole covers, lamps, bins …: along streets, at crossings, in estates and parks, by the water."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gezhi.foundation.codes.components import make_component_code
from gezhi.site.demo.town.blocks import Block
from gezhi.site.demo.town.parts import Furniture, Road


@dataclass(frozen=True, slots=True)
class Kind:
    """An item of the component table (class, item) that stands along streets.

    `every`: metres between two, by class of street. `aside`: metres from the kerb, below 0 in the roadway.
    """

    class_code: str
    item_code: str
    name: str
    every: dict[str, float]
    aside: float


ALONG = (
    Kind("01", "37", "路灯", {"motorway": 90, "arterial": 90, "minor": 100, "path": 140}, 1.4),
    Kind("01", "01", "上水井盖", {"arterial": 390, "minor": 450, "path": 390}, -2.5),
    Kind("01", "02", "污水井盖", {"arterial": 420, "minor": 420, "path": 360}, -3.5),
    Kind("01", "03", "雨水井盖", {"arterial": 380, "minor": 440}, -1.5),
    Kind("01", "04", "雨水箅子", {"arterial": 340, "minor": 450}, -0.4),
    Kind("01", "06", "路灯井盖", {"arterial": 720, "minor": 1050}, 2.0),
    Kind("01", "11", "燃气井盖", {"arterial": 780, "minor": 840}, -3.0),
    Kind("01", "14", "园林井盖", {"arterial": 1350}, 3.6),
    Kind("01", "23", "不明井盖", {"minor": 3300, "path": 2700}, -2.0),
    Kind("01", "27", "通讯交接箱", {"arterial": 1200, "minor": 1350}, 4.0),
    Kind("01", "28", "电力设施", {"arterial": 1350, "minor": 1500}, 4.2),
    Kind("01", "30", "电力立杆", {"path": 200, "minor": 900}, 0.6),
    Kind("02", "04", "公交站亭", {"arterial": 840}, 2.2),
    Kind("02", "17", "交通护栏", {"arterial": 780}, -0.2),
    Kind("02", "25", "非机动车停放点", {"arterial": 840, "minor": 1350}, 3.0),
    Kind("02", "84", "人行道", {"arterial": 1950}, 3.0),
    Kind("03", "05", "果皮箱", {"arterial": 280, "minor": 450, "path": 480}, 2.4),
    Kind("03", "01", "公共厕所", {"arterial": 2850, "path": 2250}, 5.0),
    Kind("03", "06", "户外广告", {"arterial": 1500}, 4.0),
    Kind("04", "02", "行道树", {"arterial": 450, "minor": 630}, 1.8),
    Kind("04", "97", "树池树篦", {"arterial": 630}, 1.8),
)
AT_CROSSINGS = (
    ("02", "12", "路名牌", 0.5),
    ("01", "50", "监控电子眼", 0.22),
    ("02", "20", "人行横道桩", 0.14),
)
IN_ESTATES = (
    ("01", "46", "户外健身设施"),
    ("03", "08", "宣传栏"),
    ("01", "54", "充电桩"),
    ("03", "05", "垃圾箱"),
)
IN_PARKS = (
    ("04", "07", "街头座椅"),
    ("03", "05", "果皮箱"),
    ("04", "98", "绿地指示牌"),
    ("01", "39", "景观灯"),
)
BY_WATER = (
    ("05", "07", "水域护栏"),
    ("02", "30", "水域标示牌"),
    ("04", "07", "街头座椅"),
    ("03", "05", "果皮箱"),
)


@dataclass
class Placer:
    """Counts items while it places them, so that codes run from 000001 within each item."""

    county: str
    random: np.random.Generator
    district: Any
    made: list[Furniture]
    counts: Counter[str]

    def put(self, class_code: str, item_code: str, name: str, place: Any, address: str) -> None:
        if not self.district.contains(shapely.Point(place)):
            return
        self.counts[class_code + item_code] += 1
        code = make_component_code(
            county=self.county,
            class_code=class_code,
            item_code=item_code,
            sequence=self.counts[class_code + item_code],
        )
        self.made.append(Furniture(code, name, float(place[0]), float(place[1]), address))


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where two named streets meet."""

    place: Any
    one: Road
    other: Road

    @property
    def words(self) -> str:
        return f"{self.one.name}与{self.other.name}路口"


def furnish(
    roads: Sequence[Road],
    crossings: Sequence[Crossing],
    blocks: Sequence[Block],
    district: Any,
    county: str,
    random: np.random.Generator,
) -> list[Furniture]:
    """All components of the town, in the order of street, crossing and block."""
    inner = district.buffer(-1)
    shapely.prepare(inner)
    placer = Placer(county=county, random=random, district=inner, made=[], counts=Counter())
    for road in roads:
        for kind in ALONG:
            if kind.every.get(road.cls) and road.name:
                _along(placer, road, kind)
    for crossing in crossings:
        _at_crossing(placer, crossing)
    for block in blocks:
        _in_block(placer, block)
    return placer.made


def _along(placer: Placer, road: Road, kind: Kind) -> None:
    every = kind.every[road.cls]
    at, side = float(placer.random.uniform(0.2, 1.0)) * every, 1
    while at < road.line.length - 8:
        here, ahead = (np.array(road.line.interpolate(m).coords[0]) for m in (at, at + 1))
        step = ahead - here
        place = here + side * (road.width / 2 + kind.aside) * np.array([-step[1], step[0]])
        number = 2 * int(at / 9) + (1 if side > 0 else 2)
        placer.put(kind.class_code, kind.item_code, kind.name, place, f"{road.name}{number}号附近")
        at, side = at + every * float(placer.random.uniform(0.88, 1.12)), -side


def _at_crossing(placer: Placer, crossing: Crossing) -> None:
    for class_code, item_code, name, share in AT_CROSSINGS:
        if placer.random.random() < share:
            corner, words = some_corner(crossing, placer.random)
            placer.put(class_code, item_code, name, corner, words)


def some_corner(crossing: Crossing, random: np.random.Generator) -> tuple[Any, str]:
    """A place at one of the four corners of a crossing, and the words for it."""
    east, north = (int(v) for v in random.choice((-1, 1), 2))
    away = max(crossing.one.width, crossing.other.width) / 2 + 4
    words = f"{crossing.words}{'东' if east > 0 else '西'}{'北' if north > 0 else '南'}角"
    return crossing.place + np.array([east, north]) * away, words


def _in_block(placer: Placer, block: Block) -> None:
    if block.ground.is_empty or block.ground.area < 2_500:
        return
    if block.use in ("estate", "towers", "old_estate"):
        kinds, number, words = IN_ESTATES, 2, f"{block.name}内"
    elif block.use in ("green", "park") and block.name:
        kinds, number, words = IN_PARKS, 6 if block.use == "green" else 24, block.name
    elif block.use == "bank":
        kinds, number, words = BY_WATER, 10, "滨江绿道"
    else:
        return
    for place in _scattered(block.ground, number, placer.random):
        class_code, item_code, name = kinds[placer.random.integers(len(kinds))]
        placer.put(class_code, item_code, name, place, words)


def _scattered(ground: Any, number: int, random: np.random.Generator) -> Iterator[Any]:
    west, south, east, north = ground.bounds
    shapely.prepare(ground)
    found = 0
    for place in random.uniform((west, south), (east, north), (number * 12, 2)):
        if found < number and ground.contains(shapely.Point(place)):
            found += 1
            yield place


def crossings_of(roads: Sequence[Road]) -> list[Crossing]:
    """Where streets of different names meet, in the order of the streets."""
    named = [r for r in roads if r.name]
    lines = [r.line for r in named]
    left, right = shapely.STRtree(lines).query(np.array(lines, dtype=object), predicate="intersects")
    found: list[Crossing] = []
    for one, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if one < other and named[one].name != named[other].name:
            meeting = lines[one].intersection(lines[other])
            if meeting.geom_type == "Point":
                found.append(Crossing(np.array(meeting.coords[0]), named[one], named[other]))
    return found
