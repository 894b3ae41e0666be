"""Whom or what an act may be told: the agencies, people, parts and cases a form or the API offers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gezhi.foundation.actors.models import Agency, User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.work.cases import queries
from gezhi.work.cases.acts import Act, Input
from gezhi.work.cases.duty import answerable
from gezhi.work.cases.models import Case, Part

BESIDE_THE_LEAD = ("request_transfer", "add_part", "whistle")


@dataclass(frozen=True)
class Offer:
    """One answer, and why it is offered. `likely`: proposed by the rules; the first of these is the best."""

    value: str
    label: str
    why: str = ""
    likely: bool = False


def offers(act: Act, spec: Input, case: Case, *, actor: Actor, at: datetime) -> list[Offer]:
    """The answers to one input of an act, the likely ones first; empty where anything may be said."""
    source = _SOURCES.get(spec.kind)
    return list(source(act, case, actor, at)) if source else []


def _agencies(act: Act, case: Case, actor: Actor, at: datetime) -> Iterable[Offer]:
    """Who may answer for the case comes first, where that is the question; then all who cover the place."""
    told = {case.lead_agency_id} if act.code in BESIDE_THE_LEAD else set()
    suggested = answerable(case, at=at) if act.code not in ("assign", "whistle") else []
    for suggestion in suggested:
        if suggestion.agency.pk not in told:
            told.add(suggestion.agency.pk)
            yield Offer(str(suggestion.agency.pk), suggestion.agency.shown, suggestion.why, likely=True)
    everybody = _below(case) if act.code == "assign" else agencies_for(case)
    for agency in everybody:
        if agency.pk not in told:
            yield Offer(str(agency.pk), agency.shown)


def agencies_for(case: Case) -> QuerySet[Agency]:
    """All open agencies whose jurisdiction covers the case's place."""
    return Agency.objects.filter(area__path__in=ancestors(case.area_path), closed_at=None).order_by("path")


def _below(case: Case) -> QuerySet[Agency]:
    """The stations of the lead agency."""
    below = Agency.objects.filter(within("path", case.lead_path or "-/"), closed_at=None)
    return below.exclude(path=case.lead_path).order_by("path")


_PEOPLE: dict[str, Callable[..., Sequence[User] | QuerySet[User]]] = {
    "ask_check": queries.checkers,
    "send_verify": queries.verifiers,
    "reassign": queries.verifiers,
}


def _people(act: Act, case: Case, actor: Actor, at: datetime) -> Iterable[Offer]:
    for user in _PEOPLE.get(act.code, queries.assignable)(case, at=at):
        yield Offer(str(user.pk), user.name)


def _parts(act: Act, case: Case, actor: Actor, at: datetime) -> Iterable[Offer]:
    """Departments not rated yet, or co-handlers, as the act needs them."""
    rating = act.code == "rate_part"
    role = Part.Role.SUMMONED if rating else Part.Role.CO_HANDLER
    for part in case.live_parts:
        if part.role == role and not (rating and part.stars is not None):
            yield Offer(str(part.pk), part.agency.shown, str(Part.State(part.state).label), likely=True)


def _cases(act: Act, case: Case, actor: Actor, at: datetime) -> Iterable[Offer]:
    for other, _metres in queries.duplicates_of(case, actor, at=at):
        yield Offer(str(other.pk), f"{other.number} {other.title}", other.address, likely=True)


_SOURCES: dict[str, Callable[[Act, Case, Actor, datetime], Iterable[Offer]]] = {
    "agency": _agencies,
    "agencies": _agencies,
    "user": _people,
    "part": _parts,
    "case": _cases,
}
