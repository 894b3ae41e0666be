"""Saved filters and phrases of people, phrases of areas, and handover notes of desks."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from gezhi.foundation.actors.models import User
from gezhi.foundation.areas.fields import PathField, ancestors, within
from gezhi.foundation.areas.models import Area
from gezhi.work.desk.rules import DESK_GRANTS, WATCHES, DeskPlace, desks_of

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor

NAME_LIMIT = 40
PHRASE_LIMIT = 500
NOTE_LIMIT = 4000


class OwnQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """One's own only."""
        if actor is None or actor.user_id is None:
            return self.none()
        return self.filter(user=actor.user_id)


class SavedFilter(models.Model):
    """A filter of the list of cases one person keeps under a name. `words` are those of its address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LIMIT)
    words = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField()
    first = models.BooleanField(default=False)  # what the list opens with

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="filter_name_of_user"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(first=True), name="filter_one_first_of_user"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PhraseQuerySet(models.QuerySet["Phrase"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """One's own, and those of the areas at, above and below one's posts."""
        if actor is None or actor.user_id is None:
            return self.none()
        seen = Q(user=actor.user_id)
        for seat in actor.seats:
            at_or_below = within("area_path", seat.area_path) & Q(area__isnull=False)
            seen |= Q(area_path__in=ancestors(seat.area_path)) | at_or_below
        return self.filter(seen)


class Phrase(models.Model):
    """A text somebody writes often: one person's, or of all who work in an area."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    area_path = PathField(blank=True)
    act = models.CharField(max_length=20, blank=True)  # the act it is for; empty for every act
    short = models.CharField(max_length=12, blank=True)  # what is typed after a slash to get it
    text = models.CharField(max_length=PHRASE_LIMIT)
    position = models.PositiveSmallIntegerField()

    objects = PhraseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        indexes: ClassVar = [models.Index(fields=["area_path"], name="phrase_of_area")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, area__isnull=True, area_path="")
                | (Q(user__isnull=True, area__isnull=False) & ~Q(area_path="")),
                name="phrase_of_a_person_or_an_area",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class HandoverQuerySet(models.QuerySet["HandoverNote"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """Notes of the desks one works at; for who leads an area those of all desks in it and below."""
        if actor is None:
            return self.none()
        seen = Q(pk__in=[])
        for seat in actor.seats:
            if seat.grants & WATCHES:
                seen |= within("area_path", seat.area_path)
            elif own := seat.grants & DESK_GRANTS:
                seen |= Q(area_path=seat.area_path, grant__in=["", *own])
        return self.filter(seen)

    def handed_to(self, *places: DeskPlace) -> Self:
        """Notes whose next shift sits at one of these desks: of the same area, and of no other work."""
        theirs = Q(pk__in=[])
        for place in places:
            theirs |= Q(area=place.area_id) & (Q(grant__in=["", place.grant]) if place.grant else Q())
        return self.filter(theirs)

    def for_next_shift(self, actor: "Actor") -> Self:
        """Notes an actor may confirm: of the shift after at the same desk, and not who wrote it."""
        if actor.user_id is None:
            return self.none()
        return self.visible_to(actor).handed_to(*desks_of(actor)).exclude(written_by=actor.user_id)


class HandoverNote(models.Model):
    """What a shift leaves to the next: the numbers as they stood, and words."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    area_path = PathField()
    grant = models.CharField(max_length=20, blank=True)  # the desk; empty where one desk does it all
    since = models.DateTimeField()  # when the shift began
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    counts = models.JSONField(default=dict)  # see queries.standing
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["area_path", "-at"], name="handover_of_area")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(read_by__isnull=True, read_at__isnull=True)
                | Q(read_by__isnull=False, read_at__isnull=False),
                name="handover_read_by_somebody",
            ),
            models.CheckConstraint(condition=Q(at__gt=models.F("since")), name="handover_shift_has_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.grant} {self.at:%Y-%m-%d %H:%M}"
