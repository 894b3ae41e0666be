"""The working calendar, policy, outbox and audit trail."""

from datetime import date, datetime, time
from typing import Any, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import After, In, Moment, Out, Place, Rows


class DayOut(Out):
    """A day of the calendar."""

    date: date
    working: bool
    source: str = Field(description=_("official, override or weekend: why it is so."))
    note: str


class MonthOut(Out):
    """A month of the working calendar."""

    official: bool = Field(description=_("False while the year's official list is not out."))
    days: list[DayOut]


class DayIn(In):
    """A day set by the district."""

    working: bool
    note: str = Field("", max_length=80)


class Period(In):
    """A working period of a day, in local time."""

    begin: time
    end: time


class HoursOut(Out):
    """The working periods from a day on."""

    since: date | None = Field(description=_("Nothing: from the beginning, the standard."))
    periods: list[Period]


class HoursIn(In):
    """Working periods from a day on."""

    since: date
    periods: list[Period] = Field(min_length=1, max_length=6)


class ListedIn(In):
    """A day of an official list: a holiday that rests, or a weekend day that works."""

    date: date
    working: bool
    name: str = Field("", max_length=40)


class ListIn(In):
    """The official list of a year."""

    days: list[ListedIn] = Field(min_length=1, max_length=200)


class ListedOut(Out):
    """A day of an official list."""

    date: date
    working: bool
    name: str


class ListOut(Out):
    """The official list of a year in force."""

    year: int
    official: bool = Field(description=_("False while the year's official list is not out."))
    imported_at: datetime | None = Field(description=_("Nothing: it is the one the program brings."))
    imported_by: str
    days: list[ListedOut]


class RulesIn(In):
    """Rules to be set on an area."""

    area: str = Field(max_length=30, description=_("Code of the area it is to hold on."))
    rules: dict[str, Any] = Field(description=_("The rules that change, named as in the answer of GET."))
    note: str = Field("", max_length=200, description=_("Why it is changed."))
    based_on: int | None = Field(
        None, ge=0, description=_("The id of the policy you read; refused when another has come since.")
    )


class AgainIn(In):
    """An older version that is to hold again."""

    area: str = Field(max_length=30, description=_("Code of the area it is to hold on."))
    note: str = Field("", max_length=200, description=_("Why it is changed."))


class ChangeOut(Out):
    """One rule that would change, and whom it meets."""

    rule: str
    before: Any
    after: Any
    why: str = Field(
        description=_(
            "keeps: limits running keep their length; waits: cases wait for others and stay there; "
            "desk: cases wait for a person still; barred: cases have used up the smaller number."
        )
    )
    count: int


class EffectsOut(Out):
    """What a change of rules would touch."""

    open_cases: int
    changes: list[ChangeOut]
    own_rules: list[Place] = Field(description=_("Areas below with rules of their own: not touched."))
    vacant: list[str] = Field(description=_("Approvals for which nobody holds the post at that level."))


class VersionOut(Out):
    """One version of an area's rules."""

    version: int
    preset: str
    since: datetime
    by: str
    note: str
    again: int | None = Field(description=_("The older version it let hold again."))
    rules: dict[str, Any] = Field(description=_("All limits and numbers, by name."))


class PolicyOut(Out):
    """The rules that hold on an area."""

    id: int = Field(description=_("To be given as `based_on`; 0: the standard."))
    area: Place | None = Field(description=_("Where they were adopted; nothing: the standard."))
    version: int
    preset: str
    since: datetime | None
    rules: dict[str, Any] = Field(description=_("All limits and numbers, by name."))
    presets: list[str] = Field(description=_("What could be adopted instead."))


class PresetIn(In):
    """A preset to adopt."""

    area: str = Field(max_length=30, description=_("Code of the area it is to hold on."))
    preset: Literal["street_office", "district_centre"]


class DeadLetter(Out):
    """A message that failed too often."""

    id: int
    topic: str
    payload: dict[str, Any]
    created_at: datetime
    dead_at: datetime
    attempts: int
    error: str


class OutboxOut(Out):
    """How the outbox stands."""

    due: int = Field(description=_("Due and not delivered yet."))
    later: int = Field(description=_("To be tried again, or meant for later."))
    dead: int = Field(description=_("Failed too often; they wait for you."))
    oldest: datetime | None = Field(description=_("Since when the oldest due message waits."))
    dead_letters: list[DeadLetter] = Field(description=_("The newest fifty."))


class AuditWanted(In):
    """Which entries a list holds."""

    actor: str = Field("", max_length=120, description=_("Part of a name, or an id."))
    act: str = Field("", max_length=60)
    subject_kind: str = Field("", max_length=40)
    subject_id: str = Field("", max_length=60)
    refused: bool = Field(False, description=_("Only what was refused."))
    since: Moment | None = None
    until: Moment | None = None
    after: After = ""
    limit: Rows = 100


class AuditOut(Out):
    """Who did, or tried to do, what to which thing."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor: str
    act: str
    subject_kind: str
    subject_id: str
    allowed: bool
    detail: dict[str, Any]
