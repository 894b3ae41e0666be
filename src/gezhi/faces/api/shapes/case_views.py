"""From cases, events and clocks to their shapes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from gezhi.faces.api.shapes import cases as s
from gezhi.faces.api.shapes.base import Choice, Named, Place
from gezhi.faces.look.cases.rows import title_of
from gezhi.foundation.actors.models import Agency, User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.files.models import File
from gezhi.work.cases import queries
from gezhi.work.cases.acts import ACTS, Act
from gezhi.work.cases.clocks import used_by
from gezhi.work.cases.inputs import photos_needed
from gezhi.work.cases.models import Case, CaseEvent, Clock
from gezhi.work.cases.perform import allowed_acts
from gezhi.work.cases.states import ClockKind, Source, State
from gezhi.work.matters.models import Condition, MatterItem


def row(case: Case) -> s.CaseRow:
    """A case of a list; its area, item, owner and first photo are expected to be loaded."""
    return s.CaseRow.of(case, **_head(case, case.first_photo))


def _head(case: Case, photo: File | None) -> dict[str, Any]:
    """What rows and whole cases word alike. The photo is the first of the report."""
    return {
        "title": title_of(case),
        "state": Choice(code=case.state, name=str(State(case.state).label)),
        "source": Choice(code=case.source, name=str(Source(case.source).label)),
        "item": item_short(case.item),
        "area": place(case.area),
        "owner": _owner(case),
        "photo": photo_out(case, photo) if photo else None,
    }


def whole(case: Case, actor: Actor, *, at: datetime) -> s.CaseOut:
    """A case with its record and what the actor may do with it."""
    events = queries.events_of(case)
    return s.CaseOut.of(
        case,
        **_head(case, next((photo for event in events[:1] for photo in event.photos.all()), None)),
        condition=condition_short(case.condition),
        reporter=named(case.reporter),
        lead_agency=named(case.lead_agency),
        assignee=named(case.assignee),
        verifier=named(case.verifier),
        merged_into=case.merged_into.number if case.merged_into else "",
        merged=list(queries.merged_with(case, actor).values_list("number", flat=True)),
        askers=case.askers.filter(withdrawn_at=None).count(),
        clocks=[_clock(clock, at) for clock in queries.clocks_of(case)],
        events=[_event(case, event) for event in events],
        trace=[_span(span, at) for span in queries.trace(events, at=at)],
        acts=acts(case, actor, at=at),
    )


def acts(case: Case, actor: Actor, *, at: datetime) -> list[s.ActOut]:
    """The acts the actor may do, with what each must be told."""
    return [_act(act, case) for act in allowed_acts(case, actor, at=at)]


def _act(act: Act, case: Case) -> s.ActOut:
    inputs = [
        s.InputOut.of(
            spec,
            label=str(spec.label),
            photos_needed=photos_needed(spec, case) if spec.kind == "photos" else 0,
            choices=[Choice(code=code, name=str(name)) for code, name in spec.choices],
            help=str(spec.help),
        )
        for spec in act.inputs
    ]
    return s.ActOut(code=act.code, label=str(act.label), inputs=inputs)


def place(area: Area) -> Place:
    return Place.of(area, name=area.shown)


def named(one: Agency | User | None) -> Named | None:
    if one is None:
        return None
    return Named(id=one.pk, name=one.shown if isinstance(one, Agency) else one.name)


def item_short(item: MatterItem | None) -> s.ItemShort | None:
    return s.ItemShort(key=item.key, name=item.shown) if item else None


def condition_short(condition: Condition | None) -> s.ConditionShort | None:
    return s.ConditionShort.of(condition, **condition_words(condition)) if condition else None


def condition_words(condition: Condition) -> dict[str, str]:
    """A filing condition in the language of the request."""
    return {
        "text": condition.shown,
        "limit": condition.limit_shown,
        "closing": condition.closing_shown,
    }


def photo_out(case: Case, file: File) -> s.PhotoOut:
    def address(size: str) -> str:
        return reverse("api:case_photo", args=[case.pk, file.sha256, size])

    return s.PhotoOut.of(file, full=address("full"), thumb=address("thumb"))


def near(found: Sequence[tuple[Case, float]], actor: Actor) -> list[s.Near]:
    prefetch_related_objects([case for case, _metres in found], "area", "owner_agency", "owner_user")
    return [s.Near(metres=round(metres, 1), case=row(queries.veil(case, actor))) for case, metres in found]


def _owner(case: Case) -> s.Owner | None:
    if not case.owner_grant:
        return None
    return s.Owner(
        grant=case.owner_grant,
        area_path=case.owner_path,
        agency=named(case.owner_agency),
        user=named(case.owner_user),
    )


def _clock(clock: Clock, at: datetime) -> s.ClockOut:
    return s.ClockOut.of(
        clock,
        kind=Choice(code=clock.kind, name=str(ClockKind(clock.kind).label)),
        limit_seconds=clock.seconds,
        used_seconds=used_by(clock, at),
    )


def _event(case: Case, event: CaseEvent) -> s.EventOut:
    return s.EventOut.of(
        event,
        done=str(ACTS[event.act].done),
        actor=event.actor_label,
        agency=named(event.agency),
        photos=[photo_out(case, photo) for photo in event.photos.all()],
    )


def _span(span: queries.Span, at: datetime) -> s.SpanOut:
    return s.SpanOut.of(span, seconds=span.seconds(at))
