"""From cases, events and clocks to their shapes."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.urls import reverse

from gezhi.faces.api.shapes import cases as s
from gezhi.faces.api.shapes.base import Choice, Named, Place
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
    """A case of a list; its area, item, owner and first event are expected to be loaded."""
    first: list[CaseEvent] = getattr(case, "first_events", [])
    photos = [photo for event in first for photo in event.photos.all()]
    return s.CaseRow(
        id=case.pk,
        number=case.number,
        title=case.title,
        state=Choice(code=case.state, name=str(State(case.state).label)),
        source=Choice(code=case.source, name=str(Source(case.source).label)),
        level=case.level,
        emergency=case.emergency,
        veiled=case.veiled,
        item=item_short(case.item),
        area=place(case.area),
        address=case.address,
        lon=case.lon,
        lat=case.lat,
        owner=_owner(case),
        reported_at=case.reported_at,
        due_at=case.due_at,
        warn_at=case.warn_at,
        photo=photo_out(case, photos[0]) if photos else None,
    )


def whole(case: Case, actor: Actor, *, at: datetime) -> s.CaseOut:
    """A case with its record and what the actor may do with it."""
    events = queries.events_of(case)
    first = [photo for event in events[:1] for photo in event.photos.all()]
    plain = row(case).model_dump()
    plain["photo"] = photo_out(case, first[0]) if first else None
    return s.CaseOut(
        **plain,
        description=case.description,
        condition=condition_short(case.condition),
        reporter=named(case.reporter),
        lead_agency=named(case.lead_agency),
        assignee=named(case.assignee),
        verifier=named(case.verifier),
        verified_ok=case.verified_ok,
        check_result=case.check_result,
        open_request=case.open_request,
        answer=case.answer,
        on_the_spot=case.on_the_spot,
        follow_up=case.follow_up,
        merged_into=case.merged_into.number if case.merged_into else "",
        merged=list(queries.merged_with(case, actor).values_list("number", flat=True)),
        returns=case.returns,
        reworks=case.reworks,
        urges=case.urges,
        reopenings=case.reopenings,
        askers=case.askers.filter(withdrawn_at=None).count(),
        filed_at=case.filed_at,
        closed_at=case.closed_at,
        window_until=case.window_until,
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
        s.InputOut(
            name=spec.name,
            kind=spec.kind,
            label=str(spec.label),
            required=spec.required,
            photos_needed=photos_needed(spec, case) if spec.kind == "photos" else 0,
            choices=[Choice(code=code, name=str(name)) for code, name in spec.choices],
            help=str(spec.help),
        )
        for spec in act.inputs
    ]
    return s.ActOut(code=act.code, label=str(act.label), inputs=inputs)


def place(area: Area) -> Place:
    return Place(id=area.pk, code=area.code, kind=area.kind, name=area.shown, path=area.path)


def named(one: Agency | User | None) -> Named | None:
    if one is None:
        return None
    return Named(id=one.pk, name=one.shown if isinstance(one, Agency) else one.name)


def item_short(item: MatterItem | None) -> s.ItemShort | None:
    return s.ItemShort(key=item.key, name=item.shown) if item else None


def condition_short(condition: Condition | None) -> s.ConditionShort | None:
    if condition is None:
        return None
    return s.ConditionShort(
        id=condition.pk,
        number=condition.number,
        text=condition.shown,
        limit=condition.limit_shown,
        closing=condition.closing_shown,
        emergency=condition.emergency,
    )


def photo_out(case: Case, file: File) -> s.PhotoOut:
    def address(size: str) -> str:
        return reverse("api:case_photo", args=[case.pk, file.sha256, size])

    return s.PhotoOut(
        sha256=file.sha256,
        width=file.width,
        height=file.height,
        taken_at=file.taken_at,
        lon=file.lon,
        lat=file.lat,
        full=address("full"),
        thumb=address("thumb"),
    )


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
    return s.ClockOut(
        kind=Choice(code=clock.kind, name=str(ClockKind(clock.kind).label)),
        round=clock.round,
        started_at=clock.started_at,
        paused_at=clock.paused_at,
        ended_at=clock.ended_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        working=clock.working,
        limit_seconds=clock.seconds,
        used_seconds=used_by(clock, at),
    )


def _event(case: Case, event: CaseEvent) -> s.EventOut:
    return s.EventOut(
        seq=event.seq,
        act=event.act,
        done=str(ACTS[event.act].done),
        from_state=event.from_state,
        to_state=event.to_state,
        at=event.at,
        actor_kind=event.actor_kind,
        actor=event.actor_label,
        agency=named(event.agency),
        text=event.text,
        data=event.data,
        clocks=event.clocks,
        photos=[photo_out(case, photo) for photo in event.photos.all()],
    )


def _span(span: queries.Span, at: datetime) -> s.SpanOut:
    return s.SpanOut(
        grant=span.grant,
        name=span.name,
        since=span.since,
        until=span.until,
        seconds=span.seconds(at),
        late_seconds=span.late_seconds,
        longest=span.longest,
    )
