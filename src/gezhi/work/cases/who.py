"""Who may do an act: the words in the `who` column of the table."""

from collections.abc import Callable, Mapping

from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Case
from gezhi.work.cases.owners import handled_by, level_path
from gezhi.work.cases.policy import rules_for

Test = Callable[[Case, Actor], bool]


def holds(grant: str) -> Test:
    """A post with this grant on an area at or above the case's."""
    return lambda case, actor: actor.may(grant, case.area_path)


def handler(case: Case, actor: Actor) -> bool:
    """Somebody of the lead agency."""
    return any(
        case.lead_path and seat.agency_path.startswith(case.lead_path) and "handle" in seat.grants
        for seat in actor.seats
    )


def agency_head(case: Case, actor: Actor) -> bool:
    """The head of the lead agency or of one above it."""
    return any(
        seat.agency_path and case.lead_path.startswith(seat.agency_path) and "agency_head" in seat.grants
        for seat in actor.seats
    )


def desk(case: Case, actor: Actor) -> bool:
    """The supervision desk, never a person of the handling agency; or the policy, acting for it."""
    if actor.kind == "policy":
        return True
    return actor.may("desk", case.area_path) and not handled_by(case, actor)


def asked_to_check(case: Case, actor: Actor) -> bool:
    return actor.user_id is not None and actor.user_id == case.owner_user_id


def verifier(case: Case, actor: Actor) -> bool:
    """The person asked to verify, unless they have since taken a post in the handling agency."""
    asked = actor.user_id is not None and actor.user_id == case.verifier_id
    return asked and not handled_by(case, actor)


def approver(what: str) -> Test:
    """Someone who approves at the level the policy names for this, outside the lead agency.

    A case in the bank stays with the approvers it came to, though the policy has named others since.
    """

    def test(case: Case, actor: Actor) -> bool:
        path = level_path(case.area_path, rules_for(case.area_path).approvers[what])
        has_it = case.owner_grant == "approve" and actor.may("approve", case.owner_path)
        return (actor.may("approve", path) or has_it) and not handled_by(case, actor)

    return test


def decider(case: Case, actor: Actor) -> bool:
    """Whoever the open request waits for, or one above, outside the agency that asked."""
    if not case.request_path:  # decided already: that is what the guard then says
        return any(actor.may(grant, case.area_path) for grant in ("approve", "appraise"))
    may = actor.may(case.request_grant, case.request_path)
    return may and not handled_by(case, actor) and not _asked_for_it(case, actor)


def _asked_for_it(case: Case, actor: Actor) -> bool:
    """Whether the open request is of an agency of this actor's, though the case may have left it since."""
    if not any(seat.agency_path for seat in actor.seats):
        return False
    asking = case.requests.filter(outcome="open", agency__isnull=False).values_list("agency__path", flat=True)
    return any(map(actor.in_agency, asking))


def partner(role: str) -> Test:
    """Somebody of an agency that still owes its part in this role."""
    return lambda case, actor: any(
        part.role == role and part.is_open and _works_in(part.agency_path, actor) for part in case.live_parts
    )


def _works_in(agency_path: str, actor: Actor) -> bool:
    return any(
        seat.agency_path.startswith(agency_path) and seat.grants & {"handle", "agency_head"}
        for seat in actor.seats
    )


def requester(case: Case, actor: Actor) -> bool:
    """The side that made the open request."""
    side = "intake or dispatcher" if case.open_request == "cancel" else "handler"
    return WHO[side](case, actor)


def owner(case: Case, actor: Actor) -> bool:
    """Whoever must act now."""
    if case.owner_agency_id:
        return WHO["handler"](case, actor)
    if case.owner_user_id:
        return actor.user_id == case.owner_user_id
    return bool(case.owner_grant) and actor.may(case.owner_grant, case.owner_path)


def outside(grant: str) -> Test:
    """A post with this grant here, never a person of the handling agency."""
    return lambda case, actor: actor.may(grant, case.area_path) and not handled_by(case, actor)


def file_and_dispatch(case: Case, actor: Actor) -> bool:
    return actor.may("intake", case.area_path) and actor.may("dispatch", case.area_path)


def asker(case: Case, actor: Actor) -> bool:
    return actor.kind == "asker"  # which cases are theirs is what visible_to says


def system(case: Case, actor: Actor) -> bool:
    return actor.kind == "system"


def anyone(case: Case, actor: Actor) -> bool:
    """Anyone who sees the case and is not an asker (who adds instead of noting)."""
    return actor.kind in ("user", "key")


def either(*names: str) -> Test:
    return lambda case, actor: any(WHO[name](case, actor) for name in names)


WHO: Mapping[str, Test] = {
    "intake": holds("intake"),
    "dispatcher": holds("dispatch"),
    "call_back": holds("call_back"),
    "desk": desk,
    "handler": either("agency_head", "agency_member"),
    "agency_member": handler,
    "agency_head": agency_head,
    "checker": asked_to_check,
    "verifier": verifier,
    "asker": asker,
    "intake or dispatcher": either("intake", "dispatcher"),
    "asker or call_back": either("asker", "call_back"),
    "intake or system": either("intake", "system"),
    "desk or system": either("desk", "system"),
    "intake and dispatcher": file_and_dispatch,
    "reviewer": approver("restore"),
    "approver of designation": approver("designation"),
    "approver of bank": approver("bank"),
    "approver of force": approver("force_close"),
    "decider": decider,
    "requester": requester,
    "leader": either("lead", "dispatcher"),
    "asker, dispatcher or leader": either("asker", "dispatcher", "lead"),
    "lead": holds("lead"),
    "owner": owner,
    "caller": outside("call_back"),
    "dispatcher or system": either("dispatcher", "system"),
    "handler or dispatcher": either("handler", "dispatcher"),
    "handler or co-handler": either("handler", "co-handler"),
    "handler, approver or system": either("handler", "approver of suspension", "system"),
    "approver of suspension": approver("suspension"),
    "co-handler": partner("co_handler"),
    "summoned": partner("summoned"),
    "offered": partner("offered"),
    "collector": lambda case, actor: True,  # creation: decided in services.report by source
    "system": system,
    "anyone": anyone,
}
