"""What became of a report, in the words a resident reads: who did what, who does what next, by when.

Pure: from what happened (story.py reads it) to steps and sentences. Names of people, notes and reasons meant
for colleagues never come in here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from gezhi.faces.look.words import moment_words
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, BEFORE_FILING, State

POOR = 2


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


class Story:
    """Folds happenings into steps. Acts it has no words for are not for residents and leave no step."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.steps: list[Step] = []
        self.agency = ""

    def tell(self, one: Happening) -> None:
        """Take in the next happening."""
        self.agency = one.agency or self.agency
        if one.act in TELLERS:
            TELLERS[one.act](self, one)

    def step(self, one: Happening, title: str, line: str = "", quote: str = "") -> None:
        """A step of its own; under it when (the day only where it is a new one) and what there is to say."""
        day = f"{timezone.localtime(one.at):%Y-%m-%d}"
        same_day = bool(self.steps) and self.steps[-1].day == day
        when = f"{timezone.localtime(one.at):%H:%M}" if same_day else moment_words(one.at)
        said = _("%(when)s, %(said)s") % {"when": when, "said": line} if line else when
        self.steps.append(Step(title, [said], quote, act=one.act, day=day))

    def aside(self, line: str) -> None:
        """A line under the last step."""
        if self.steps:
            self.steps[-1].lines.append(line)

    def drop(self, act: str) -> bool:
        """Take the last step back if it tells of this act."""
        if self.last_is(act):
            self.steps.pop()
            return True
        return False

    def last_is(self, *acts: str) -> bool:
        return bool(self.steps) and self.steps[-1].act in acts


def steps(happenings: Iterable[Happening], standing: Standing) -> list[Step]:
    """The whole progress: what was done, what is going on, what is still to come."""
    story = Story(standing)
    for happening in happenings:
        story.tell(happening)
    ahead = _ahead(standing)
    if story.steps and standing.state in ACTIVE and not standing.withdrawn:
        story.steps[-1].mark = Mark.NOW
    return story.steps + ahead


def _ahead(standing: Standing) -> list[Step]:
    """What is still to come if all goes well."""
    if standing.withdrawn:
        return []
    rate = Step(_("You rate the result"), mark=Mark.AHEAD)
    if standing.state == State.CLOSED and not standing.rated:
        rate.mark = Mark.NOW
        return [rate]
    verify = Step(
        _("Somebody goes to look at the result"), [not_the_handler("", standing.agency)], mark=Mark.AHEAD
    )
    handle = Step(_("It is dealt with"), mark=Mark.AHEAD)
    dispatch = Step(_("It is passed to whoever is in charge"), mark=Mark.AHEAD)
    if standing.state in BEFORE_FILING:
        return [dispatch, handle, verify, rate]
    if standing.state in (State.FILED, State.DISPATCHED):
        return [handle, verify, rate]
    if standing.state in (State.VERIFYING, State.VERIFIED):
        return [rate]
    return [verify, rate] if standing.state in ACTIVE else []


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
    if standing.state == State.FILED or not standing.agency:
        return _("We are deciding who deals with it.")
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
    """By which day all of it should be settled, counted in the days of the calendar on the wall."""
    due = standing.whole_due_at
    if due is None or standing.withdrawn or standing.state not in ACTIVE:
        return ""
    days = (timezone.localtime(due).date() - timezone.localtime(at).date()).days
    words = {"when": by_words(due, at=at)}
    if due < at:
        return _("All of it should have been settled by %(when)s. We are late and keep at it.") % words
    if days < 2:
        return _("All of it should be settled by %(when)s.") % words
    counted = ngettext("%(n)d day from now", "%(n)d days from now", days) % {"n": days}
    return _("All of it should be settled by %(when)s (%(counted)s).") % {**words, "counted": counted}


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
REFUSED_BECAUSE: Mapping[str, Callable[[], str]] = {
    "not_true": lambda: _("somebody looked there and did not find what you described"),
    "no_duty": lambda: _("it is not among the duties of the administration"),
    "lacking": lambda: _("there was too little to go on"),
    "private": lambda: _("it is a matter between private persons"),
    "other_channel": lambda: _("the law provides another channel for it"),
}
CHECKED: Mapping[str, Callable[[], str]] = {
    "true": lambda: _("it is as you said"),
    "untrue": lambda: _("it did not look as you said; we decide what to do"),
    "elsewhere": lambda: _("it was found at another place nearby"),
}
RATED: Mapping[int, Callable[[], str]] = {
    5: lambda: _("Your rating: very satisfied"),
    4: lambda: _("Your rating: satisfied"),
    3: lambda: _("Your rating: fair"),
    2: lambda: _("Your rating: dissatisfied"),
    1: lambda: _("Your rating: very dissatisfied"),
}


def _report(story: Story, one: Happening) -> None:
    story.step(one, _("Received"), _("thank you for telling us"))


def _solve(story: Story, one: Happening) -> None:
    story.step(one, _("Dealt with on the spot by a grid worker"))


