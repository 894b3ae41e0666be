"""Cases as they are read: rows, the whole record, its clocks, events and trace."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import After, Box, Choice, In, Moment, Named, Out, Page, Photo, Place, Rows

Stage = Literal[
    "all", "active", "mine", "overdue", "intake", "dispatch", "sign", "handling", "verify", "closed", "ended"
]


class CountsWanted(In):
    """Which cases are counted, stage by stage."""

    area: str = Field("", max_length=30, description=_("Code of an area; its whole part of the tree counts."))
    item: str = Field("", max_length=20, description=_("Key of an item, such as event:0110."))
    source: str = Field("", max_length=12, description=_("How the report came in, such as resident."))
    text: str = Field("", max_length=100, description=_("Part of the number, title or address."))


class CaseWanted(CountsWanted):
    """Which cases a list holds."""

    stage: Stage = Field(
        "all", description=_("A stage of the loop; `mine` waits for your act, `overdue` has a limit run out.")
    )
    reported_by_me: bool = Field(False, description=_("Only what you reported yourself."))
    since: Moment | None = Field(None, description=_("Reported at this moment or later."))
    until: Moment | None = Field(None, description=_("Reported before this moment."))
    bbox: Box = ""
    counts: bool = Field(False, description=_("Count the cases by stage, too."))
    order: Literal["due", "new"] = Field("due", description=_("Least time left first, or newest first."))
    after: After = ""
    limit: Rows = 50


class PhotoOut(Photo):
    """A photo of a case."""

    full: str = Field(description=_("Address of the whole picture."))
    thumb: str = Field(description=_("Address of the small picture."))


class ItemShort(Out):
    """An item of the catalogue."""

    key: str = Field(description=_("Names the item through all versions, such as event:0110."))
    name: str


class Owner(Out):
    """Who must act now: a desk on an area, an agency, or one person."""

    grant: str = Field(description=_("What is due from them, such as dispatch or handle."))
    area_path: str
    agency: Named | None
    user: Named | None


class CaseRow(Out):
    """A case in a list."""

    id: UUID
    number: str
    title: str
    state: Choice
    source: Choice
    level: str
    emergency: bool
    veiled: bool = Field(description=_("Its words and photos are for those who serve it."))
    item: ItemShort | None
    area: Place
    address: str
    lon: float
    lat: float
    owner: Owner | None = Field(description=_("Nobody once the case has ended."))
    reported_at: datetime
    due_at: datetime | None = Field(description=_("When the nearest running limit runs out."))
    warn_at: datetime | None
    photo: PhotoOut | None


class CasePage(Page[CaseRow]):
    """A page of cases."""

    counts: dict[str, int] | None = Field(
        None, description=_("How many cases stand in each stage, if they were asked for.")
    )


class ClockOut(Out):
    """A time limit of the case, running or ended."""

    kind: Choice
    round: int
    started_at: datetime
    paused_at: datetime | None
    ended_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    working: bool = Field(description=_("Whether only working time counts."))
    limit_seconds: int = Field(description=_("The limit in seconds as this clock counts them."))
    used_seconds: int = Field(description=_("Seconds counted until now or until its end."))


class EventOut(Out):
    """One act in the record of the case."""

    seq: int
    act: str
    done: str = Field(description=_("The act in words: signed for the case."))
    from_state: str
    to_state: str
    at: datetime
    actor_kind: str
    actor: str
    agency: Named | None
    text: str
    data: dict[str, Any] = Field(description=_("What else the act was told, by name."))
    clocks: list[dict[str, Any]] = Field(description=_("The clocks it ended, in seconds: used, limit, late."))
    photos: list[PhotoOut]


class SpanOut(Out):
    """One owner's time on the case, for the responsibility trace."""

    grant: str
    name: str
    since: datetime
    until: datetime | None
    seconds: int
    late_seconds: int
    longest: bool


class InputOut(Out):
    """One thing an act is told."""

    name: str
    kind: str = Field(description=_("text, photos, agency, user, condition, choice, stars, case or point."))
    label: str
    required: bool
    photos_needed: int = Field(description=_("How many photos the filing condition asks for."))
    choices: list[Choice]
    help: str


class ActOut(Out):
    """An act you may do on the case as it stands."""

    code: str
    label: str
    inputs: list[InputOut]


class ConditionShort(Out):
    """The filing condition a case stands under."""

    id: int
    number: int
    text: str
    limit: str = Field(description=_("In words."))
    closing: str
    emergency: bool


class CaseOut(CaseRow):
    """A case with all that is on record."""

    description: str
    condition: ConditionShort | None
    reporter: Named | None
    lead_agency: Named | None
    assignee: Named | None
    verifier: Named | None
    verified_ok: bool | None
    check_result: str
    open_request: str
    answer: str
    on_the_spot: bool
    follow_up: bool
    merged_into: str = Field(description=_("Number of the case it was merged into."))
    merged: list[str] = Field(description=_("Numbers of cases merged into this one."))
    returns: int
    reworks: int
    urges: int
    reopenings: int
    askers: int = Field(description=_("How many people wait for the answer."))
    filed_at: datetime | None
    closed_at: datetime | None
    window_until: datetime | None = Field(description=_("Until when it can be rated."))
    clocks: list[ClockOut]
    events: list[EventOut]
    trace: list[SpanOut]
    acts: list[ActOut]


class Near(Out):
    """A case near a place."""

    metres: float
    case: CaseRow


class OptionOut(Out):
    """Somebody or something an act may be told."""

    value: str
    label: str
    why: str = Field(description=_("Why it is offered; the first option is the one the rules propose."))


class ContactOut(Out):
    """How to reach an asker."""

    name: str
    phone: str
    email: str
    language: str


class PurposeIn(In):
    """What the contact is needed for; it goes on record."""

    purpose: str = Field(min_length=1, max_length=200)
