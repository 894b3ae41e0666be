"""What people are told: notices inside the system, their way outside, and how each wants to be told."""

from datetime import time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import pgettext_lazy

from gezhi.foundation.actors.models import User
from gezhi.work.cases.models import Asker, Case

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


class Kind(models.TextChoices):
    """What a notice is about, for the person who gets it (rules.py says when)."""

    YOURS = "yours", pgettext_lazy("notice", "Waits for you")
    DESK = "desk", pgettext_lazy("notice", "New at the desk")
    DECIDE = "decide", pgettext_lazy("notice", "Waits for your decision")
    PART = "part", pgettext_lazy("notice", "Your agency is called in")
    WATCHED = "watched", pgettext_lazy("notice", "Formal supervision")
    OVERDUE = "overdue", pgettext_lazy("notice", "Overdue")
    LEADER = "leader", pgettext_lazy("notice", "Overdue in your unit")
    URGED = "urged", pgettext_lazy("notice", "Urged")
    WARN = "warn", pgettext_lazy("notice", "Due soon")
    DECIDED = "decided", pgettext_lazy("notice", "Your request is decided")
    IN_HAND = "in_hand", pgettext_lazy("notice", "News of a case in hand")
    GONE = "gone", pgettext_lazy("notice", "No longer yours")
    NEWS = "news", pgettext_lazy("notice", "News of your report")
    FOUND = "found", pgettext_lazy("notice", "Responsibility")


# Told also when the case has left one's sight: then only its number is shown.
FAREWELLS = (Kind.DECIDED, Kind.GONE)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """One's own notices, as long as their cases are in sight; that one is gone is told all the same, and
        what is about something else than the case itself is seen where that is."""
        if actor is None or actor.user_id is None:
            return self.none()
        seen = Exists(Case.objects.visible_to(actor).filter(pk=OuterRef("case_id")))
        return self.filter(seen | Q(kind__in=FAREWELLS) | ~Q(about=""), user=actor.user_id, in_app=True)


class Notice(models.Model):
    """One line for one person: a case that became theirs, a limit about to run out, an answer given."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    about = models.CharField(max_length=40, blank=True)  # what else than the case: "finding-12"
    seq = models.PositiveIntegerField()  # the event it tells of, counted for each `about` by itself
    act = models.CharField(max_length=20, blank=True)  # of that event
    in_app = models.BooleanField(default=True)  # false: this person wants this kind by other channels only
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True, in_app=True)
            ),
            models.Index(fields=["user", "-created_at"], name="notice_of_user"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "case", "about", "seq", "kind"], name="notice_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id} to {self.user_id}"


class Preference(models.Model):
    """How one person wants to be told. Who has no row is told by the defaults (rules.py)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preference", primary_key=True)
    channels: "models.JSONField[dict[str, Any], Any]" = models.JSONField(default=dict)  # kind → [channel]
    quiet = models.BooleanField(default=True)
    quiet_from = models.TimeField(default=time(22, 0))
    quiet_until = models.TimeField(default=time(7, 0))
    wake = models.BooleanField(default=True)  # emergencies pass through quiet hours
    language = models.CharField(max_length=10, default="zh-hans")  # of what is sent outside
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"preference of {self.user_id}"


class Delivery(models.Model):
    """One event told to one person by one channel that leaves the system; never written twice.

    Whoever sends it claims it first. When the sender dies between claim and answer, nobody knows whether
    it went out: then it is unsure, shown, and never sent again by itself.
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("delivery", "Queued")
        CLAIMED = "claimed", pgettext_lazy("delivery", "Being sent")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        FAILED = "failed", pgettext_lazy("delivery", "Failed")
        UNSURE = "unsure", pgettext_lazy("delivery", "Not known whether it went out")
        NEEDLESS = "needless", pgettext_lazy("delivery", "No longer needed")

    channel = models.CharField(max_length=12)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    asker = models.ForeignKey(Asker, null=True, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=40, blank=True)
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=Kind.choices, blank=True)  # of the notice; none for askers
    held = models.BooleanField(default=False)  # waits for the end of quiet hours, then goes with the others
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)  # in our words; never an address

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="delivery_queued", condition=Q(state="queued")),
            models.Index(fields=["claimed_at"], name="delivery_claimed", condition=Q(state="claimed")),
            models.Index(
                fields=["ended_at"], name="delivery_stuck", condition=Q(state__in=["failed", "unsure"])
            ),
            models.Index(fields=["ended_at"], name="delivery_over", condition=Q(ended_at__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "case", "about", "seq", "channel"], name="delivery_once_to_staff"
            ),
            models.UniqueConstraint(
                fields=["asker", "case", "seq", "channel"], name="delivery_once_to_asker"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, asker__isnull=False)
                | Q(user__isnull=False, asker__isnull=True),
                name="delivery_to_one_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.case_id}/{self.seq} to {self.user_id or self.asker_id}: {self.state}"
