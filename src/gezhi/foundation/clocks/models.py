"""What a district sets about working time."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class CalendarDay(models.Model):
    """A day whose being a working day the district has set by hand; it goes before the official list."""

    date = models.DateField(unique=True)
    working = models.BooleanField()
    note = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {'working' if self.working else 'off'}"


class WorkHours(models.Model):
    """The working periods from a day on, until the next row: [["08:00", "12:00"], ["14:00", "18:00"]]."""

    since = models.DateField(unique=True)
    periods = models.JSONField()

    class Meta:
        ordering: ClassVar = ["since"]
        verbose_name_plural = "work hours"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(periods=[]), name="work_hours_not_empty")
        ]

    def __str__(self) -> str:
        return f"{self.since}: {self.periods}"


class OfficialList(models.Model):
    """The official list of a year as it was imported: [["2027-01-01", false, "元旦"], …], in order of day.

    It goes before the list the program brings, and after the days the district sets by hand.
    """

    year = models.PositiveSmallIntegerField(primary_key=True)
    days = models.JSONField()
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["year"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(days=[]), name="official_list_not_empty")
        ]

    def __str__(self) -> str:
        return f"official list of {self.year}"
