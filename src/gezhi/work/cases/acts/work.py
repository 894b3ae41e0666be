"""Dispatch and handling: the lead agency, those beside it, and the level a case stands at."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gezhi.work.cases.acts.declare import (
    AGENCY,
    DETAILS,
    NOTE,
    PART,
    PHOTOS,
    REASON,
    YES_NO,
    Act,
    Choices,
    Input,
    reason_of,
    text,
)

RETURN_REASONS: Choices = (
    ("not_ours", _("Not our duty")),
    ("not_our_area", _("Not our area")),
    ("wrong_item", _("Filed under the wrong item")),
    ("not_found", _("Place or problem not found")),
)
WHISTLES: Choices = (
    ("joint", pgettext_lazy("whistle", "Joint enforcement")),
    ("key", pgettext_lazy("whistle", "Key work")),
    ("emergency", pgettext_lazy("whistle", "Emergency")),
)

ACTS = (
    Act(
        "dispatch",
        pgettext_lazy("act", "Dispatch"),
        _("dispatched to"),
        (
            AGENCY,
            text(_("Note"), help=_("A reason is needed when the agency is not on the responsibility list.")),
        ),
    ),
    Act(
        "designate",
        pgettext_lazy("act", "Designate"),
        _("designated the agency after a dispute"),
        (AGENCY, REASON),
    ),
    Act("raise", pgettext_lazy("act", "Raise"), _("raised the case to the next level"), (REASON,)),
    Act(
        "send_back",
        pgettext_lazy("act", "Send back down"),
        _("sent the case back to the level below"),
        (REASON,),
    ),
    Act("sign", pgettext_lazy("act", "Sign for"), _("signed for the case")),
    Act(
        "assign",
        pgettext_lazy("act", "Assign"),
        _("assigned the case to"),
        (
            Input("user", "user", _("Handler")),
            Input("agency", "agency", _("Station or lower agency")),
            NOTE,
        ),
    ),
    Act("release", pgettext_lazy("act", "Release"), _("the handler left the post; the agency has it again")),
    Act(
        "return",
        pgettext_lazy("act", "Return"),
        _("returned the case"),
        (reason_of(RETURN_REASONS), DETAILS),
        tone="danger",
    ),
    Act(
        "contact",
        pgettext_lazy("act", "First contact"),
        _("got in touch with the asker"),
        (
            Input("reached", "choice", _("Reached?"), required=True, choices=YES_NO),
            text(_("What was said"), required=True),
        ),
    ),
    Act(
        "arrive",
        pgettext_lazy("act", "Arrive"),
        _("arrived on the spot"),
        (Input("point", "point", _("Where you are")), PHOTOS, NOTE),
    ),
    Act(
        "progress",
        pgettext_lazy("act", "Report progress"),
        _("reported progress"),
        (text(_("What was done"), required=True), PHOTOS),
    ),
    Act(
        "add_part",
        pgettext_lazy("act", "Add co-handlers"),
        _("asked to co-handle"),
        (
            Input("agencies", "agencies", _("Co-handlers"), required=True),
            text(_("What each is asked to do"), required=True),
        ),
    ),
    Act(
        "remove_part",
        pgettext_lazy("act", "Remove a co-handler"),
        _("removed the co-handler"),
        (PART, REASON),
        tone="danger",
    ),
    Act(
        "excuse_part",
        pgettext_lazy("act", "Excuse a co-handler"),
        _("excused the co-handler"),
        (PART, REASON),
    ),
    Act("sign_part", pgettext_lazy("act", "Sign for our part"), _("signed for its part")),
    Act(
        "return_part",
        pgettext_lazy("act", "Return our part"),
        _("returned its part"),
        (reason_of(RETURN_REASONS), DETAILS),
        tone="danger",
    ),
    Act(
        "report_part",
        pgettext_lazy("act", "Report our part"),
        _("reported its part done"),
        (text(_("Result"), required=True), PHOTOS),
    ),
    Act(
        "whistle",
        pgettext_lazy("act", "Blow the whistle"),
        _("summoned departments"),
        (
            Input("kind", "choice", _("Kind"), required=True, choices=WHISTLES),
            Input("agencies", "agencies", _("Departments"), required=True),
            text(_("What they are needed for"), required=True),
        ),
    ),
    Act(
        "attend",
        pgettext_lazy("act", "Report in"),
        _("reported in"),
        (text(_("Who came and what was done"), required=True), PHOTOS),
    ),
    Act(
        "rate_part",
        pgettext_lazy("act", "Rate a department"),
        _("rated the department"),
        (PART, Input("stars", "stars", _("How well did it answer the whistle?"), required=True), NOTE),
    ),
    Act(
        "hand_over",
        pgettext_lazy("act", "Hand to enforcement"),
        _("handed the case to enforcement"),
        (
            Input("authority", "line", _("Enforcement authority"), required=True),
            Input("reference", "line", _("Their reference"), required=True),
            text(_("What was handed over"), required=True),
        ),
    ),
    Act(
        "outcome",
        pgettext_lazy("act", "Record the outcome of enforcement"),
        _("recorded the outcome of enforcement"),
        (
            Input("reference", "line", _("Reference of the decision")),
            text(_("Outcome"), required=True),
            PHOTOS,
        ),
    ),
    Act(
        "report_result",
        pgettext_lazy("act", "Report the result"),
        _("reported the result"),
        (
            text(_("Result"), required=True),
            Input("photos", "photos", _("Photos after handling"), evidence="result"),
        ),
    ),
)
