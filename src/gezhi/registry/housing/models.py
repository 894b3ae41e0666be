"""Buildings: footprint, address, floors, number of households."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import pgettext_lazy

from gezhi.foundation.areas.models import Area

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


class Use(models.TextChoices):
    """What a building is for; the map tells them apart."""

    HOME = "home", pgettext_lazy("building", "Homes")
    SHOP = "shop", pgettext_lazy("building", "Shops")
    OFFICE = "office", pgettext_lazy("building", "Offices")
    PUBLIC = "public", pgettext_lazy("building", "School, hospital or public service")
    INDUSTRY = "industry", pgettext_lazy("building", "Industry")
    OTHER = "other", pgettext_lazy("building", "Other")


class BuildingQuerySet(models.QuerySet["Building"]):
    def standing(self) -> Self:
        """Buildings not recorded as gone."""
        return self.filter(ended_at=None)

    def visible_to(self, actor: "Actor | None") -> Self:
        """The register of the areas the actor's posts cover. (Names and addresses on the map are public.)"""
        if actor is None:
            return self.none()
        return self.filter(actor.reaches("area__path"))


class Building(models.Model):
    """One building. `code` is the grid's code and five digits, or the source's own id for imported ones."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=200, blank=True)
    estate = models.CharField(max_length=80, blank=True)
    use = models.CharField(max_length=10, choices=Use.choices, default=Use.OTHER)
    # The grid it stands in, or the area of its source if it stands outside all grids.
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="buildings")
    geom = models.BinaryField()  # WKB, lon lat
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField(db_index=True)  # see codes.cells
    floors = models.PositiveSmallIntegerField(null=True)
    households = models.PositiveIntegerField(null=True)  # null: not known
    source = models.CharField(max_length=40)
    folded = models.CharField(max_length=420, blank=True)  # what address search looks in, see rules.fold
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # torn down, or gone from its source

    objects = BuildingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name or self.address or self.code
