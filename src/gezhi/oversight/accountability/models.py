"""Findings of responsibility and the appeals against them."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from gezhi.foundation.actors.models import Agency, Post, User
from gezhi.foundation.areas.fields import PathField, ancestors, within
from gezhi.foundation.files.models import File
from gezhi.oversight.accountability.rules import LEADS
from gezhi.work.cases.models import Case

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor, Seat


class Kind(models.TextChoices):
    """What a leader decided, from the mildest to the gravest (see rules.GRAVITY)."""

    REMINDER = "reminder", pgettext_lazy("finding", "Reminder")
    TALK = "talk", pgettext_lazy("finding", "Talk")
    BULLETIN = "bulletin", pgettext_lazy("finding", "Bulletin")
    ACCOUNTABILITY = "accountability", pgettext_lazy("finding", "Held to account")


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """The level that decided and those above it, the agency concerned, the post's holder, the auditor.

        What is found against a post is for its agency's head, not for the colleagues.
        """
        if actor is None:
            return self.none()
        if actor.kind in ("system", "policy"):
            return self
        scope = Q(pk__in=[])
        if actor.user_id is not None:
            scope = Q(recorded_by=actor.user_id) | Q(post__user=actor.user_id)
        for seat in actor.seats:
            scope |= _seen_from(seat)
        return self.filter(scope)


def _seen_from(seat: "Seat") -> Q:
    seen = Q(pk__in=[])
    if "audit" in seat.grants or seat.grants.intersection(LEADS):
        seen |= within("level_path", seat.area_path)
    if seat.agency_path:
        of_agency = within("agency_path", seat.agency_path)
        seen |= of_agency if "agency_head" in seat.grants else of_agency & Q(post=None)
    return seen


class Finding(models.Model):
    """A leader's decision on one stretch of one case's way, against an agency or a post.

    Never against a resident, and against a person only through the post they held. `facts` are the figures
    of the stretch as the record had them on that day (see trace.frozen).
    """

    class State(models.TextChoices):
        RECORDED = "recorded", pgettext_lazy("finding", "Recorded")
        APPEALED = "appealed", pgettext_lazy("finding", "Appealed against")
        UPHELD = "upheld", pgettext_lazy("finding", "Upheld")
        CHANGED = "changed", pgettext_lazy("finding", "Changed on appeal")
        WITHDRAWN = "withdrawn", pgettext_lazy("finding", "Withdrawn")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="findings")
    area_path = PathField()  # of the case, as it stood on that day
    stretch = models.CharField(max_length=30)  # which part of its way: Stretch.key
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    agency_path = PathField(blank=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)  # as it stands now
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECORDED)
    on = models.DateField()  # the day the reminder was given, the talk was had …
    reason = models.TextField()
    facts = models.JSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    level_path = PathField()  # the area of that post: the level that decided
    appeal_until = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["level_path", "-recorded_at"], name="finding_level"),
            models.Index(fields=["agency_path", "-recorded_at"], name="finding_agency"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | Q(post__isnull=False), name="finding_names_agency_or_post"
            ),
            models.UniqueConstraint(
                fields=["case", "stretch", "agency"],
                condition=Q(post__isnull=True) & ~Q(state="withdrawn"),
                name="finding_once_for_an_agency",
            ),
            models.UniqueConstraint(
                fields=["case", "stretch", "post"],
                condition=Q(post__isnull=False) & ~Q(state="withdrawn"),
                name="finding_once_for_a_post",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id} {self.stretch}"

    @property
    def about(self) -> str:
        """What notices of it are kept under."""
        return f"finding-{self.pk}"

    @property
    def subject(self) -> str:
        """Whom it is about, in the language of the page: the agency, or the post by its role and place."""
        if self.post is None:
            return self.agency.shown if self.agency else ""
        return f"{self.agency.shown if self.agency else self.post.area.shown} {self.post.role.shown}"

    @property
    def decided_above(self) -> list[str]:
        """The paths of the areas above the level that decided, nearest first."""
        return ancestors(self.level_path)[1:]


class Appeal(models.Model):
    """What the agency or the holder of the post says against a finding, and what became of it."""

    class Decision(models.TextChoices):
        UPHELD = "upheld", pgettext_lazy("appeal", "The finding stands")
        CHANGED = "changed", pgettext_lazy("appeal", "Something milder instead")
        WITHDRAWN = "withdrawn", pgettext_lazy("appeal", "The finding is withdrawn")

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="appeal")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    photos: "models.ManyToManyField[File, Any]" = models.ManyToManyField(File, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_reason = models.TextField(blank=True)
    kind_before = models.CharField(max_length=16, choices=Kind.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | ~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="appeal_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("by")), name="appeal_not_decided_by_its_maker"),
        ]

    def __str__(self) -> str:
        return f"appeal against {self.finding_id}"
