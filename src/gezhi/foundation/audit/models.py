"""The audit trail."""

from typing import ClassVar

from django.db import models


class AuditEntry(models.Model):
    """Who did, or tried to do, what to which thing, when. Rows are only ever added."""

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_label = models.CharField(max_length=120)
    act = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=60)
    allowed = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id", "at"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_label} {self.act} {self.subject_kind} {self.subject_id}"
