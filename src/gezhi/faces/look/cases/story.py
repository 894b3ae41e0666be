"""The record of a case in words: one entry per act, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.faces.look.cases.clocks import kept_or_late
from gezhi.faces.look.pictures import shots
from gezhi.faces.look.words import day_words
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import AreaKind
from gezhi.territory.layers.rules import distance_m
from gezhi.work.cases.acts import ACTS, Input
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.states import ACTIVE, ClockKind, Source
from gezhi.work.matters.models import Condition

REMINDERS = ("warn", "overdue", "escalate")
SENDS_BACK = (
    "refuse", "return", "return_part", "rework", "withdraw", "reopen", "overdue", "escalate", "force_close",
    "approve_cancel", "reject_transfer",
)  # fmt: skip
NAMES_ITS_OBJECT = (
    "dispatch", "file_dispatch", "designate", "request_transfer", "assign", "ask_check", "send_verify",
    "reassign", "add_part", "remove_part", "excuse_part", "whistle", "rate_part", *REMINDERS,
)  # fmt: skip
OWN_PART = ("sign_part", "return_part", "report_part", "attend")  # done by the agency whose part it is


@dataclass(frozen=True)
class Entry:
    """`chips` are (words, tone); `other` is a case the act speaks of, as (number and title, id)."""

    at: datetime
    who: str
    words: str
    object: str
    chips: list[tuple[str, str]]
    text: str
    photos: list[dict[str, str]]
    tone: str  # "now", "bad" or ""
    new_day: bool  # the newest entry of a day, read first, says which day it is
    other: tuple[str, UUID] | None = None
    details: list[str] = field(default_factory=list)


def story_of(case: Case, events: Sequence[CaseEvent]) -> list[Entry]:
    """The entries of a case from its events in order; a query at most for the conditions and one for the
    agencies they name.
    """
    conditions, agencies = _conditions(case, events), _agencies(case, events)
    until = _granted(events)
    entries = []
    later: CaseEvent | None = None
    for event in reversed(events):
        entry = _entry(case, event, later, conditions, agencies)
        entry.details.extend(until.get(event.seq, ()))
        entries.append(entry)
        later = event
    return entries


def _entry(
    case: Case,
    event: CaseEvent,
    later: CaseEvent | None,
    conditions: dict[int, Condition],
    agencies: dict[int, Agency],
) -> Entry:
    now = later is None and case.state in ACTIVE
    return Entry(
        at=event.at,
        who=who_did(event),
        words=str(ACTS[event.act].done),
        object=_object(event, agencies),
        chips=_chips(case, event, conditions),
        text=event.text or (case.description if event.seq == 1 else ""),
        photos=_photos(case, event),
        tone="now" if now else "bad" if event.act in SENDS_BACK else "",
        new_day=later is None or localdate(later.at) != localdate(event.at),
        other=_other(event),
        details=_details(case, event),
    )


def _object(event: CaseEvent, agencies: dict[int, Agency]) -> str:
    """To whom an act gave the case, whom it asked, or about whom it is."""
    if event.act not in NAMES_ITS_OBJECT:
        return ""
    named = [agencies[pk].shown for pk in _named(event) if pk in agencies]
    if named:
        return pgettext("between items of a list", ", ").join(named)
    return str(event.data.get("user_name") or event.data.get("part_name", ""))


def _named(event: CaseEvent) -> list[int]:
    """The agencies an event speaks of."""
    data = event.data
    return [data["agency"]] if "agency" in data else list(data.get("agencies", ()))


def _photos(case: Case, event: CaseEvent) -> list[dict[str, str]]:
    """The photos of an act; solving on the spot shows what was before and what is after."""
    files = list(event.photos.all())
    if "before" not in event.data:
        return shots(case.pk, files)
    before = [file for file in files if file.pk in event.data["before"]]
    after = [file for file in files if file.pk not in event.data["before"]]
    return shots(case.pk, before, tag=_("Before")) + shots(case.pk, after, tag=_("After"))


def who_did(event: CaseEvent) -> str:
    """The person with the agency they acted for, or what acted in nobody's name."""
    if event.act in REMINDERS:
        return _("Reminder")
    agency = event.agency.shown if event.agency else ""
    if not agency and event.act in OWN_PART:
        agency = event.data.get("part_name", "")
    return f"{agency} {event.who}".strip()


