"""The acts of the loop: their names in words and what each must be told.

An act's inputs are declared once; the console's and the phone's forms, the API and the checks all come
from this declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Choices = tuple[tuple[str, Promise], ...]


@dataclass(frozen=True)
class Input:
    """One thing an act is told.

    `kind`: text, photos, agency, user, condition, choice, stars, case, point. `required` may be the
    name of an evidence rule ("result", "verify", "report"): then the condition says how many photos.
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


def _text(label: Promise, *, required: bool = False, help: Promise | str = "") -> Input:  # noqa: A002
    return Input("text", "text", label, required=required, help=help)


REASON = _text(_("Reason"), required=True)
DETAILS = _text(_("What is the matter in detail"), required=True)  # beside a reason that was chosen
NOTE = _text(_("Note"))
PHOTOS = Input("photos", "photos", _("Photos"))

REFUSE_REASONS: Choices = (
    ("not_true", _("Not as reported")),
    ("no_duty", _("Not within the duties of the administration")),
    ("lacking", _("Too little to go on")),
    ("private", _("A matter between private parties")),
    ("other_channel", _("Belongs to another legal channel")),
)
RETURN_REASONS: Choices = (
    ("not_ours", _("Not our duty")),
    ("not_our_area", _("Not our area")),
    ("wrong_item", _("Filed under the wrong item")),
    ("not_found", _("Place or problem not found")),
)
CHECK_RESULTS: Choices = (
    ("true", pgettext_lazy("check result", "As reported")),
    ("untrue", pgettext_lazy("check result", "Not as reported")),
    ("elsewhere", pgettext_lazy("check result", "Elsewhere")),
)
VERIFY_RESULTS: Choices = (
    ("true", pgettext_lazy("verify result", "Solved")),
    ("untrue", pgettext_lazy("verify result", "Not solved")),
)
REWORK_REASONS: Choices = (
    ("unsolved", _("Not solved")),
    ("partly", _("Solved in part")),
    ("evidence", _("Evidence does not show the result")),
)

