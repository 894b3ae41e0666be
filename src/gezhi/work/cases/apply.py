"""What each act changes: the words in the `apply` column of the table.

An apply function checks what the act was told (Invalid with the field that is wrong), sets folded fields
with move.set, and may write rows of its own (askers, ratings, requests).
"""

from datetime import timedelta

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.codes.cells import cell
from gezhi.territory.layers.queries import locate_one
from gezhi.work.cases.models import Asker, Rating, Request
from gezhi.work.cases.move import Move
from gezhi.work.cases.owners import choose_verifier, may_verify
from gezhi.work.cases.states import ACTIVE, State
from gezhi.work.matters.queries import current_version, suggest_agencies

POOR = 2  # the lowest two of five levels (national rating of government services)


def nothing(move: Move) -> None:
    """The record itself is all."""


def ask_check(move: Move) -> None:
    user = move.inputs.user
    assert user is not None
    if not _holds(user, "check", move):
        raise Invalid({"user": _("This person has no post to check here. Choose one of those listed.")})


def check_result(move: Move) -> None:
    move.set(check_result=move.inputs.choice["result"])


def recall(move: Move) -> None:
    move.set(check_result="")


def classify(move: Move) -> None:
    """File under a condition; the title becomes the item's name, the place may be corrected."""
    condition = move.inputs.condition
    assert condition is not None
    version = current_version(at=move.at)
    if version is None or condition.item.version_id != version.pk:
        raise Invalid({"condition": _("The catalogue has changed meanwhile. Choose the matter again.")})
    move.set(
        item_id=condition.item_id,
        condition_id=condition.pk,
        emergency=condition.emergency,
        title=condition.item.name,
        filed_at=move.at,
    )
    move.case.condition = condition
    if move.inputs.point:
        place(move, *move.inputs.point)


def place(move: Move, lon: float, lat: float) -> None:
    """Put the case at a point of the district."""
    area = locate_one(lon=lon, lat=lat)
    if area is None:
        raise Invalid(
            {"point": _("This place is outside the district. Choose a place on the map inside it.")}
        )
    move.set(lon=lon, lat=lat, cell=cell(lon, lat), area_id=area.pk, area_path=area.path)


def answer(move: Move) -> None:
    move.set(answer=move.inputs.text)
    _close_window(move)


def refuse(move: Move) -> None:
    move.set(answer=move.inputs.text)


def merge(move: Move) -> None:
    """Askers follow the target; the target gets an event of its own (see perform.py)."""
    target = move.inputs.case
    assert target is not None
    if target.pk == move.case.pk or target.state not in ACTIVE:
        raise Invalid({"case": _("Choose another case that is still open.")})
    move.set(merged_into_id=target.pk)
    move.case.askers.update(case=target)


def withdraw(move: Move) -> None:
    """The asker leaves. A hazard, or a case others also wait for, goes on without them."""
    assert move.actor.asker_id is not None
    Asker.objects.filter(pk=move.actor.asker_id).update(withdrawn_at=move.at)
    others = Asker.objects.filter(case=move.case, withdrawn_at=None).exists()
    if others or move.case.emergency:
        move.new_state = move.case.state


def dispatch(move: Move) -> None:
    agency, case = move.inputs.agency, move.case
    assert agency is not None and case.condition is not None
    if agency.closed_at:
        raise Invalid({"agency": _("This agency is closed. Choose another one.")})
    if not move.inputs.text and agency.pk not in {
        s.agency.pk for s in suggest_agencies(condition=case.condition, area_path=case.area_path, at=move.at)
    }:
        raise Invalid({"text": _("This agency is not on the responsibility list: give the reason.")})
    move.set(lead_agency_id=agency.pk, lead_path=agency.path, assignee_id=None)
    case.lead_agency = agency


def assign(move: Move) -> None:
    user = move.inputs.user
    assert user is not None
    inside = Post.objects.current(move.at).filter(
        within("agency__path", move.case.lead_path), user=user, role__in=roles_with("handle")
    )
    if not inside.exists():
        raise Invalid({"user": _("This person has no post in your agency. Choose one of those listed.")})
    move.set(assignee_id=user.pk)
    move.case.assignee = user


