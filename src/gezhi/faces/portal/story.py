"""From the record of a case to what its asker may know of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from gezhi.faces.look.cases.asked import answer_in, events_for, is_own, leads
from gezhi.faces.portal.plain import Happening, Standing, Step, expected, lead
from gezhi.faces.portal.telling import steps
from gezhi.foundation.actors.models import Agency, Post, Role
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.clocks.queries import years_without_list
from gezhi.foundation.files.models import File
from gezhi.work.cases.clocks import end_of
from gezhi.work.cases.models import Asker, Case, CaseEvent, Clock, Rating
from gezhi.work.cases.queries import clocks_of
from gezhi.work.cases.states import AFTER_WORK, BEFORE_FILING, ClockKind, State

OWN_WORDS = ("add", "rate")
SENT_TO_LOOK = ("ask_check", "send_verify")
HANDED_OVER = ("dispatch", "file_dispatch", "designate", "agree_transfer", "rework")
RESULTS = ("result", "reason", "target", "reached", "authority")  # what an act was told, by its input


@dataclass(frozen=True)
class Progress:
    """All that the page of a report tells."""

    steps: list[Step]
    lead: str
    expected: str
    standing: Standing
    refused_because: str = ""  # the code of the reason, where the report was refused


def progress(asker: Asker, *, at: datetime) -> Progress:
    """The progress of a report for its asker, in words."""
    clocks = clocks_of(asker.case)
    told = happenings(asker, events_for(asker), clocks)
    now = standing(asker, clocks)
    refused = [one.result for one in told if one.act == "refuse"] if now.state == State.REFUSED else []
    return Progress(
        steps=steps(told, now),
        lead=lead(now, at=at),
        expected=expected(now, at=at),
        standing=now,
        refused_because=refused[-1] if refused else "",
    )


def own_photos(asker: Asker) -> list[File]:
    """The photos this asker sent, in the order they came; nobody else's, and none of the handling."""
    mine = Q(actor_kind="asker", actor_id=str(asker.pk)) | Q(act="report", case=asker.first_case_id)
    events = CaseEvent.objects.filter(mine, case__in={asker.case_id, asker.first_case_id})
    ids = [pk for pk in events.order_by("at").values_list("photos", flat=True) if pk]
    found = File.objects.in_bulk(ids)
    return [found[pk] for pk in dict.fromkeys(ids)]


def happenings(asker: Asker, events: Iterable[CaseEvent], clocks: Iterable[Clock]) -> list[Happening]:
    """The events as they concern this asker."""
    told = list(events)
    agencies = leads(told)
    duties = _duties(asker.case, told)
    handling = [clock for clock in clocks if clock.kind == ClockKind.HANDLE]
    return [_happening(event, asker, agencies, duties, handling) for event in told]


def _happening(
    event: CaseEvent,
    asker: Asker,
    agencies: dict[int, Agency],
    duties: dict[Any, str],
    clocks: list[Clock],
) -> Happening:
    mine = is_own(event, asker)
    agency = agencies.get(event.pk)
    result = next((event.data[name] for name in RESULTS if event.data.get(name)), "")
    own = event.text if mine and event.act in OWN_WORDS else ""
    return Happening(
        act=event.act,
        at=event.at,
        to_state=event.to_state,
        agency=agency.shown if agency else "",
        who=duties.get(event.data.get("user"), "") if event.act in SENT_TO_LOOK else "",
        result=str(result),
        text=answer_in(event) or own,
        stars=int(event.data.get("stars") or 0) if mine else 0,
        due_at=_until(event) or (_due(event, clocks) if event.act in HANDED_OVER else None),
        mine=mine,
    )


def _until(event: CaseEvent) -> datetime | None:
    """The day an act puts the case off to."""
    if moment := event.change.get("waits_until"):
        return datetime.fromisoformat(moment)
    if event.act in ("bank", "review"):
        return end_of(date.fromisoformat(event.data["until"]))
    return None


def _duties(case: Case, events: Iterable[CaseEvent]) -> dict[Any, str]:
    """The duty, in words, of each person sent to look: never the name."""
    people = {event.data.get("user") for event in events if event.act in SENT_TO_LOOK}
    roles = set(roles_with("check")) | set(roles_with("verify"))
    posts = Post.objects.filter(
        user__in=people - {None}, role__in=roles, area__path__in=ancestors(case.area_path)
    )
    named = Role.objects.in_bulk()
    return {user: named[role].shown for user, role in posts.values_list("user_id", "role_id")}


def _due(event: CaseEvent, clocks: Iterable[Clock]) -> datetime | None:
    """The end of the handling as it stood when the case was handed over: of the clock then running."""
    running = [
        c for c in clocks if c.started_at <= event.at and (c.ended_at is None or c.ended_at > event.at)
    ]
    return running[-1].due_at if running else None


def _may_move(whole: Clock | None) -> bool:
    """Whether the last day was counted over a year whose holidays are not announced yet."""
    if whole is None or not whole.working or whole.due_at is None or whole.resumed_at is None:
        return False
    return bool(years_without_list(whole.resumed_at, whole.due_at))


def standing(asker: Asker, clocks: Sequence[Clock]) -> Standing:
    """Where the case stands for this asker."""
    case = asker.case
    running = {clock.kind: clock.due_at for clock in clocks if clock.ended_at is None and clock.resumed_at}
    if case.state in BEFORE_FILING:
        due = running.get(ClockKind.CHECK) or running.get(ClockKind.INTAKE)
    elif case.state == State.SUSPENDED:
        due = case.waits_until
    elif case.state == State.BANKED:
        due = running.get(ClockKind.REVIEW)
    else:
        due = None if case.state in AFTER_WORK else running.get(ClockKind.HANDLE)
    whole = next((one for one in clocks if one.kind == ClockKind.WHOLE and one.resumed_at), None)
    closing = Q(case=case, closing=case.reopenings + 1)
    return Standing(
        state=case.state,
        agency=case.lead_agency.shown if case.lead_agency else "",
        due_at=due,
        whole_due_at=whole.due_at if whole else None,
        may_move=_may_move(whole),
        window_until=case.window_until,
        withdrawn=asker.withdrawn_at is not None,
        rated=Rating.objects.filter(closing, asker=asker).exists(),
    )
