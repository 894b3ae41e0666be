"""How limits are counted."""

from datetime import date, datetime

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import Id, In, Moment, Out


class ForecastWanted(In):
    """What is to be worked out."""

    area: str = Field(max_length=30, description=_("Code of the area whose rules count."))
    start: Moment | None = Field(None, description=_("When it begins; nothing: now."))
    condition: Id | None = Field(None, description=_("Id of a filing condition."))
    limit: str = Field("", max_length=30, description=_("One limit by hand, as in the rules: 2 work_days."))


class SpanOut(Out):
    """A stretch of time that counted."""

    since: datetime
    until: datetime


class DayCountOut(Out):
    """One day of a limit: what of it counted."""

    date: date
    spans: list[SpanOut]
    seconds: int
    total_seconds: int = Field(description=_("Counted by the end of the day."))
    rests: bool = Field(description=_("The day does not count at all."))


class ForecastOut(Out):
    """One limit and its points."""

    name: str = Field(description=_("Of the rules; empty for a limit given by hand."))
    limit: str
    seconds: int
    half_at: datetime
    warn_at: datetime
    due_at: datetime
    grace_at: datetime
    days: list[DayCountOut]
    unlisted_years: list[int] = Field(description=_("Years whose official list is not known: it may move."))


class SegmentOut(Out):
    """A stretch of a clock: ran, rested, or lies ahead."""

    kind: str
    since: datetime
    until: datetime
    act: str = Field(description=_("The act that began it."))
    seconds: int
    days: list[DayCountOut]


class ReckoningOut(Out):
    """How a clock of a case is counted."""

    id: int
    kind: str
    working: bool
    limit_seconds: int
    extended_seconds: int
    used_seconds: int
    left_seconds: int
    started_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    segments: list[SegmentOut]
    unlisted_years: list[int] = Field(description=_("Years whose official list is not known: it may move."))
