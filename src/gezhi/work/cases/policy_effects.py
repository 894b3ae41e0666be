"""What a change of rules would touch, told before it is made. Counts alone: who sets rules sees no cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from gezhi.foundation.actors.queries import manned
from gezhi.foundation.areas.fields import within
from gezhi.foundation.areas.models import Area
from gezhi.work.cases.models import Case, Clock, Part, Policy
from gezhi.work.cases.owners import desk_area, level_path
from gezhi.work.cases.policy import standing_data
from gezhi.work.cases.rulebook import Difference, Word, differences
from gezhi.work.cases.states import ACTIVE, LEVELS, ClockKind, State
from gezhi.work.matters.rules import level_of

# Which open requests wait for whom an approver's word names; an extension is the second where one was given.
REQUESTS = {
    "approvers.extension": Q(open_request="extension", extensions=0),
    "approvers.second_extension": Q(open_request="extension", extensions__gt=0),
    "approvers.suspension": Q(open_request="suspension"),
    "approvers.cancel": Q(open_request="cancel"),
    "approvers.exclusion": Q(open_request="exclusion"),
}
# The cases that wait for the desk step a word makes automatic.
DESK_STEPS = {
    "auto_send_verify": Q(state=State.DONE),
    "auto_close": Q(state=State.VERIFIED, verified_ok=True),
}
# The cases a smaller number would bar from what is still open to them now.
COUNTED = {"returns_before_designation": "returns", "extensions": "extensions", "reopenings": "reopenings"}


@dataclass(frozen=True)
class Touched:
    """One change, and how many cases or clocks it meets. Which of the two, and how, is in `why`:

    "keeps": limits running that keep their length · "waits": requests that stay where they were asked ·
    "desk": cases that wait for a desk step and go on waiting for the person · "barred": cases that have
    used up the smaller number.
    """

    difference: Difference
    why: str = ""
    count: int = 0


@dataclass(frozen=True)
class Vacant:
    """A level that would approve and where nobody holds that post now; `instead`: who does above it."""

    word: Word
    area: Area
    instead: Area | None


@dataclass(frozen=True)
class Effects:
    """All a change of rules would touch on an area."""

    touched: list[Touched]
    open_cases: int
    own_rules: list[Area] = field(
        default_factory=list
    )  # below, with rules of their own: nothing changes there
    vacant: list[Vacant] = field(default_factory=list)


def effects(*, area: Area, wanted: Mapping[str, Any], at: datetime) -> Effects:
    """What it would touch if `wanted` held on this area instead of what holds now."""
    found = differences(standing_data(area.path), wanted)
    own = list(
        Area.objects.below(area.path)
        .filter(pk__in=Policy.objects.values("area"))
        .exclude(pk=area.pk)
        .order_by("path")
    )
    governed = within("area_path", area.path)
    for one in own:
        governed &= ~within("area_path", one.path)
    cases = Case.objects.filter(governed)
    return Effects(
        touched=[_touched(one, cases, at) for one in found],
        open_cases=cases.filter(state__in=ACTIVE).count(),
        own_rules=own,
        vacant=_vacant(found, area, at),
    )


def _touched(one: Difference, cases: Any, at: datetime) -> Touched:
    name = one.word.name
    if one.word.kind == "limit":
        return Touched(one, "keeps", _running(name, cases))
    if name in REQUESTS:
        return Touched(one, "waits", _elsewhere(cases.filter(REQUESTS[name]), one, "request_path", at))
    if name == "approvers.bank":
        return Touched(one, "waits", _elsewhere(cases.filter(state=State.BANKED), one, "owner_path", at))
    if name in DESK_STEPS and one.after:
        return Touched(one, "desk", cases.filter(DESK_STEPS[name]).count())
    if name in COUNTED and one.after < one.before:
        used = {f"{COUNTED[name]}__gte": one.after, f"{COUNTED[name]}__lt": one.before}
        return Touched(one, "barred", cases.filter(state__in=(*ACTIVE, State.CLOSED), **used).count())
    return Touched(one)


def _running(name: str, cases: Any) -> int:
    """Clocks that were started with this limit and have not ended."""
    limit = name.removeprefix("limits.")
    clocks = Clock.objects.filter(ended_at=None, case__in=cases.order_by().values("pk"))
    if limit.startswith("summons_"):
        called = Part.objects.filter(whistle=limit.removeprefix("summons_"), live=True).values("case_id")
        return clocks.filter(kind=ClockKind.SUMMONS, case__in=called).count()
    if limit in ("sign", "sign_emergency"):
        return clocks.filter(kind=ClockKind.SIGN, case__emergency=limit == "sign_emergency").count()
    return clocks.filter(kind=limit).count() if limit in ClockKind.values else 0


def _elsewhere(waiting: Any, one: Difference, column: str, at: datetime) -> int:
    """How many of these wait for other people than those the new level names."""
    grant = _decides(one.word.name)
    pairs = waiting.values_list("area_path", column)
    return sum(path != desk_area(place, grant, level=one.after, at=at).path for place, path in pairs)


def _decides(name: str) -> str:
    return "appraise" if name == "approvers.exclusion" else "approve"


def _vacant(found: list[Difference], area: Area, at: datetime) -> list[Vacant]:
    """Levels named for an approval at which nobody holds that post now.

    Only those that can be told for the whole area: levels at it or above it.
    """
    told = []
    for one in found:
        if one.word.group != "approvers" or LEVELS.index(one.after) < LEVELS.index(level_of(area.kind)):
            continue
        named = Area.objects.get(path=level_path(area.path, one.after))
        grant = _decides(one.word.name)
        instead = desk_area(area.path, grant, level=one.after, at=at)
        if not _manned(named, grant, at):
            told.append(Vacant(one.word, named, instead if _manned(instead, grant, at) else None))
    return told


def _manned(area: Area, grant: str, at: datetime) -> bool:
    posts = manned(grant).get(area.pk, ())
    return any(since <= at and (until is None or until > at) for since, until in posts)
