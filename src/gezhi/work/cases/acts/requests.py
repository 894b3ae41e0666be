"""What is asked of somebody else and decided within a clock: return, transfer, extension and others."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gezhi.work.cases.acts.declare import (
    AGENCY,
    ANSWER,
    DETAILS,
    NOTE,
    PHOTOS,
    REASON,
    Act,
    Input,
    reason_of,
    text,
)
from gezhi.work.cases.acts.work import RETURN_REASONS

UNTIL_HELP = _("The last day of the new limit.")

ACTS = (
    Act(
        "request_return",
        pgettext_lazy("act", "Ask to return"),
        _("asked to return the case"),
        (reason_of(RETURN_REASONS), DETAILS),
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
        "request_transfer",
        pgettext_lazy("act", "Ask to transfer"),
        _("asked to transfer the case to"),
        (AGENCY, REASON),
    ),
    Act(
        "accept_transfer", pgettext_lazy("act", "Accept the transfer"), _("agreed to take the case"), (NOTE,)
    ),
    Act(
        "reject_transfer",
        pgettext_lazy("act", "Reject the transfer"),
        _("would not take the case"),
        (REASON,),
        tone="danger",
    ),
    Act(
        "agree_transfer", pgettext_lazy("act", "Agree to the transfer"), _("agreed to the transfer"), (NOTE,)
    ),
    Act(
        "decline_transfer",
        pgettext_lazy("act", "Decline the transfer"),
        _("declined the transfer"),
        (REASON,),
    ),
    Act(
        "request_extension",
        pgettext_lazy("act", "Ask for an extension"),
        _("asked for an extension"),
        (Input("until", "date", _("New last day"), required=True, help=UNTIL_HELP), REASON),
    ),
    Act(
        "approve_extension",
        pgettext_lazy("act", "Approve the extension"),
        _("approved the extension"),
        (NOTE,),
    ),
    Act("deny_extension", pgettext_lazy("act", "Deny the extension"), _("denied the extension"), (REASON,)),
    Act(
        "request_suspension",
        pgettext_lazy("act", "Ask to suspend"),
        _("asked to suspend the case"),
        (
            Input(
                "until",
                "date",
                _("Suspend until"),
                required=True,
                help=_("It goes on by itself after this day."),
            ),
            REASON,
        ),
    ),
    Act(
        "approve_suspension", pgettext_lazy("act", "Approve the suspension"), _("suspended the case"), (NOTE,)
    ),
    Act(
        "deny_suspension", pgettext_lazy("act", "Deny the suspension"), _("denied the suspension"), (REASON,)
    ),
    Act("resume", pgettext_lazy("act", "Go on"), _("went on with the case"), (NOTE,)),
    Act(
        "bank",
        pgettext_lazy("act", "Put into the problem bank"),
        _("put the case into the problem bank"),
        (
            Input("until", "date", _("Review by"), required=True),
            REASON,
            Input("told", "line", _("What the asker was told"), required=True),
        ),
    ),
    Act(
        "review",
        pgettext_lazy("act", "Review"),
        _("reviewed the problem"),
        (
            Input("until", "date", _("Next review by"), required=True),
            text(_("Where it stands"), required=True),
        ),
    ),
    Act(
        "strike_off",
        pgettext_lazy("act", "Strike off the bank"),
        _("struck the case off the problem bank"),
        (text(_("What has changed"), required=True),),
    ),
    Act(
        "request_cancel",
        pgettext_lazy("act", "Ask to cancel"),
        _("asked to cancel the case"),
        (REASON,),
        tone="danger",
    ),
    Act(
        "approve_cancel",
        pgettext_lazy("act", "Approve the cancellation"),
        _("cancelled the case"),
        (ANSWER,),
        tone="danger",
    ),
    Act(
        "deny_cancel", pgettext_lazy("act", "Deny the cancellation"), _("denied the cancellation"), (REASON,)
    ),
    Act(
        "request_exclusion",
        pgettext_lazy("act", "Ask to exclude"),
        _("asked to exclude the case from appraisal"),
        (REASON, PHOTOS),
    ),
    Act(
        "approve_exclusion",
        pgettext_lazy("act", "Approve the exclusion"),
        _("excluded the case from appraisal"),
        (NOTE,),
    ),
    Act("deny_exclusion", pgettext_lazy("act", "Deny the exclusion"), _("denied the exclusion"), (REASON,)),
    Act("take_back", pgettext_lazy("act", "Take the request back"), _("took the request back"), (NOTE,)),
)
