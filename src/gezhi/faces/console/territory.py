"""The ground: the tree of areas with what is in them, who is on which post, where nobody is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.places import home_path
from gezhi.faces.look.maps import map_config
from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.territory.layers.models import Grid
from gezhi.work.cases.models import Case

BELOW_THE_TREE = (AreaKind.MICRO_GRID, AreaKind.BUILDING, AreaKind.HOUSEHOLD)


@dataclass
class Node:
    """An area of the tree with the sums of all below it."""

    area: Area
    children: list["Node"] = field(default_factory=list)
    grids: int = 0
    households: int = 0
    open_cases: int = 0
    workers: list[str] = field(default_factory=list)
    vacant: int = 0  # grids without a grid worker
    on_the_way: bool = False  # leads to the chosen area


@require_safe
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tree of one's own ground, and one area of it in full."""
    roots = _tree(desk, home_path(desk.actor))
    chosen = desk.scope.area
    assert chosen is not None
    nodes = {node.area.code: node for root in roots for node in _all(root)}
    if chosen.code not in nodes:  # an area next door: its own tree
        roots = _tree(desk, chosen.path)
        nodes = {node.area.code: node for root in roots for node in _all(root)}
    node = nodes[chosen.code]
    for other in nodes.values():
        other.on_the_way = chosen.path.startswith(other.area.path)
    context: dict[str, Any] = {
        "roots": roots,
        "node": node,
        "posts": _posts(desk, chosen),
        "agencies": _agencies(chosen, desk.at),
        "vacancies": [one for one in _all(node) if one.area.kind == AreaKind.GRID and one.vacant],
        "map": map_config(path=chosen.path, grid=chosen.pk if chosen.kind == AreaKind.GRID else None),
    }
    return desk.page("console/territory.html", context, on="territory")


def _tree(desk: Desk, path: str) -> list[Node]:
    """The areas below a path with their counts; five queries whatever the size."""
    areas = Area.objects.below(path).filter(retired_at=None).exclude(kind__in=BELOW_THE_TREE)
    nodes = {area.path: Node(area) for area in areas.order_by("path")}
    _count(desk, path, nodes)
    roots: list[Node] = []
    for own_path, node in reversed(list(nodes.items())):
        above = next((nodes[p] for p in ancestors(own_path)[1:] if p in nodes), None)
        if above is None:
            roots.insert(0, node)
            continue
        above.children.insert(0, node)
        above.grids += node.grids
        above.households += node.households
        above.open_cases += node.open_cases
        above.vacant += node.vacant
    return roots


def _count(desk: Desk, path: str, nodes: dict[str, Node]) -> None:
    """What lies in each area itself; `_tree` adds it up."""
    in_force = Grid.objects.filter(
        within("area__path", path),
        layer__scheme__base=True,
        layer__published_at__isnull=False,
        layer__valid_until=None,
    )
    for row in in_force.values("area__path").annotate(n=Count("pk"), households=Sum("households")):
        if row["area__path"] in nodes:
            nodes[row["area__path"]].grids = row["n"]
            nodes[row["area__path"]].households = row["households"]
    open_cases = Case.objects.visible_to(desk.actor).active().filter(within("area_path", path))
    by_path = open_cases.order_by().values_list("area_path").annotate(n=Count("pk"))
    for area_path, number in by_path:
        if area_path in nodes:
            nodes[area_path].open_cases = number
    for post in _workers(desk.at, path):
        if post.area.path in nodes:
            nodes[post.area.path].workers.append(post.user.name)
    for node in nodes.values():
        node.vacant = int(node.area.kind == AreaKind.GRID and not node.workers)


def _workers(at: datetime, path: str) -> Iterable[Post]:
    """Who holds a post of grid worker: whoever may solve on the spot there."""
    posts = Post.objects.current(at).filter(
        within("area__path", path),
        role__in=roles_with("solve"),
        area__kind=AreaKind.GRID,
        user__is_active=True,
    )
    return posts.select_related("user", "area")


def _posts(desk: Desk, area: Area) -> list[Post]:
    """The posts on this very area."""
    found = Post.objects.visible_to(desk.actor).current(desk.at).filter(area=area)
    return list(found.select_related("user", "role", "agency").order_by("role__order", "since", "pk"))


def _agencies(area: Area, at: datetime) -> list[tuple[Agency, int]]:
    """The agencies whose jurisdiction is this area, with how many people they have."""
    found = list(Agency.objects.filter(area=area, closed_at=None).order_by("path"))
    held = Post.objects.current(at).filter(agency__in=found).order_by()
    people = dict(held.values_list("agency").annotate(n=Count("user", distinct=True)))
    return [(agency, people.get(agency.pk, 0)) for agency in found]


def _all(node: Node) -> Iterable[Node]:
    yield node
    for child in node.children:
        yield from _all(child)
