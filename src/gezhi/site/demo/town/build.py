"""Putting buildings on blocks: homes of several ages, shops along streets. See public.py for the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import translate

from gezhi.site.demo.town import fill
from gezhi.site.demo.town.blocks import VERGE, Block, Plan
from gezhi.site.demo.town.names import Names
from gezhi.site.demo.town.parts import Feature, House, Road, Spot

Point = npt.NDArray[np.float64]


@dataclass
class Builder:
    """What is being built: takes a plan, gathers houses, greenery and places with words for them."""

    plan: Plan
    names: Names
    random: np.random.Generator
    houses: list[House] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    paths: list[Road] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    named: dict[str, list[tuple[float, float, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tree = shapely.STRtree([r.line for r in self.plan.roads])

    def roads_near(self, ground: Any) -> list[Road]:
        """The streets a block lies on, widest first."""
        roads = [self.plan.roads[n] for n in self.tree.query(ground.buffer(30))]
        return sorted(
            (r for r in roads if r.line.distance(ground) < r.width / 2 + VERGE[r.cls] + 4),
            key=lambda r: (-r.width, r.name),
        )

    def address(self, place: Point, roads: Sequence[Road]) -> tuple[str, str]:
        """The next free house number on the nearest street, odd numbers on its left, in both languages."""
        point = shapely.Point(place)
        road = min(roads, key=lambda r: (r.line.distance(point), r.name))
        metres = road.line.project(point)
        here, ahead = (np.array(road.line.interpolate(m).coords[0]) for m in (metres, metres + 1))
        step, aside = ahead - here, place - here
        left = step[0] * aside[1] - step[1] * aside[0] > 0
        number = 2 * int(metres / 9) + (1 if left else 2)
        again = int(road.numbers.get(number, 0))
        road.numbers[number] = again + 1
        text = f"{number}号" if not again else f"{number}-{again}号"
        return f"{road.name}{text}", f"{text[:-1]} {road.name_en}"

    def add(
        self, block: Block, shape: Any, use: str, floors: int, households: int = 0, **words: str
    ) -> House:
        house = House(geom=shape, use=use, floors=floors, households=households, block=block.index, **words)
        self.houses.append(house)
        return house

    def spot(self, place: Point, text: str, kind: str, *, road: str = "", estate: str = "") -> None:
        self.spots.append(Spot(float(place[0]), float(place[1]), text, kind, road=road, estate=estate))

    def green(self, shape: Any, cls: str, name: str = "", name_en: str = "") -> None:
        self.features.append(Feature("green", cls, shape, name, name_en))


def line_with_shops(build: Builder, block: Block, *, share: float, upstairs: int = 0) -> Any:
    """Shops along the streets that carry them; returns the ground that is left behind them."""
    ground, random = block.ground, build.random
    taken: list[Any] = []
    for road in build.roads_near(ground):
        wanted = {"arterial": 1.0, "minor": 0.55, "path": 0.0}.get(road.cls, 0.0) * share
        if random.random() >= wanted:
            continue
        reach = road.width / 2 + VERGE[road.cls] + 2.5
        free = fill.without(ground, taken)
        depths = (10.0, 14.0) if road.cls == "arterial" else (8.5, 11.0)
        for shape, door in fill.along(ground, road.line, reach, random, widths=(9.0, 17.0), depths=depths):
            if free.contains(shape):
                taken.append(shape)
                _shop(build, block, shape, door, road, upstairs)
    return fill.without(ground, [shapely.union_all(taken).buffer(7)]) if taken else ground


def _shop(build: Builder, block: Block, shape: Any, door: Point, road: Road, upstairs: int) -> None:
    floors = int(build.random.integers(2, 4 + upstairs))
    name, name_en = build.names.shop()
    address, _ = build.address(door, [road])
    homes = int(build.random.integers(0, 2)) if upstairs else 0
    build.add(block, shape, "shop", floors, homes, name=name, name_en=name_en, address=address)
    build.spot(door, f"{address}门前", "street", road=road.name)


def old_quarter(build: Builder, block: Block) -> None:
    """Small houses back to back along lanes, each with a number on the nearest street."""
    ground = line_with_shops(build, block, share=0.75, upstairs=1)
    angle = fill.bearing(block.ground)
    roads = build.roads_near(block.ground)
    for part in fill.parts(ground.buffer(-0.5)):
        for shape in fill.turned(part, angle, lambda g: fill.crowded(g, build.random)):
            middle = np.array(shape.centroid.coords[0])
            address, address_en = build.address(middle, roads)
            floors = int(build.random.choice((1, 2, 2, 3, 3, 4)))
            homes = 1 if shape.area * floors < 260 else 2
            build.add(block, shape, "home", floors, homes, name_en=address_en, address=address)
            if build.random.random() < 0.25:
                build.spot(middle, f"{address}旁", "street", road=street_of(address))


def estate(build: Builder, block: Block, kind: str) -> None:
    """Slab blocks in rows around a garden, or towers; shops on the streets, one name for all of it."""
    old = kind == "old_estate"
    if not block.name:
        block.name, block.name_en = build.names.estate(old=old)
    behind = line_with_shops(build, block, share=0.35 if old else 0.4)
    angle = float(np.clip(fill.bearing(block.ground), -14, 14))
    shapes: list[Any] = []
    for part in fill.parts(behind.buffer(-4.5 if not old else -3.0)):
        shapes.extend(fill.turned(part, angle, _rows(build, kind)))
    shapes = _garden(build, [s for s in shapes if s.area > 150], least=4 if not old else 7)
    floors = {"old_estate": (5, 6, 6), "towers": (11, 15, 18), "estate": (5, 6, 6, 7, 9)}[kind]
    height = int(build.random.choice(floors))
    for number, shape in enumerate(sorted(shapes, key=_reading_order), start=1):
        _block_of_flats(build, block, shape, number, height, kind)
    _estate_spots(build, block, bool(shapes))


def _rows(build: Builder, kind: str) -> Callable[[Any], list[Any]]:
    random = build.random
    if kind == "towers":
        return lambda g: fill.towers(g, random, pitch=(46.0, 45.0))
    if kind == "old_estate":
        return lambda g: fill.slabs(g, random, depth=10.5, pitch=25.0, lengths=(34, 46, 58), gap=7.0)
    return lambda g: fill.slabs(g, random, depth=12.5, pitch=29.5, lengths=(38, 50, 62), gap=10.0)


def _garden(build: Builder, shapes: list[Any], *, least: int) -> list[Any]:
    """A garden in the middle of the estate in place of one building, if there are enough of them."""
    if len(shapes) < least:
        return shapes
    middle = shapely.union_all(shapes).centroid
    gone = min(shapes, key=lambda s: s.distance(middle))
    others = [s for s in shapes if s is not gone]
    lawn = fill.blob(build.random, float(build.random.uniform(20, 26)), squash=0.72)
    lawn = translate(lawn, gone.centroid.x, gone.centroid.y).difference(shapely.union_all(others).buffer(4))
    for part in fill.parts(lawn, 200):
        build.green(part, "grass")
    return others


def _reading_order(shape: Any) -> tuple[float, float]:
    """From south to north in bands of a row, each from west to east."""
    return round(shape.centroid.y / 24), shape.centroid.x


def _block_of_flats(build: Builder, block: Block, shape: Any, number: int, height: int, kind: str) -> None:
    name = f"{block.name}{number}号楼"
    stairs = 1.5 if kind == "towers" else max(1, round(shape.area / 240))
    homes = int(stairs * 2 * height)
    name_en = f"{block.name_en} Block {number}"
    build.add(
        block, shape, "home", height, homes, name=name, name_en=name_en, address=name, estate=block.name
    )
    side = str(build.random.choice(("北侧", "南侧", "东侧", "单元门口", "楼下")))
    build.spot(beside(shape, side), f"{name}{side}", "estate", estate=block.name)


def street_of(address: str) -> str:
    """The street an address is on."""
    return address.rstrip("0123456789-号")


def beside(shape: Any, side: str = "") -> Point:
    """A place a few steps outside a building, on the side the words say, else before its southern front."""
    west, south, east, north = shape.bounds
    if side == "北侧":
        return np.array([(west + east) / 2, north + 4])
    if side == "东侧":
        return np.array([east + 4, (south + north) / 2])
    return np.array([west + 0.3 * (east - west), south - 4])


def _estate_spots(build: Builder, block: Block, inhabited: bool) -> None:
    roads = [r for r in build.roads_near(block.ground) if r.cls != "motorway"]
    if not roads or not inhabited:
        return
    ring = block.ground.exterior
    for gate, share in (("西门", 0.1), ("东门", 0.6), ("北门", 0.35)):
        place = np.array(ring.interpolate(share, normalized=True).coords[0])
        build.spot(place, f"{block.name}{gate}", "estate", estate=block.name)
    build.named.setdefault(block.name, []).append(
        (block.ground.centroid.x, block.ground.centroid.y, roads[0].name)
    )
