"""The states of a case and the sets of them the table speaks of."""

from django.db import models
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a case stands. Names and meaning after the design of the case loop (docs/case-loop.md)."""

    REPORTED = "reported", pgettext_lazy("state", "Reported")
    CHECKING = "checking", pgettext_lazy("state", "Being checked")
    FILED = "filed", pgettext_lazy("state", "To be dispatched")
    DISPATCHED = "dispatched", pgettext_lazy("state", "To be signed for")
    HANDLING = "handling", pgettext_lazy("state", "Being handled")
    SUSPENDED = "suspended", pgettext_lazy("state", "Suspended")
    BANKED = "banked", pgettext_lazy("state", "In the problem bank")
    DONE = "done", pgettext_lazy("state", "To be verified")
    VERIFYING = "verifying", pgettext_lazy("state", "Being verified")
    VERIFIED = "verified", pgettext_lazy("state", "To be closed")
    CLOSED = "closed", pgettext_lazy("state", "Closed")
    ARCHIVED = "archived", pgettext_lazy("state", "Archived")
    REFUSED = "refused", pgettext_lazy("state", "Refused")
    MERGED = "merged", pgettext_lazy("state", "Merged")
    WITHDRAWN = "withdrawn", pgettext_lazy("state", "Withdrawn")
    FORWARDED = "forwarded", pgettext_lazy("state", "Forwarded")
    CANCELLED = "cancelled", pgettext_lazy("state", "Cancelled")


BEFORE_FILING = (State.REPORTED, State.CHECKING)
IN_WORK = (State.FILED, State.DISPATCHED, State.HANDLING, State.SUSPENDED, State.BANKED)
AFTER_WORK = (State.DONE, State.VERIFYING, State.VERIFIED)
ACTIVE = BEFORE_FILING + IN_WORK + AFTER_WORK
PAUSING = (State.SUSPENDED, State.BANKED)  # active, but the whole clock stands still
OPEN = (*ACTIVE, State.CLOSED)  # not at its end: somebody owes an act, or may come to owe one
ENDED = (
    State.ARCHIVED,
    State.REFUSED,
    State.MERGED,
    State.WITHDRAWN,
    State.FORWARDED,
    State.CANCELLED,
)


LEVELS = ("grid", "community", "street", "district", "city")  # of the loops, from the ground up
LOW_LEVELS = ("grid", "community")  # only from these does a case go up by time-out


class Source(models.TextChoices):
    """How a report came in."""

    PATROL = "patrol", pgettext_lazy("source", "Patrol")
    RESIDENT = "resident", pgettext_lazy("source", "Resident")
    HOTLINE = "hotline", pgettext_lazy("source", "Hotline call")
    TALK = "talk", pgettext_lazy("source", "Residents' talk")
    VISIT = "visit", pgettext_lazy("source", "Visit")
    DEPARTMENT = "department", pgettext_lazy("source", "Department")
    LEADER = "leader", pgettext_lazy("source", "Leader")
    PRESS = "press", pgettext_lazy("source", "Web and press")
    SYSTEM = "system", pgettext_lazy("source", "Another system")


class ClockKind(models.TextChoices):
    """What a clock measures."""

    INTAKE = "intake", pgettext_lazy("clock", "Intake")
    CHECK = "check", pgettext_lazy("clock", "Pre-check")
    DISPATCH = "dispatch", pgettext_lazy("clock", "Dispatch")
    SIGN = "sign", pgettext_lazy("clock", "Sign for")
    HANDLE = "handle", pgettext_lazy("clock", "Handle")
    CONTACT = "contact", pgettext_lazy("clock", "First contact")
    PART = "part", pgettext_lazy("clock", "Co-handle")
    SUMMONS = "summons", pgettext_lazy("clock", "Report in")
    DECISION = "decision", pgettext_lazy("clock", "Decide on the request")
    REVIEW = "review", pgettext_lazy("clock", "Review the problem")
    REPLY = "reply", pgettext_lazy("clock", "Answer the supervision")
    DESK = "desk", pgettext_lazy("clock", "Send to verify")
    VERIFY = "verify", pgettext_lazy("clock", "Verify")
    CLOSE = "close", pgettext_lazy("clock", "Close")
    CALL_BACK = "call_back", pgettext_lazy("clock", "Call back")
    WHOLE = "whole", pgettext_lazy("clock", "Whole case")
