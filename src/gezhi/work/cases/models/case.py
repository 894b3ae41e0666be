"""Cases, the record of what was done with them, their clocks, and who else takes part."""

from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from gezhi.foundation.actors.models import Agency, User
from gezhi.foundation.areas.fields import PathField, covers, within
from gezhi.foundation.areas.models import Area, AreaKind
from gezhi.foundation.files.models import File
from gezhi.work.cases.states import ACTIVE, OPEN, ClockKind, Source, State
from gezhi.work.matters.models import Condition, MatterItem

if TYPE_CHECKING:
    from gezhi.foundation.actors.scope import Actor, Seat


def new_id() -> UUID:
    """A time-ordered id; clients may make theirs the same way."""
    return uuid7()


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: "Actor | None") -> Self:
        """The cases an actor may see: the area or agency of the posts, and what is one's own."""
        return self.seen_by(ways_to_see(actor))

    def seen_by(self, ways: list[Q]) -> Self:
        """The cases seen in any of these ways."""
        return self.filter(reduce(or_, ways)) if ways else self.none()

    def active(self) -> Self:
        """Cases somebody owes an act on."""
        return self.filter(state__in=ACTIVE)


def ways_to_see(actor: "Actor | None", path: str = "") -> list[Q]:
    """The ways an actor sees cases (of the area of `path`, if given): any of these conditions is enough.

    Each has an index of its own. Where a post sees all of that area the others add nothing and are left out.
    """
    if actor is None:
        return []
    inside = [within("area_path", path)] if path else []
    if actor.kind in ("system", "policy"):
        return inside or [Q()]
    if actor.kind == "asker":  # a visitor has no id; "no asker" must not match cases nobody asked about
        ways = [Q(askers__pk=actor.asker_id)] if actor.asker_id is not None else []
    else:
        areas = _outermost(seat.area_path for seat in actor.seats if seat.sees == "area")
        if path and any(covers(area, path) for area in areas):
            return inside
        agencies = _outermost(s.agency_path for s in actor.seats if s.sees == "agency" and s.agency_path)
        ways = [within("area_path", area) for area in areas]
        ways += [within("lead_path", agency) for agency in agencies]
        if actor.user_id is not None:
            ways.append(_own(actor.user_id))
        if shared := Part.objects.taken_by(actor):
            ways.append(Q(pk__in=shared))
    return [Q(way, *inside) for way in ways]