_ALL = (
    Act("report", pgettext_lazy("act", "Report"), _("reported"), (PHOTOS,)),
    Act("solve", pgettext_lazy("act", "Solve on the spot"), _("solved it on the spot")),
    Act(
        "answer",
        pgettext_lazy("act", "Answer directly"),
        _("answered directly"),
        (_text(_("Answer to the asker"), required=True),),
    ),
    Act(
        "ask_check",
        pgettext_lazy("act", "Ask for a check"),
        _("asked for a check on the spot"),
        (Input("user", "user", _("Who checks"), required=True), NOTE),
    ),
    Act(
        "check_result",
        pgettext_lazy("act", "Report the check"),
        _("checked on the spot"),
        (
            Input("result", "choice", _("Result"), required=True, choices=CHECK_RESULTS),
            Input("photos", "photos", _("Photos"), required=True),
            NOTE,
        ),
    ),
    Act("recall_check", pgettext_lazy("act", "Recall the check"), _("recalled the check"), (NOTE,)),
    Act(
        "file",
        pgettext_lazy("act", "File"),
        _("filed the case"),
        (
            Input("condition", "condition", _("Matter and filing condition"), required=True),
            Input("point", "point", _("Corrected place")),
            NOTE,
        ),
    ),
    Act(
        "refuse",
        pgettext_lazy("act", "Refuse"),
        _("refused the report"),
        (
            Input("reason", "choice", _("Reason"), required=True, choices=REFUSE_REASONS),
            _text(_("Answer to the asker"), required=True),
        ),
        tone="danger",
    ),
    Act(
        "merge",
        pgettext_lazy("act", "Merge"),
        _("merged the case into another"),
        (Input("case", "case", _("Case to merge into"), required=True), NOTE),
    ),
    Act("absorb", pgettext_lazy("act", "Take in"), _("another report was merged into this case")),
    Act("withdraw", pgettext_lazy("act", "Withdraw"), _("withdrew the report"), (NOTE,), tone="danger"),
    Act(
        "dispatch",
        pgettext_lazy("act", "Dispatch"),
        _("dispatched to"),
        (
            Input("agency", "agency", _("Agency"), required=True),
            _text(_("Note"), help=_("A reason is needed when the agency is not on the responsibility list.")),
        ),
    ),
    Act("sign", pgettext_lazy("act", "Sign for"), _("signed for the case")),
    Act(
        "assign",
        pgettext_lazy("act", "Assign"),
        _("assigned the case to"),
        (Input("user", "user", _("Handler"), required=True), NOTE),
    ),
    Act("release", pgettext_lazy("act", "Release"), _("the handler left the post; the agency has it again")),
    Act(
        "return",
        pgettext_lazy("act", "Return"),
        _("returned the case"),
        (Input("reason", "choice", _("Reason"), required=True, choices=RETURN_REASONS), DETAILS),
        tone="danger",
    ),
    Act(
        "request_return",
        pgettext_lazy("act", "Ask to return"),
        _("asked to return the case"),
        (Input("reason", "choice", _("Reason"), required=True, choices=RETURN_REASONS), DETAILS),
    ),
    Act(
        "agree_return",
        pgettext_lazy("act", "Agree to the return"),
        _("agreed to the return"),
        (NOTE,),
    ),
    Act(
        "decline_return",
        pgettext_lazy("act", "Decline the return"),
        _("declined the return"),
        (REASON,),
    ),
    Act(
        "progress",
        pgettext_lazy("act", "Report progress"),
        _("reported progress"),
        (_text(_("What was done"), required=True), PHOTOS),
    ),
    Act(
        "report_result",
        pgettext_lazy("act", "Report the result"),
        _("reported the result"),
        (
            _text(_("Result"), required=True),
            Input("photos", "photos", _("Photos after handling"), evidence="result"),
        ),
    ),
    Act(
        "send_verify",
        pgettext_lazy("act", "Send to verify"),
        _("sent the case to verify"),
        (
            Input("user", "user", _("Verifier"), help=_("Leave empty to take the one the rules propose.")),
            NOTE,
        ),
    ),
    Act(
        "reassign",
        pgettext_lazy("act", "Choose another verifier"),
        _("gave the verification to somebody else"),
        (
            Input("user", "user", _("Verifier"), help=_("Leave empty to take the one the rules propose.")),
            NOTE,
        ),
    ),
    Act(
        "verify",
        pgettext_lazy("act", "Report the verification"),
        _("verified the result"),
        (
            Input("result", "choice", _("Result"), required=True, choices=VERIFY_RESULTS),
            Input("photos", "photos", _("Photos on the spot"), evidence="verify"),
            NOTE,
        ),
    ),
    Act(
        "close",
        pgettext_lazy("act", "Close"),
        _("closed the case"),
        (_text(_("Answer to the asker"), required=True),),
    ),
    Act(
        "rework",
        pgettext_lazy("act", "Send back to rework"),
        _("sent the case back to rework"),
        (Input("reason", "choice", _("Reason"), required=True, choices=REWORK_REASONS), DETAILS),
        tone="danger",
    ),
    Act("urge", pgettext_lazy("act", "Urge"), _("urged"), (NOTE,)),
    Act(
        "add",
        pgettext_lazy("act", "Add"),
        _("added to the report"),
        (_text(_("What you want to add"), required=True), PHOTOS),
    ),
    Act(
        "note",
        pgettext_lazy("act", "Add a note"),
        _("noted"),
        (_text(_("Note"), required=True), PHOTOS),
    ),
    Act(
        "rate",
        pgettext_lazy("act", "Rate"),
        _("rated the result"),
        (Input("stars", "stars", _("How satisfied are you?"), required=True), _text(_("In your words"))),
    ),
    Act(
        "follow_up",
        pgettext_lazy("act", "Close the follow-up"),
        _("followed up the poor rating"),
        (_text(_("What the call-back found"), required=True),),
    ),
    Act(
        "reopen",
        pgettext_lazy("act", "Reopen"),
        _("reopened the case"),
        (REASON,),
        tone="danger",
    ),
    Act("archive", pgettext_lazy("act", "Archive"), _("archived the case")),
    Act("warn", pgettext_lazy("act", "Warn"), _("a limit is about to run out")),
    Act("overdue", pgettext_lazy("act", "Mark overdue"), _("a limit has run out")),
    Act("escalate", pgettext_lazy("act", "Tell the leader"), _("still overdue; the leader was told")),
)

ACTS: Mapping[str, Act] = {act.code: act for act in _ALL}
