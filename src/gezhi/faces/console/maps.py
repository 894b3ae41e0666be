"""Open cases on the map, in the colours of their clocks, mirrored in a list."""

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gezhi.faces.console.desk import Desk, at_desk
from gezhi.faces.console.queue import ACTIVE_TAB, tabs_for
from gezhi.faces.look.cases.points import feature_of, tone_of
from gezhi.faces.look.maps import map_config
from gezhi.foundation.audit.errors import Invalid
from gezhi.territory.layers.queries import in_box
from gezhi.territory.layers.rules import Bbox
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import Filter, filtered
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import MatterKind

MOST_POINTS = 2000
MOST_LISTED = 100
NOT_ON_THE_MAP = ("closed", "ended", "all")  # the map is of what is open


@require_safe
@at_desk
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The map with its filter and the most urgent of its cases as a list."""
    wanted = _wanted(desk)
    found = list(_ordered(desk, wanted)[: MOST_LISTED + 1])
    address = desk.url("map_points", **_words(wanted))
    context: dict[str, Any] = {
        "stage": wanted.stage,
        "stages": [ACTIVE_TAB, *(tab for tab in tabs_for(desk) if tab[0] not in NOT_ON_THE_MAP)],
        "matter": wanted.item_kind,
        "matters": MatterKind.choices,
        "source": wanted.source,
        "sources": Source.choices,
        "listed": [(case, tone_of(case, at=desk.at)) for case in found[:MOST_LISTED]],
        "more": len(found) > MOST_LISTED,
        "map": map_config(path=desk.scope.ground, points=address, point_list="#case-list"),
        "list_url": desk.url("cases", stage=wanted.stage, matter=wanted.item_kind, source=wanted.source),
    }
    return desk.page("console/map.html", context, on="map")


@require_safe
@never_cache
@at_desk
def points(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases of the map as GeoJSON, within `bbox=west,south,east,north` if that is given."""
    found = _ordered(desk, _wanted(desk))
    if text := request.GET.get("bbox", ""):
        found = found.filter(in_box(_box(text)))
    body = {"type": "FeatureCollection", "features": _features(desk, list(found[:MOST_POINTS]))}
    return HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/geo+json")


def _wanted(desk: Desk) -> Filter:
    given = desk.request.GET
    stages = {code for code, _label in tabs_for(desk)} - set(NOT_ON_THE_MAP)
    return Filter(
        stage=given["stage"] if given.get("stage") in stages else "active",
        area_path=desk.scope.path,
        item_kind=given["matter"] if given.get("matter") in MatterKind.values else "",
        source=given["source"] if given.get("source") in Source.values else "",
    )


def _words(wanted: Filter) -> dict[str, str]:
    return {"stage": wanted.stage, "matter": wanted.item_kind, "source": wanted.source}


def _ordered(desk: Desk, wanted: Filter) -> Any:
    """The most urgent first, so that a limit on their number leaves out the least urgent."""
    found = filtered(desk.actor, wanted, at=desk.at).select_related("area", "item")
    return found.order_by(F("due_at").asc(nulls_last=True), "id")


def _features(desk: Desk, cases: Sequence[Case]) -> list[dict[str, Any]]:
    map_url = desk.url("map", **_words(_wanted(desk)))
    return [
        feature_of(
            case,
            at=desk.at,
            url=reverse("console:case", args=[case.number]),
            panel=desk.keep_area(reverse("console:panel", args=[case.number]), next=map_url),
        )
        for case in cases
    ]


def _box(text: str) -> Bbox:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid({"bbox": _("Four numbers: west, south, east, north.")}) from None
    return west, south, east, north
