"""The way of a case, findings of responsibility with their appeals, and statistics of stuck places."""

from datetime import date, datetime
from typing import Any, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import After, Choice, Id, In, Named, Out, Photo, Place, Rows

FindingKind = Literal["reminder", "talk", "bulletin", "accountability"]
FindingState = Literal["recorded", "final", "appealed", "upheld", "changed", "withdrawn"]
By = Literal["stage", "agency", "item", "area", "month"]
Figure = Literal["over", "undecided", "summons", "returns", "reworks", "forced", "excluded"]


class MeasureOut(Out):
    """One limit within a part of the way, in seconds of its own kind of time."""

    kind: Choice
    used: int
    limit: int
    late: int
    working: bool = Field(description=_("Whether only working time counts."))
    running: bool


class SubjectOut(Out):
    """Whom you may record a finding about here, and what."""

    key: str = Field(description=_("Give it as `subject`."))
    name: str
    kinds: list[str]


class StretchOut(Out):
    """A part of the way of a case."""

    key: str = Field(description=_("Names this part for good; give it as `stretch`."))
    sort: Literal["owner", "part", "request"] = Field(
        description=_("The owner's time, an agency's part beside it, or a request waiting for its decision.")
    )
    grant: str = Field(description=_("What was due, such as dispatch or handle."))
    name: str
    agency: Named | None
    since: datetime
    until: datetime | None = Field(description=_("Empty while it goes on."))
    seconds: int
    late: int = Field(description=_("Seconds over all limits of this part together."))
    longest: bool
    returns: int
    reworks: int
    undecided: bool
    measures: list[MeasureOut]
    subjects: list[SubjectOut] = Field(description=_("Empty unless you lead where the case is."))
    findings: list[int] = Field(description=_("Ids of findings about it that you may see."))


class FindingIn(In):
    """A leader's decision about one part of the way of a case."""

    stretch: str = Field(max_length=30)
    subject: str = Field(max_length=30, description=_("agency-ID or post-ID, as the way of the case offers."))
    kind: FindingKind
    reason: str = Field(max_length=4000)
    on: date = Field(description=_("The day the reminder was given or the talk was had."))


class AppealIn(In):
    """Why a finding is wrong."""

    reason: str = Field(max_length=4000)
    photos: list[str] = Field(default_factory=list, max_length=9, description=_("Ids of photos sent before."))


class DecisionIn(In):
    """What becomes of a finding that was appealed against."""

    decision: Literal["upheld", "changed", "withdrawn"]
    kind: Literal["", "reminder", "talk", "bulletin"] = Field(
        "", description=_("With `changed`: something milder than before.")
    )
    reason: str = Field(max_length=4000)


class AppealPhoto(Photo):
    """A photo of an appeal."""

    full: str = Field(description=_("Address of the whole picture."))
    thumb: str = Field(description=_("Address of the small picture."))


class AppealOut(Out):
    """An appeal and the decision on it."""

    at: datetime
    by: Named
    reason: str
    photos: list[AppealPhoto]
    decision: str = Field(description=_("Empty until it is decided."))
    decision_reason: str
    kind_before: str = Field(description=_("What the finding was before it was changed."))
    decided_at: datetime | None
    decided_by: Named | None


class FindingOut(Out):
    """A finding of responsibility. It is never public."""

    id: int
    case: str = Field(description=_("Number of the case."))
    area: Place
    stretch: str
    subject: str = Field(description=_("The agency, or the post by its role and place."))
    agency: Named | None
    post: int | None
    kind: Choice
    state: Choice
    on: date
    reason: str
    facts: dict[str, Any] = Field(description=_("The figures of that part of the way as they stood then."))
    recorded_at: datetime
    recorded_by: Named
    appeal_until: datetime
    appeal: AppealOut | None
    may: list[str] = Field(description=_("What you may do with it now: appeal, decide."))


class FindingWanted(In):
    """Which findings a list holds."""

    area: str = Field("", max_length=30, description=_("Code of an area; its whole part of the tree counts."))
    agency: Id | None = None
    kind: FindingKind | None = None
    state: FindingState | None = None
    month: str = Field("", pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$", description=_("Such as 2026-11."))
    after: After = ""
    limit: Rows = 50


class StuckWanted(In):
    """Which limits are counted: those of cases reported from a day to a day, both included."""

    since: date
    until: date
    by: By = "stage"
    area: str = Field("", max_length=30, description=_("Code of an area; its whole part of the tree counts."))
    stage: str = Field("", max_length=12, description=_("A kind of limit, such as handle."))
    agency: Id | None = None
    item: str = Field("", max_length=20, description=_("Key of an item, such as event:0110."))


class StuckCasesWanted(StuckWanted):
    """The cases behind one figure."""

    what: Figure = "over"
    after: After = ""
    limit: Rows = 50


class FiguresOut(Out):
    """The figures of one place. Ratios are percent; late is in seconds of each limit's own kind of time."""

    key: str = Field(description=_("Empty for all together; - for what has none."))
    spans: int = Field(description=_("Limits that have ended or run past due."))
    over: int
    share: float | None = Field(description=_("Over their limit, of all spans."))
    median: int | None = Field(description=_("Of used time by limit; above 1000 counts as 1000."))
    p90: int | None
    late: int
    returns: int
    reworks: int
    undecided: int = Field(description=_("Requests past due that nobody has decided."))
    summons: int = Field(description=_("Departments that reported in late or have not yet."))
    cases: int
    forced: int = Field(description=_("Closed by force; left out of the rates."))
    excluded: int = Field(description=_("Excluded by decision; left out of the rates."))


class StuckOut(Out):
    """Where cases stick."""

    total: FiguresOut
    places: list[FiguresOut]
    capped: bool = Field(description=_("More limits run past due than were counted."))


class StuckCase(Out):
    """A case behind a figure."""

    number: str
    title: str
    state: Choice
    area: Place
    agency: Named | None
    passed: list[MeasureOut] = Field(description=_("Its limits that were passed."))
