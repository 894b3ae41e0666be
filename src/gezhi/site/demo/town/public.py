"""What is not homes: schools, hospitals, markets, offices, works, parks and the banks of the river."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from shapely.affinity import rotate, translate

from gezhi.site.demo.town import fill
from gezhi.site.demo.town.blocks import Block
from gezhi.site.demo.town.build import Builder, beside, estate, line_with_shops, old_quarter, street_of
from gezhi.site.demo.town.parts import Feature, Road


def school(build: Builder, block: Block) -> None:
    """A running track on one side, teaching blocks in rows on the other."""
    angle = fill.bearing(block.ground)
    inner = block.ground.buffer(-7)
    for length, width in ((150.0, 66.0), (118.0, 54.0), (84.0, 42.0), (62.0, 32.0)):
        if length * width > 0.36 * block.ground.area:
            continue
        oval = rotate(fill.running_track(length, width), angle, origin=(0, 0))
        track = fill.fitted(inner, oval, build.random, tries=200)
        if track is not None:
            build.green(track, "pitch", f"{block.name}操场", f"{block.name_en} Sports Ground")
            inner = inner.difference(track.buffer(6))
            break
    rows = _rows(build, depth=14, pitch=29, lengths=(40, 56), gap=14)
    shapes = [s for part in fill.parts(inner, 400) for s in fill.turned(part, angle, rows)]
    names = ("教学楼", "实验楼", "图书馆", "综合楼", "食堂", "体育馆", "艺术楼", "行政楼")
    _compound(build, block, shapes, names, floors=(3, 5))


def hospital(build: Builder, block: Block) -> None:
    """Deep blocks in rows, the wards higher than the rest."""
    angle = fill.bearing(block.ground)
    ground = block.ground.buffer(-8)
    rows = _rows(build, depth=20, pitch=44, lengths=(58, 76), gap=20)
    shapes = fill.turned(ground, angle, rows)
    names = ("门诊楼", "住院楼", "医技楼", "急诊楼", "行政楼", "康复楼", "后勤楼", "体检中心")
    _compound(build, block, shapes, names, floors=(5, 13))


def market(build: Builder, block: Block) -> None:
    """A big hall, shops all around."""
    behind = line_with_shops(build, block, share=1.4)
    angle = fill.bearing(block.ground)
    for width, depth in ((78, 46), (62, 38), (46, 30), (34, 22)):
        hall = rotate(shapely.box(-width / 2, -depth / 2, width / 2, depth / 2), angle, origin=(0, 0))
        placed = fill.fitted(behind.buffer(-3), hall, build.random, tries=120)
        if placed is not None:
            _one(build, block, placed, "shop", 2, block.name, block.name_en, kind="market")
            behind = behind.difference(placed.buffer(9))
            break
    for part in fill.parts(behind.buffer(-3), 600):
        for shape in fill.turned(part, angle, lambda g: fill.crowded(g, build.random)):
            name, name_en = build.names.shop()
            street, _ = build.address(_middle(shape), _streets(build, block))
            build.add(block, shape, "shop", 2, name=name, name_en=name_en, address=street)


def offices(build: Builder, block: Block) -> None:
    """Towers on broad feet along the street, a square between them."""
    angle = fill.bearing(block.ground)
    rows = _rows(build, depth=32, pitch=58, lengths=(34, 46, 58), gap=22)
    for shape in fill.turned(block.ground.buffer(-6), angle, rows):
        name, name_en = build.names.office()
        street, _ = build.address(_middle(shape), _streets(build, block))
        floors = int(build.random.integers(6, 22))
        build.add(block, shape, "office", floors, name=name, name_en=name_en, address=street)
        build.spot(beside(shape), f"{street}{name}楼前", "street", road=street_of(street))


def centre(build: Builder, block: Block) -> None:
    """The district's service centre: one large building on a green square."""
    angle = fill.bearing(block.ground)
    outline = shapely.union_all(
        [shapely.box(-55, 10, 55, 34), shapely.box(-55, -26, -33, 34), shapely.box(33, -26, 55, 34)]
    )
    placed = fill.fitted(
        block.ground.buffer(-6), rotate(outline, angle, origin=(0, 0)), build.random, tries=150
    )
    if placed is None:
        offices(build, block)
        return
    _one(build, block, placed, "public", 8, block.name, block.name_en, kind="public")
    lawn = block.ground.buffer(-9).difference(placed.buffer(14))
    for part in fill.parts(lawn, 500):
        build.green(part.buffer(-4).buffer(4), "grass")


