"""What residents send and are told, by their tracking code alone."""

from datetime import datetime

from django.utils.translation import gettext_noop as _
from pydantic import Field

from gezhi.faces.api.shapes.base import In, Out


class CodeIn(In):
    """The tracking code, as a person types it."""

    code: str = Field(
        max_length=40, description=_("The tracking code; small letters, spaces and dashes do not matter.")
    )


class StepOut(Out):
    """One step of the report, in words for residents."""

    code: str
    words: str
    at: datetime
    agency: str = ""
    text: str = Field("", description=_("What was said to the asker, or by them."))


class ProgressOut(Out):
    """How far a report is, for its asker."""

    number: str
    title: str
    address: str
    open: bool = Field(description=_("Whether somebody is still at it."))
    withdrawn: bool
    answer: str
    handle_by: datetime | None = Field(description=_("When the handling is due, while it is under way."))
    rate_until: datetime | None
    steps: list[StepOut]
    acts: list[str] = Field(description=_("What the asker may do now."))
