"""The district's streets, communities and grids: which blocks they take, their names and codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import shapely

from gezhi.foundation.codes.areas import make_grid_code, number_grids
from gezhi.site.demo.town.blocks import Block
from gezhi.site.demo.town.divide import Graph, adjacency, divide
from gezhi.site.demo.town.names import english
from gezhi.site.demo.town.parts import Division, House

GRIDS = 56
FEWEST, MOST = 200, 500  # households a grid
HECTARE_WEIGHT = 1.5  # ground without homes has to be walked too
SIDES = (
    ("west", "望江", (("望江", -270, 180), ("渡口", -380, -480), ("钟楼", -640, 640), ("书院", -900, -420))),
    ("north_east", "云杉", (("云杉", 960, 200), ("听松", 480, 800), ("镜湖", 330, 330), ("桂雨", 1050, 720))),
    (
        "south_east",
        "海棠",
        (("青禾", 940, -330), ("文汇", 380, -780), ("映月", 520, -200), ("观澜", 250, -450)),
    ),
)


@dataclass(slots=True)
class Districts:
    """All divisions, and the grid code of every block."""

    divisions: list[Division]
    grid_of_block: dict[int, str]


def lay_out(
    blocks: Sequence[Block], houses: Sequence[House], county: str, random: np.random.Generator
) -> Districts:
    """Divide the blocks into three streets, twelve communities and the grids."""
    homes = np.zeros(len(blocks))
    np.add.at(homes, [h.block for h in houses], [h.households for h in houses])
    communities = [
        (side, members) for side, _, _ in SIDES for members in _communities(blocks, homes, side, random)
    ]
    counts = _apportion([float(homes[[b.index for b in members]].sum()) for _, members in communities])
    found = Districts(divisions=[], grid_of_block={})
    for number, (side, name, anchors) in enumerate(SIDES, start=1):
        own = [(m, n) for (s, m), n in zip(communities, counts, strict=True) if s == side]
        code = f"{county}{number:03}"
        face = _joined([b for members, _ in own for b in members])
        found.divisions.append(
            Division("street", code, county, f"{name}街道", english(name, "Subdistrict"), face)
        )
        for order, (place, stem) in enumerate(_placed_names([m for m, _ in own], anchors), start=1):
            members, grids = own[place]
            _community(found, members, grids, homes, (code, f"{code}{order:03}", stem), random)
    _settle(found, houses)
    return found


def _communities(
    blocks: Sequence[Block], homes: Any, side: str, random: np.random.Generator
) -> list[list[Block]]:
    own = [b for b in blocks if b.side == side]
    labels = divide(_graph(own, homes), 4, random)
    return [[b for b, label in zip(own, labels, strict=True) if label == part] for part in range(4)]


def _graph(blocks: Sequence[Block], homes: Any) -> Graph:
    faces = [b.face for b in blocks]
    weights = [float(homes[b.index]) + HECTARE_WEIGHT * b.face.area / 10_000 for b in blocks]
    return Graph(weights=weights, shared=adjacency(faces, [b.superblock for b in blocks]))


def _apportion(homes: list[float]) -> list[int]:
    """How many grids each community gets: by households, largest remainders first."""
    exact = [GRIDS * h / sum(homes) for h in homes]
    counts = [max(1, int(e)) for e in exact]
    order = sorted(range(len(homes)), key=lambda n: exact[n] - counts[n], reverse=True)
    for n in order[: GRIDS - sum(counts)]:
        counts[n] += 1
    return counts


def _placed_names(
    communities: Sequence[Sequence[Block]], anchors: Sequence[tuple[str, float, float]]
) -> list[tuple[int, str]]:
    """Communities from north to south and west to east, each with the name that fits its place best."""
    shapes = [_joined(c) for c in communities]
    middles = [shape.centroid for shape in shapes]
    places = [shapely.Point(x, y) for _, x, y in anchors]
    away = [[s.distance(p) + 0.1 * s.centroid.distance(p) for p in places] for s in shapes]
    best = min(
        permutations(range(len(anchors))),
        key=lambda names: sum(away[n][name] for n, name in enumerate(names)),
    )
    numbers = _page_order(middles)
    order = sorted(range(len(middles)), key=lambda n: numbers[n])
    return [(n, anchors[best[n]][0]) for n in order]


def _community(
    found: Districts,
    members: list[Block],
    grids: int,
    homes: Any,
    words: tuple[str, str, str],
    random: np.random.Generator,
) -> None:
    street, code, stem = words
    found.divisions.append(
        Division("community", code, street, f"{stem}社区", english(stem, "Community"), _joined(members))
    )
    labels = divide(_graph(members, homes), grids, random)
    parts = [[b for b, at in zip(members, labels, strict=True) if at == part] for part in range(grids)]
    shapes = [_joined(part) for part in parts]
    numbers = _page_order([s.centroid for s in shapes])
    for number, part, shape in sorted(zip(numbers, parts, shapes, strict=True), key=lambda row: row[0]):
        grid = make_grid_code(community=code, sequence=number)
        name_en = english(stem, f"Grid {number}")
        found.divisions.append(Division("grid", grid, code, f"{stem}第{number}网格", name_en, shape))
        found.grid_of_block.update({b.index: grid for b in part})


def _page_order(middles: Sequence[Any]) -> list[int]:
    """Numbers from north to south, each row from west to east. (The rule reads degrees: 1e-5 is a metre.)"""
    return number_grids([(m.x * 1e-5, m.y * 1e-5) for m in middles])


def _joined(blocks: Sequence[Block]) -> Any:
    return shapely.union_all([b.face for b in blocks])


def _settle(found: Districts, houses: Sequence[House]) -> None:
    """Write the grid into every house; where it has too few or too many households, change them."""
    grids = {d.code: d for d in found.divisions if d.kind == "grid"}
    living: dict[str, list[House]] = {code: [] for code in grids}
    for house in houses:
        house.grid = found.grid_of_block[house.block]
        if house.households:
            living[house.grid].append(house)
    for code, homes in living.items():
        total = sum(h.households for h in homes)
        wanted = min(max(total, FEWEST + 12), MOST - 12)
        if homes and total != wanted:
            _scale(homes, wanted)
        grids[code].households = sum(h.households for h in homes)


def _scale(homes: list[House], wanted: int) -> None:
    """Change the households of the larger houses in proportion until the sum is as wanted."""
    total = sum(h.households for h in homes)
    for house in homes:
        house.households = max(1, round(house.households * wanted / total))
    off = wanted - sum(h.households for h in homes)
    by_size = sorted(homes, key=lambda h: -h.households)
    for n in range(abs(off)):
        house = by_size[n % len(by_size)]
        house.households = max(1, house.households + (1 if off > 0 else -1))
