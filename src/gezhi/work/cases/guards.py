"""Guards: whether an act fits the case as it stands. Each returns "" or the reason in words.

Guards look only at the case, never at what the act is told: so the same test decides whether a button is
shown. What an act is told is checked where it is applied.
"""

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.work.cases.models import CaseEvent, Rating
from gezhi.work.cases.move import Move

Reason = str | Promise


def free(move: Move) -> Reason:
    return ""


def is_advice(move: Move) -> Reason:
    item = move.case.item
    if item is None or item.direct_answer:
        return ""
    return _("Only questions and advice are answered directly. File this report so that somebody handles it.")


def no_request(move: Move) -> Reason:
    if move.case.open_request:
        return _("The agency has asked to return this case. Decide on that first.")
    return ""


def may_return(move: Move) -> Reason:
    if move.case.open_request:
        return _("There is already a request to return this case.")
    if move.case.returns >= move.rules.returns_before_designation:
        return _(
            "This case was returned so often that it cannot be returned again. Handle it, or ask your leader."
        )
    return ""


def in_sign_limit(move: Move) -> Reason:
    clock = move.clocks.get("sign")
    if clock is None or clock.due_at is None or move.at > clock.due_at:
        return _("The limit to sign has passed: ask to return the case and give the reason.")
    return may_return(move)


def return_asked(move: Move) -> Reason:
    return "" if move.case.open_request == "return" else _("Nobody has asked to return this case.")


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
