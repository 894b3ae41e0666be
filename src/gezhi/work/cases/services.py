"""Writes: take reports in, let the clocks tick, keep askers' contacts sealed."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import User
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.actors.scope import SYSTEM, Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, Refused
from gezhi.foundation.audit.services import record
from gezhi.foundation.codes.cells import cell
from gezhi.foundation.emails import can_be_mailed
from gezhi.foundation.files.models import File
from gezhi.foundation.plans import plans_kept
from gezhi.foundation.sealed.services import blind_index, seal, unseal
from gezhi.territory.layers.queries import locate_one
from gezhi.work.cases.clocks import owed, set_points
from gezhi.work.cases.models import Asker, Case, Clock, new_id
from gezhi.work.cases.move import Inputs, Move
from gezhi.work.cases.owners import choose_verifier, may_verify
from gezhi.work.cases.perform import begin, body_hash, mark_clock, perform
from gezhi.work.cases.policy import rules_for
from gezhi.work.cases.states import ACTIVE, Source, State
from gezhi.work.cases.who import WHO
from gezhi.work.matters.models import Condition, MatterItem

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread: no 0 O 1 I L
CODE_LENGTH = 10
EMAIL_LENGTH = 120
NO_EMAIL = _("This is no e-mail address. Please write it as name@example.org, or leave it empty.")
VISITOR = Actor(kind="asker", ident="", label="resident")  # reports without an account
_GRANT = {
    Source.PATROL: ("collect",),
    Source.TALK: ("collect", "intake"),
    Source.VISIT: ("collect", "intake"),
    Source.HOTLINE: ("intake",),
    Source.DEPARTMENT: ("handle", "agency_head"),
    Source.LEADER: ("lead", "intake"),
    Source.PRESS: ("intake",),
    Source.SYSTEM: ("collect", "intake"),
}


def sources_for(actor: Actor) -> list[Source]:
    """The kinds of reports some post of this actor takes in; a resident's own report needs no post."""
    return [source for source, grants in _GRANT.items() if any(actor.may(grant) for grant in grants)]


# What the system does with what somebody who left was asked, by state; work assigned to them it releases.
IN_HAND = {State.CHECKING: "recall_check", State.VERIFYING: "reassign"}


@dataclass(frozen=True)
class Contact:
    """Who asks, as they gave it; all may be empty."""

    name: str = ""
    phone: str = ""
    email: str = ""  # given by those who want to be told by e-mail
    language: str = "zh-hans"


@dataclass(frozen=True)
class Report:
    """What is reported. `id` is made by the client where it may send twice (UUIDv7)."""

    source: str
    description: str
    lon: float
    lat: float
    address: str = ""
    item: MatterItem | None = None
    photos: tuple[File, ...] = ()
    contact: Contact | None = None  # None: nobody waits for an answer
    id: UUID | None = None
    happened_at: datetime | None = None

    def digest(self) -> str:
        """Of everything the client said, so that a repetition is told from another report."""
        return body_hash(
            {
                "source": self.source,
                "description": self.description,
                "place": [self.lon, self.lat, self.address],
                "item": self.item.pk if self.item else None,
                "photos": sorted(photo.sha256 for photo in self.photos),
            }
        )


def report(*, actor: Actor, at: datetime, said: Report) -> tuple[Case, str]:
    """Take a report in; return the case and, for an asker, the tracking code (told once, never stored).

    The same id with the same body returns the case that is there (with no code); with another body it is
    Refused. Raises Invalid for a place outside the district, nothing said, or evidence missing.
    """
    area = _check(actor, said)
    case = _new_case(actor, at, said, area)
    return _begin(case, "report", actor=actor, at=at, said=said, inputs=Inputs(photos=said.photos))