def _own(user_id: int) -> Q:
    return Q(reporter=user_id) | Q(owner_user=user_id) | Q(assignee=user_id) | Q(verifier=user_id)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Those of the paths that do not lie within another."""
    found: list[str] = []
    for path in sorted(set(paths)):
        if not (found and covers(found[-1], path)):
            found.append(path)
    return found


_OPEN = Q(state__in=OPEN)


class Case(models.Model):
    """One problem or wish on its way through the loop.

    Only `perform` writes `state` and the fields below the line "folded"; they equal the fold of the
    `change` of all events (see replay.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.CharField(max_length=20, unique=True)
    body_hash = models.CharField(max_length=64)  # the same id sent again with another body is refused
    source = models.CharField(max_length=12, choices=Source.choices)
    description = models.TextField(blank=True)
    reporter = models.ForeignKey(User, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    # -- folded
    state = models.CharField(max_length=12, choices=State.choices)
    level = models.CharField(max_length=12, choices=AreaKind.choices)
    title = models.CharField(max_length=80)
    area = models.ForeignKey(Area, db_index=False, on_delete=models.PROTECT, related_name="+")
    area_path = PathField()
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()
    address = models.CharField(max_length=160)
    item = models.ForeignKey(MatterItem, null=True, on_delete=models.PROTECT, related_name="+")
    condition = models.ForeignKey(Condition, null=True, on_delete=models.PROTECT, related_name="+")
    emergency = models.BooleanField(default=False)
    owner_grant = models.CharField(max_length=20, blank=True)
    owner_name = models.CharField(max_length=120, blank=True)  # as the record words it
    owner_path = PathField(blank=True)
    owner_agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    owner_user = models.ForeignKey(
        User, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    lead_agency = models.ForeignKey(
        Agency, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    lead_path = PathField(blank=True)
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verifier = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verified_ok = models.BooleanField(null=True)
    check_result = models.CharField(max_length=10, blank=True)
    open_request = models.CharField(max_length=16, blank=True)
    request_grant = models.CharField(max_length=20, blank=True)  # who decides on it, and where
    request_path = PathField(blank=True)
    raised_from = models.CharField(max_length=12, blank=True)  # the level it came from; may go back once
    sent_back = models.BooleanField(default=False)
    designated = models.BooleanField(default=False)  # by a leader: no further return
    shared = models.BooleanField(default=False)  # other agencies take part (see Part)
    supervised = models.BooleanField(default=False)  # a formal supervision waits for its reply
    enforcement = models.BooleanField(default=False)  # handed to enforcement, no outcome yet
    waits_until = models.DateTimeField(null=True)  # of a suspended case: then it goes on by itself
    extensions = models.PositiveSmallIntegerField(default=0)
    excluded = models.BooleanField(default=False)  # left out of the rates' denominators
    forced = models.BooleanField(default=False)  # closed by force; counted apart
    to_call = models.BooleanField(default=False)  # drawn for a call-back that is still owed
    answer = models.TextField(blank=True)
    on_the_spot = models.BooleanField(default=False)
    follow_up = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    returns = models.PositiveSmallIntegerField(default=0)
    reworks = models.PositiveSmallIntegerField(default=0)
    urges = models.PositiveSmallIntegerField(default=0)
    reopenings = models.PositiveSmallIntegerField(default=0)
    filed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    # -- derived from the clocks and events, for lists
    seq = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()
    veiled = False  # set by queries.veil: sealed words were taken away for this reader
    repeated = False  # set by services.report: this very report had been received before
    first_photo: File | None = None  # set by queries.show_photos: of how it was when reported

    class Meta:
        indexes: ClassVar = [
            # Of what is open, a small part of all: counts and lists by time left read nothing else.
            models.Index(fields=["area_path", "state", "due_at"], name="case_open_area", condition=_OPEN),
            models.Index(fields=["lead_path", "state", "due_at"], name="case_open_lead", condition=_OPEN),
            models.Index(fields=["owner_path", "owner_grant"], name="case_open_desk", condition=_OPEN),
            models.Index(fields=["due_at", "id"], name="case_open_due", condition=_OPEN),
            models.Index(fields=["cell"], name="case_open_near", condition=_OPEN),
            models.Index(
                fields=["owner_user"], name="case_owner_user", condition=Q(owner_user__isnull=False)
            ),
            # Of all cases ever.
            models.Index(fields=["area_path", "item", "reported_at"], name="case_area_item"),
            models.Index(fields=["lead_path", "-reported_at"], name="case_lead_newest"),
            models.Index(fields=["reporter", "-reported_at"], name="case_reporter"),
            models.Index(fields=["cell", "-reported_at"], name="case_near"),
            models.Index(fields=["-reported_at", "-id"], name="case_newest"),
            models.Index(fields=["window_until"], name="case_to_archive", condition=Q(state=State.CLOSED)),
            models.Index(fields=["waits_until"], name="case_to_resume", condition=Q(state=State.SUSPENDED)),
            models.Index(
                fields=["request_path", "request_grant"],
                name="case_to_decide",
                condition=~Q(open_request=""),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=[*ACTIVE, State.CLOSED]) | ~Q(owner_grant=""),
                name="case_has_an_owner_while_open",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "reported",
                        "checking",
                        "refused",
                        "withdrawn",
                        "merged",
                        "closed",
                        "archived",
                        "forwarded",
                        "cancelled",
                    ]
                )
                | Q(condition__isnull=False),
                name="case_filed_under_a_condition",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["dispatched", "handling", "suspended", "banked", "done"])
                | Q(lead_agency__isnull=False),
                name="case_in_work_has_a_lead",
            ),
            models.CheckConstraint(
                condition=Q(open_request="") | ~Q(request_grant=""), name="case_request_has_a_decider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def is_visible_to(self, actor: "Actor") -> bool:
        """The same as `visible_to`, for one case already in hand (a test holds the two together)."""
        if actor.kind in ("system", "policy"):
            return True
        if actor.kind == "asker":
            return actor.asker_id is not None and self.askers.filter(pk=actor.asker_id).exists()
        people = (self.reporter_id, self.owner_user_id, self.assignee_id, self.verifier_id)
        if actor.user_id is not None and actor.user_id in people:
            return True
        if any(self._seen_from(seat) for seat in actor.seats):
            return True
        return self.shared and any(actor.in_agency(part.agency_path) for part in self.live_parts)

    @cached_property
    def live_parts(self) -> "list[Part]":
        """The agencies that take part beside the lead, as they stood when first asked for."""
        if not self.shared:
            return []
        return list(Part.objects.filter(case=self, live=True).select_related("agency").order_by("pk"))

    def _seen_from(self, seat: "Seat") -> bool:
        if seat.sees == "area":
            return covers(seat.area_path, self.area_path)
        return seat.sees == "agency" and bool(seat.agency_path) and covers(seat.agency_path, self.lead_path)


class CaseEvent(models.Model):
    """One act on one case: who, when, from where to where, why, and what it changed. Never altered."""

    case = models.ForeignKey(Case, db_index=False, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40)
    actor_label = models.CharField(max_length=120)
    user = models.ForeignKey(User, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)  # the act's other inputs, as ids and words
    change = models.JSONField(default=dict)  # the folded fields this act set
    clocks = models.JSONField(default=list)  # the clocks this act ended: kind, used, limit, late (seconds)
    owner_grant = models.CharField(max_length=20, blank=True)  # who must act after it
    owner_name = models.CharField(max_length=120, blank=True)
    photos: "models.ManyToManyField[File, Any]" = models.ManyToManyField(File, related_name="+")

    class Meta:
        ordering: ClassVar = ["case", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "seq"], name="event_number_in_case"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq} {self.act}"

    @property
    def who(self) -> str:
        """The person by name, or what acted in nobody's name."""
        words = {"system": _("The system"), "policy": _("By the office's rules"), "asker": _("The resident")}
        return words.get(self.actor_kind) or self.actor_label


class Clock(models.Model):
    """One running or ended time limit of a case. Seconds are counted as `working` says."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=12, choices=ClockKind.choices)
    slot = models.BigIntegerField(default=0)  # the agency, for the kinds several may run of at a time
    round = models.PositiveSmallIntegerField(default=1)  # 2 for the handle clock of a rework, and so on
    agency = models.ForeignKey(Agency, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    limit_kind = models.CharField(max_length=12)
    limit_amount = models.DecimalField(max_digits=9, decimal_places=4)
    working = models.BooleanField()
    seconds = models.PositiveIntegerField()  # the limit
    used = models.PositiveIntegerField(default=0)  # seconds counted before `resumed_at`
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)  # null while paused or ended
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    half_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    grace_at = models.DateTimeField(null=True)
    mark = models.CharField(max_length=6, blank=True)  # "", "warn", "due", "grace": the last point told
    next_at = models.DateTimeField(null=True)  # when the worker must look again

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="clock_next", condition=Q(next_at__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind", "slot"],
                condition=Q(ended_at__isnull=True),
                name="clock_one_open_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="clock_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.key} {self.seconds}s"

    @property
    def key(self) -> str:
        """What tells it from the case's other open clocks."""
        return f"{self.kind}:{self.slot}" if self.slot else self.kind


class Request(models.Model):
    """Something asked about a case, decided by somebody else within a clock of its own."""

    class Kind(models.TextChoices):
        RETURN = "return", pgettext_lazy("request", "Return")
        TRANSFER = "transfer", pgettext_lazy("request", "Transfer")
        EXTENSION = "extension", pgettext_lazy("request", "Extension")
        SUSPENSION = "suspension", pgettext_lazy("request", "Suspension")
        CANCEL = "cancel", pgettext_lazy("request", "Cancellation")
        EXCLUSION = "exclusion", pgettext_lazy("request", "Exclusion")

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("request", "Open")
        AGREED = "agreed", pgettext_lazy("request", "Agreed")
        DECLINED = "declined", pgettext_lazy("request", "Declined")
        TAKEN_BACK = "taken_back", pgettext_lazy("request", "Taken back")
        LAPSED = "lapsed", pgettext_lazy("request", "Lapsed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    reason = models.TextField()
    until = models.DateTimeField(null=True)  # what is asked for, where it is a date
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(outcome="open"), name="request_one_open_of_a_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}: {self.outcome}"


class PartQuerySet(models.QuerySet["Part"]):
    def taken_by(self, actor: "Actor") -> list[UUID]:
        """The cases an actor's agencies take part in now.

        Read at once: as a list of ids the database can use its index beside the other ways to see a case.
        """
        paths = [seat.agency_path for seat in actor.seats if seat.agency_path and seat.sees == "agency"]
        if not paths:
            return []
        places = Q(pk__in=[])
        for path in paths:
            places |= within("agency_path", path)
        return list(self.filter(places, live=True).values_list("case_id", flat=True).distinct())


class Part(models.Model):
    """What an agency beside the lead owes a case: co-handling, a summons by whistle, or a case offered it."""

    class Role(models.TextChoices):
        CO_HANDLER = "co_handler", pgettext_lazy("part", "Co-handler")
        SUMMONED = "summoned", pgettext_lazy("part", "Summoned")
        OFFERED = "offered", pgettext_lazy("part", "Offered the case")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("part", "To be signed for")
        SIGNED = "signed", pgettext_lazy("part", "At work")
        DONE = "done", pgettext_lazy("part", "Done")
        RETURNED = "returned", pgettext_lazy("part", "Returned")
        EXCUSED = "excused", pgettext_lazy("part", "Excused")
        REMOVED = "removed", pgettext_lazy("part", "Removed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parts")
    role = models.CharField(max_length=12, choices=Role.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    live = models.BooleanField(default=True)  # the agency sees the case; false once that has an end
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    agency_path = PathField()
    whistle = models.CharField(max_length=12, blank=True)  # its kind, of a summons
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # signed, reported in or returned
    ended_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)  # a summons answered after its limit
    text = models.TextField(blank=True)  # the last word said of it
    stars = models.PositiveSmallIntegerField(null=True)  # how the street rated a summoned department

    objects = PartQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["agency_path"], name="part_of_agency", condition=Q(live=True)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "agency", "role"], condition=Q(live=True), name="part_one_live_of_a_role"
            ),
            models.CheckConstraint(
                condition=Q(stars__isnull=True) | Q(stars__range=(1, 5)), name="part_rated_one_to_five"
            ),
        ]

    def __str__(self) -> str:
        return self.agency.name

    @property
    def is_open(self) -> bool:
        """Whether the agency still owes something."""
        return self.live and self.state in (Part.State.ASKED, Part.State.SIGNED)
