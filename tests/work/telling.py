"""What people tell when they act: mostly what fits, now and then what does not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils.timezone import localdate
from tests.town import Town

from gezhi.foundation.actors.models import Post
from gezhi.foundation.actors.queries import roles_with
from gezhi.foundation.areas.fields import ancestors
from gezhi.work.cases.acts import ACTS, Act, Input
from gezhi.work.cases.inputs import photos_needed
from gezhi.work.cases.models import Case, Part
from gezhi.work.cases.states import ACTIVE

NONSENSE: tuple[Any, ...] = (
    None, "", "abc", "0", "-1", "9" * 30, "٠", "nul\0", "x" * 2001, "2026-02-30", "9999-12-31", "0001-01-01",
    "200,100", "nan,nan", ["9" * 30], ["1", "x"], [],
)  # fmt: skip
# Acts that are told everything: each wants a reason where the agency is not on the responsibility list.
GIVES = ("dispatch", "file_dispatch")


class Teller:
    """Makes up the data of an act for a case, from one source of chance."""

    def __init__(self, town: Town, chance: Random, *, cases: list[Case], at: datetime) -> None:
        self.town, self.chance, self.cases, self.at = town, chance, cases, at

    def fitting(self, act: str, case: Case) -> dict[str, Any]:
        """Data that the act takes, as far as the case allows it at all."""
        told = {}
        for spec in ACTS[act].inputs:
            often = spec.required or spec.kind in ("photos", "choice") or act in GIVES
            if often or self.chance.random() < 0.6:
                told[spec.name] = _TELLERS[spec.kind](self, ACTS[act], spec, case)
        return self.assigned(case) if act == "assign" else told

    def strange(self, act: str, case: Case) -> dict[str, Any]:
        """The same with one thing that does not fit, or one thing too many."""
        told = self.fitting(act, case)
        names = [*(spec.name for spec in ACTS[act].inputs), "surplus"]
        told[self.chance.choice(names)] = self.chance.choice(NONSENSE)
        return told

    def assigned(self, case: Case) -> dict[str, str]:
        """A person of the lead agency, or a station of it, perhaps with a person of that station."""
        lead = case.lead_path or "-/"
        below = [a for a in self.town.agencies.values() if a.path.startswith(lead) and a.path != lead]
        station = self.chance.choice(below) if below and self.chance.random() < 0.5 else None
        people = self.people(agency__path__startswith=station.path if station else lead)
        told = {"agency": str(station.pk)} if station else {}
        if people and not (station and self.chance.random() < 0.5):
            told["user"] = self.chance.choice(people)
        return told

    def people(self, **posts: Any) -> list[str]:
        """Who holds such a post now."""
        found = Post.objects.current(self.at).filter(**posts).order_by("pk")
        return [str(user_id) for user_id in found.values_list("user_id", flat=True)]

    def text(self, act: Act, spec: Input, case: Case) -> str:
        return "说明" if spec.required or act.code in GIVES else self.chance.choice(["", "备注"])

    def choice(self, act: Act, spec: Input, case: Case) -> str:
        return self.chance.choice([code for code, _label in spec.choices])

    def date(self, act: Act, spec: Input, case: Case) -> str:
        days = [12, 40] if act.code == "request_extension" else [1, 2, 5, 12, 40]  # after the present limit
        return (localdate(self.at) + timedelta(days=self.chance.choice(days))).isoformat()

    def stars(self, act: Act, spec: Input, case: Case) -> int:
        return self.chance.randint(1, 5)

    def photos(self, act: Act, spec: Input, case: Case) -> list[int]:
        needed = photos_needed(spec, case)
        return [photo.pk for photo in PHOTOS[: max(needed, self.chance.randint(0, 1))]]

    def agency(self, act: Act, spec: Input, case: Case) -> str:
        own = case.lead_agency_id if act.code == "request_transfer" else None
        return str(self.chance.choice([a for a in self.town.agencies.values() if a.pk != own]).pk)

    def agencies(self, act: Act, spec: Input, case: Case) -> list[str]:
        """Others than the lead that have not been asked for the same already."""
        asked = {part.agency_id for part in case.live_parts if part.is_open and part.role == _role(act)}
        others = [a for a in self.town.agencies.values() if a.pk not in asked | {case.lead_agency_id}]
        some = self.chance.sample(others, min(len(others), self.chance.randint(1, 2)))
        return [str(agency.pk) for agency in some]

    def part(self, act: Act, spec: Input, case: Case) -> str:
        fitting = [p.pk for p in case.live_parts if p.role == _role(act) and p.stars is None]
        return str(self.chance.choice(fitting or [0]))

    def user(self, act: Act, spec: Input, case: Case) -> str:
        """Somebody with the duty on this place; of those who may verify not the one who has it."""
        grant = "check" if act.code == "ask_check" else "verify"
        likely = self.people(area__path__in=ancestors(case.area_path), role__in=roles_with(grant))
        return self.chance.choice([who for who in likely if who != str(case.verifier_id)] or [""])

    def condition(self, act: Act, spec: Input, case: Case) -> str:
        likely = ["cover"] if act.code == "file_dispatch" else list(self.town.conditions)
        return str(self.town.conditions[self.chance.choice(likely)].pk)

    def case(self, act: Act, spec: Input, case: Case) -> str:
        targets = [other for other in self.cases if other.pk != case.pk and other.state in ACTIVE]
        return str(self.chance.choice(targets or self.cases).pk)

    def point(self, act: Act, spec: Input, case: Case) -> list[float]:
        return list(self.town.point(self.chance.randint(1, 4)))


def _role(act: Act) -> str:
    """Of the agencies beside the lead, those the act is about."""
    return Part.Role.SUMMONED if act.code in ("whistle", "rate_part") else Part.Role.CO_HANDLER


PHOTOS: list[Any] = []  # a few stored ones, set by the test
_TELLERS: dict[str, Callable[[Teller, Act, Input, Case], Any]] = {
    "text": Teller.text,
    "line": Teller.text,
    "choice": Teller.choice,
    "date": Teller.date,
    "stars": Teller.stars,
    "photos": Teller.photos,
    "agency": Teller.agency,
    "agencies": Teller.agencies,
    "part": Teller.part,
    "user": Teller.user,
    "condition": Teller.condition,
    "case": Teller.case,
    "point": Teller.point,
}
