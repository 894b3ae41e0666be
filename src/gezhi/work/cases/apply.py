"""What each act changes: the words in the `apply` column of the table.

An apply function checks what the act was told (Invalid with the field that is wrong), sets folded fields
with move.set, and may write rows of its own (askers, ratings, requests).
"""

from datetime import timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import Agency, Post, User
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors, within
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.codes.cells import cell
from gezhi.territory.layers.queries import locate_one
from gezhi.work.cases import parts
from gezhi.work.cases.duty import answerable, filing_level
from gezhi.work.cases.models import Asker, CallBack, Case, Rating
from gezhi.work.cases.move import Move
from gezhi.work.cases.owners import choose_verifier, may_verify
from gezhi.work.cases.refusals import not_now
from gezhi.work.cases.states import ACTIVE, State
from gezhi.work.matters.queries import current_version

POOR = 2  # the lowest two of five levels (national rating of government services)
CALL_TRIES = 3  # calls nobody answers before the call-back is given up
NO_LEAD = {"lead_agency_id": None, "lead_path": "", "assignee_id": None, "designated": False}
NOT_VERIFIED = {"verified_ok": None, "verifier_id": None}


def nothing(move: Move) -> None:
    """The record itself is all."""


def ask_check(move: Move) -> None:
    user = move.inputs.user
    assert user is not None
    if not _holds(user, "check", move):
        raise Invalid({"user": _("This person has no post to check here. Choose one of those listed.")})


def check_result(move: Move) -> None:
    move.set(check_result=move.inputs.words["result"])


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
    move.set(level=filing_level(move.case, condition, at=move.at))
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


def told(move: Move) -> None:
    """The words of the act are the answer to the asker."""
    move.set(answer=move.inputs.text)


def restore(move: Move) -> None:
    """The report is as it was when it came in; askers who followed another case come back."""
    if move.case.merged_into_id:
        Asker.objects.filter(first_case__in=_with_merged(move.case)).update(case=move.case)
    move.set(
        answer="",
        merged_into_id=None,
        check_result="",
        filed_at=None,
        emergency=False,
        on_the_spot=False,
        level=move.rules.desk_level,
        raised_from="",
        sent_back=False,
        waits_until=None,
        extensions=0,
        returns=0,
        **NO_LEAD,
        **NOT_VERIFIED,
    )


def _with_merged(case: Case) -> list[UUID]:
    """The case and all that were merged into it, directly or by way of another."""
    found, latest = [case.pk], [case.pk]
    while latest:
        latest = list(Case.objects.filter(merged_into__in=latest).values_list("pk", flat=True))
        found += latest
    return found


def merge(move: Move) -> None:
    """Askers follow the target; the target gets an event of its own (see perform.py)."""
    target = move.inputs.case
    assert target is not None
    if target.pk == move.case.pk:
        raise Invalid({"case": _("Choose another case that is still open.")})
    if target.state not in ACTIVE:
        raise not_now(target, "absorb")
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
    agency = move.inputs.agency
    assert agency is not None
    listed = {suggestion.agency.pk for suggestion in answerable(move.case, at=move.at)}
    if not move.inputs.text and agency.pk not in listed:
        raise Invalid({"text": _("This agency is not on the responsibility list: give the reason.")})
    lead(move, agency)


def lead(move: Move, agency: Agency) -> None:
    """Give a case to an agency; what it owed beside the lead before is part of that now."""
    move.set(lead_agency_id=agency.pk, lead_path=agency.path, assignee_id=None)
    move.case.lead_agency = agency
    parts.becomes_lead(move, agency)


def file_dispatch(move: Move) -> None:
    """Emergencies skip the dispatcher's queue; whoever takes them in answers for both steps."""
    condition = move.inputs.condition
    assert condition is not None
    if not condition.emergency:
        raise Invalid({"condition": _("Only emergencies are dispatched at once. File this one instead.")})
    classify(move)
    dispatch(move)


def assign(move: Move) -> None:
    """To a person of the agency, or down to a station of it."""
    user, agency = move.inputs.user, move.inputs.agency
    if user is None and agency is None:
        raise Invalid({"user": _("Choose a person, or a station.")})
    if agency is not None:
        if agency.path == move.case.lead_path or not agency.path.startswith(move.case.lead_path):
            raise Invalid({"agency": _("Choose a station or lower agency of your own.")})
        lead(move, agency)
    if user is not None:
        _assign_to(move, user)


