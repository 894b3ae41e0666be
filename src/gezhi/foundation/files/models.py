"""A stored file."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class File(models.Model):
    """A photo as it is kept: re-encoded, without metadata, named by the hash of its bytes.

    It has no readers of its own: whoever may see what it hangs on may see it, and decides so there.
    """

    sha256 = models.CharField(max_length=64, unique=True)  # of the bytes kept, so the same photo is one row
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes kept
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # What the camera wrote into the photo; taken out of the bytes and kept here alone.
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    name = models.CharField(max_length=120, blank=True)  # as the first sender called it
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                # Spelt out: a check whose outcome is NULL would let half a place pass.
                | Q(lon__isnull=False, lat__isnull=False, lon__range=(-180, 180), lat__range=(-90, 90)),
                name="file_place_whole_and_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.name}"
