"""What a district decides for its cases, and the counters of their numbers."""

from typing import ClassVar

from django.db import models

from gezhi.foundation.actors.models import User
from gezhi.foundation.areas.models import Area


class Policy(models.Model):
    """The rules of one district, as data. The newest version counts; older ones stay readable."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    preset = models.CharField(max_length=30, blank=True)  # where it is one as it stands
    data = models.JSONField()
    since = models.DateTimeField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    author_label = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    again = models.PositiveIntegerField(null=True)  # the older version it lets hold again

    class Meta:
        verbose_name_plural = "policies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "version"], name="policy_version_of_area"),
        ]

    def __str__(self) -> str:
        return f"{self.area} v{self.version} {self.preset}"

    @property
    def who(self) -> str:
        """Who set it, by name; nobody's name where the system did."""
        return self.author.name if self.author else self.author_label


class Counter(models.Model):
    """The last number given out in a series, e.g. the cases of a month."""

    series = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series} {self.value}"
