"""Guards: whether an act fits the case as it stands. Each returns "" or the reason in words.

Guards look only at the case, never at what the act is told: so the same test decides whether a button is
shown. What an act is told is checked where it is applied.
"""

from collections.abc import Callable
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.areas.queries import lineage
from gezhi.work.cases.models import CaseEvent, Part, Rating
from gezhi.work.cases.move import Move
from gezhi.work.cases.states import LEVELS, LOW_LEVELS

Reason = str | Promise
_PART_SETTLED = (Part.State.DONE, Part.State.EXCUSED, Part.State.REMOVED)


def free(move: Move) -> Reason:
    return ""


def is_advice(move: Move) -> Reason:
    item = move.case.item
    if item is None or item.direct_answer:
        return ""
    return _("Only questions and advice are answered directly. File this report so that somebody handles it.")


def no_request(move: Move) -> Reason:
    """What the agency may not do while it wants to be rid of the case."""
    if move.case.open_request == "return":
        return _("The agency has asked to return this case. Decide on that first.")
    if move.case.open_request == "transfer":
        return _("The agency has asked to transfer this case. Decide on that first.")
    return ""


def nothing_asked(move: Move) -> Reason:
    """One question at a time."""
    return (
        _("There is a request on this case already. Decide on that first.") if move.case.open_request else ""
    )


def may_return(move: Move) -> Reason:
    if move.case.designated:
        return _("A leader has designated your agency: this case cannot be returned again.")
    if reason := nothing_asked(move):
        return reason
    if move.case.returns >= move.rules.returns_before_designation:
        return _(
            "This case was returned so often that it cannot be returned again. Handle it, or ask your leader."
        )
    return ""


def may_extend(move: Move) -> Reason:
    if reason := nothing_asked(move):
        return reason
    if move.case.extensions >= move.rules.extensions:
        return _("This case was extended as often as the rules allow.")
    clock = move.clocks.get("handle")
    if clock is None or clock.due_at is None or move.at >= clock.due_at:
        return _("The limit has run out. An extension must be asked for before that.")
    return ""


def asked(kind: str) -> Callable[[Move], Reason]:
    """There is an open request of this kind."""

    def test(move: Move) -> Reason:
        return "" if move.case.open_request == kind else _("Nobody has asked for this, or it is decided.")

    return test


def asked_anything(move: Move) -> Reason:
    return "" if move.case.open_request else _("There is no open request on this case.")


def transfer_unanswered(move: Move) -> Reason:
    if reason := asked("transfer")(move):
        return reason
    return "" if move.case.request_grant == "handle" else _("Your agency has agreed to take it already.")


def transfer_accepted(move: Move) -> Reason:
    if reason := asked("transfer")(move):
        return reason
    if move.case.request_grant == "dispatch":
        return ""
    return _("The agency it is to go to has not agreed yet.")


def not_excluded(move: Move) -> Reason:
    if move.case.excluded:
        return _("This case is already excluded from appraisal.")
    return nothing_asked(move)


def parts_done(move: Move) -> Reason:
    """The result may be reported: nobody beside the lead owes a part, no dispute about whose case it is."""
    if reason := no_request(move):
        return reason
    open_parts = [
        p for p in move.case.live_parts if p.role == p.Role.CO_HANDLER and p.state not in _PART_SETTLED
    ]
    if not open_parts:
        return ""
    names = "、".join(part.agency.shown for part in open_parts)
    return _("Still waiting for the part of %(names)s. Excuse or remove who is not needed.") % {
        "names": names
    }


def has_parts(move: Move) -> Reason:
    if any(part.role == part.Role.CO_HANDLER and part.live for part in move.case.live_parts):
        return ""
    return _("No other agency takes part.")


def was_summoned(move: Move) -> Reason:
    if any(p.role == p.Role.SUMMONED and p.stars is None for p in move.case.live_parts):
        return ""
    return _("No department was summoned, or all were rated.")


def part_unsigned(move: Move) -> Reason:
    return "" if own_part(move, Part.Role.CO_HANDLER, "asked") else _("Your part is signed for already.")


def part_signed(move: Move) -> Reason:
    return "" if own_part(move, Part.Role.CO_HANDLER, "signed") else _("Sign for your part first.")


def own_part(move: Move, role: str, *states: str) -> Part | None:
    """The part of the actor's own agency in this role and one of these states, or any open one."""
    wanted = states or ("asked", "signed")
    return next(
        (
            part
            for part in move.case.live_parts
            if part.role == role
            and part.state in wanted
            and any(seat.agency_path.startswith(part.agency_path) for seat in move.actor.seats)
        ),
        None,
    )


def contact_owed(move: Move) -> Reason:
    return "" if "contact" in move.clocks else _("Nobody waits for a call here, or it was made.")


