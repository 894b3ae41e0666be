"""What whoever keeps the system must look at today: messages that failed, posts nobody holds, refusals."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext

from gezhi.faces.console.desk import Desk
from gezhi.foundation.actors.managed import vacancies
from gezhi.foundation.audit.queries import AuditFilter, entries
from gezhi.foundation.outbox.queries import standing


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
        refused = entries(desk.actor, AuditFilter(refused=True, since=midnight))
        words = pgettext("figure", "attempts refused today")
        found.append(Figure(len(refused.rows), words, reverse("settings:audit") + "?refused=on"))
    return found
