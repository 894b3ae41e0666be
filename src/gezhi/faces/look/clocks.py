"""A clock as it is shown: a word, a colour and how far the bar has run."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gezhi.faces.look.words import span

DAY = 86_400
SOON = 0.8  # a clock turns amber when this much of its limit is used, where no warning moment is stored


@dataclass(frozen=True, slots=True)
class ClockView:
    """`tone`: "g" in time, "a" due soon, "r" overdue, "n" neither (paused). `fraction` is 0 to 1."""

    label: str
    limit_text: str
    started_at: datetime
    due_at: datetime | None
    fraction: float
    tone: str
    text: str
    ended: bool = False

    @property
    def percent(self) -> int:
        """The bar's length of a hundred; a started clock always shows something."""
        return max(2, min(100, round(self.fraction * 100)))


def clock_view(
    *,
    label: str,
    at: datetime,
    started_at: datetime,
    due_at: datetime | None,
    warn_at: datetime | None = None,
    ended_at: datetime | None = None,
    paused: bool = False,
    limit_text: str = "",
    left: int | None = None,
    total: int | None = None,
    day_seconds: int = DAY,
) -> ClockView:
    """The view of one clock at the moment `at`.

    `left` and `total` are seconds counted the clock's own way (working time, say); negative is overdue.
    Without them wall-clock time between start and due is used. `day_seconds` is what one day of that
    counting holds (a working day of 7.5 hours is 27,000), so that long limits read in days.
    `due_at` is None while the clock is paused.
    """
    moment = ended_at or at
    if left is None:
        left = round((due_at - moment).total_seconds()) if due_at else 0
    if total is None:
        total = round((due_at - started_at).total_seconds()) if due_at else 0
    fraction = min(1.0, max(0.0, 1 - left / total)) if total > 0 else 1.0
    ended = ended_at is not None
    late = left < 0
    soon = moment >= warn_at if warn_at else fraction >= SOON
    if paused and not ended:
        tone, text = "n", _("Paused, %(time)s left") % {"time": remaining(left, day_seconds)}
    elif late:
        tone, text = "r", _("Overdue %(time)s") % {"time": remaining(-left, day_seconds)}
    elif ended:
        tone, text = "g", _("In time, %(time)s used") % {"time": remaining(total - left, day_seconds)}
    else:
        tone, text = ("a" if soon else "g"), _("%(time)s left") % {"time": remaining(left, day_seconds)}
    return ClockView(label, limit_text, started_at, due_at, fraction, tone, text, ended)


def remaining(seconds: int, day_seconds: int = DAY) -> str:
    """Seconds of a clock in words; a whole working day or more reads in working days, down to half a day."""
    if day_seconds == DAY or seconds < day_seconds:
        return span(max(60, seconds))
    halves = seconds * 2 // day_seconds  # never more than there is
    if halves % 2:
        return _("%(n)s working days") % {"n": f"{halves / 2:.1f}"}
    return ngettext("%(n)s working day", "%(n)s working days", halves // 2) % {"n": halves // 2}