def works(build: Builder, block: Block) -> None:
    """Long halls of the industrial park."""
    angle = fill.bearing(block.ground)
    rows = _rows(build, depth=38, pitch=60, lengths=(60, 84, 110), gap=18)
    for shape in fill.turned(block.ground.buffer(-8), angle, rows):
        name, name_en = build.names.works()
        hall = f"{name}{build.random.integers(1, 6)}号厂房"
        street, _ = build.address(_middle(shape), _streets(build, block))
        build.add(block, shape, "industry", 1, name=hall, name_en=name_en, address=street)
        build.spot(beside(shape), f"{street}{name}门口", "industry", road=street_of(street))


def depot(build: Builder, block: Block) -> None:
    """A bus depot: one long hall, the rest is yard."""
    block.use = "industry"
    angle = fill.bearing(block.ground)
    for width in (90, 60, 40):
        hall = rotate(shapely.box(-width / 2, -11, width / 2, 11), angle, origin=(0, 0))
        placed = fill.fitted(block.ground.buffer(-6), hall, build.random)
        if placed is not None:
            _one(build, block, placed, "industry", 1, block.name, block.name_en, kind="industry")
            return


def garden(build: Builder, block: Block) -> None:
    """A small public garden with paths across it."""
    build.green(block.ground, "park", block.name, block.name_en)
    if block.ground.area > 4_000:
        pond = fill.fitted(block.ground.buffer(-24), fill.blob(build.random, 15, squash=0.7), build.random)
        if pond is not None:
            build.features.append(Feature("water", "lake", pond))
    _paths(build, block.ground, fill.bearing(block.ground))
    for spot in ("东入口", "健身角", "凉亭旁", "公厕旁"):
        place = np.array(block.ground.exterior.interpolate(build.random.random(), normalized=True).coords[0])
        inward = (np.array(block.ground.centroid.coords[0]) - place) * 0.3
        build.spot(place + inward, f"{block.name or '街心绿地'}{spot}", "green")


def park(build: Builder, block: Block) -> None:
    """The large park with its lake, a path around it and pavilions on the shore."""
    name, name_en = "镜湖公园", "Jinghu Park"
    build.green(block.ground, "park", name, name_en)
    middle = block.ground.centroid
    lake = translate(
        rotate(fill.blob(build.random, 108, wobble=0.3, squash=0.62), 35), middle.x - 15, middle.y - 12
    )
    lake = lake.intersection(block.ground.buffer(-30))
    island = translate(fill.blob(build.random, 17), middle.x + 25, middle.y - 5)
    build.features.append(Feature("water", "lake", lake.difference(island), "镜湖", "Jinghu Lake"))
    ring = lake.buffer(14).exterior.intersection(block.ground)
    for line in getattr(ring, "geoms", [ring]):
        build.paths.append(Road("环湖步道", "Lakeside Path", "path", 3.0, line))
    outer = shapely.LineString(block.ground.buffer(-36).buffer(20).exterior.coords)
    build.paths.append(Road("镜湖健身步道", "Jinghu Fitness Path", "path", 3.0, outer))
    for share in np.arange(8) / 8 + 0.05:
        shore = np.array(lake.buffer(16).exterior.interpolate(share, normalized=True).coords[0])
        gate = np.array(outer.interpolate(outer.project(shapely.Point(shore))).coords[0])
        build.paths.append(Road("", "", "path", 2.5, shapely.LineString([shore, gate])))
        wood = translate(
            fill.blob(build.random, 26), *((shore + gate) / 2 + build.random.uniform(-20, 20, 2))
        )
        wood = wood.intersection(block.ground.buffer(-6)).difference(lake.buffer(10))
        for part in fill.parts(wood, 300):
            build.green(part, "wood")
        build.spot(shore, f"{name}环湖步道", "green")
    for label, share in (("映波亭", 0.2), ("听雨轩", 0.55), ("游客中心", 0.8)):
        place = np.array(lake.buffer(24).exterior.interpolate(share, normalized=True).coords[0])
        if block.ground.contains(shapely.Point(place)):
            house = shapely.box(place[0] - 7, place[1] - 5, place[0] + 7, place[1] + 5)
            _one(build, block, house, "public", 1, f"{name}{label}", name_en, kind="green")


