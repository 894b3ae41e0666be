"""Reads of filters, phrases and handover notes, and how things stand at a desk."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.audit.errors import NotFound
from gezhi.work.cases.models import Case
from gezhi.work.cases.queries import STAGES
from gezhi.work.cases.states import ACTIVE
from gezhi.work.desk.models import HandoverNote, Phrase, SavedFilter
from gezhi.work.desk.rules import DeskPlace

OPEN_STAGES = ("intake", "dispatch", "sign", "handling", "verify")
MOST_EMERGENCIES = 20


def filters_of(actor: Actor | None) -> list[SavedFilter]:
    """One's saved filters in one's own order."""
    return list(SavedFilter.objects.visible_to(actor))


def phrases_of(actor: Actor | None) -> list[Phrase]:
    """All phrases one sees: one's own first, then those of areas."""
    seen = Phrase.objects.visible_to(actor).select_related("area")
    return sorted(seen, key=lambda p: (p.user_id is None, p.area_path, p.position))


def phrases_for(actor: Actor | None, *, act: str, area_path: str) -> list[Phrase]:
    """What one may want to write when doing an act there: one's own first, then the nearest area's."""
    seen = Phrase.objects.visible_to(actor).filter(
        Q(area__isnull=True) | Q(area_path__in=ancestors(area_path)), act__in=["", act]
    )
    return sorted(seen, key=lambda p: (p.user_id is None, -len(p.area_path), not p.act, p.position))


@dataclass(frozen=True)
class Standing:
    """How things stand at a desk's area. `urgent` counts the emergencies since the shift began, `emergencies`
    are the numbers of the newest of them."""

    stages: dict[str, int]
    overdue: int
    supervised: int
    requests: int
    reported: int
    closed: int
    urgent: int
    emergencies: list[str]

    @property
    def active(self) -> int:
        return sum(self.stages.values())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def standing(actor: Actor, area_path: str, *, since: datetime, at: datetime) -> Standing:
    """What is open at a desk now and what happened since its shift began: four queries."""
    seen = Case.objects.visible_to(actor).filter(within("area_path", area_path)).order_by()
    rows = list(
        seen.filter(state__in=ACTIVE)
        .values("state")
        .annotate(
            n=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=at)),
            supervised=Count("pk", filter=Q(supervised=True)),
            asked=Count("pk", filter=~Q(open_request="")),
        )
    )
    by_state = Counter({row["state"]: row["n"] for row in rows})
    lately = seen.filter(reported_at__gte=since)
    came = lately.aggregate(all=Count("pk"), urgent=Count("pk", filter=Q(emergency=True)))
    newest = lately.filter(emergency=True).order_by("-reported_at", "-id")
    return Standing(
        stages={stage: sum(by_state[state] for state in STAGES[stage]) for stage in OPEN_STAGES},
        overdue=sum(row["overdue"] for row in rows),
        supervised=sum(row["supervised"] for row in rows),
        requests=sum(row["asked"] for row in rows),
        reported=came["all"],
        closed=seen.filter(closed_at__gte=since).count(),
        urgent=came["urgent"],
        emergencies=list(newest.values_list("number", flat=True)[:MOST_EMERGENCIES]),
    )


def notes_of(actor: Actor | None, *, area_path: str = "", limit: int = 30) -> list[HandoverNote]:
    """Handover notes one sees, the newest first."""
    seen = HandoverNote.objects.visible_to(actor).select_related("area", "written_by", "read_by")
    return list(seen.filter(within("area_path", area_path))[:limit])


def note_to_confirm(actor: Actor, *, area_path: str = "") -> HandoverNote | None:
    """The newest note of the shift before that nobody of this actor's shift has confirmed."""
    waiting = HandoverNote.objects.for_next_shift(actor).filter(within("area_path", area_path), read_by=None)
    return waiting.select_related("area", "written_by").first()


def handed_over_at(actor: Actor, place: DeskPlace) -> datetime | None:
    """When the last shift of this desk ended that left a note."""
    before = HandoverNote.objects.visible_to(actor).handed_to(place)
    return before.values_list("at", flat=True).first()


def note_for(actor: Actor | None, note_id: int) -> HandoverNote:
    """One handover note; NotFound where one does not see it."""
    seen = HandoverNote.objects.visible_to(actor).select_related("area", "written_by", "read_by")
    note = seen.filter(pk=note_id).first()
    if note is None:
        raise NotFound
    return note
