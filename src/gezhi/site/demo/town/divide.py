"""Dividing blocks into communities and grids: connected, balanced, along wide streets where it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

TREES = 40
IMBALANCE = 28.0  # what being off by one part's whole weight costs; half of it a quarter
BORDER_UNIT = 300.0  # metres of border inside a superblock that cost 1
WIDE, NARROW = 0.35, 1.0  # what a metre of border costs along a superblock's edge and inside one


@dataclass(slots=True)
class Graph:
    """Pieces of ground with their weight, and the metres every two neighbours share."""

    weights: list[float]
    shared: dict[tuple[int, int], float]

    def neighbours(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.weights]
        for one, other in self.shared:
            found[one].append(other)
            found[other].append(one)
        return found


def adjacency(faces: Sequence[Any], groups: Sequence[int]) -> dict[tuple[int, int], float]:
    """What each two faces' common border costs to keep as a border: metres, fewer along wide streets."""
    tree = shapely.STRtree(faces)
    left, right = tree.query(np.array(faces, dtype=object), predicate="touches")
    shared: dict[tuple[int, int], float] = {}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one < other:
            length = faces[one].intersection(faces[other]).length
            if length > 5:
                shared[one, other] = length * (WIDE if groups[one] != groups[other] else NARROW)
    return shared


def divide(graph: Graph, parts: int, random: np.random.Generator) -> list[int]:
    """A part (0 … parts-1) for each piece; every part is connected if the whole is."""
    labels = [0] * len(graph.weights)
    waiting = [(list(range(len(graph.weights))), parts, 0)]
    while waiting:
        pieces, count, first = waiting.pop()
        if count == 1:
            for piece in pieces:
                labels[piece] = first
            continue
        few = count // 2
        inside = _best_cut(graph, pieces, few, count, random)
        waiting.append(([p for p in pieces if p in inside], few, first))
        waiting.append(([p for p in pieces if p not in inside], count - few, first + few))
    return labels


def _best_cut(graph: Graph, pieces: list[int], few: int, count: int, random: np.random.Generator) -> set[int]:
    """The connected part for `few` of `count` parts that costs least, of the cuts of many random trees.

    Both sides keep at least as many pieces as parts are to be made of them.
    """
    members = set(pieces)
    edges = [(a, b, w) for (a, b), w in graph.shared.items() if a in members and b in members]
    total = sum(graph.weights[p] for p in pieces)
    best: tuple[float, set[int]] = (float("inf"), set())
    for _ in range(TREES):
        for below in _branches(pieces, edges, random):
            weight = sum(graph.weights[p] for p in below)
            for inside, part in ((below, weight), (members - below, total - weight)):
                off = IMBALANCE * ((part / total - few / count) * count) ** 2
                fits = len(inside) >= few and len(members) - len(inside) >= count - few
                if fits and off < best[0]:
                    border = sum(w for a, b, w in edges if (a in inside) != (b in inside))
                    best = min(best, (off + border / BORDER_UNIT, inside), key=lambda cut: cut[0])
    assert best[1], "there are fewer pieces than parts, or they do not hang together"
    return best[1]


def _branches(
    pieces: list[int], edges: list[tuple[int, int, float]], random: np.random.Generator
) -> list[set[int]]:
    """What lies below each edge of a random tree: every one of them is connected, and so is the rest."""
    order = _random_tree(pieces, edges, random)
    below: dict[int, set[int]] = {p: {p} for p in pieces}
    for piece, parent in reversed(order):
        if parent >= 0:
            below[parent] |= below[piece]
    return [below[piece] for piece, parent in order if parent >= 0]


def _random_tree(
    pieces: list[int], edges: list[tuple[int, int, float]], random: np.random.Generator
) -> list[tuple[int, int]]:
    """A random spanning tree as (piece, parent), parents first. Long borders are kept inside."""
    costs = random.random(len(edges)) / np.sqrt([e[2] + 1 for e in edges])
    group = {p: p for p in pieces}

    def root(piece: int) -> int:
        while group[piece] != piece:
            group[piece] = group[group[piece]]
            piece = group[piece]
        return piece

    links: dict[int, list[int]] = {p: [] for p in pieces}
    for index in np.argsort(costs):
        one, other, _ = edges[index]
        a, b = root(one), root(other)
        if a != b:
            group[a] = b
            links[one].append(other)
            links[other].append(one)
    order: list[tuple[int, int]] = [(pieces[0], -1)]
    for piece, parent in order:
        order.extend((n, piece) for n in links[piece] if n != parent)
    return order