def _answer(story: Story, one: Happening) -> None:
    story.step(one, _("Answered"), quote=one.text)


def _ask_check(story: Story, one: Happening) -> None:
    sent = _("%(who)s is sent there to look") % {"who": one.who or _("a grid worker")}
    story.step(one, _("Being checked on the spot"), sent)


def _check_result(story: Story, one: Happening) -> None:
    story.step(one, _("Checked on the spot"), CHECKED.get(one.result, CHECKED["true"])())


def _recall_check(story: Story, one: Happening) -> None:
    story.drop("ask_check")


def _file(story: Story, one: Happening) -> None:
    story.step(one, _("Accepted"), _("we are deciding who deals with it"))


def _dispatch(story: Story, one: Happening) -> None:
    accepted = story.drop("file")
    title = _("Accepted and passed to %(agency)s") if accepted else _("Passed to %(agency)s")
    story.step(one, title % {"agency": story.agency}, _by(one))


def _by(one: Happening) -> str:
    return _("to be done by %(when)s") % {"when": moment_words(one.due_at)} if one.due_at else ""


def _sign(story: Story, one: Happening) -> None:
    story.step(one, _("Being dealt with"), _("%(agency)s has taken it on") % {"agency": story.agency})


def _progress(story: Story, one: Happening) -> None:
    if story.last_is("sign", "rework"):
        story.steps[-1].lines[1:] = [_("Last news of the work: %(when)s") % {"when": moment_words(one.at)}]


def _passed_on(story: Story, one: Happening) -> None:
    story.step(one, _("Passed on"), _("another unit is better placed; we are deciding which"))


def _report_result(story: Story, one: Happening) -> None:
    said = _("%(agency)s says it is done; somebody else will look") % {"agency": story.agency}
    story.step(one, _("Dealt with"), said)


def _send_verify(story: Story, one: Happening) -> None:
    story.step(one, _("Somebody goes to look at the result"), not_the_handler(one.who, story.agency))


def _verify(story: Story, one: Happening) -> None:
    when = {"when": moment_words(one.at)}
    solved = one.result == "true"
    story.aside((_("%(when)s: it is solved.") if solved else _("%(when)s: it is not solved yet.")) % when)


def _rework(story: Story, one: Happening) -> None:
    if one.to_state == State.HANDLING:
        title = _("%(agency)s is asked to do it again") % {"agency": story.agency}
        story.step(one, title, _by(one))
    else:
        story.step(one, _("Passed on to the unit in charge"), _("it was not solved on the spot"))


def _close(story: Story, one: Happening) -> None:
    story.step(one, _("Settled"), quote=one.text)


def _refuse(story: Story, one: Happening) -> None:
    because = REFUSED_BECAUSE[one.result]() if one.result in REFUSED_BECAUSE else ""
    story.step(one, _("Not accepted"), because, quote=one.text)


def _merge(story: Story, one: Happening) -> None:
    story.step(one, _("Joined with the same report of others"), _("it is dealt with as one and shown here"))


def _withdraw(story: Story, one: Happening) -> None:
    if not one.mine:
        return
    goes_on = one.to_state != State.WITHDRAWN
    line = _("we go on all the same: it may be a danger, or others wait for it too") if goes_on else ""
    story.step(one, _("You withdrew it"), line)


def _urge(story: Story, one: Happening) -> None:
    if one.mine:
        when = {"when": moment_words(one.at)}
        story.aside(_("%(when)s: you asked to hurry; whoever has it was told.") % when)


def _add(story: Story, one: Happening) -> None:
    if one.mine:
        said = {"when": moment_words(one.at), "text": one.text}
        story.aside(_("%(when)s: you added: %(text)s") % said)


def _rate(story: Story, one: Happening) -> None:
    if one.mine and one.stars in RATED:
        line = _("somebody will look into it, and call you if you left a number") if one.stars <= POOR else ""
        story.step(one, RATED[one.stars](), line, quote=one.text)


def _follow_up(story: Story, one: Happening) -> None:
    story.step(one, _("Your rating was looked into"))


def _reopen(story: Story, one: Happening) -> None:
    story.agency = ""
    story.step(one, _("Taken up again"), _("it goes through all steps anew"))


TELLERS: Mapping[str, Callable[[Story, Happening], None]] = {
    "report": _report,
    "solve": _solve,
    "answer": _answer,
    "ask_check": _ask_check,
    "check_result": _check_result,
    "recall_check": _recall_check,
    "file": _file,
    "dispatch": _dispatch,
    "sign": _sign,
    "progress": _progress,
    "return": _passed_on,
    "agree_return": _passed_on,
    "report_result": _report_result,
    "send_verify": _send_verify,
    "verify": _verify,
    "rework": _rework,
    "close": _close,
    "refuse": _refuse,
    "merge": _merge,
    "withdraw": _withdraw,
    "urge": _urge,
    "add": _add,
    "rate": _rate,
    "follow_up": _follow_up,
    "reopen": _reopen,
}
