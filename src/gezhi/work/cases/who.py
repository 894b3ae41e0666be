"""Who may do an act: the words in the `who` column of the table."""

from collections.abc import Callable, Mapping

from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Case

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
    return actor.may("desk", case.area_path) and not actor.in_agency(case.lead_path)


def asked_to_check(case: Case, actor: Actor) -> bool:
    return actor.user_id is not None and actor.user_id == case.owner_user_id


def verifier(case: Case, actor: Actor) -> bool:
    """The person asked to verify, unless they have since taken a post in the handling agency."""
    asked = actor.user_id is not None and actor.user_id == case.verifier_id
    return asked and not actor.in_agency(case.lead_path)


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
    "asker or dispatcher": either("asker", "dispatcher"),
    "asker or call_back": either("asker", "call_back"),
    "intake or system": either("intake", "system"),
    "desk or system": either("desk", "system"),
    "collector": lambda case, actor: True,  # creation: decided in services.report by source
    "system": system,
    "anyone": anyone,
}
