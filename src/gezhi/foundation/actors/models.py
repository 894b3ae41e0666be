"""Users, roles, agencies, posts and API keys."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from gezhi.foundation.areas.fields import PathField
from gezhi.foundation.areas.models import Area
from gezhi.foundation.language import named

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


class User(AbstractUser):
    """A person who signs in. What they may do comes from their posts alone."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=60)
    duty_phone = models.CharField(max_length=30, blank=True)  # the office's, as on the sign-board
    must_change_password = models.BooleanField(default=False)  # somebody else knows it

    REQUIRED_FIELDS: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.must_change_password = False  # services.py sets it again where it is not the person's own


class Sees(models.TextChoices):
    """How far the holder of a role sees cases."""

    AREA = "area", pgettext_lazy("role sees", "Everything in the area")
    AGENCY = "agency", pgettext_lazy("role sees", "What the agency works on")
    OWN = "own", pgettext_lazy("role sees", "What is one's own")


class Role(models.Model):
    """A kind of post: what its holder may do (`grants`, the words of the case table) and how far they see."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    grants = models.JSONField(default=list)
    sees = models.CharField(max_length=10, choices=Sees.choices)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        return named(self.name, self.name_en)


class Agency(models.Model):
    """An organisation that answers for matters on an area (its jurisdiction)."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", pgettext_lazy("agency", "Department")
        STATION = "station", pgettext_lazy("agency", "Station")
        COMMITTEE = "committee", pgettext_lazy("agency", "Committee")
        PROPERTY_FIRM = "property_firm", pgettext_lazy("agency", "Property firm")
        CONTRACTOR = "contractor", pgettext_lazy("agency", "Contractor")
        UTILITY = "utility", pgettext_lazy("agency", "Utility")

    code = models.CharField(max_length=30, unique=True)
    path = PathField(unique=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="agencies")
    functions = models.JSONField(default=list)  # the duties the catalogue names, e.g. ["water", "lighting"]
    phone = models.CharField(max_length=30, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["path"]
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        return named(self.name, self.name_en)


class PostQuerySet(models.QuerySet["Post"]):
    def current(self, at: datetime) -> Self:
        """Posts held at this moment (from-until is half-open)."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Posts on the areas one's own posts cover; who holds which post is no secret inside."""
        if actor is None:
            return self.none()
        own = Q(user_id=actor.user_id) if actor.user_id else Q(pk__in=[])
        return self.filter(own | actor.reaches("area__path"))


class Post(models.Model):
    """A person in a role on an area, for an agency or a line, from-until (half-open)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="posts")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="posts")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="posts")
    line = models.CharField(max_length=30, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["area__path", "role__order", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="post_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "area", "agency", "line"],
                condition=Q(until__isnull=True),
                name="post_of_agency_held_once",
            ),
            models.UniqueConstraint(  # no agency is equal to no agency: said apart, as SQLite cannot
                fields=["user", "role", "area", "line"],
                condition=Q(until__isnull=True, agency__isnull=True),
                name="post_without_agency_held_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.area}"


class ApiKey(models.Model):
    """A key for a program. It acts with its owner's posts, narrowed to its scopes."""

    class Scope(models.TextChoices):
        READ = "cases:read", pgettext_lazy("api key", "Read cases")
        REPORT = "cases:report", pgettext_lazy("api key", "Report cases")
        ACT = "cases:act", pgettext_lazy("api key", "Act on cases")
        ADMIN = "admin", pgettext_lazy("api key", "Manage people, posts and settings")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)  # shown, so that a key can be told from others
    digest = models.CharField(max_length=64, unique=True)  # SHA-256: keys are random
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