def may_raise(move: Move) -> Reason:
    low = move.case.level in LOW_LEVELS
    if move.actor.kind == "system" and not (low and move.rules.raise_by_timeout):
        return _("By time-out alone a case goes up only from the grid and the community.")
    if next_level(move) is None:
        return _("There is no level above this one.")
    return ""


def next_level(move: Move) -> str | None:
    """The level above the case's own that this place has."""
    above = LEVELS[LEVELS.index(move.case.level) + 1 :]
    kinds = {area.kind for area in lineage(move.case.area_path)}
    return next((level for level in above if level in kinds), None)


def may_send_back(move: Move) -> Reason:
    if not move.case.raised_from:
        return _("This case did not come from a level below.")
    return _("This case was sent back once already.") if move.case.sent_back else ""


def disputed(move: Move) -> Reason:
    if move.case.returns >= move.rules.returns_before_designation or move.case.open_request == "return":
        return ""
    return _("An agency is designated only after a dispute: several returns, or a request to return.")


def within_undo(move: Move) -> Reason:
    """Right after the act intake may take it back itself."""
    if move.at <= move.case.moved_at + timedelta(minutes=move.rules.undo_minutes):
        return ""
    return _("The time to take this back yourself is over. Ask the level above to restore it.")


def in_review(move: Move) -> Reason:
    if move.at <= move.case.moved_at + timedelta(days=move.rules.review_days):
        return ""
    return _("The time for a review is over. Report the problem anew.")


def unsupervised(move: Move) -> Reason:
    return _("A formal supervision already waits for its reply.") if move.case.supervised else ""


def supervised(move: Move) -> Reason:
    return "" if move.case.supervised else _("There is no formal supervision to reply to.")


def handed_over(move: Move) -> Reason:
    return "" if move.case.enforcement else _("This case was not handed to enforcement.")


def not_handed_over(move: Move) -> Reason:
    return _("This case is with enforcement already.") if move.case.enforcement else ""


def may_call(move: Move) -> Reason:
    if not move.case.askers.filter(withdrawn_at=None).exists():
        return _("Nobody waits for an answer here.")
    return in_window(move)


def in_sign_limit(move: Move) -> Reason:
    clock = move.clocks.get("sign")
    if clock is None or clock.due_at is None or move.at > clock.due_at:
        return _("The limit to sign has passed: ask to return the case and give the reason.")
    return may_return(move)


def has_passed(move: Move) -> Reason:
    if move.case.verified_ok:
        return ""
    return _("The verification found the problem not solved: send the case back to rework.")


def has_lead(move: Move) -> Reason:
    return "" if move.case.lead_agency_id else _("No agency has worked on this case.")


def failed_on_the_spot(move: Move) -> Reason:
    if move.case.on_the_spot and move.case.verified_ok is False:
        return ""
    return _("Only a case solved on the spot that failed its check is filed for dispatch this way.")


def once_a_day(move: Move) -> Reason:
    since = move.at - timedelta(hours=move.rules.urge_hours)
    urged = CaseEvent.objects.filter(
        case=move.case, act="urge", at__gt=since, actor_kind=move.actor.kind, actor_id=move.actor.ident
    )
    return (
        _("You have urged within the last day. The people handling it have been told.")
        if urged.exists()
        else ""
    )


def in_window(move: Move) -> Reason:
    until = move.case.window_until
    return "" if until and move.at < until else _("The time for rating has passed.")


def not_rated(move: Move) -> Reason:
    rated = Rating.objects.filter(asker=move.actor.asker_id, case=move.case, closing=move.case.reopenings + 1)
    return _("You have already rated this result.") if rated.exists() else in_window(move)


def may_reopen(move: Move) -> Reason:
    if move.case.reopenings >= move.rules.reopenings:
        return _("This case has been reopened once already. Report the problem anew.")
    if reason := in_window(move):
        return reason
    poor = Rating.objects.filter(case=move.case, closing=move.case.reopenings + 1, stars__lte=2)
    if move.actor.kind == "asker":
        poor = poor.filter(asker=move.actor.asker_id)
    elif move.case.follow_up:  # by a poor rating, or a call-back that found it unsolved
        return ""
    return "" if poor.exists() else _("A case is reopened only after a poor rating.")


def reopens_filed(move: Move) -> Reason:
    if move.case.condition_id is None:
        return _("This report was answered directly: it is taken in anew.")
    return may_reopen(move)


def reopens_answered(move: Move) -> Reason:
    if move.case.condition_id is not None:
        return _("This case was filed: it is dispatched anew.")
    return may_reopen(move)


def follow_up_open(move: Move) -> Reason:
    return "" if move.case.follow_up else _("There is no poor rating to follow up.")


def window_over(move: Move) -> Reason:
    until = move.case.window_until
    if move.case.follow_up:
        return _("A poor rating is still being followed up.")
    return "" if until and until <= move.at else _("The rating window is still open.")
