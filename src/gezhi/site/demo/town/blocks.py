"""From lines to blocks: what is enclosed, on which bank, in which superblock, and what it is used for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gezhi.site.demo.town import lines
from gezhi.site.demo.town.lines import Grain, River
from gezhi.site.demo.town.names import Names
from gezhi.site.demo.town.parts import Road

VERGE = {"motorway": 12.0, "arterial": 6.0, "minor": 3.5, "path": 1.2}
OLD_TOWN = Grain(area=13_500, width=88, lanes=True)
NEW_TOWN = Grain(area=27_000, width=110, lanes=False)
COARSE = Grain(area=62_000, width=180, lanes=False)
WHOLE = Grain(area=10_000_000, width=5_000, lanes=False)

# What lies where, as east and north of the town's middle. The rest is drawn by lot.
SUPERBLOCKS = (
    ("park", 290, 430),
    ("industry", 1120, -840),
    ("offices", 260, 100),
)
BLOCKS = (
    ("school", -780, 290, "望江小学", "Wangjiang Primary School"),
    ("school", -610, -750, "渡口小学", "Dukou Primary School"),
    ("school", 940, 400, "云泽区第一中学", "Yunze No. 1 Middle School"),
    ("school", 380, -510, "青禾小学", "Qinghe Primary School"),
    ("school", 850, -500, "文汇中学", "Wenhui Middle School"),
    ("school", 500, 770, "云杉小学", "Yunshan Primary School"),
    ("hospital", -450, 720, "云泽区人民医院", "Yunze People's Hospital"),
    ("hospital", 1060, -210, "云泽区中医院", "Yunze Hospital of Chinese Medicine"),
    ("market", -560, -190, "米市菜市场", "Mishi Market"),
    ("market", 590, -260, "海棠农贸市场", "Haitang Market"),
    ("market", 770, 690, "云杉便民市场", "Yunshan Market"),
    ("green", -480, 200, "钟楼公园", "Zhonglou Garden"),
    ("green", 720, -740, "海棠公园", "Haitang Garden"),
    ("green", 1000, 800, "桂雨广场", "Guiyu Square"),
    ("green", -940, -560, "书院公园", "Shuyuan Garden"),
    ("estate", 490, -240, "映月园", "Yingyue Garden"),
    ("estate", 300, -430, "观澜里", "Guanlan Terrace"),
    ("centre", 510, 70, "云泽区政务服务中心", "Yunze Government Service Centre"),
    ("depot", -1060, -860, "西环公交场站", "Xihuan Bus Depot"),
)
NEAR_ENOUGH = 270.0
USES = {  # by lot, for the blocks that are left
    "west": (("old", 0.62), ("old_estate", 0.27), ("estate", 0.05), ("offices", 0.06)),
    "north_east": (("estate", 0.50), ("towers", 0.24), ("offices", 0.13), ("old_estate", 0.13)),
    "south_east": (("estate", 0.60), ("towers", 0.14), ("old_estate", 0.14), ("offices", 0.12)),
}


@dataclass(slots=True)
class Block:
    """One face of the plan. `face` reaches to the middle of the streets, `ground` is what can be built on."""

    index: int
    face: Any
    ground: Any
    side: str  # west, north_east, south_east
    superblock: int
    use: str
    name: str = ""
    name_en: str = ""


@dataclass(slots=True)
class Plan:
    """Streets, river, superblocks and blocks, in metres."""

    roads: list[Road]
    river: River
    superblocks: list[Any]
    blocks: list[Block]


def draw_plan(random: np.random.Generator, names: Names) -> Plan:
    """Lay the streets and say what each block is used for."""
    roads, limits = lines.arterials(random)
    river = River.draw()
    fixed = [river.middle, *river.banks, *limits]
    superblocks = lines.faces([r.line for r in roads] + fixed)
    uses = [_superblock_use(s, river) for s in superblocks]
    avenue = next(r.line for r in roads if r.name == "云泽大道")
    for face, use in zip(superblocks, uses, strict=True):
        grain = WHOLE if use in ("park", "bank", "water") else COARSE
        if use == "town":
            grain = OLD_TOWN if _side(face, avenue) == "west" else NEW_TOWN
        elif use == "offices":
            grain = NEW_TOWN
        roads.extend(lines.cut_streets(face, grain, names, random))
    blocks = _blocks(roads, fixed, superblocks, uses, avenue)
    _assign_uses(blocks, random)
    return Plan(roads=roads, river=river, superblocks=superblocks, blocks=blocks)


def _superblock_use(face: Any, river: River) -> str:
    inside = face.representative_point()
    if river.water.contains(inside):
        return "water"
    if face.area < 45_000 and face.distance(river.water) < 1:
        return "bank"
    for use, x, y in SUPERBLOCKS:
        if face.contains(shapely.Point(x, y)):
            return use
    return "town"


def _side(face: Any, avenue: Any) -> str:
    """Which of the three streets (街道) a face lies in: the west bank, or the east bank by the avenue."""
    place = face.representative_point()
    if place.x < float(lines.river_x(np.array([place.y]))[0]):
        return "west"
    on_avenue = avenue.interpolate(avenue.project(place))
    return "north_east" if place.y > on_avenue.y else "south_east"


def _blocks(
    roads: list[Road], fixed: list[Any], superblocks: list[Any], uses: list[str], avenue: Any
) -> list[Block]:
    tree = shapely.STRtree(superblocks)
    surfaces = [r.line.buffer(r.width / 2 + VERGE[r.cls], cap_style="flat") for r in roads]
    surface_tree = shapely.STRtree(surfaces)
    blocks: list[Block] = []
    for face in lines.faces([r.line for r in roads] + fixed):
        over = tree.query(face.representative_point(), predicate="intersects")
        if not len(over):
            continue
        superblock = int(over[0])
        near = [surfaces[n] for n in surface_tree.query(face)]
        ground = _largest(face.difference(shapely.union_all(near)).buffer(-2).buffer(2))
        blocks.append(
            Block(
                index=len(blocks),
                face=face,
                ground=ground,
                side=_side(face, avenue),
                superblock=superblock,
                use=uses[superblock],
            )
        )
    return blocks


def _largest(shape: Any) -> Any:
    parts = [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon"]
    return max(parts, key=lambda p: p.area, default=shapely.Polygon())


def _assign_uses(blocks: list[Block], random: np.random.Generator) -> None:
    free = [b for b in blocks if b.use == "town"]
    for use, x, y, name, name_en in BLOCKS:
        block = min((b for b in free if b.use == "town"), key=lambda b: _unfit(b, use, x, y))
        block.use, block.name, block.name_en = use, name, name_en
    for block in free:
        if block.use == "town":
            lots = USES[block.side]
            block.use = str(random.choice([kind for kind, _ in lots], p=[share for _, share in lots]))


def _unfit(block: Block, use: str, x: float, y: float) -> float:
    """Metres from where it is wanted; a block too small for a school counts as far off.

    Of the blocks near the place wanted for an estate the largest fits best.
    """
    away = float(block.ground.distance(shapely.Point(x, y)))
    if use == "estate":
        return away if away > NEAR_ENOUGH else -float(block.ground.buffer(-25).area)
    least = {"school": 16_000, "hospital": 14_000}.get(use, 7_000)
    most = {"green": 14_000, "market": 16_000}.get(use, 90_000)
    wrong = not least <= block.ground.area <= most
    return away + (600 if wrong else 0)
