"""The generated town as a whole: `generate(seed=…)` gives the same city for the same seed, in lon and lat."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import shapely

from gezhi.site.demo.town import districts
from gezhi.site.demo.town.blocks import Plan, draw_plan
from gezhi.site.demo.town.build import Builder
from gezhi.site.demo.town.furniture import Crossing, crossings_of, furnish, some_corner
from gezhi.site.demo.town.names import Names
from gezhi.site.demo.town.parts import City, Division, Feature, Frame, Furniture, House, Spot
from gezhi.site.demo.town.public import build_on

COUNTY = "420599"  # no county has this code
NAME, NAME_EN = "云泽区", "Yunze District"
MIDDLE = Frame(lon=112.50, lat=30.20)
Placed = TypeVar("Placed", Furniture, Spot)
SPLINTER = 30.0  # metres: streets shorter than this are not drawn


def generate(*, seed: int) -> City:
    """Draw the town: plan, buildings, divisions, street furniture, places with words for them."""
    random = np.random.default_rng(seed)
    names = Names(random)
    plan = draw_plan(random, names)
    build = Builder(plan, names, random)
    for block in plan.blocks:
        build_on(build, block)
    laid_out = districts.lay_out(plan.blocks, build.houses, COUNTY, random)
    grids = [d for d in laid_out.divisions if d.kind == "grid"]
    district = shapely.union_all([g.geom for g in grids])
    crossings = crossings_of(plan.roads)
    furniture = furnish([*plan.roads, *build.paths], crossings, plan.blocks, district, COUNTY, random)
    spots = [*build.spots, *_crossing_spots(crossings, random)]
    number_houses(build.houses)
    _add_up(laid_out.divisions)
    homes = sum(g.households for g in grids)
    city = City(
        frame=MIDDLE,
        county=COUNTY,
        name=NAME,
        name_en=NAME_EN,
        divisions=[
            Division("district", COUNTY, COUNTY[:4], NAME, NAME_EN, district, homes),
            *laid_out.divisions,
        ],
        roads=[r for r in [*plan.roads, *build.paths] if r.line.length > SPLINTER],
        features=[*_water(plan), *build.features],
        houses=build.houses,
        furniture=_in_grids(furniture, grids),
        spots=_in_grids(spots, grids),
    )
    return _on_earth(city)


def _water(plan: Plan) -> list[Feature]:
    return [Feature("water", "river", plan.river.water, "云泽河", "Yunze River")]


def _crossing_spots(crossings: Sequence[Crossing], random: np.random.Generator) -> list[Spot]:
    spots = []
    for crossing in crossings:
        if "path" not in (crossing.one.cls, crossing.other.cls):
            corner, words = some_corner(crossing, random)
            spots.append(Spot(float(corner[0]), float(corner[1]), words, "crossing", road=crossing.one.name))
    return spots


def number_houses(houses: Sequence[House]) -> None:
    """Codes of buildings: the grid's 15 digits and five more, from north to south within the grid."""
    last: dict[str, int] = {}
    for house in sorted(houses, key=lambda h: (h.grid, -h.geom.centroid.y, h.geom.centroid.x)):
        last[house.grid] = last.get(house.grid, 0) + 1
        house.code = f"{house.grid}{last[house.grid]:05}"


def _in_grids(things: Sequence[Placed], grids: Sequence[Division]) -> list[Placed]:
    """The things that stand in some grid, each with the grid's code."""
    tree = shapely.STRtree([g.geom for g in grids])
    which, grid = tree.query(shapely.points([(t.x, t.y) for t in things]), predicate="intersects")
    found = []
    for at, number in sorted(dict(zip(which.tolist(), grid.tolist(), strict=True)).items()):
        things[at].grid = grids[number].code
        found.append(things[at])
    return found


def _on_earth(city: City) -> City:
    """Metres into degrees, in place."""
    frame = city.frame
    shaped: list[Division | Feature | House] = [*city.divisions, *city.features, *city.houses]
    for one in shaped:
        one.geom = frame.shape(one.geom)
    for road in city.roads:
        road.line = frame.shape(road.line)
    placed: list[Furniture | Spot] = [*city.furniture, *city.spots]
    for thing in placed:
        thing.x, thing.y = frame.point(thing.x, thing.y)
    return city


def _add_up(divisions: Sequence[Division]) -> None:
    """Households of communities and streets from their grids."""
    by_code = {d.code: d for d in divisions}
    for kind in ("grid", "community"):
        for division in divisions:
            if division.kind == kind:
                by_code[division.parent].households += division.households