def release(move: Move) -> None:
    """The person it was assigned to has left: the agency as a whole has it again."""
    move.set(assignee_id=None)


def give_back(move: Move) -> None:
    move.set(returns=move.case.returns + 1, lead_agency_id=None, lead_path="", assignee_id=None)


def request_return(move: Move) -> None:
    Request.objects.create(
        case=move.case,
        kind=Request.Kind.RETURN,
        reason=move.inputs.text,
        asked_at=move.at,
        asked_by_id=move.actor.user_id,
        agency_id=move.case.lead_agency_id,
    )
    move.set(open_request="return")


def agree_return(move: Move) -> None:
    _decide(move, Request.Outcome.AGREED)
    give_back(move)


def decline_return(move: Move) -> None:
    _decide(move, Request.Outcome.DECLINED)


def _decide(move: Move, outcome: str) -> None:
    Request.objects.filter(case=move.case, outcome=Request.Outcome.OPEN).update(
        outcome=outcome, decided_at=move.at, decided_by_id=move.actor.user_id
    )
    move.set(open_request="")


def attach_result(move: Move) -> None:
    """The handler's words to the asker stand until the desk closes with its own."""
    move.set(answer=move.inputs.text, verified_ok=None, verifier_id=None)


def send_verify(move: Move) -> None:
    user = move.inputs.user or choose_verifier(move)
    if user is None:
        raise Invalid(
            {"user": _("Nobody outside the agency can verify here. Fill a post of inspector first.")}
        )
    if move.actor.kind == "user" and not may_verify(move, user):
        raise Invalid(
            {"user": _("This person belongs to the handling agency or has no post to verify here.")}
        )
    move.inputs.user = user
    move.set(verifier_id=user.pk)


def verify(move: Move) -> None:
    move.set(verified_ok=move.inputs.choice["result"] == "true")


def close(move: Move) -> None:
    answer(move)


def _close_window(move: Move) -> None:
    move.set(closed_at=move.at, window_until=move.at + timedelta(days=move.rules.rating_days))


def rework(move: Move) -> None:
    move.set(reworks=move.case.reworks + 1, verified_ok=None, verifier_id=None)


def file_unsolved(move: Move) -> None:
    """A case solved on the spot failed its check: it goes the ordinary way through dispatch."""
    rework(move)
    move.set(on_the_spot=False)


def urge(move: Move) -> None:
    move.set(urges=move.case.urges + 1)


def rate(move: Move) -> None:
    stars = move.inputs.stars
    assert move.actor.asker_id is not None
    Rating.objects.create(
        case=move.case,
        asker_id=move.actor.asker_id,
        closing=move.case.reopenings + 1,
        stars=stars,
        text=move.inputs.text,
        at=move.at,
    )
    if stars <= POOR:
        move.set(follow_up=True)


def follow_up(move: Move) -> None:
    move.set(follow_up=False)


def reopen(move: Move) -> None:
    move.set(
        reopenings=move.case.reopenings + 1,
        follow_up=False,
        closed_at=None,
        window_until=None,
        verified_ok=None,
        verifier_id=None,
        lead_agency_id=None,
        lead_path="",
        assignee_id=None,
        on_the_spot=False,
    )


def drawn_for_recheck(move: Move) -> bool:
    """Whether a case solved on the spot is in the sample: by a keyed hash, so nobody can tell beforehand."""
    digest = salted_hmac("gezhi.recheck", str(move.case.pk), algorithm="sha256").digest()
    return int.from_bytes(digest[:4]) % 100 < move.rules.recheck_percent


def solve(move: Move) -> None:
    """Report and result in one act by the grid worker; a sample is checked by somebody else."""
    condition = move.inputs.condition
    assert condition is not None
    classify(move)
    move.set(on_the_spot=True, answer=move.inputs.text)
    user = choose_verifier(move) if drawn_for_recheck(move) else None
    if user is None:
        move.new_state = State.CLOSED
        _close_window(move)
        return
    move.inputs.user = user
    move.new_state = State.VERIFYING
    move.set(verifier_id=user.pk)


def _holds(user: User, grant: str, move: Move) -> bool:
    posts = Post.objects.current(move.at).filter(
        user=user, role__in=roles_with(grant), area__path__in=ancestors(move.case.area_path)
    )
    return posts.exists()