def solve(
    *, actor: Actor, at: datetime, said: Report, condition: Condition, after: Sequence[File], text: str
) -> Case:
    """Report and result in one act by a grid worker; a sample is verified by somebody else.

    Raises Invalid where the item does not allow it or a photo before or after is missing.
    """
    area = _check(actor, said)
    if not actor.may("solve", area.path):
        raise NotAllowed
    if not condition.item.solve_on_spot:
        raise Invalid({"condition": _("Matters of this kind go through dispatch. Report it instead.")})
    if not said.photos:
        raise Invalid({"photos": _("Please add a photo of how it was before.")})
    if not after:
        raise Invalid({"after": _("Please add a photo of how it is now.")})
    if not text.strip():
        raise Invalid({"text": _("Please say what you did.")})
    if known := _known(said):
        return known
    case = _new_case(actor, at, said, area)
    inputs = Inputs(text=text.strip(), photos=(*said.photos, *after), before=said.photos, condition=condition)
    return _begin(case, "solve", actor=actor, at=at, said=said, inputs=inputs)[0]


def _check(actor: Actor, said: Report) -> Area:
    """The area of a report, after everything that can be wrong with it has been looked at."""
    problems: dict[str, str | Promise] = {}
    if not said.description.strip() and said.item is None:
        problems["description"] = _("Please say what is wrong, or choose the matter.")
    if len(said.description) > 2000:
        problems["description"] = _("Please keep to 2,000 characters.")
    area = locate_one(lon=said.lon, lat=said.lat)
    if area is None:
        problems["point"] = _("This place is outside the district. Choose a place on the map inside it.")
    needed = _evidence(said)
    if len(said.photos) < needed:
        text = ngettext("Please add at least one photo.", "Please add at least %(n)d photos.", needed)
        problems["photos"] = text % {"n": needed}
    if said.contact is not None and not is_email(said.contact.email):
        problems["email"] = NO_EMAIL
    if problems or area is None:
        raise Invalid(problems)
    grants = _GRANT.get(Source(said.source), ())
    if not actor.allows("cases:report"):
        raise NotAllowed
    if said.source != Source.RESIDENT and not any(_may_report(actor, g, area) for g in grants):
        raise NotAllowed("not_your_source", _("Your posts do not take in reports of this kind here."))
    return area


def _may_report(actor: Actor, grant: str, area: Area) -> bool:
    """Grid people report anywhere in the community they work in; agencies and desks where they are."""
    if grant in ("handle", "agency_head"):
        return any(grant in seat.grants for seat in actor.seats)
    return any(grant in s.grants and area.path.startswith(_home(s.area_path, grant)) for s in actor.seats)


def _home(path: str, grant: str) -> str:
    """A grid worker who walks past the next grid may report there too: up to the community's path."""
    parts = path.rstrip("/").split("/")
    return "/".join(parts[:-1]) + "/" if grant == "collect" and len(parts[-1]) == 15 else path


def _evidence(said: Report) -> int:
    """Photos a patrol report owes: the least any condition of its item asks for."""
    if said.source != Source.PATROL or said.item is None:
        return 0
    return min((c.photos("report") for c in said.item.conditions.all()), default=0)


def _known(said: Report) -> Case | None:
    """The case already made under this id, marked as `repeated`."""
    known = Case.objects.filter(pk=said.id).first() if said.id else None
    if known is None:
        return None
    if known.body_hash != said.digest():
        raise Refused(
            "same_id_other_body",
            _("Another report was already sent under this id. Start a new report."),
        )
    known.repeated = True
    return known


def _new_case(actor: Actor, at: datetime, said: Report, area: Area) -> Case:
    title = said.item.name if said.item else said.description.strip().splitlines()[0]
    return Case(
        id=said.id or new_id(),
        body_hash=said.digest(),
        source=said.source,
        description=said.description.strip(),
        reporter_id=actor.user_id,
        reported_at=at,
        level=rules_for(area.path).desk_level,
        title=title[:80],
        area_id=area.pk,
        area_path=area.path,
        lon=said.lon,
        lat=said.lat,
        cell=cell(said.lon, said.lat),
        address=said.address.strip()[:160] or area.name,
        item=said.item,
        moved_at=at,
    )


@plans_kept()
def _begin(
    case: Case, act: str, *, actor: Actor, at: datetime, said: Report, inputs: Inputs
) -> tuple[Case, str]:
    code = ""
    try:
        with transaction.atomic():
            case.number = next_number(at)
            begin(case, act, actor=actor, at=at, inputs=inputs)
            if said.contact is not None:
                code = _add_asker(case, said.contact, at=at)
    except IntegrityError:  # the same report arrived before, or at the same moment
        known = _known(said)
        if known is None:
            raise
        return known, ""
    return case, code


