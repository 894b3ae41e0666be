"""Notices shown to people inside the system."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import pgettext_lazy

from gezhi.foundation.actors.models import User
from gezhi.work.cases.models import Case

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """One's own notices, as long as their cases are in sight."""
        if actor is None or actor.user_id is None:
            return self.none()
        case = Case.objects.visible_to(actor).filter(pk=OuterRef("case_id"))
        return self.filter(Exists(case), user=actor.user_id)


class Notice(models.Model):
    """One line for one person: a case that became theirs, a limit about to run out, an answer given."""

    class Kind(models.TextChoices):
        YOURS = "yours", pgettext_lazy("notice", "Waits for you")
        WARN = "warn", pgettext_lazy("notice", "Due soon")
        OVERDUE = "overdue", pgettext_lazy("notice", "Overdue")
        LEADER = "leader", pgettext_lazy("notice", "Overdue in your unit")
        URGED = "urged", pgettext_lazy("notice", "Urged")
        NEWS = "news", pgettext_lazy("notice", "News of your report")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    seq = models.PositiveIntegerField()  # the event it tells of
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["user", "-created_at"], name="notice_of_user"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "case", "seq", "kind"], name="notice_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id} to {self.user_id}"
