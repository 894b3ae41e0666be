"""My ground: the facts of the grid, its people, who is on duty next door, and the map."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from gezhi.faces.field.duty import Duty, on_duty
from gezhi.faces.look.cases.points import feature_of, tone_of
from gezhi.faces.look.maps import map_config
from gezhi.foundation.actors.models import Post
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.areas.queries import ancestor_of_kind, lineage
from gezhi.registry.facilities.models import Component
from gezhi.registry.housing.models import Building
from gezhi.territory.layers.queries import GridShapes, grids_of
from gezhi.work.cases.models import Case

M_PER_DEGREE = 111_320.0
BORDER_SLACK = 1e-6  # degrees; borders of neighbours drawn by hand may miss each other by a hair
MOST_POINTS, MOST_LISTED = 500, 60


@dataclass(frozen=True)
class Figures:
    """What lies in an area. `square_km` is None where it has no grids."""

    grids: int
    households: int
    square_km: float | None
    buildings: int
    components: int
    open_cases: int
    overdue: int


@require_safe
@on_duty
def grid(request: HttpRequest, duty: Duty) -> HttpResponse:
    """The facts of my ground."""
    area = duty.area
    shapes = grids_of(area.path)
    context = {
        "area": area,
        "above": [each for each in lineage(area.path) if each.pk != area.pk][1:],
        "figures": _figures(duty, shapes),
        "people": _people(duty, area.path),
        "next_door": _next_door(duty, shapes),
        "map": _map(duty, area),
    }
    return duty.page("field/grid.html", context, on="grid")


@require_safe
@on_duty
def ground_map(request: HttpRequest, duty: Duty) -> HttpResponse:
    """Open cases on the map of my ground, and the most urgent as a list."""
    cases = _open_cases(duty)
    context = {
        "listed": [(case, tone_of(case, at=duty.at)) for case in cases[:MOST_LISTED]],
        "map": _map(duty, duty.area, cases=cases, point_list="#case-list"),
    }
    return duty.page("field/map.html", context, back=reverse("field:today"))


def _map(duty: Duty, area: Area, *, cases: list[Case] | None = None, point_list: str = "") -> dict[str, Any]:
    shown = _open_cases(duty) if cases is None else cases
    features = [feature_of(case, at=duty.at, url=reverse("field:case", args=[case.number])) for case in shown]
    points = {"type": "FeatureCollection", "features": features}
    own = area.pk if area.kind == AreaKind.GRID else None
    return map_config(path=area.path, points=points, point_list=point_list, grid=own)


def _open_cases(duty: Duty) -> list[Case]:
    """The open cases on my ground, the most urgent first."""
    found = Case.objects.visible_to(duty.actor).active().filter(within("area_path", duty.area.path))
    found = found.select_related("item")
    return list(found.order_by(F("due_at").asc(nulls_last=True), "id")[:MOST_POINTS])


def _figures(duty: Duty, shapes: GridShapes) -> Figures:
    path = duty.area.path
    open_cases = Case.objects.visible_to(duty.actor).active().filter(within("area_path", path))
    return Figures(
        grids=len(shapes.ids),
        households=int(shapes.households.sum()),
        square_km=_square_km(shapes) if len(shapes.ids) else None,
        buildings=Building.objects.standing().filter(within("area__path", path)).count(),
        components=Component.objects.filter(within("area__path", path)).count(),
        open_cases=open_cases.count(),
        overdue=open_cases.filter(due_at__lt=duty.at).count(),
    )


def _square_km(shapes: GridShapes) -> float:
    """The ground covered, by a plane at its own latitude: good to a part in a thousand for a district."""
    middle = float(np.mean([geom.centroid.y for geom in shapes.geoms]))
    square_degrees = float(shapely.area(shapes.geoms).sum())
    return square_degrees * M_PER_DEGREE**2 * float(np.cos(np.radians(middle))) / 1e6


def _people(duty: Duty, path: str) -> list[Post]:
    """Everybody on a post in my ground."""
    posts = Post.objects.visible_to(duty.actor).current(duty.at).filter(within("area__path", path))
    walks = posts.filter(agency=None, user__is_active=True)
    return list(walks.select_related("user", "role", "area").order_by("area__path", "role__order", "pk")[:60])


def _next_door(duty: Duty, mine: GridShapes) -> list[Post]:
    """Who walks the grids that touch mine, with their duty telephones: what hangs on their sign-boards."""
    street = ancestor_of_kind(duty.area.path, AreaKind.STREET)
    if street is None or not len(mine.ids) or street.path == duty.area.path:
        return []
    around = grids_of(street.path)
    ground = shapely.union_all(mine.geoms).buffer(BORDER_SLACK)
    touching = set(around.ids[shapely.intersects(around.geoms, ground)].tolist()) - set(mine.ids.tolist())
    posts = Post.objects.current(duty.at).filter(area__in=touching, role__in=roles_with("solve"))
    posts = posts.exclude(user=duty.actor.user_id)  # one's own other grids are next door to each other
    return list(
        posts.filter(user__is_active=True).select_related("user", "role", "area").order_by("area__path")
    )
