"""Those who wait for the answer of a case, and what they say of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gezhi.foundation.actors.models import User
from gezhi.work.cases.models.case import Case


class Asker(models.Model):
    """Someone who waits for the answer of a case; contact sealed, tracking code a blind index only."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="askers")
    first_case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")  # before a merge
    code_index = models.BinaryField(max_length=32, unique=True)
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(max_length=32, null=True, db_index=True)
    email_sealed = models.BinaryField(null=True)  # left only by those who want news by e-mail
    language = models.CharField(max_length=10, default="zh-hans")
    joined_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"asker {self.pk} of {self.case_id}"


class Rating(models.Model):
    """One asker's judgement of one closing; the lowest two of five levels start a follow-up."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ratings")
    asker = models.ForeignKey(Asker, on_delete=models.CASCADE, related_name="ratings")
    closing = models.PositiveSmallIntegerField()  # 1 for the first closing, 2 after a reopening
    stars = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asker", "case", "closing"], name="rating_once_per_closing"),
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="rating_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} of 5 for {self.case_id}"


class CallBack(models.Model):
    """What a clerk outside the agency learnt from the asker after a closing."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="call_backs")
    closing = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reached = models.BooleanField()
    contacted = models.BooleanField(null=True)  # did the handler get in touch; None when not reached
    solved = models.BooleanField(null=True)
    satisfied = models.PositiveSmallIntegerField(null=True)  # five levels, as a rating
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reached=False)
                | Q(contacted__isnull=False, solved__isnull=False, satisfied__range=(1, 5)),
                name="call_back_says_all_when_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"call-back of {self.case_id}"
