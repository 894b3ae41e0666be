"""Who hears of a finding: whom it concerns, who decides the appeal, and in the end all of them."""

from collections.abc import Mapping

from gezhi.civic.notices.channels import ready_channels
from gezhi.civic.notices.models import Kind
from gezhi.civic.notices.services import Happening, tell_staff
from gezhi.foundation.actors.models import User
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.oversight.accountability.models import Finding
from gezhi.oversight.accountability.permits import deciders
from gezhi.oversight.accountability.queries import concerned

STEPS = ("finding.record", "finding.appeal", "finding.decide")
TOPICS = ("accountability.recorded", "accountability.appealed", "accountability.decided")


def tell(message: OutboxMessage) -> None:
    """Outbox consumer of TOPICS: everybody who must know is told once."""
    known = Finding.objects.select_related("recorded_by", "post__user", "appeal__by")
    finding = known.filter(pk=message.payload["subject_id"]).first()
    if finding is None:
        return
    seq = TOPICS.index(message.topic)
    happening = Happening(
        case_id=finding.case_id, about=finding.about, seq=seq, act=STEPS[seq], at=message.created_at
    )
    told = {user: kind for user, kind in _hearers(finding, happening).items() if user.is_active}
    tell_staff(happening, told, ready_channels())


def _hearers(finding: Finding, happening: Happening) -> Mapping[User, Kind]:
    if happening.act == "finding.record":
        told = dict.fromkeys(concerned(finding, at=happening.at), Kind.FOUND)
        told.pop(finding.recorded_by, None)
        return told
    if happening.act == "finding.appeal":
        return dict.fromkeys(deciders(finding, at=happening.at), Kind.DECIDE)
    told = dict.fromkeys([*concerned(finding, at=happening.at), finding.recorded_by], Kind.FOUND)
    told[finding.appeal.by] = Kind.DECIDED
    return told
