"""Who was first: the words for whoever comes second, is too late, or has lost the case meanwhile."""

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Refused
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.guards import Reason
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.states import State

# Of the table's `who`: those whose right comes and goes with the case, not with their post.
BY_TURN = {
    "checker", "verifier", "handler", "agency_head", "handler or co-handler", "handler or dispatcher",
    "co-handler", "summoned", "offered",
}  # fmt: skip


def not_now(case: Case, act: str, *, code: str = "wrong_state") -> Refused:
    """In words: who did what last, and where the case stands now."""
    last = _last(case)
    if act not in ACTS or last is None:
        return Refused("unknown_act", _("There is no such act."))
    message = _("“%(act)s” is not possible now: %(who)s %(done)s at %(time)s, and the case is “%(state)s”.")
    told = {"act": ACTS[act].label, "state": State(case.state).label}
    return Refused(code, message % (told | _story(last)))


def guarded(case: Case, reason: Reason, actor: Actor) -> Refused:
    """What a guard says; to staff also what somebody else did last, which may be the cause."""
    last = _last(case)
    if last is None or actor.kind == "asker" or (last.actor_kind, last.actor_id) == (actor.kind, actor.ident):
        return Refused("not_now", reason)
    message = _("%(reason)s The last step: %(who)s %(done)s at %(time)s.")
    return Refused("not_now", message % ({"reason": reason} | _story(last)))


def taken_away(case: Case, actor: Actor) -> bool:
    """Whether the case was this person's, or an agency's of theirs, and has passed to somebody else."""
    if actor.kind not in ("user", "key") or actor.in_agency(case.lead_path):
        return False
    before = Q(change__owner_user_id=actor.user_id)
    taking_part = Q(pk__in=[])
    for path in {seat.agency_path for seat in actor.seats if seat.agency_path}:
        before |= Q(change__lead_path__startswith=path)
        taking_part |= Q(agency_path__startswith=path)
    return case.events.filter(before).exists() or case.parts.filter(taking_part).exists()


def _last(case: Case) -> CaseEvent | None:
    return case.events.order_by("-seq").first()


def _story(event: CaseEvent) -> dict[str, object]:
    return {"who": event.who, "done": ACTS[event.act].done, "time": f"{localtime(event.at):%m-%d %H:%M}"}
