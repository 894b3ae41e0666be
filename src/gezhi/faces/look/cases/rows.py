"""A case as a row of a list: what it is, where, from whom, and how long is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gezhi.faces.look.cases.clocks import open_clocks, view_of
from gezhi.faces.look.clocks import ClockView
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import ACTIVE, ENDED, Source, State


@dataclass(frozen=True, slots=True)
class Row:
    """`thumb` is the address of a small picture or ""; `clock` is None where no limit runs."""

    case: Case
    thumb: str
    clock: ClockView | None
    source: str
    marks: list[str]
    state: str
    state_tone: str

    @property
    def owner(self) -> str:
        """Who must act now, as far as the row knows: the person, else the agency."""
        return str(self.case.owner_user or self.case.owner_agency or "")


def rows_of(cases: Sequence[Case], *, at: datetime) -> list[Row]:
    """Rows for cases read by `page_of`; one query for all their clocks."""
    clocks = open_clocks(cases)
    return [
        Row(
            case=case,
            thumb=_thumb(case),
            clock=view_of(clocks[case.pk], at=at) if case.pk in clocks else None,
            source=str(Source(case.source).label),
            marks=_marks(case),
            state=str(State(case.state).label),
            state_tone=state_tone(case.state),
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
    events = getattr(case, "first_events", [])
    photos = [photo for event in events for photo in event.photos.all()]
    return reverse("look:case_photo", args=[case.pk, photos[0].sha256, "thumb"]) if photos else ""


def _marks(case: Case) -> list[str]:
    """What sets a case apart: urged, returned, reworked, reopened, asked back."""
    marks = []
    if case.open_request == "return":
        marks.append(_("asks to return"))
    if case.urges:
        marks.append(ngettext("urged once", "urged %(n)d times", case.urges) % {"n": case.urges})
    if case.returns:
        marks.append(ngettext("returned once", "returned %(n)d times", case.returns) % {"n": case.returns})
    if case.reworks:
        marks.append(ngettext("reworked once", "reworked %(n)d times", case.reworks) % {"n": case.reworks})
    if case.reopenings:
        marks.append(_("reopened"))
    if case.follow_up:
        marks.append(_("poor rating"))
    return marks
