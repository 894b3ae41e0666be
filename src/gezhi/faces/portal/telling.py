"""The progress of a report, step by step, as it is told to the resident who asked.

Pure, as plain.py: each act a resident is told of has a teller here; all others leave no step.
"""

from collections.abc import Callable, Iterable, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from gezhi.faces.look.words import moment_words
from gezhi.faces.portal.plain import POOR, Happening, Mark, Standing, Step, not_the_handler
from gezhi.work.cases.states import ACTIVE, BEFORE_FILING, State


class Story:
    """Folds happenings into steps. Acts it has no words for are not for residents and leave no step."""

    def __init__(self) -> None:
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
    story = Story()
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


REFUSED_BECAUSE: Mapping[str, Callable[[], str]] = {
    "not_true": lambda: _("somebody looked there and did not find what you described"),
    "no_duty": lambda: _("it is not among the duties of the administration"),
    "lacking": lambda: _("there was too little to go on"),
    "private": lambda: _("it is a matter between private persons"),
    "other_channel": lambda: _("the law provides another channel for it"),
}

FORWARDED_TO: Mapping[str, Callable[[], str]] = {
    "police": lambda: _("to the police (110)"),
    "emergency": lambda: _("to the fire brigade or the ambulance (119, 120)"),
    "court": lambda: _("to the court or arbitration"),
    "petition": lambda: _("to the petition office"),
    "neighbour": lambda: _("to the neighbouring district, where it lies"),
    "other": lambda: _("to the authority in charge"),
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
    accepted = story.drop("file") or one.act == "file_dispatch"
    title = _("Accepted and passed to %(agency)s") if accepted else _("Passed to %(agency)s")
    story.step(one, title % {"agency": story.agency}, _by(one))


def _by(one: Happening) -> str:
    return _("to be done by %(when)s") % {"when": moment_words(one.due_at)} if one.due_at else ""


def _forward(story: Story, one: Happening) -> None:
    told = FORWARDED_TO[one.result]() if one.result in FORWARDED_TO else ""
    story.step(one, _("Passed to an office outside this one"), told, quote=one.text)


def _restore(story: Story, one: Happening) -> None:
    story.agency = ""
    story.step(one, _("Taken up after all"), _("it was looked at a second time"))


def _designate(story: Story, one: Happening) -> None:
    story.step(one, _("Passed to %(agency)s") % {"agency": story.agency}, _by(one))


def _raise(story: Story, one: Happening) -> None:
    story.agency = ""
    story.step(one, _("Passed to the next level"), _("more units can be called on there"))


def _contact(story: Story, one: Happening) -> None:
    words = {"when": moment_words(one.at), "agency": story.agency}
    if one.result == "yes":
        story.aside(_("%(when)s: %(agency)s called you.") % words)
    else:
        story.aside(_("%(when)s: %(agency)s tried to call you.") % words)


def _arrive(story: Story, one: Happening) -> None:
    words = {"when": moment_words(one.at), "agency": story.agency}
    story.aside(_("%(when)s: %(agency)s is on the spot.") % words)


def _extended(story: Story, one: Happening) -> None:
    when = {"when": moment_words(one.at)}
    story.aside(_("%(when)s: more time was granted; the new day is at the top.") % when)


def _suspended(story: Story, one: Happening) -> None:
    until = {"when": moment_words(one.due_at)} if one.due_at else {}
    story.step(one, _("On hold"), _("until %(when)s at the latest") % until if until else "")


def _resume(story: Story, one: Happening) -> None:
    story.step(one, _("The work goes on"))


def _bank(story: Story, one: Happening) -> None:
    until = {"when": moment_words(one.due_at)} if one.due_at else {}
    line = _("we look at it again by %(when)s") % until if until else ""
    story.step(one, _("Cannot be solved for now, and stays on our list"), line, quote=one.text)


def _review(story: Story, one: Happening) -> None:
    story.aside(_("%(when)s: we looked at it again.") % {"when": moment_words(one.at)})


def _strike_off(story: Story, one: Happening) -> None:
    story.step(one, _("Now it can be dealt with"), story.agency)


def _hand_over(story: Story, one: Happening) -> None:
    story.step(one, _("Passed to enforcement"), one.result)


def _outcome(story: Story, one: Happening) -> None:
    story.aside(_("%(when)s: enforcement has decided.") % {"when": moment_words(one.at)})


def _force_close(story: Story, one: Happening) -> None:
    story.step(one, _("Ended by decision of the office"), quote=one.text)


def _cancelled(story: Story, one: Happening) -> None:
    story.step(one, _("Ended without being dealt with"), quote=one.text)


def _call_back(story: Story, one: Happening) -> None:
    words = {"when": moment_words(one.at)}
    if one.result == "yes":
        story.aside(_("%(when)s: we called you and noted what you said.") % words)
    else:
        story.aside(_("%(when)s: we tried to call you.") % words)


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
    "file_dispatch": _dispatch,
    "forward": _forward,
    "restore": _restore,
    "designate": _designate,
    "raise": _raise,
    "send_back": _passed_on,
    "agree_transfer": _designate,
    "contact": _contact,
    "arrive": _arrive,
    "approve_extension": _extended,
    "approve_suspension": _suspended,
    "resume": _resume,
    "bank": _bank,
    "review": _review,
    "strike_off": _strike_off,
    "hand_over": _hand_over,
    "outcome": _outcome,
    "force_close": _force_close,
    "approve_cancel": _cancelled,
    "call_back": _call_back,
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
