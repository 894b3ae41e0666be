"""The groups of people the table of notices speaks of (rules.py), as they stand when an event is told."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Q

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.work.cases.models import CaseEvent, Part, Request
from gezhi.work.cases.owners import desk_area, holders, holding
from gezhi.work.cases.owners import leaders as leaders_of
from gezhi.work.cases.states import ENDED, ClockKind, State

Group = Callable[[CaseEvent], list[User]]
OF_PARTS = (ClockKind.PART, ClockKind.SUMMONS)


def owner(event: CaseEvent) -> list[User]:
    """The owner's people, unless the case has moved on since: then the later event tells its own owner."""
    case = event.case
    if (case.owner_grant, case.owner_name) != (event.owner_grant, event.owner_name):
        return []
    if event.owner_grant == "call_back":  # a closed case waits for the asker, not for the desk
        return []
    return holders(case, at=event.at)


def new_owner(event: CaseEvent) -> list[User]:
    """The owner's people, where the act gave the case to another owner."""
    was = _before(event)
    fields = ("owner_grant", "owner_agency_id", "owner_user_id", "owner_path")
    return owner(event) if any(event.change.get(f, was.get(f)) != was.get(f) for f in fields) else []


def call_back_desk(event: CaseEvent) -> list[User]:
    """Who calls back: only when the case was drawn for it, or something must be followed up."""
    if not (event.change.get("to_call") or event.change.get("follow_up")):
        return []
    return holders(event.case, at=event.at) if event.case.owner_grant == "call_back" else []


def reporter(event: CaseEvent) -> list[User]:
    """The member of staff who reported."""
    return [event.case.reporter] if event.case.reporter else []


def former(event: CaseEvent) -> list[User]:
    """Who had it before and has it no longer: one person, or the agency that led."""
    was = _before(event)
    now = {**was, **event.change}
    people: list[User] = []
    person = was.get("owner_user_id")
    if person and person != now.get("owner_user_id"):
        people += User.objects.filter(pk=person, is_active=True)
    agency = was.get("lead_agency_id")
    over = event.to_state in ENDED or event.to_state == State.CLOSED
    if agency and (over or agency != now.get("lead_agency_id")):
        people += _of_agencies([agency], event)
    return people


def deciders(event: CaseEvent) -> list[User]:
    """Who decides on the open request, outside the agency that asked."""
    case = event.case
    if not case.open_request:
        return []
    if case.request_grant == "handle":  # a transfer first asks the agency it is to go to
        return _of_agencies([p.agency_id for p in case.live_parts if p.role == Part.Role.OFFERED], event)
    return _outside(case.lead_path, _desk(case.request_path, case.request_grant, event), event)


def former_deciders(event: CaseEvent) -> list[User]:
    """Who was to decide on a request that was taken back."""
    was = _before(event)
    path, grant = was.get("request_path", ""), was.get("request_grant", "")
    if grant == "handle":
        offered = Part.objects.filter(case=event.case, role=Part.Role.OFFERED, ended_at=event.at)
        return _of_agencies(offered.values_list("agency_id", flat=True), event)
    return _outside(event.case.lead_path, _desk(path, grant, event), event) if path else []


def requester(event: CaseEvent) -> list[User]:
    """Who asked for what has just been decided, and the heads of their agency."""
    asked = Request.objects.filter(case=event.case_id, decided_at=event.at).select_related("asked_by")
    request = asked.order_by("-pk").first()
    if request is None:
        return []
    people = [request.asked_by] if request.asked_by else []
    if request.agency_id and request.kind != Request.Kind.CANCEL:
        people += holding(Q(agency=request.agency_id), ("agency_head",), event.at)
    return people


def offered(event: CaseEvent) -> list[User]:
    """The agency a transfer is to go to."""
    return _of_agencies([event.data["agency"]], event)


