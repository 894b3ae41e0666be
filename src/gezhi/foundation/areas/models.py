"""The tree of areas."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import pgettext_lazy

from gezhi.foundation.areas.fields import PathField, within
from gezhi.foundation.language import named


class AreaKind(models.TextChoices):
    """Kinds of areas from large to small; a tree may leave out any of them."""

    PROVINCE = "province", pgettext_lazy("area", "Province")
    CITY = "city", pgettext_lazy("area", "City")
    DISTRICT = "district", pgettext_lazy("area", "District")
    STREET = "street", pgettext_lazy("area", "Street")
    COMMUNITY = "community", pgettext_lazy("area", "Community")
    GRID = "grid", pgettext_lazy("area", "Grid")
    MICRO_GRID = "micro_grid", pgettext_lazy("area", "Micro-grid")
    BUILDING = "building", pgettext_lazy("area", "Building")
    HOUSEHOLD = "household", pgettext_lazy("area", "Household")


class AreaQuerySet(models.QuerySet["Area"]):
    def below(self, path: str) -> Self:
        """The area of this path and everything in it."""
        return self.filter(within("path", path))


class Area(models.Model):
    """One node of the tree. `code` is unique in the whole tree; `path` chains the codes from the root."""

    kind = models.CharField(max_length=12, choices=AreaKind.choices)
    code = models.CharField(max_length=30, unique=True)
    path = PathField(unique=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    retired_at = models.DateTimeField(null=True)  # a retired code is never reused

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        """The name in the language of the page."""
        return named(self.name, self.name_en)
