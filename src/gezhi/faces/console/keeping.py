"""What waits beside the cases today: messages that failed, posts nobody holds, refusals, findings."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext

from gezhi.faces.console.desk import Desk
from gezhi.foundation.actors.managed import vacancies
from gezhi.foundation.audit.queries import AuditFilter, how_many
from gezhi.foundation.outbox.queries import standing
from gezhi.oversight.accountability.queries import open_to_appeal, open_to_decide


@dataclass(frozen=True)
class Figure:
    """One number with the page it comes from; `tone` colours it once it is not nothing."""

    number: int
    words: str | Promise
    url: str
    tone: str = "a"


def figures_of(desk: Desk) -> list[Figure]:
    """The numbers this person's posts open, none for most people."""
    found = []
    if "manage_system" in desk.grants:
        outbox = standing(at=desk.at)
        failed = pgettext("figure", "messages that failed")
        waiting = pgettext("figure", "messages waiting")
        found.append(Figure(outbox.dead, failed, reverse("settings:outbox"), "r"))
        found.append(Figure(outbox.due, waiting, reverse("settings:outbox"), ""))
    if "manage_people" in desk.grants:
        vacant = len(vacancies(desk.actor, at=desk.at))
        found.append(Figure(vacant, pgettext("figure", "posts nobody holds"), reverse("settings:vacancies")))
    if "audit" in desk.grants:
        midnight = timezone.localtime(desk.at).replace(hour=0, minute=0, second=0, microsecond=0)
        refused = how_many(desk.actor, AuditFilter(refused=True, since=midnight))
        words = pgettext("figure", "attempts refused today")
        listed = f"{reverse('settings:audit')}?refused=on&first={midnight:%Y-%m-%d}"
        found.append(Figure(refused, words, listed))
    return found + _findings(desk)


def _findings(desk: Desk) -> list[Figure]:
    """Findings of responsibility that wait for an answer: only while there are any."""
    words = pgettext("figure", "findings you may appeal against")
    appeal = Figure(open_to_appeal(desk.actor, at=desk.at), words, _listed("recorded"))
    words = pgettext("figure", "appeals to decide")
    decide = Figure(open_to_decide(desk.actor, at=desk.at), words, _listed("appealed"))
    return [one for one in (appeal, decide) if one.number]


def _listed(state: str) -> str:
    return f"{reverse('accountability:findings')}?state={state}"
