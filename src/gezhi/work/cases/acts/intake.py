"""From the report to filing, and the ways a report ends before it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gezhi.work.cases.acts.declare import (
    AGENCY,
    ANSWER,
    NOTE,
    PHOTOS,
    REASON,
    Act,
    Choices,
    Input,
    reason_of,
)

REFUSE_REASONS: Choices = (
    ("not_true", _("Not as reported")),
    ("no_duty", _("Not within the duties of the administration")),
    ("lacking", _("Too little to go on")),
    ("private", _("A matter between private parties")),
    ("other_channel", _("Belongs to another legal channel")),
)
CHECK_RESULTS: Choices = (
    ("true", pgettext_lazy("check result", "As reported")),
    ("untrue", pgettext_lazy("check result", "Not as reported")),
    ("elsewhere", pgettext_lazy("check result", "Elsewhere")),
)
FORWARD_TARGETS: Choices = (
    ("police", _("Police (110)")),
    ("emergency", _("Fire or ambulance (119, 120)")),
    ("court", _("Court or arbitration")),
    ("petition", _("Petition office")),
    ("neighbour", _("Neighbouring district")),
    ("other", pgettext_lazy("forwarded to", "Another authority")),
)

ACTS = (
    Act("report", pgettext_lazy("act", "Report"), _("reported"), (PHOTOS,)),
    Act("solve", pgettext_lazy("act", "Solve on the spot"), _("solved it on the spot")),
    Act(
        "answer",
        pgettext_lazy("act", "Answer directly"),
        _("answered directly"),
        (ANSWER,),
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
        "file_dispatch",
        pgettext_lazy("act", "File and dispatch at once"),
        _("filed the emergency and dispatched it to"),
        (Input("condition", "condition", _("Matter and filing condition"), required=True), AGENCY, NOTE),
    ),
    Act(
        "refuse",
        pgettext_lazy("act", "Refuse"),
        _("refused the report"),
        (
            reason_of(REFUSE_REASONS),
            ANSWER,
        ),
        tone="danger",
    ),
    Act(
        "forward",
        pgettext_lazy("act", "Forward"),
        _("forwarded the report to another authority"),
        (
            Input("target", "choice", _("Forward to"), required=True, choices=FORWARD_TARGETS),
            Input("reference", "line", _("Their reference"), help=_("A file number, or who took it there.")),
            ANSWER,
        ),
        tone="danger",
    ),
    Act("restore", pgettext_lazy("act", "Restore"), _("restored the report"), (REASON,)),
    Act(
        "merge",
        pgettext_lazy("act", "Merge"),
        _("merged the case into another"),
        (Input("case", "case", _("Case to merge into"), required=True), NOTE),
    ),
    Act("absorb", pgettext_lazy("act", "Take in"), _("another report was merged into this case")),
    Act("let_go", pgettext_lazy("act", "Let go"), _("a merged report was taken out of this case again")),
    Act("withdraw", pgettext_lazy("act", "Withdraw"), _("withdrew the report"), (NOTE,), tone="danger"),
)
