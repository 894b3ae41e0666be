"""Schemes, their published layers, the polygons of grids, and what the base map draws.

Boundaries of grids, roads, water and greenery are public: they hang on every sign-board, so reads of them
take no actor. Only writing needs a grant (see services).
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from gezhi.foundation.areas.models import Area
from gezhi.foundation.language import named


class Scheme(models.Model):
    """One way of laying grids over the ground of an area: the base scheme, fire, labour …

    A grid's identity is scheme and code. `base` schemes are what `locate` answers from; an area has one.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="schemes")
    base = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area"], condition=Q(base=True), name="scheme_one_base_an_area")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        return named(self.name, self.name_en)


class Layer(models.Model):
    """A scheme as it was published at a moment, in force from-until (half-open)."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="layers")
    version = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    stamp = models.UUIDField(default=uuid.uuid4)  # another set of polygons is another stamp: caches go by it

    class Meta:
        ordering: ClassVar = ["scheme_id", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "version"], name="layer_version_once"),
            models.UniqueConstraint(
                fields=["scheme"],
                condition=Q(published_at__isnull=False, valid_until__isnull=True),
                name="layer_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="layer_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id}/{self.version}"


class Grid(models.Model):
    """The polygon of one grid in one layer. Posts and scope hang on `area`, the node of the tree."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="grids")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="grids")
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    geom = models.BinaryField()  # WKB, lon lat, CGCS2000 (taken as equal to WGS84)
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    households = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["layer", "code"], name="grid_code_once_a_layer"),
            models.UniqueConstraint(fields=["layer", "area"], name="grid_area_once_a_layer"),
        ]

    def __str__(self) -> str:
        return self.name


class MapSheet(models.Model):
    """The base map of one area from one source, replaced as a whole. The map shows `attribution`."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="map_sheets")
    source = models.CharField(max_length=40)
    attribution = models.CharField(max_length=200, blank=True)
    replaced_at = models.DateTimeField()
    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        ordering: ClassVar = ["area_id", "source"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "source"], name="map_sheet_one_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.area_id}"


class FeatureKind(models.TextChoices):
    ROAD = "road", pgettext_lazy("map", "Road")
    WATER = "water", pgettext_lazy("map", "Water")
    GREEN = "green", pgettext_lazy("map", "Green space")
    BOUNDARY = "boundary", pgettext_lazy("map", "Boundary")


class MapFeature(models.Model):
    """A line or polygon of the base map.

    `cls` of roads: motorway, arterial, minor, path; of water: river, lake, stream; of green: park, grass,
    wood; of boundaries: the kind of area.
    """

    sheet = models.ForeignKey(MapSheet, on_delete=models.CASCADE, related_name="features")
    kind = models.CharField(max_length=10, choices=FeatureKind.choices)
    cls = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=160, blank=True)
    geom = models.BinaryField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["kind", "min_lon"], name="map_feature_west_edge")]

    def __str__(self) -> str:
        return f"{self.kind} {self.cls} {self.name}".strip()