def bank(build: Builder, block: Block) -> None:
    """A strip of green between the water and the road along it, with a path in the middle."""
    for part in fill.parts(block.ground, 800):
        build.green(part, "park", "滨江绿道", "Riverside Greenway")
        _, south, _, north = part.bounds
        for y in np.arange(south + 40, north, 130):
            inside = part.intersection(shapely.LineString([(part.bounds[0], y), (part.bounds[2], y)]))
            if not inside.is_empty:
                metre = int(north - y) // 10 * 10
                text = (
                    f"滨江绿道{'西岸' if block.side == 'west' else '东岸'}K{metre // 1000}+{metre % 1000:03}"
                )
                build.spot(np.array(inside.centroid.coords[0]), text, "water")


def _paths(build: Builder, ground: Any, angle: float) -> None:
    """One path around and one that winds across."""
    middle = ground.centroid
    x = np.linspace(-300, 300, 61)
    winding = shapely.LineString(np.column_stack([x, 14 * np.sin(x / 26)]))
    across = translate(rotate(winding, angle + 12, origin=(0, 0)), middle.x, middle.y)
    for line in (across.intersection(ground), ground.buffer(-11).buffer(-8).buffer(8).exterior):
        if line.geom_type in ("LineString", "LinearRing") and line.length > 40:
            build.paths.append(Road("", "", "path", 2.5, shapely.LineString(line.coords)))


def _rows(
    build: Builder, *, depth: float, pitch: float, lengths: tuple[float, ...], gap: float
) -> Callable[[Any], list[Any]]:
    return lambda ground: fill.slabs(ground, build.random, depth=depth, pitch=pitch, lengths=lengths, gap=gap)


def _compound(
    build: Builder, block: Block, shapes: list[Any], names: tuple[str, ...], floors: tuple[int, int]
) -> None:
    street, _ = build.address(np.array(block.ground.centroid.coords[0]), _streets(build, block))
    for number, shape in enumerate(sorted(shapes, key=lambda s: -s.area)[: len(names)]):
        height = int(build.random.integers(*floors))
        name = block.name + names[number]
        build.add(block, shape, "public", height, name=name, name_en=block.name_en, address=street)
    edge = np.array(block.ground.exterior.interpolate(0.15, normalized=True).coords[0])
    build.spot(edge, f"{block.name}门口", "public", road=street_of(street))
    build.spot(edge + np.array([12, 9]), f"{block.name}周边道路", "public", road=street_of(street))


def _one(
    build: Builder, block: Block, shape: Any, use: str, floors: int, name: str, name_en: str, *, kind: str
) -> None:
    street, _ = build.address(_middle(shape), _streets(build, block))
    build.add(block, shape, use, floors, name=name, name_en=name_en, address=street)
    build.spot(beside(shape), f"{name}门前", kind, road=street_of(street))


def _streets(build: Builder, block: Block) -> list[Road]:
    return [r for r in build.roads_near(block.ground) if r.cls != "motorway"] or build.roads_near(
        block.ground
    )


def _middle(shape: Any) -> Any:
    return np.array(shape.centroid.coords[0])


USES: dict[str, Callable[[Builder, Block], None]] = {
    "old": old_quarter,
    "old_estate": lambda build, block: estate(build, block, "old_estate"),
    "estate": lambda build, block: estate(build, block, "estate"),
    "towers": lambda build, block: estate(build, block, "towers"),
    "school": school,
    "hospital": hospital,
    "market": market,
    "offices": offices,
    "centre": centre,
    "industry": works,
    "depot": depot,
    "green": garden,
    "park": park,
    "bank": bank,
}


def build_on(build: Builder, block: Block) -> None:
    """Build what the block is for; on ground too small for anything, plant it."""
    if block.use == "water" or block.ground.is_empty:
        return
    if block.ground.area < 1_500 and block.use not in ("park", "bank"):
        block.use, block.name, block.name_en = "green", "", ""
    USES[block.use](build, block)
