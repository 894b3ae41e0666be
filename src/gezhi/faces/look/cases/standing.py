"""What stands beside the state of a case: the open request, who takes part, a supervision, marks, calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from gezhi.faces.look.cases.clocks import view_of
from gezhi.faces.look.cases.rows import last_day
from gezhi.faces.look.clocks import ClockView
from gezhi.foundation.areas.models import AreaKind
from gezhi.foundation.areas.queries import lineage
from gezhi.work.cases.acts import LEVELS
from gezhi.work.cases.acts.work import WHISTLES
from gezhi.work.cases.models import Case, CaseEvent, Clock, Part, Request
from gezhi.work.cases.owners import holding
from gezhi.work.cases.policy import rules_for
from gezhi.work.cases.states import ClockKind, State

DECIDES: dict[str, Promise] = {
    "approve": pgettext_lazy("decides", "approver"),
    "dispatch": pgettext_lazy("decides", "dispatcher"),
    "appraise": pgettext_lazy("decides", "appraisal office"),
}
# How far an agency beside the lead is, where its role words it in its own way.
FAR: dict[tuple[str, str], Promise] = {
    ("summoned", "asked"): pgettext_lazy("part", "To report in"),
    ("summoned", "done"): pgettext_lazy("part", "Reported in"),
    ("offered", "asked"): pgettext_lazy("part", "To answer"),
    ("offered", "done"): pgettext_lazy("part", "Took it over"),
    ("offered", "returned"): pgettext_lazy("part", "Did not take it"),
}
TONES = {"asked": "a", "signed": "b", "done": "g", "returned": "r"}
WITH_CLOCK = {"co_handler": ClockKind.PART, "summoned": ClockKind.SUMMONS}


@dataclass(frozen=True)
class Asked:
    """The open request: what, who asked when and why, until when, who decides, by when."""

    kind: str
    who: str
    at: datetime
    reason: str
    until: str
    decider: str
    clock: ClockView | None


@dataclass(frozen=True)
class Share:
    """One agency beside the lead: in what role, how far, since when, its clock, the last word said."""

    agency: str
    role: str
    state: str
    tone: str
    asked_at: datetime
    clock: ClockView | None
    late: bool
    text: str
    stars: int | None


@dataclass(frozen=True)
class Watched:
    """A formal supervision that waits for its reply."""

    who: str
    at: datetime
    text: str
    clock: ClockView | None


@dataclass(frozen=True)
class Call:
    """One call-back, in words."""

    at: datetime
    who: str
    answers: list[str]
    text: str


@dataclass(frozen=True)
class Standing:
    """All of it; `marks` are words with their tone."""

    level: str
    marks: list[tuple[str, str]]
    asked: Asked | None
    shares: list[Share]
    watched: Watched | None
    calls: list[Call]
    put_off: str


def standing_of(
    case: Case, events: Sequence[CaseEvent], clocks: Sequence[Clock], *, at: datetime
) -> Standing:
    """How a case stands, from its record and its clocks; asks for rows only where there may be some."""
    return Standing(
        level=_level(case),
        marks=_marks(case),
        asked=_asked(case, clocks, at=at),
        shares=_shares(case, clocks, at=at),
        watched=_watched(case, events, clocks, at=at),
        calls=_calls(case) if case.closed_at or case.reopenings else [],
        put_off=_put_off(case, at=at),
    )


def brief(case: Case, *, at: datetime) -> Standing:
    """The same for the side panel of a list, which has not read the record."""
    apart = case.open_request or case.shared or case.supervised
    events = list(case.events.filter(act="supervise").order_by("-seq")[:1]) if case.supervised else []
    clocks = list(Clock.objects.filter(case=case).select_related("agency")) if apart else []
    return standing_of(case, events, clocks, at=at)


def _level(case: Case) -> str:
    """街道（大循环）: the level, with the district's own name for its loop."""
    level = str(AreaKind(case.level).label)
    loop = rules_for(case.area_path).loop_names.get(case.level, "")
    return _("%(level)s (%(loop)s)") % {"level": level, "loop": loop} if loop else level


def _marks(case: Case) -> list[tuple[str, str]]:
    marks = [
        (case.supervised, _("supervised"), "r"),
        (case.designated, _("designated"), "b"),
        (case.enforcement, _("with enforcement"), "a"),
        (case.forced, _("closed by force"), "a"),
        (case.excluded, _("excluded from appraisal"), "n"),
        (case.follow_up, _("poor rating"), "r"),
        (case.to_call and not case.follow_up, _("to be called back"), "a"),
    ]
    found = [(words, tone) for holds, words, tone in marks if holds]
    if case.extensions:
        times = ngettext("extended once", "extended %(n)d times", case.extensions) % {"n": case.extensions}
        found.append((times, "n"))
    return found