def _assign_to(move: Move, user: User) -> None:
    inside = Post.objects.current(move.at).filter(
        within("agency__path", move.case.lead_path), user=user, role__in=roles_with("handle")
    )
    if not inside.exists():
        raise Invalid({"user": _("This person has no post in your agency. Choose one of those listed.")})
    move.set(assignee_id=user.pk)
    move.case.assignee = user


def arrive(move: Move) -> None:
    """Where the handler says they are must be a place of the district; it does not move the case."""
    if move.inputs.point and locate_one(lon=move.inputs.point[0], lat=move.inputs.point[1]) is None:
        raise Invalid(
            {"point": _("This place is outside the district. Choose a place on the map inside it.")}
        )


def give_back(move: Move) -> None:
    move.set(returns=move.case.returns + 1, **NO_LEAD)


def attach_result(move: Move) -> None:
    """The handler's words to the asker stand until the desk closes with its own."""
    move.set(answer=move.inputs.text, **NOT_VERIFIED)


def send_verify(move: Move) -> None:
    before = move.case.verifier_id
    user = move.inputs.user or choose_verifier(move, worked=before)
    if user is None:
        raise Invalid(
            {"user": _("Nobody outside the agency can verify here. Fill a post of inspector first.")}
        )
    if move.actor.kind != "policy" and not may_verify(move, user):
        raise Invalid(
            {"user": _("This person belongs to the handling agency or has no post to verify here.")}
        )
    if user.pk == before:
        raise Invalid({"user": _("This person has the verification already. Choose somebody else.")})
    move.inputs.user = user
    move.set(verifier_id=user.pk)


def verify(move: Move) -> None:
    move.set(verified_ok=move.inputs.words["result"] == "true")


def force_close(move: Move) -> None:
    """An end without a passed verification: marked, and counted apart."""
    move.set(answer=move.inputs.words["told"], forced=True)
    _close_window(move)


def _close_window(move: Move) -> None:
    move.set(closed_at=move.at, window_until=move.at + timedelta(days=move.rules.rating_days))
    if drawn(move, "call_back", move.rules.call_back_percent):
        move.set(to_call=move.case.askers.filter(withdrawn_at=None).exists())


def call_back(move: Move) -> None:
    """What the asker says on the phone; a poor word is followed up like a poor rating."""
    said = move.inputs.words
    reached = said["reached"] == "yes"
    missing = [name for name in ("contacted", "solved", "satisfied") if reached and name not in said]
    if missing:
        raise Invalid({name: _("Please choose one.") for name in missing})
    CallBack.objects.create(
        case=move.case,
        closing=move.case.reopenings + 1,
        at=move.at,
        by_id=move.actor.user_id,
        reached=reached,
        contacted=said["contacted"] == "yes" if reached else None,
        solved=said["solved"] == "yes" if reached else None,
        satisfied=int(said["satisfied"]) if reached else None,
        text=move.inputs.text,
    )
    if reached and (said["solved"] == "no" or int(said["satisfied"]) <= POOR):
        move.set(to_call=False, follow_up=True)
    elif reached or _tries(move) >= CALL_TRIES:
        move.set(to_call=False)


def _tries(move: Move) -> int:
    return move.case.call_backs.filter(closing=move.case.reopenings + 1).count()


def archive(move: Move) -> None:
    if move.case.to_call:
        move.set(to_call=False)


def rework(move: Move) -> None:
    move.set(reworks=move.case.reworks + 1, **NOT_VERIFIED)


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


def reopen(move: Move) -> None:
    move.set(
        reopenings=move.case.reopenings + 1,
        follow_up=False,
        to_call=False,
        closed_at=None,
        window_until=None,
        on_the_spot=False,
        forced=False,
        **NO_LEAD,
        **NOT_VERIFIED,
    )


def drawn(move: Move, what: str, percent: int) -> bool:
    """Whether a case is in a sample: by a keyed hash, so nobody can tell beforehand."""
    digest = salted_hmac(f"gezhi.{what}", str(move.case.pk), algorithm="sha256").digest()
    return int.from_bytes(digest[:4]) % 100 < percent


def solve(move: Move) -> None:
    """Report and result in one act by the grid worker; a sample is checked by somebody else."""
    condition = move.inputs.condition
    assert condition is not None
    classify(move)
    move.set(on_the_spot=True, answer=move.inputs.text)
    user = choose_verifier(move) if drawn(move, "recheck", move.rules.recheck_percent) else None
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
