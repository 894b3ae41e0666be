"""What leaves the system, in words: a number, what happened and where to look; never what a report says.

No name, number or address of a person is written, no text of the case, and of a sealed matter not even what
it is about. Askers get the answer meant for them where the matter is known and not sealed.
"""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from gezhi.civic.notices import rules
from gezhi.civic.notices.channels import Line, Message
from gezhi.civic.notices.models import Delivery, Kind
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.models import Asker, Case, CaseEvent
from gezhi.work.cases.states import State

DATED = (Kind.YOURS, Kind.DESK, Kind.WARN, Kind.URGED, Kind.WATCHED)  # where the limit of the owner matters
PLAIN = (Kind.WARN, Kind.OVERDUE, Kind.LEADER, Kind.URGED)  # the kind says all there is to say
TOLD = ("bank", "force_close")  # acts whose words for the asker stand apart from the reason
ANSWERED = ("answer", "refuse", "forward", "approve_cancel", "close")

# What an asker reads, by act: "accepted", never the words of the office.
TO_ASKERS: Mapping[str, tuple[Promise, Promise]] = {
    "report": (
        gettext_lazy("We have your report"),
        gettext_lazy("Thank you. Somebody looks at it now; you are told when it is accepted."),
    ),
    "answer": (
        gettext_lazy("Your question is answered"),
        gettext_lazy("Here is the answer to your question."),
    ),
    "file": (gettext_lazy("Your report is accepted"), gettext_lazy("We are deciding who deals with it.")),
    "file_dispatch": (
        gettext_lazy("Your report is accepted"),
        gettext_lazy("It was passed at once to those who deal with it."),
    ),
    "sign": (
        gettext_lazy("Your report is being dealt with"),
        gettext_lazy("The unit in charge has taken it on."),
    ),
    "arrive": (gettext_lazy("Somebody is on the spot"), gettext_lazy("The unit in charge is on the spot.")),
    "refuse": (
        gettext_lazy("Your report was not accepted"),
        gettext_lazy("Why, and where you can turn, is on the page of your report."),
    ),
    "forward": (
        gettext_lazy("Your report was passed on"),
        gettext_lazy("It belongs to an office outside this one and was passed there."),
    ),
    "merge": (
        gettext_lazy("Your report was joined with others"),
        gettext_lazy("Others have reported the same; it is dealt with as one, and you go on being told."),
    ),
    "bank": (
        gettext_lazy("Your report needs more time"),
        gettext_lazy("It cannot be settled for now. We keep it on a list and look at it again by a set day."),
    ),
    "strike_off": (
        gettext_lazy("Your report is being dealt with again"),
        gettext_lazy("What stood in the way is settled; the work goes on."),
    ),
    "restore": (
        gettext_lazy("Your report was taken up again"),
        gettext_lazy("It had been ended; somebody now looks at it once more."),
    ),
    "approve_cancel": (
        gettext_lazy("Your report was ended"),
        gettext_lazy("It was ended without being dealt with; why is on the page of your report."),
    ),
    "close": (
        gettext_lazy("Your report is settled"),
        gettext_lazy("Please rate the result on the page of your report."),
    ),
    "force_close": (
        gettext_lazy("Your report was closed"),
        gettext_lazy("Please say on the page of your report what you think of it."),
    ),
    "reopen": (
        gettext_lazy("Your report was taken up again"),
        gettext_lazy("It goes through all steps anew."),
    ),
}


def to_staff(deliveries: Sequence[Delivery], *, to: str, language: str, key: str) -> Message:
    """One notice, or what waited through the quiet hours as one message."""
    with override(language):
        lines = tuple(Line(_staff_words(one), _link(one)) for one in deliveries)
        if len(lines) == 1:
            subject = _staff_subject(deliveries[0])
        else:
            count = {"n": len(lines)}
            subject = (
                ngettext("%(n)d notice since last night", "%(n)d notices since last night", len(lines))
                % count
            )
        foot = _(
            "You choose under “Notices › How I am told” what is sent to you. Do not answer this message."
        )
        return Message(key=key, to=to, subject=subject, lines=lines, foot=foot, language=language)


def to_asker(deliveries: Sequence[Delivery], asker: Asker, *, to: str, key: str) -> Message:
    """What became of a report, for who waits for it."""
    with override(asker.language):
        lines: list[Line] = []
        for one in deliveries:
            lines += [Line(text) for text in _asker_words(one)]
        number = asker.first_case.number
        title = TO_ASKERS[deliveries[-1].act][0]
        how = _("Open the page of your report with the code you were given when you reported.")
        lines.append(Line(how, settings.LINKS.get("track", "")))
        return Message(
            key=key,
            to=to,
            subject=_("%(title)s (%(number)s)") % {"title": title, "number": number},
            lines=tuple(lines),
            foot=_("You can change there how you are told. Do not answer this message."),
            language=asker.language,
        )


def _link(one: Delivery) -> str:
    """Where staff open what it is about; nothing while the site does not know its own address."""
    kind, _dash, ident = one.about.partition("-")
    address: str = settings.LINKS.get(kind or "case", "")
    return address.format(number=one.case.number, ident=ident)


def _staff_subject(one: Delivery) -> str:
    said = {"number": one.case.number, "kind": Kind(one.kind).label, "matter": _matter(one.case)}
    return _("%(kind)s: %(matter)s (%(number)s)") % said


def _staff_words(one: Delivery) -> str:
    said = [_staff_subject(one)]
    if one.about:
        said.append(str(rules.BESIDE[one.act]))
    elif one.act in ACTS and one.kind not in PLAIN:
        said.append(_("Last step: %(act)s") % {"act": ACTS[one.act].label})
    due = one.case.due_at
    if one.kind in DATED and due is not None:
        said.append(_("Please act by %(when)s.") % {"when": f"{localtime(due):%m-%d %H:%M}"})
    return "\n".join(said)


def _matter(case: Case) -> str:
    """What the catalogue calls it. Words somebody typed stay inside."""
    if case.item is None:
        return _("a report")
    return _("a sealed matter") if case.item.sealed else case.item.shown


def _asker_words(one: Delivery) -> list[str]:
    title, words = TO_ASKERS[one.act]
    if answer := _answer(one):
        return [_("%(title)s. This is the answer:") % {"title": title}, answer]
    return [_("%(title)s. %(words)s") % {"title": title, "words": words}]


def _answer(one: Delivery) -> str:
    """What was said to the asker, where it may leave the system."""
    item = one.case.item
    if item is None or item.sealed or one.act not in (*ANSWERED, *TOLD):
        return ""
    event = CaseEvent.objects.filter(case=one.case_id, seq=one.seq).first()
    if event is None:
        return ""
    return str(event.data.get("told", "")) if one.act in TOLD else event.text


def outdated(one: Delivery) -> bool:
    """Whether the case has ended since, so that being told to hurry helps nobody."""
    return one.kind in (Kind.WARN, Kind.URGED, Kind.DESK) and State(one.case.state) in (
        State.ARCHIVED,
        State.CANCELLED,
        State.MERGED,
        State.WITHDRAWN,
    )
