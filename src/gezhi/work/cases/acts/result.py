"""From the result to the archive: verification, closing, the asker's word, and who watches over it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gezhi.work.cases.acts.declare import (
    ANSWER,
    DETAILS,
    LEVELS,
    NOTE,
    PHOTOS,
    REASON,
    YES_NO,
    Act,
    Choices,
    Input,
    reason_of,
    text,
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

ACTS = (
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
        "recall_verify",
        pgettext_lazy("act", "Recall the verification"),
        _("recalled the verification"),
        (NOTE,),
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
        (ANSWER,),
    ),
    Act(
        "rework",
        pgettext_lazy("act", "Send back to rework"),
        _("sent the case back to rework"),
        (reason_of(REWORK_REASONS), DETAILS),
        tone="danger",
    ),
    Act(
        "force_close",
        pgettext_lazy("act", "Close by force"),
        _("closed the case by force"),
        (REASON, Input("told", "line", _("What the asker was told"), required=True)),
        tone="danger",
    ),
    Act("urge", pgettext_lazy("act", "Urge"), _("urged"), (NOTE,)),
    Act(
        "supervise",
        pgettext_lazy("act", "Supervise formally"),
        _("put the case under formal supervision"),
        (text(_("What is demanded"), required=True),),
    ),
    Act(
        "reply",
        pgettext_lazy("act", "Reply to the supervision"),
        _("replied to the supervision"),
        (text(_("Reply"), required=True), PHOTOS),
    ),
    Act(
        "add",
        pgettext_lazy("act", "Add"),
        _("added to the report"),
        (text(_("What you want to add"), required=True), PHOTOS),
    ),
    Act(
        "note",
        pgettext_lazy("act", "Add a note"),
        _("noted"),
        (text(_("Note"), required=True), PHOTOS),
    ),
    Act(
        "call_back",
        pgettext_lazy("act", "Record the call-back"),
        _("called the asker back"),
        (
            Input("reached", "choice", _("Reached?"), required=True, choices=YES_NO),
            Input("contacted", "choice", _("Did the handler get in touch?"), choices=YES_NO),
            Input("solved", "choice", _("Is it solved?"), choices=YES_NO),
            Input("satisfied", "choice", _("How satisfied?"), choices=LEVELS),
            text(_("In the asker's words")),
        ),
    ),
    Act(
        "rate",
        pgettext_lazy("act", "Rate"),
        _("rated the result"),
        (Input("stars", "stars", _("How satisfied are you?"), required=True), text(_("In your words"))),
    ),
    Act(
        "follow_up",
        pgettext_lazy("act", "Close the follow-up"),
        _("followed up the poor rating"),
        (text(_("What the call-back found"), required=True),),
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
