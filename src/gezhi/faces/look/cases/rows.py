"""A case as a row of a list: what it is, where, from whom, and how long is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gezhi.faces.look.cases.clocks import open_clocks, view_of
from gezhi.faces.look.cases.owing import Owed, owed_by
from gezhi.faces.look.clocks import ClockView
from gezhi.faces.look.words import day_words
from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Case, Request
from gezhi.work.cases.states import ACTIVE, ENDED, Source, State


@dataclass(frozen=True, slots=True)
class Row:
    """`thumb` is the address of a small picture or ""; `clock` is None where no limit runs.

    `owed` is what the reader owes beside the owner, and None for all who owe nothing or are the owner.
    """

    case: Case
    thumb: str
    clock: ClockView | None
    source: str
    marks: list[str]
    state: str
    state_tone: str
    owed: Owed | None = None

    @property
    def owner(self) -> str:
        """Who must act now, as far as the row knows: the person, else the agency."""
        return str(self.case.owner_user or self.case.owner_agency or "")


def rows_of(cases: Sequence[Case], *, at: datetime, actor: Actor | None = None) -> list[Row]:
    """Rows for cases read by `page_of`, as this actor sees them; one query for all their clocks."""
    owed = owed_by(actor, cases)
    clocks = open_clocks(cases, keys={case: one.clock for case, one in owed.items()})
    return [
        Row(
            case=case,
            thumb=_thumb(case),
            clock=view_of(clocks[case.pk], at=at) if case.pk in clocks else None,
            source=str(Source(case.source).label),
            marks=_marks(case, at=at),
            state=str(State(case.state).label),
            state_tone=state_tone(case.state),
            owed=owed.get(case.pk),
        )
        for case in cases
    ]


def title_of(case: Case) -> str:
    """The matter in the language of the page, else what was said; expects the item to be loaded."""
    return case.item.shown if case.item else case.title


def state_tone(state: str) -> str:
    """Under way is blue, done is green, ended otherwise is neutral."""
    if state in (State.CLOSED, State.ARCHIVED):
        return "g"
    return "b" if state in ACTIVE and state not in ENDED else "n"


def _thumb(case: Case) -> str:
    photo = case.first_photo
    return reverse("look:case_photo", args=[case.pk, photo.sha256, "thumb"]) if photo else ""


def last_day(moment: datetime, *, at: datetime) -> str:
    """The day a limit of days includes last: the midnight that ends it belongs to it."""
    return day_words(localdate(moment - timedelta(seconds=1)), today=localdate(at))


def _marks(case: Case, *, at: datetime) -> list[str]:
    """What sets a case apart: asked for, put off, watched over, urged, returned, reworked, reopened."""
    marks = []
    if case.open_request:
        kind = Request.Kind(case.open_request).label
        marks.append(_("asked for: %(kind)s") % {"kind": kind})
    if case.state == State.SUSPENDED and case.waits_until:
        marks.append(_("suspended until %(day)s") % {"day": last_day(case.waits_until, at=at)})
    if case.state == State.BANKED and case.due_at:
        marks.append(_("review by %(day)s") % {"day": last_day(case.due_at, at=at)})
    flags = (
        (case.supervised, _("supervised")),
        (case.enforcement, _("with enforcement")),
        (case.designated, _("designated")),
        (bool(case.reopenings), _("reopened")),
        (case.follow_up, _("poor rating")),
        (case.to_call and not case.follow_up, _("to be called back")),
        (case.forced, _("closed by force")),
        (case.excluded, _("excluded from appraisal")),
    )
    if case.urges:
        marks.append(ngettext("urged once", "urged %(n)d times", case.urges) % {"n": case.urges})
    if case.returns:
        marks.append(ngettext("returned once", "returned %(n)d times", case.returns) % {"n": case.returns})
    if case.reworks:
        marks.append(ngettext("reworked once", "reworked %(n)d times", case.reworks) % {"n": case.reworks})
    return marks + [words for holds, words in flags if holds]