def _put_off(case: Case, *, at: datetime) -> str:
    """Until when nobody works on it: suspended, or in the bank."""
    if case.state == State.SUSPENDED and case.waits_until:
        day = last_day(case.waits_until, at=at)
        return _("Suspended until %(day)s; it goes on by itself after that.") % {"day": day}
    if case.state == State.BANKED and case.due_at:
        day = last_day(case.due_at, at=at)
        if case.due_at < at:
            return _("In the problem bank; it was to be reviewed by %(day)s.") % {"day": day}
        return _("In the problem bank, to be reviewed by %(day)s.") % {"day": day}
    return ""


def _asked(case: Case, clocks: Sequence[Clock], *, at: datetime) -> Asked | None:
    if not case.open_request:
        return None
    found = Request.objects.filter(case=case, outcome=Request.Outcome.OPEN)
    request = found.select_related("asked_by", "agency").get()
    by = (request.agency.shown if request.agency else "", request.asked_by.name if request.asked_by else "")
    return Asked(
        kind=str(Request.Kind(request.kind).label),
        who=" ".join(word for word in by if word),
        at=request.asked_at,
        reason="" if case.veiled else request.reason,
        until=last_day(request.until, at=at) if request.until else "",
        decider=_decider(case, at=at),
        clock=_open(clocks, ClockKind.DECISION, at=at),
    )


def _decider(case: Case, *, at: datetime) -> str:
    """测试街道审批人（测试·值班领导）: the desk, and who sits there."""
    if case.request_grant == "handle":
        names = [part.agency.shown for part in case.live_parts if part.role == Part.Role.OFFERED]
        return names[0] if names else ""
    area = next((area.shown for area in lineage(case.area_path) if area.path == case.request_path), "")
    words = {"area": area, "desk": DECIDES[case.request_grant]}
    desk = pgettext("decides", "%(area)s %(desk)s") % words
    there = holding(Q(area__path=case.request_path), (case.request_grant,), at)
    people = pgettext("between items of a list", ", ").join(user.name for user in there[:3])
    return _("%(desk)s (%(people)s)") % {"desk": desk, "people": people} if people else desk


def _open(clocks: Iterable[Clock], kind: str, *, at: datetime) -> ClockView | None:
    running = (clock for clock in clocks if clock.kind == kind and clock.ended_at is None)
    clock = next(running, None)
    return view_of(clock, at=at) if clock else None


def _shares(case: Case, clocks: Sequence[Clock], *, at: datetime) -> list[Share]:
    """Everybody who takes or took part, in the order they were asked."""
    if not case.shared:
        return []
    return [_share(case, part, clocks, at=at) for part in case.parts.select_related("agency").order_by("pk")]


def _share(case: Case, part: Part, clocks: Sequence[Clock], *, at: datetime) -> Share:
    role = str(Part.Role(part.role).label)
    if part.whistle:
        role = f"{role} · {dict(WHISTLES)[part.whistle]}"
    measured = part.state in (Part.State.ASKED, Part.State.SIGNED, Part.State.DONE)
    clock = _clock_of(part, clocks) if measured else None
    view = view_of(clock, at=at) if clock else None
    return Share(
        agency=part.agency.shown,
        role=role,
        state=str(FAR.get((part.role, part.state)) or Part.State(part.state).label),
        tone=TONES.get(part.state, "n"),
        asked_at=part.asked_at,
        clock=view,
        late=part.late or bool(view and view.tone == "r"),
        text="" if case.veiled else part.text,
        stars=part.stars,
    )


def _clock_of(part: Part, clocks: Sequence[Clock]) -> Clock | None:
    """The clock that began when this agency was asked; an agency may have been asked before."""
    kind = WITH_CLOCK.get(Part.Role(part.role))
    own = (c for c in clocks if kind and c.kind == kind and c.slot == part.agency_id)
    return next((c for c in own if abs(c.started_at - part.asked_at) < timedelta(seconds=1)), None)


def _watched(
    case: Case, events: Sequence[CaseEvent], clocks: Sequence[Clock], *, at: datetime
) -> Watched | None:
    if not case.supervised:
        return None
    event = next((event for event in reversed(events) if event.act == "supervise"), None)
    if event is None:
        return None
    text = "" if case.veiled else event.text
    return Watched(event.who, event.at, text, _open(clocks, ClockKind.REPLY, at=at))


def _calls(case: Case) -> list[Call]:
    """The call-backs, newest first."""
    levels = dict(LEVELS)
    shown = []
    for call in case.call_backs.select_related("by").order_by("-at", "-pk"):
        answers = [_("not reached")]
        if call.reached:
            answers = [
                _("handler got in touch") if call.contacted else _("handler did not get in touch"),
                _("solved") if call.solved else _("not solved"),
                str(levels[str(call.satisfied)]),
            ]
        text = "" if case.veiled else call.text
        shown.append(Call(call.at, call.by.name if call.by else "", answers, text))
    return shown
