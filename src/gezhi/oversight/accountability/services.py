"""Writes: a finding is recorded, appealed against once, and the appeal decided once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.files.models import File
from gezhi.oversight.accountability.models import Appeal, Finding, Kind
from gezhi.oversight.accountability.permits import (
    leads,
    may_appeal,
    seat_to_decide,
    seat_to_record,
    speaks_for,
)
from gezhi.oversight.accountability.rules import LONGEST_TEXT, MOST_PHOTOS, appeal_end, milder
from gezhi.oversight.accountability.trace import Stretch, Subject, frozen, stretches, subjects
from gezhi.work.cases import queries as cases
from gezhi.work.cases.models import Case


def record_finding(
    *, actor: Actor, at: datetime, case: str, stretch: str, subject: str, kind: str, reason: str, on: date
) -> Finding:
    """Put a leader's decision on one stretch of a case on record, with the figures of that moment.

    `case` is an id or number, `stretch` the key of a Stretch, `subject` that of a Subject ("agency-5",
    "post-7"). The agency or the post's holder is told and may appeal.
    """
    with transaction.atomic():
        found = cases.case_for(actor, case)
        if not leads(actor, found):
            raise NotAllowed
        part, whom, seat = _meant(actor, found, stretch, subject, kind, at=at)
        wrong = _reason_problems(reason) | _day_problems(on, part, at)
        if wrong:
            raise Invalid(wrong)
        assert actor.user_id is not None
        finding = Finding(
            case=found,
            area_path=found.area_path,
            stretch=part.key,
            agency=whom.agency,
            agency_path=whom.agency.path if whom.agency else "",
            post=whom.post,
            kind=kind,
            on=on,
            reason=reason.strip(),
            facts=frozen(found, part, at=at),
            recorded_at=at,
            recorded_by_id=actor.user_id,
            recorded_post_id=seat.post_id,
            level_path=seat.area_path,
            appeal_until=appeal_end(at, calendar()),
        )
        _save_once(finding)
        detail = _told(finding)
        topic = "accountability.recorded"
        record(actor=actor, act="finding.record", subject=finding, at=at, detail=detail, topic=topic)
    return finding


def _meant(
    actor: Actor, case: Case, stretch: str, subject: str, kind: str, *, at: datetime
) -> tuple[Stretch, Subject, Seat]:
    """The stretch, the subject and the post to record it on; Invalid or NotAllowed where there is none."""
    way = stretches(case, cases.events_of(case), at=at)
    part = next((one for one in way if one.key == stretch), None)
    if part is None:
        raise Invalid({"stretch": _("Choose a part of the way of this case.")})
    whom = next((one for one in subjects(case, part, at=at) if one.key == subject), None)
    wrong: dict[str, Text] = {}
    if whom is None:
        wrong["subject"] = _("Choose the agency or a post that had the case then.")
    if kind not in Kind.values:
        wrong["kind"] = _("Choose what was decided.")
    if wrong or whom is None:
        raise Invalid(wrong)
    seat = seat_to_record(actor, case, whom, kind)
    if seat is None:
        raise NotAllowed(
            "not_this_leader",
            _(
                "Only a leader outside the agency whose area holds the whole of it can decide this. "
                "Any leader of the place can remind."
            ),
        )
    return part, whom, seat


def _reason_problems(reason: str, name: str = "reason") -> dict[str, Text]:
    if not reason.strip():
        return {name: _("Give the reason.")}
    if len(reason.strip()) > LONGEST_TEXT:
        return {name: _("At most %s characters.") % LONGEST_TEXT}
    return {}


def _day_problems(on: date, part: Stretch, at: datetime) -> dict[str, Text]:
    if not localdate(part.since) <= on <= localdate(at):
        return {"on": _("Choose a day from when this part of the way began until today.")}
    return {}


def _save_once(finding: Finding) -> None:
    try:
        with transaction.atomic():
            finding.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            "found_already", _("A decision about this part of the way is on record already. Open it first.")
        ) from None


def appeal(
    *, actor: Actor, at: datetime, finding_id: int, reason: str, photos: Sequence[File] = ()
) -> Appeal:
    """Say why a finding is wrong, with photos if there are any; once, within the days of appeal."""
    with transaction.atomic():
        finding = _locked(actor, finding_id)
        if not may_appeal(actor, finding, at=at):
            _refuse_appeal(actor, finding)
        wrong = _reason_problems(reason)
        if len(photos) > MOST_PHOTOS:
            wrong["photos"] = _("At most %s photos.") % MOST_PHOTOS
        if wrong:
            raise Invalid(wrong)
        assert actor.user_id is not None
        made = Appeal.objects.create(finding=finding, at=at, by_id=actor.user_id, reason=reason.strip())
        made.photos.set(photos)
        finding.state = Finding.State.APPEALED
        finding.save(update_fields=["state"])
        detail = _told(finding)
        topic = "accountability.appealed"
        record(actor=actor, act="finding.appeal", subject=finding, at=at, detail=detail, topic=topic)
    return made


def _refuse_appeal(actor: Actor, finding: Finding) -> None:
    if not speaks_for(actor, finding):
        raise NotAllowed("not_concerned", _("The head of the agency or the holder of the post appeals."))
    if finding.state == Finding.State.RECORDED:
        raise Refused("appeal_over", _("The days of appeal are over; the decision is final."))
    raise Refused("appealed_already", _("There was an appeal already; a decision is appealed against once."))


def decide(
    *, actor: Actor, at: datetime, finding_id: int, decision: str, reason: str, kind: str = ""
) -> Appeal:
    """Decide an appeal: the finding stands, becomes something milder (`kind`), or is withdrawn."""
    with transaction.atomic():
        finding = _locked(actor, finding_id)
        if finding.state != Finding.State.APPEALED:
            raise Refused("nothing_to_decide", _("No appeal waits here; it may have been decided already."))
        seat = seat_to_decide(actor, finding, at=at)
        if seat is None:
            raise NotAllowed(
                "not_this_approver",
                _("An approver of the level above decides, not who recorded it nor who is concerned."),
            )
        if wrong := _decision_problems(finding, decision, kind) | _reason_problems(reason):
            raise Invalid(wrong)
        made = finding.appeal
        made.decision, made.decision_reason = decision, reason.strip()
        made.decided_at, made.decided_by_id, made.decided_post_id = at, actor.user_id, seat.post_id
        made.kind_before = finding.kind
        made.save()
        finding.state = decision
        finding.kind = kind if decision == Appeal.Decision.CHANGED else finding.kind
        finding.save(update_fields=["state", "kind"])
        detail = _told(finding)
        topic = "accountability.decided"
        record(actor=actor, act="finding.decide", subject=finding, at=at, detail=detail, topic=topic)
    return made


def _decision_problems(finding: Finding, decision: str, kind: str) -> dict[str, Text]:
    if decision not in Appeal.Decision.values:
        return {"decision": _("Choose what becomes of the finding.")}
    if decision == Appeal.Decision.CHANGED and kind not in milder(finding.kind):
        return {"kind": _("Choose something milder than what was decided; an appeal never makes it worse.")}
    return {}


def _locked(actor: Actor, finding_id: int) -> Finding:
    """The finding, held until the end of the transaction; NotFound where it is not to be seen."""
    if not Finding.objects.visible_to(actor).filter(pk=finding_id).exists():
        raise NotFound
    locked = Finding.objects.select_for_update(of=("self",)).select_related("agency__area", "post__area")
    return locked.get(pk=finding_id)


def _told(finding: Finding) -> dict[str, str]:
    """What the trail and the message say of a finding: no reason, no name of a person."""
    return {
        "case": finding.facts["case"],
        "stretch": finding.stretch,
        "agency": finding.agency.code if finding.agency else "",
        "post": str(finding.post_id or ""),
        "kind": finding.kind,
        "state": finding.state,
    }


def note_export(*, actor: Actor, at: datetime, detail: Mapping[str, str]) -> None:
    """Put on record that the statistics of stuck places left as a file, under the name of who took them."""
    with transaction.atomic():
        who = User.objects.get(pk=actor.user_id or 0)
        record(actor=actor, act="stuck.export", subject=who, at=at, detail=dict(detail))
