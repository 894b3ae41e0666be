"""What somebody owes a case beside its owner: a decision, or a part. In words, and by which clock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from gezhi.foundation.actors.scope import Actor
from gezhi.work.cases.models import Case, Part, Request

Words = tuple[Promise, Promise]
# What an agency owes, by its role and how far it is: as a list says it, and as a task says it.
PARTS: dict[tuple[str, str], Words] = {
    ("co_handler", "asked"): (
        pgettext_lazy("owed", "part to be signed for"),
        pgettext_lazy("task", "Sign for our part"),
    ),
    ("co_handler", "signed"): (
        pgettext_lazy("owed", "part to be done"),
        pgettext_lazy("task", "Do our part"),
    ),
    ("summoned", "asked"): (pgettext_lazy("owed", "to report in"), pgettext_lazy("task", "Report in")),
    ("offered", "asked"): (pgettext_lazy("owed", "take it over?"), pgettext_lazy("task", "Take it over?")),
}
CLOCKS = {"co_handler": "part:%d", "summoned": "summons:%d", "offered": "decision"}


@dataclass(frozen=True)
class Owed:
    """`words` for a list (协办待签收), `verb` for a task (签收协办), `clock` the key of what measures it."""

    words: str
    verb: str
    clock: str


def owed_by(actor: Actor | None, cases: Sequence[Case]) -> dict[UUID, Owed]:
    """What this actor owes these cases beside what their owners owe; at most one query."""
    if actor is None:
        return {}
    parts = _open_parts(case.pk for case in cases if case.shared)
    found = {}
    for case in cases:
        owed = _decision(case, actor) or _part(parts[case.pk], actor)
        if owed:
            found[case.pk] = owed
    return found


def _decision(case: Case, actor: Actor) -> Owed | None:
    """The request that waits for a desk of the actor (see queries.to_decide)."""
    if not case.open_request or case.request_grant == "handle":
        return None
    if not any(
        case.request_grant in seat.grants and seat.area_path == case.request_path for seat in actor.seats
    ):
        return None
    kind = {"kind": Request.Kind(case.open_request).label}
    return Owed(_("to decide: %(kind)s") % kind, _("Decide on the %(kind)s") % kind, "decision")


def _part(parts: Iterable[Part], actor: Actor) -> Owed | None:
    for part in parts:
        mine = any(
            seat.agency_path and part.agency_path.startswith(seat.agency_path) and "handle" in seat.grants
            for seat in actor.seats
        )
        words = PARTS.get((part.role, part.state))
        if mine and words:
            clock = CLOCKS[part.role]
            return Owed(str(words[0]), str(words[1]), clock % part.agency_id if "%" in clock else clock)
    return None


def _open_parts(cases: Iterable[UUID]) -> dict[UUID, list[Part]]:
    """The parts somebody still owes, by their case."""
    wanted = list(cases)
    found: dict[UUID, list[Part]] = defaultdict(list)
    if wanted:
        owed = Part.objects.filter(
            case__in=wanted, live=True, state__in=(Part.State.ASKED, Part.State.SIGNED)
        )
        for part in owed.order_by("pk"):
            found[part.case_id].append(part)
    return found