def lead(event: CaseEvent) -> list[User]:
    """The lead agency's people: the one it is assigned to, where it is."""
    case = event.case
    if case.assignee:
        return [case.assignee]
    return _of_agencies([case.lead_agency_id], event) if case.lead_agency_id else []


def called(event: CaseEvent) -> list[User]:
    """The agencies asked to co-handle or called by whistle."""
    return _of_agencies(event.data.get("agencies", []), event)


def of_the_part(event: CaseEvent) -> list[User]:
    """The agency whose part the act is about."""
    agencies = Part.objects.filter(pk=event.data["part"]).values_list("agency_id", flat=True)
    return _of_agencies(agencies, event)


def street_dispatcher(event: CaseEvent) -> list[User]:
    """Who blew the whistle, and the dispatch desk of the case's level."""
    case = event.case
    blew = case.events.filter(act="whistle", seq__lt=event.seq).order_by("-seq").values("user")[:1]
    area = desk_area(case.area_path, "dispatch", level=case.level, at=event.at)
    return [*User.objects.filter(pk__in=blew, is_active=True), *_desk(area.path, "dispatch", event)]


def summoner(event: CaseEvent) -> list[User]:
    """The street dispatcher, when a summoned department is late."""
    return street_dispatcher(event) if event.data.get("clock") == ClockKind.SUMMONS else []


def supervisor(event: CaseEvent) -> list[User]:
    """Who put the case under formal supervision last."""
    asked = event.case.events.filter(act="supervise", seq__lt=event.seq).order_by("-seq").values("user")[:1]
    return list(User.objects.filter(pk__in=asked, is_active=True))


def owing(event: CaseEvent) -> list[User]:
    """Whoever the clock measures: the deciders, an agency beside the lead, else the owner."""
    kind = event.data.get("clock")
    if kind == ClockKind.DECISION:
        return deciders(event)
    if kind in OF_PARTS:
        return _of_agencies([event.data.get("agency")], event)
    if kind == ClockKind.CALL_BACK:
        return holders(event.case, at=event.at)
    return owner(event)


def leaders(event: CaseEvent) -> list[User]:
    """Whoever leads where the clock's duty stands."""
    kind = event.data.get("clock")
    if kind == ClockKind.DECISION:
        above = Q(area__path__in=ancestors(event.case.request_path or event.case.area_path))
        return holding(above, ("lead", "approve"), event.at)
    if kind in OF_PARTS:
        return holding(Q(agency=event.data.get("agency")), ("agency_head",), event.at)
    return leaders_of(event.case, at=event.at)


def _desk(path: str, grant: str, event: CaseEvent) -> list[User]:
    return holding(Q(area__path=path), (grant,), event.at)


def _of_agencies(agencies: Iterable[Any], event: CaseEvent) -> list[User]:
    return holding(Q(agency__in=list(agencies)), ("handle",), event.at)


def _outside(agency_path: str, people: list[User], event: CaseEvent) -> list[User]:
    if not agency_path or not people:
        return people
    posts = Post.objects.current(event.at).filter(within("agency__path", agency_path), user__in=people)
    inside = set(posts.values_list("user_id", flat=True))
    return [user for user in people if user.pk not in inside]


def _before(event: CaseEvent) -> dict[str, Any]:
    """The folded fields as they stood before this event."""
    folded: dict[str, Any] = {}
    for change in (
        event.case.events.filter(seq__lt=event.seq).order_by("seq").values_list("change", flat=True)
    ):
        folded |= change
    return folded


GROUPS: Mapping[str, Group] = {
    "owner": owner,
    "new owner": new_owner,
    "call-back desk": call_back_desk,
    "reporter": reporter,
    "former": former,
    "deciders": deciders,
    "former deciders": former_deciders,
    "requester": requester,
    "offered": offered,
    "lead": lead,
    "called": called,
    "of the part": of_the_part,
    "street dispatcher": street_dispatcher,
    "summoner": summoner,
    "supervisor": supervisor,
    "owing": owing,
    "leaders": leaders,
}
