"""Publishing a layer of grids and replacing the base map of an area."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import NotAllowed, Refused
from gezhi.foundation.audit.services import record
from gezhi.territory.layers.models import Grid, Layer, MapFeature, MapSheet, Scheme
from gezhi.territory.layers.queries import kept_stamps

BATCH = 500
OVERLAP_TOLERANCE = 1e-9  # square degrees, about ten square metres: rounding of shared edges, not ground


@dataclass(frozen=True, slots=True)
class GridShape:
    """The polygon of one grid on its way into a layer."""

    area: Area
    geom: Any  # shapely Polygon or MultiPolygon
    households: int = 0


@dataclass(frozen=True, slots=True)
class FeatureShape:
    """One line or polygon on its way onto the base map."""

    kind: str
    cls: str
    geom: Any
    name: str = ""
    name_en: str = ""


def ensure_scheme(
    *, actor: Actor, at: datetime, area: Area, code: str, name: str, name_en: str, base: bool
) -> Scheme:
    """The scheme of this code, made if it is new."""
    authorise(actor, area.path)
    with transaction.atomic():
        scheme, fresh = Scheme.objects.get_or_create(
            code=code, defaults={"area": area, "name": name, "name_en": name_en, "base": base}
        )
        if fresh:
            record(actor=actor, act="scheme.make", subject=scheme, at=at, detail={"code": code})
    return scheme


def publish_layer(*, actor: Actor, at: datetime, scheme: Scheme, grids: Sequence[GridShape]) -> Layer:
    """Put a set of grids in force from `at` on; the layer before it ends then and stays readable."""
    authorise(actor, scheme.area.path)
    _check_shapes(scheme, grids)
    with transaction.atomic():
        Scheme.objects.select_for_update().get(pk=scheme.pk)
        last = scheme.layers.aggregate(last=Max("version"))["last"] or 0
        in_force = scheme.layers.filter(published_at__isnull=False, valid_until=None).first()
        if in_force is not None:
            if in_force.valid_from >= at:
                raise Refused(
                    "layer_order", _("A layer published later is in force. Choose a moment after it starts.")
                )
            in_force.valid_until = at
            in_force.save(update_fields=["valid_until"])
        layer = Layer.objects.create(scheme=scheme, version=last + 1, valid_from=at, published_at=at)
        Grid.objects.bulk_create([_grid_row(layer, g) for g in grids], batch_size=BATCH)
        kept_stamps.changed()
        detail = {"scheme": scheme.code, "version": layer.version, "grids": len(grids)}
        record(actor=actor, act="layer.publish", subject=layer, at=at, detail=detail, topic="layer.published")
    return layer


def replace_features(
    *,
    actor: Actor,
    at: datetime,
    area: Area,
    source: str,
    attribution: str,
    features: Sequence[FeatureShape],
) -> MapSheet:
    """Put these features in place of all that this source has drawn of the area so far."""
    authorise(actor, area.path)
    with transaction.atomic():
        sheet, _fresh = MapSheet.objects.update_or_create(
            area=area,
            source=source,
            defaults={"attribution": attribution, "replaced_at": at, "stamp": uuid.uuid4()},
        )
        sheet.features.all().delete()
        MapFeature.objects.bulk_create([_feature_row(sheet, f) for f in features], batch_size=BATCH)
        detail = {"area": area.code, "source": source, "features": len(features)}
        record(actor=actor, act="map.replace", subject=sheet, at=at, detail=detail)
    return sheet


def authorise(actor: Actor, path: str) -> None:
    """Those who keep the catalogue or the system there may draw maps, and the operator's command line."""
    granted = actor.may("manage_catalogue", path) or actor.may("manage_system", path)
    if actor.kind != "system" and not (granted and actor.allows("admin")):
        raise NotAllowed


def _check_shapes(scheme: Scheme, grids: Sequence[GridShape]) -> None:
    if not grids:
        raise Refused("layer_empty", _("A layer needs at least one grid."))
    for grid in grids:
        if not grid.area.path.startswith(scheme.area.path):
            raise Refused(
                "grid_outside",
                _("Grid %(grid)s is not in %(area)s.") % {"grid": grid.area.code, "area": scheme.area.name},
            )
        if (
            grid.geom.is_empty
            or not grid.geom.is_valid
            or grid.geom.geom_type not in ("Polygon", "MultiPolygon")
        ):
            raise Refused(
                "grid_shape",
                _("The boundary of grid %(grid)s is not a closed area that does not cross itself.")
                % {"grid": grid.area.code},
            )
    _check_overlap(grids)


def _check_overlap(grids: Sequence[GridShape]) -> None:
    geoms = np.array([g.geom for g in grids], dtype=object)
    left, right = shapely.STRtree(geoms).query(geoms, predicate="intersects")
    pairs = left < right
    shared = shapely.area(shapely.intersection(geoms[left[pairs]], geoms[right[pairs]]))
    for index in np.flatnonzero(shared > OVERLAP_TOLERANCE):
        one, other = grids[left[pairs][index]].area, grids[right[pairs][index]].area
        raise Refused(
            "grid_overlap",
            _("Grids %(one)s and %(other)s overlap. Give the ground to one of them.")
            % {"one": one.code, "other": other.code},
        )


def _grid_row(layer: Layer, grid: GridShape) -> Grid:
    west, south, east, north = grid.geom.bounds
    return Grid(
        layer=layer,
        area=grid.area,
        code=grid.area.code,
        name=grid.area.name,
        geom=shapely.to_wkb(grid.geom),
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
        households=grid.households,
    )


def _feature_row(sheet: MapSheet, feature: FeatureShape) -> MapFeature:
    west, south, east, north = feature.geom.bounds
    return MapFeature(
        sheet=sheet,
        kind=feature.kind,
        cls=feature.cls,
        name=feature.name,
        name_en=feature.name_en,
        geom=shapely.to_wkb(feature.geom),
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
    )