def next_number(at: datetime) -> str:
    """The next case number of the month, e.g. 2026-11-0842. One statement, safe with many writers."""
    series = f"{localtime(at):%Y-%m}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_counter (series, value) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET value = cases_counter.value + 1 RETURNING value",
            [f"case:{series}"],
        )
        return f"{series}-{cursor.fetchone()[0]:04d}"


# -- askers


def _add_asker(case: Case, contact: Contact, *, at: datetime) -> str:
    code = "".join(secrets.choice(CODE_ALPHABET) for _n in range(CODE_LENGTH))
    Asker.objects.create(
        case=case,
        first_case=case,
        code_index=code_index(code),
        name_sealed=seal(value=contact.name, purpose="asker.name") if contact.name else None,
        phone_sealed=seal(value=contact.phone, purpose="asker.phone") if contact.phone else None,
        phone_index=blind_index(value=contact.phone, purpose="asker.phone") if contact.phone else None,
        email_sealed=seal(value=contact.email, purpose="asker.email") if contact.email else None,
        language=contact.language,
        joined_at=at,
    )
    return f"{code[:5]}-{code[5:]}"


def code_index(code: str) -> bytes:
    """The blind index of a tracking code as a person types it: case, spaces and dashes do not matter."""
    plain = "".join(c for c in code.upper() if c in CODE_ALPHABET)
    return blind_index(value=plain, purpose="asker.code")


def asker_actor(asker: Asker) -> Actor:
    """A resident acting on their own case by the tracking code."""
    return Actor(kind="asker", ident=str(asker.pk), label=str(_("The asker")), asker_id=asker.pk)


def reveal_contact(*, actor: Actor, case: Case, purpose: str, at: datetime) -> list[Contact]:
    """Open the askers' contacts to a desk that calls them, for a stated purpose; recorded."""
    if not actor.may("see_contact", case.area_path):
        raise NotAllowed
    if not purpose.strip():
        raise Invalid({"purpose": _("Say what you need the contact for.")})
    with transaction.atomic():
        record(actor=actor, act="reveal_contact", subject=case, at=at, detail={"purpose": purpose.strip()})
        return [
            Contact(
                name=unseal(token=bytes(a.name_sealed), purpose="asker.name") if a.name_sealed else "",
                phone=unseal(token=bytes(a.phone_sealed), purpose="asker.phone") if a.phone_sealed else "",
                email=email_of(a),
                language=a.language,
            )
            for a in case.askers.filter(withdrawn_at=None)
        ]


def is_email(address: str) -> bool:
    """Whether this can be written to; none is left by most people, and that is fine."""
    return not address or (len(address) <= EMAIL_LENGTH and can_be_mailed(address))


def email_of(asker: Asker) -> str:
    """Where news go by e-mail; empty where the asker wants only the page of the report."""
    sealed = asker.email_sealed
    return unseal(token=bytes(sealed), purpose="asker.email") if sealed else ""


def choose_news(*, actor: Actor, asker: Asker, email: str, at: datetime) -> None:
    """Let an asker say where news go: to an e-mail address, or ("") only to the page of the report."""
    if actor.asker_id != asker.pk:
        raise NotAllowed
    if not is_email(email):
        raise Invalid({"email": NO_EMAIL})
    with transaction.atomic():
        asker.email_sealed = seal(value=email, purpose="asker.email") if email else None
        asker.language = get_language() or asker.language
        asker.save(update_fields=["email_sealed", "language"])
        record(actor=actor, act="choose_news", subject=asker, at=at, detail={"email": bool(email)})


# -- time

_COUNTING = Clock.objects.filter(ended_at=None, resumed_at__isnull=False, working=True)  # working hours, now


def tick(*, at: datetime, limit: int = 200) -> int:
    """Let the worker mark what is due: points of clocks, and closed cases whose window is over."""
    return _mark_clocks(at, limit) + _resume(at, limit) + _archive(at, limit)


def _mark_clocks(at: datetime, limit: int) -> int:
    waiting = list(Clock.objects.filter(next_at__lte=at).order_by("next_at", "pk")[:limit])
    for clock in waiting:
        mark_clock(clock.case_id, key=clock.key, at=at)
    return len(waiting)