def _chips(case: Case, event: CaseEvent, conditions: dict[int, Condition]) -> list[tuple[str, str]]:
    chips: list[tuple[str, str]] = []
    if event.seq == 1:
        chips.append((str(Source(case.source).label), "n"))
    if event.act in REMINDERS and event.data.get("clock") in ClockKind.values:
        chips.append((str(ClockKind(event.data["clock"]).label), "a" if event.act == "warn" else "r"))
    condition = conditions.get(event.data.get("condition", 0))
    if condition is not None:
        chips.append((f"{condition.item.shown} · {condition.shown} · {condition.limit_shown}", "n"))
    if stars := event.data.get("stars"):
        chips.append((_("%(n)s of 5 stars") % {"n": stars}, "r" if stars <= 2 else "g"))
    return chips + _measured(event)


def _measured(event: CaseEvent) -> list[tuple[str, str]]:
    """The clocks an act ended, each by its name where there are several."""
    told = [ended for ended in event.clocks if _tells(ended)]
    chips = [kept_or_late(ended, at=event.at) for ended in told]
    if len(told) < 2:
        return chips
    names = [ClockKind(ended["kind"]).label for ended in told]
    return [(f"{name} {words}", tone) for name, (words, tone) in zip(names, chips, strict=True)]


def _tells(ended: dict[str, Any]) -> bool:
    """The whole clock is told of at the side; one that only ended with the case is not told of at all."""
    return bool(ended["kind"] != "whole" and ended["used"] > 0)


def _details(case: Case, event: CaseEvent) -> list[str]:
    """What was told beside the words, each with its label: 理由：不是本单位职责; 延期至：11-30 周一."""
    lines = []
    for spec in ACTS[event.act].inputs:
        if case.veiled and spec.kind == "line":
            continue  # words somebody wrote, sealed as the texts are
        if said := _said(spec, event):
            lines.append(_("%(label)s: %(words)s") % {"label": spec.label, "words": said})
    if event.act in ("raise", "send_back") and "level" in event.change:
        level = AreaKind(event.change["level"]).label
        lines.append(_("Now at the level: %(level)s") % {"level": level})
    if point := event.data.get("point"):
        lines.append(_place(case, event.act, point))
    return lines


def _said(spec: Input, event: CaseEvent) -> str:
    """One answer in words; texts, photos and the like are shown otherwise."""
    said = event.data.get(spec.name)
    if not said:
        return ""
    if spec.kind == "choice":
        return str(dict(spec.choices).get(said, said))
    if spec.kind == "date":
        return day_words(date.fromisoformat(said), today=localdate(event.at))
    return str(said) if spec.kind == "line" else ""


def _place(case: Case, act: str, point: list[float]) -> str:
    if act != "arrive":
        return _("The place was corrected.")
    metres = distance_m(point[0], point[1], case.lon, case.lat)
    return _("%(n)d m from the place of the case.") % {"n": round(metres)}


def _granted(events: Sequence[CaseEvent]) -> dict[int, list[str]]:
    """By the number of an approval, the day that was asked for and is granted with it."""
    found, asked = {}, ""
    for event in events:
        if event.act in ("request_extension", "request_suspension"):
            asked = event.data.get("until", "")
        elif event.act in ("approve_extension", "approve_suspension") and asked:
            day = day_words(date.fromisoformat(asked), today=localdate(event.at))
            found[event.seq] = [_("Until: %(day)s") % {"day": day}]
    return found


def _other(event: CaseEvent) -> tuple[str, UUID] | None:
    if "case" not in event.data:
        return None
    return event.data.get("case_name", ""), UUID(event.data["case"])


def _conditions(case: Case, events: Sequence[CaseEvent]) -> dict[int, Condition]:
    wanted = {event.data["condition"] for event in events if event.data.get("condition")}
    known: dict[int, Condition] = {}
    if case.condition is not None and case.item is not None:
        case.condition.item = case.item
        known[case.condition.pk] = case.condition
    if missing := wanted - known.keys():
        known |= {c.pk: c for c in Condition.objects.filter(pk__in=missing).select_related("item")}
    return known


def _agencies(case: Case, events: Sequence[CaseEvent]) -> dict[int, Agency]:
    known = {one.pk: one for one in (case.lead_agency, *(event.agency for event in events)) if one}
    missing = {pk for event in events for pk in _named(event)} - known.keys()
    return known | Agency.objects.in_bulk(missing) if missing else known
