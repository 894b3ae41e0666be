"""Versions of the catalogue with their classes, items and conditions; duties; the responsibility list."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from gezhi.foundation.areas.models import Area
from gezhi.foundation.clocks.rules import Limit, LimitKind, describe
from gezhi.work.matters import rules

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor


def _english() -> bool:
    return (get_language() or "").startswith("en")


class MatterKind(models.TextChoices):
    """What a matter is about. Disputes, hazards and services join the list when their packs do."""

    COMPONENT = "component", pgettext_lazy("matter", "Component")
    EVENT = "event", pgettext_lazy("matter", "Event")
    DEMAND = "demand", pgettext_lazy("matter", "Demand")


KIND_ORDER = {kind: n for n, kind in enumerate(MatterKind.values)}

LIMIT_KINDS: dict[str, Promise] = {
    LimitKind.CLOCK_HOURS.value: pgettext_lazy("limit", "Clock hours (nights and holidays count)"),
    LimitKind.WORK_HOURS.value: pgettext_lazy("limit", "Working hours"),
    LimitKind.WORK_DAYS.value: pgettext_lazy("limit", "Working days"),
    LimitKind.NATURAL_DAYS.value: pgettext_lazy("limit", "Calendar days"),
}


class VersionQuerySet(models.QuerySet["CatalogueVersion"]):
    def published(self) -> Self:
        return self.filter(state=CatalogueVersion.State.PUBLISHED)

    def visible_to(self, actor: "Actor | None") -> Self:
        """Published versions are open to everyone who works here; drafts to who keeps the catalogue."""
        if actor is None:
            return self.none()
        if actor.kind == "system" or actor.may("manage_catalogue"):
            return self.all()
        return self.published()


class CatalogueVersion(models.Model):
    """The whole catalogue as it stood from a moment on. Once published its rows never change."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("catalogue", "Draft")
        PUBLISHED = "published", pgettext_lazy("catalogue", "Published")

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=80)
    packs = models.JSONField(default=dict)  # pack name → version it was taken from
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    stamp = models.UUIDField(default=uuid.uuid4, unique=True)  # names the version in memory caches

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="draft"), name="catalogue_one_draft_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True, effective_from__isnull=True)
                | Q(state="published", published_at__isnull=False, effective_from__isnull=False),
                name="catalogue_published_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(effective_from__isnull=True) | Q(effective_from__gte=F("published_at")),
                name="catalogue_not_effective_before_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class MatterClass(models.Model):
    """A class of items (大类). `code` is two digits; components and events number theirs separately."""

    version = models.ForeignKey(CatalogueVersion, on_delete=models.CASCADE, related_name="classes")
    kind = models.CharField(max_length=10, choices=MatterKind.choices)
    code = models.CharField(max_length=2)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    pack = models.CharField(max_length=60, blank=True)  # the pack the class came from

    class Meta:
        verbose_name_plural = "matter classes"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "kind", "code"], name="matter_class_code_once"),
            models.CheckConstraint(condition=Q(kind__in=MatterKind.values), name="matter_class_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def shown(self) -> str:
        """The name in the language of the page."""
        return self.name_en if _english() else self.name


class MatterItem(models.Model):
    """One item (小类): a type of problem or demand. `code` is class and item digits, e.g. "0101"."""

    version = models.ForeignKey(CatalogueVersion, on_delete=models.CASCADE, related_name="items")
    matter_class = models.ForeignKey(MatterClass, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10, choices=MatterKind.choices)
    code = models.CharField(max_length=4)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    aliases = models.CharField(max_length=200, blank=True)  # what people also call it, parted by spaces
    initials = models.CharField(max_length=60)
    solve_on_spot = models.BooleanField(default=False)  # a grid worker may report and solve it in one act
    direct_answer = models.BooleanField(default=False)  # intake may answer at once: advice, consultation
    public = models.BooleanField(default=False)  # offered to residents
    sealed = models.BooleanField(default=False)  # the content is personal: stored sealed, shown on need

    class Meta:
        ordering: ClassVar = ["kind", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "kind", "code"], name="matter_item_code_once"),
            models.CheckConstraint(condition=Q(kind__in=MatterKind.values), name="matter_item_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def key(self) -> str:
        """Names the item through all versions, e.g. "component:0101"."""
        return f"{self.kind}:{self.code}"

    @property
    def shown(self) -> str:
        """The name in the language of the page."""
        return self.name_en if _english() else self.name


class Condition(models.Model):
    """A filing condition (立案条件) of an item: when a case is filed, how soon it must be handled."""

    item = models.ForeignKey(MatterItem, on_delete=models.CASCADE, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text_zh = models.CharField(max_length=200)
    text_en = models.CharField(max_length=300)
    limit_kind = models.CharField(max_length=12, choices=list(LIMIT_KINDS.items()))
    limit_amount = models.DecimalField(max_digits=6, decimal_places=2)
    until_stopped = models.BooleanField(default=False)  # the limit is for putting a stop to it
    emergency = models.BooleanField(default=False)
    closing_zh = models.CharField(max_length=200)
    closing_en = models.CharField(max_length=300)
    evidence = models.JSONField(default=dict)  # photos asked for: {"report": 1, "result": 2, "verify": 1}
    responsible = models.JSONField(default=dict)  # level → duty: {"street": "sanitation", "district": …}

    class Meta:
        ordering: ClassVar = ["item_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "number"], name="condition_number_once"),
            models.CheckConstraint(condition=Q(limit_amount__gt=0), name="condition_limit_is_positive"),
            models.CheckConstraint(
                condition=Q(limit_kind__in=list(LIMIT_KINDS)),
                name="condition_limit_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(text_zh="") & ~Q(text_en="") & ~Q(closing_zh="") & ~Q(closing_en=""),
                name="condition_texts_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}-{self.number} {self.text_zh}"

    @property
    def limit(self) -> Limit:
        return Limit(kind=LimitKind(self.limit_kind), amount=Decimal(self.limit_amount))

    @property
    def limit_shown(self) -> str:
        """The limit in words, in the language of the page."""
        words = describe(self.limit)
        return _("stopped within %(limit)s") % {"limit": words} if self.until_stopped else words

    @property
    def shown(self) -> str:
        """The condition in the language of the page."""
        return self.text_en if _english() else self.text_zh

    @property
    def closing_shown(self) -> str:
        """When the case may be closed, in the language of the page."""
        return self.closing_en if _english() else self.closing_zh

    def photos(self, step: str) -> int:
        """How many photos the step ("report", "result", "verify") asks for."""
        return int(self.evidence.get(step, 0))


class Duty(models.Model):
    """A duty an agency can have ("lighting"); conditions and chains name it, `Agency.functions` lists it."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "duties"
        ordering: ClassVar = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        """The name in the language of the page."""
        return self.name_en if _english() else self.name


class RuleQuerySet(models.QuerySet["ResponsibilityRule"]):
    def current(self, at: datetime) -> Self:
        """Rules in force at this moment."""
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), since__lte=at)


class ResponsibilityRule(models.Model):
    """One line of the responsibility list (权责清单): who answers on an area, in which order.

    It names the item by codes, so that it outlives versions of the catalogue. Empty `item_code` means the
    whole class, empty `class_code` the whole kind, empty `kind` everything.
    """

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="responsibility_rules")
    kind = models.CharField(max_length=10, choices=MatterKind.choices, blank=True)
    class_code = models.CharField(max_length=2, blank=True)
    item_code = models.CharField(max_length=4, blank=True)
    chain = models.JSONField()  # [{"function": "property"}, {"agency": "A-12"}, …], tried in turn
    starting_level = models.CharField(
        max_length=10, blank=True
    )  # where cases begin; "" = as the catalogue says
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["area__path", "kind", "class_code", "item_code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "kind", "class_code", "item_code"],
                condition=Q(ended_at__isnull=True),
                name="responsibility_rule_once",
            ),
            models.CheckConstraint(
                condition=(Q(item_code="") | ~Q(class_code="")) & (Q(class_code="") | ~Q(kind="")),
                name="responsibility_rule_item_within_class",
            ),
            models.CheckConstraint(
                condition=Q(starting_level__in=["", *rules.LEVELS]), name="responsibility_rule_level_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="responsibility_rule_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.kind}:{self.item_code or self.class_code or '*'}"

    def holds(self, item: "MatterItem", at: datetime) -> bool:
        """Whether this line is in force at this moment and speaks of this item."""
        if not self.since <= at or (self.ended_at is not None and self.ended_at <= at):
            return False
        matter = (self.kind, self.class_code, self.item_code)
        return all(
            mine in ("", its) for mine, its in zip(matter, (item.kind, item.code[:2], item.code), strict=True)
        )

    @property
    def breadth(self) -> int:
        """0 for one item, 1 a class, 2 a kind, 3 everything."""
        return [bool(self.item_code), bool(self.class_code), bool(self.kind), True].index(True)