def _resume(at: datetime, limit: int) -> int:
    """Suspended cases whose day has come go on."""
    waiting = Case.objects.filter(state=State.SUSPENDED, waits_until__lte=at).order_by("waits_until")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    return sum(_try("resume", case_id, at=at) for case_id in ids)


def _archive(at: datetime, limit: int) -> int:
    over = Case.objects.filter(state=State.CLOSED, follow_up=False, window_until__lte=at)
    ids = list(over.order_by("window_until").values_list("pk", flat=True)[:limit])
    return sum(_try("archive", case_id, at=at) for case_id in ids)


def _try(act: str, case_id: UUID, *, at: datetime, data: Mapping[str, Any] | None = None) -> bool:
    """Let the system do what a case waits for; False where another worker or a person was first."""
    with suppress(Refused):
        perform(act, case_id, actor=SYSTEM, at=at, data=data)
        return True
    return False


def leave_nothing_with(*, user_id: int, at: datetime, to_user_id: int | None = None) -> int:
    """After a post has ended: what the person had in hand goes to whoever may have it now.

    A check goes back to intake, a verification to the successor or another verifier, a case assigned inside
    an agency back to the agency, wherever it stands by now. Returns how many cases were moved.
    """
    left = actor_of(User.objects.get(pk=user_id), at=at)
    successor = User.objects.filter(pk=to_user_id).first() if to_user_id else None
    moved = 0
    theirs = Case.objects.filter(Q(owner_user=user_id) | Q(assignee=user_id), state__in=ACTIVE)
    for case in theirs.order_by("pk"):
        act = _taking(case, user_id)
        if _still_theirs(case, act, left):
            continue
        if hand_on := _hand_on(case, act, successor, at):
            act, data = hand_on
            moved += _try(act, case.pk, at=at, data=data)
    return moved


def _taking(case: Case, user_id: int) -> str:
    """The act that takes from somebody what they have of a case: what it waits for, or the work on it."""
    return IN_HAND.get(State(case.state), "release") if case.owner_user_id == user_id else "release"


def _hand_on(case: Case, act: str, successor: User | None, at: datetime) -> tuple[str, dict[str, int]] | None:
    """What the system does with a case whose person left; where nobody may verify, the desk has it again.

    None for one solved on the spot that nobody else may verify: it has no agency to go back to and waits, in
    time overdue, until the desk finds somebody.
    """
    if act != "reassign":
        return act, {}
    move = Move(case=case, actor=SYSTEM, at=at)
    if successor and may_verify(move, successor):
        return act, {"user": successor.pk}
    if choose_verifier(move, worked=case.verifier_id):
        return act, {}
    return ("recall_verify", {}) if case.lead_agency_id else None


def _still_theirs(case: Case, act: str, left: Actor) -> bool:
    """Whether another of their posts still lets them do what would be taken from them."""
    if act == "recall_check":
        return left.may("check", case.area_path)
    if act == "reassign":
        return WHO["verifier"](case, left) and left.may("verify", case.area_path)
    return WHO["agency_member"](case, left)


def recount_open_clocks(*, at: datetime) -> int:
    """After a change of the calendar: the points of running clocks move, ended ones never do.

    Case by case, each under its lock as an act takes it: so nothing an act has just changed is undone.
    """
    cases = list(_COUNTING.order_by("case_id").values_list("case_id", flat=True).distinct())
    return sum(_recount(case_id) for case_id in cases)


def _recount(case_id: UUID) -> int:
    with transaction.atomic(savepoint=False):
        case = Case.objects.select_for_update().get(pk=case_id)
        grace = rules_for(case.area_path).grace_minutes * 60
        running = list(_COUNTING.filter(case=case))
        for clock in running:
            set_points(clock, grace_seconds=grace)
            clock.save(update_fields=["half_at", "warn_at", "due_at", "grace_at", "next_at"])
        _refresh_due(case)
    return len(running)


def _refresh_due(case: Case) -> None:
    running = Clock.objects.filter(case=case, ended_at=None, resumed_at__isnull=False).order_by("due_at")
    nearest = next((clock for clock in running if owed(clock, case)), None)
    Case.objects.filter(pk=case.pk).update(
        due_at=nearest.due_at if nearest else None, warn_at=nearest.warn_at if nearest else None
    )
