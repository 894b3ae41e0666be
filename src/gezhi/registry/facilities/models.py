"""City components: manhole covers, street lamps, hydrants, bins … each with its identity code."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


class ComponentQuerySet(models.QuerySet["Component"]):
    def standing(self) -> Self:
        """Components not recorded as removed."""
        return self.filter(ended_at=None)

    def visible_to(self, actor: "Actor | None") -> Self:
        """The register of the areas of the actor's posts, and what their agencies own or maintain."""
        if actor is None:
            return self.none()
        scope = actor.reaches("area__path")
        for path in {seat.agency_path for seat in actor.seats if seat.agency_path}:
            scope |= within("owner__path", path) | within("maintainer__path", path)
        return self.filter(scope)


class Component(models.Model):
    """One piece of street furniture or of a network.

    `code` is the 16-digit identity code: 6 county, 2 class, 2 item, 6 sequence. `item_code` is its class and
    item, as in the catalogue of matters.
    """

    code = models.CharField(max_length=16, unique=True)
    item_code = models.CharField(max_length=4)
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=120, blank=True)  # where it stands, in words
    # The grid it stands in, or the area of the census if it stands outside all grids.
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="components")
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()  # see codes.cells
    owner = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="components_owned")
    maintainer = models.ForeignKey(
        Agency, null=True, on_delete=models.PROTECT, related_name="components_maintained"
    )
    checked_on = models.DateField(null=True)
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [models.Index(fields=["cell", "item_code"], name="component_near")]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"
