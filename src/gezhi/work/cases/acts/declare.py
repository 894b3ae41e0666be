"""What an act is told, declared once: forms, the API and the checks all come from these."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Choices = tuple[tuple[str, Promise], ...]


@dataclass(frozen=True)
class Input:
    """One thing an act is told.

    `kind`: text, line, date, photos, agency, agencies, part, user, condition, choice, stars, case, point.
    `evidence` may name an evidence rule ("result", "verify", "report"): then the condition says how many
    photos.
    """

    name: str
    kind: str
    label: Promise
    required: bool = False
    evidence: str = ""
    choices: Choices = ()
    help: Promise | str = ""


@dataclass(frozen=True)
class Act:
    """One verb of the loop. `done` words it in the record: "signed for the case"."""

    code: str
    label: Promise
    done: Promise
    inputs: tuple[Input, ...] = ()
    tone: str = ""  # "danger" for what ends a case or sends it back


def text(label: Promise, *, required: bool = False, help: Promise | str = "") -> Input:  # noqa: A002
    return Input("text", "text", label, required=required, help=help)


REASON = text(_("Reason"), required=True)
DETAILS = text(_("What is the matter in detail"), required=True)  # beside a reason that was chosen
NOTE = text(_("Note"))
ANSWER = text(_("Answer to the asker"), required=True)
PHOTOS = Input("photos", "photos", _("Photos"))
AGENCY = Input("agency", "agency", _("Agency"), required=True)
PART = Input("part", "part", _("Agency"), required=True)
YES_NO: Choices = (("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No")))
LEVELS: Choices = (
    ("5", pgettext_lazy("rating", "Very satisfied")),
    ("4", pgettext_lazy("rating", "Satisfied")),
    ("3", pgettext_lazy("rating", "Fair")),
    ("2", pgettext_lazy("rating", "Dissatisfied")),
    ("1", pgettext_lazy("rating", "Very dissatisfied")),
)


def reason_of(choices: Choices) -> Input:
    return Input("reason", "choice", _("Reason"), required=True, choices=choices)
