"""The outbox table and its receipts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class OutboxMessage(models.Model):
    """One thing that happened and that others must hear of; written in the transaction that caused it."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)  # the same happening is never posted twice
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="outbox_waiting",
                condition=Q(done_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(fields=["dead_at"], name="outbox_dead", condition=Q(dead_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class OutboxReceipt(models.Model):
    """A consumer's word that it has done its part of a message; written with that part, so never doubled."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="receipts")
    consumer = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "consumer"], name="outbox_one_receipt")
        ]

    def __str__(self) -> str:
        return f"{self.consumer} has {self.message_id}"
