"""What became of a report, in the words a resident reads: who did what, who does what next, by when.

Pure: from what happened (story.py reads it) to steps and sentences. Names of people, notes and reasons meant
for colleagues never come in here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from gezhi.faces.look.words import day_words, moment_words
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, BEFORE_FILING, State

POOR = 2  # stars; the lowest two levels are looked into


class Mark(StrEnum):
    """How a step is drawn."""

    DONE = "d"
    NOW = "c"
    AHEAD = ""


@dataclass(frozen=True)
class Happening:
    """One act on the case, as far as it concerns its asker. `mine`: done by this asker."""

    act: str
    at: datetime
    to_state: str = ""
    agency: str = ""  # whom the case was given to
    who: str = ""  # the duty of the person sent to look: "grid worker"
    result: str = ""  # of a check or verification, or why a report was refused
    text: str = ""  # an answer to the asker, or the asker's own words
    stars: int = 0
    due_at: datetime | None = None  # by when whoever it was given to must have done it
    mine: bool = False


@dataclass(frozen=True)
class Standing:
    """Where the case stands now. `due_at`: when whoever has it must have acted."""

    state: str
    agency: str = ""
    due_at: datetime | None = None
    whole_due_at: datetime | None = None
    may_move: bool = False  # the day lies in a year whose holidays are not announced yet
    window_until: datetime | None = None
    withdrawn: bool = False
    rated: bool = False


@dataclass
class Step:
    """One line of the progress: a title, what is said under it, words quoted."""

    title: str
    lines: list[str] = field(default_factory=list)
    quote: str = ""
    mark: Mark = Mark.DONE
    act: str = ""
    day: str = ""  # when it was, where it was already


def not_the_handler(who: str, agency: str) -> str:
    """By whom the result is looked at."""
    words = {"who": who or _("a grid worker"), "agency": agency}
    if agency:
        return _("%(who)s does it, not %(agency)s itself") % words
    return _("%(who)s does it, not whoever dealt with it") % words


def lead(standing: Standing, *, at: datetime) -> str:
    """Who does what by when, in one sentence."""
    if standing.withdrawn:
        return _("You have withdrawn this report.")
    if standing.state in ENDINGS:
        return ENDINGS[standing.state](standing, at)
    words = {"agency": standing.agency, "when": by_words(standing.due_at, at=at) if standing.due_at else ""}
    late = standing.due_at is not None and standing.due_at < at
    sentence = _doing(standing, dated=bool(words["when"]) and not late) % words
    if late:
        then = _("This should have been done by %(when)s; they have been reminded.") % words
        sentence = _("%(first)s %(then)s") % {"first": sentence, "then": then}
    return sentence


def _doing(standing: Standing, *, dated: bool) -> str:
    if standing.state in BEFORE_FILING:
        if dated:
            return _("We are looking at your report. By %(when)s you will see here what happens next.")
        return _("We are looking at your report.")
    if standing.state in AFTER_WORK and not standing.agency:
        return _("A grid worker dealt with it on the spot; somebody else looks at the result first.")
    if standing.state == State.FILED or not standing.agency:
        return _("We are deciding who deals with it.")
    if standing.state == State.SUSPENDED:
        return _("The work is on hold until %(when)s; then %(agency)s goes on with it.")
    if standing.state == State.BANKED:
        return _("It cannot be solved for now and is kept on our list. We look at it again by %(when)s.")
    if standing.state in AFTER_WORK:
        return _("%(agency)s says it is done; somebody else looks at the result before you are answered.")
    if dated:
        return _("%(agency)s is dealing with it. Please expect the result by %(when)s.")
    return _("%(agency)s is dealing with it.")


def _closed(standing: Standing, at: datetime) -> str:
    if standing.rated or not standing.window_until:
        return _("This matter is settled. Thank you.")
    until = {"when": by_words(standing.window_until, at=at)}
    return _("This matter is settled. Please rate the result by %(when)s.") % until


ENDINGS: Mapping[str, Callable[[Standing, datetime], str]] = {
    State.CLOSED: _closed,
    State.ARCHIVED: lambda standing, at: _("This matter is settled and filed away."),
    State.REFUSED: lambda standing, at: _(
        "This report was not accepted. Why, and where you can turn, is below."
    ),
    State.WITHDRAWN: lambda standing, at: _("You have withdrawn this report."),
    State.MERGED: lambda standing, at: _("Others have reported the same; it is dealt with as one."),
    State.FORWARDED: lambda standing, at: _("It was passed to an office outside this one."),
    State.CANCELLED: lambda standing, at: _("This report was ended without being dealt with."),
}


def expected(standing: Standing, *, at: datetime) -> str:
    """By which day all of it should be settled, and in how many days of the calendar on the wall."""
    due = standing.whole_due_at
    if due is None or standing.withdrawn or standing.state not in ACTIVE:
        return ""
    days = (timezone.localtime(due).date() - timezone.localtime(at).date()).days
    words = {"when": by_words(due, at=at)}
    if due < at:
        return _("All of it should have been settled by %(when)s. We are late and keep at it.") % words
    if days < 2:
        return _("All of it should be settled by %(when)s.") % words
    day = {"when": day_words(timezone.localtime(due).date(), today=timezone.localtime(at).date()), "n": days}
    told = ngettext(
        "All of it should be settled by %(when)s, in about %(n)d day.",
        "All of it should be settled by %(when)s, in about %(n)d days.",
        days,
    )
    if standing.may_move:
        later = _("The holidays of that year are not announced yet, so the day may still move.")
        return _("%(first)s %(then)s") % {"first": told % day, "then": later}
    return told % day


def by_words(moment: datetime, *, at: datetime) -> str:
    """ "today 18:00", "tomorrow 10:00", or day and time."""
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localtime(at).date()).days
    hour = {"hour": f"{local:%H:%M}"}
    if days == 0:
        return _("today %(hour)s") % hour
    if days == 1:
        return _("tomorrow %(hour)s") % hour
    return pgettext("by when", "%(moment)s") % {"moment": moment_words(moment, at=at)}


def turn_to(reason: str) -> list[str]:
    """Where one can turn after a refusal."""
    found = [TURN_TO[reason]()] if reason in TURN_TO else []
    return [
        *found,
        _("If you disagree, ask at the community or street office, or call the city hotline 12345."),
    ]


TURN_TO: Mapping[str, Callable[[], str]] = {
    "not_true": lambda: _("If the problem is still there, report it again with a photo."),
    "no_duty": lambda: _("The community office can tell you who may be able to help."),
    "lacking": lambda: _(
        "Please report it again and say where exactly it is and what you saw. A photo helps."
    ),
    "private": lambda: _(
        "The mediators of your community help neighbours to settle such things, free of charge."
    ),
    "other_channel": lambda: _("The community office can help you to find the right channel."),
}
