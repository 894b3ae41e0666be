"""Writing what an act did: the case row, its events, the clocks and the outbox messages, each in one go."""

from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.outbox.services import Letter, post_all
from gezhi.work.cases.clocks import save_clocks, set_due
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.move import Move

TOPIC = "case.event"


@dataclass(frozen=True)
class Done:
    """An act applied in memory, with its event as it stood right after it."""

    move: Move
    event: CaseEvent


def done(move: Move, act: str, before: str) -> Done:
    """Number the act and take down its event."""
    case, actor = move.case, move.actor
    case.seq += 1
    case.moved_at = move.at
    event = CaseEvent(
        case=case,
        seq=case.seq,
        act=act,
        from_state=before,
        to_state=case.state,
        at=move.at,
        actor_kind=actor.kind,
        actor_id=actor.ident,
        actor_label=actor.label,
        user_id=actor.user_id,
        agency_id=_acted_for(case, actor),
        text=move.inputs.text,
        data=move.inputs.as_data(),
        change=move.change,
        clocks=move.ended_clocks,
        owner_grant=case.owner_grant,
        owner_name=case.owner_name,
    )
    return Done(move, event)


def _acted_for(case: Case, actor: Actor) -> int | None:
    """The agency whose seat the actor acts from: the lead's, else one that takes part beside it."""
    seats = {seat.agency_id for seat in actor.seats if seat.agency_id}
    if not seats:
        return None
    if case.lead_agency_id in seats:
        return case.lead_agency_id
    return next((part.agency_id for part in case.live_parts if part.agency_id in seats), None)


def write(case: Case, steps: Sequence[Done]) -> None:
    """Put one or two acts of the same moment into the database, inside the transaction of perform()."""
    last = steps[-1].move
    set_due(last)
    if steps[0].event.seq == 1:
        case.save(force_insert=True)
    else:
        changed = {name for step in steps for name in step.move.change}
        case.save(update_fields=[*changed, "seq", "moved_at", "due_at", "warn_at"])
    save_clocks(last)
    events = CaseEvent.objects.bulk_create([step.event for step in steps])
    shown = CaseEvent.photos.through
    shown.objects.bulk_create(
        shown(caseevent_id=event.pk, file_id=photo.pk)
        for event, step in zip(events, steps, strict=True)
        for photo in dict.fromkeys(step.move.inputs.photos)
    )
    post_all(
        Letter(
            topic=TOPIC,
            key=f"case:{case.pk}:{event.seq}",
            payload={"case": str(case.pk), "seq": event.seq, "act": event.act},
            at=event.at,
        )
        for event in events
    )
