"""What people tell when they act: mostly what fits, now and then what does not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils.timezone import localdate
from tests.town import Town

from gezhi.work.cases.acts import ACTS, Act, Input
from gezhi.work.cases.inputs import photos_needed
from gezhi.work.cases.models import Case

NONSENSE: tuple[Any, ...] = (
    None, "", "abc", "0", "-1", "9" * 30, "٠", "nul\0", "x" * 2001, "2026-02-30", "9999-12-31", "0001-01-01",
    "200,100", "nan,nan", ["9" * 30], ["1", "x"], [],
)  # fmt: skip


class Teller:
    """Makes up the data of an act for a case, from one source of chance."""

    def __init__(self, town: Town, chance: Random, *, cases: list[Case], at: datetime) -> None:
        self.town, self.chance, self.cases, self.at = town, chance, cases, at

    def fitting(self, act: str, case: Case) -> dict[str, Any]:
        """Data that the act takes, as far as the case allows it at all."""
        told = {}
        for spec in ACTS[act].inputs:
            if not spec.required and spec.kind not in ("photos", "agency") and self.chance.random() < 0.4:
                continue
            told[spec.name] = _TELLERS[spec.kind](self, ACTS[act], spec, case)
        return told

    def strange(self, act: str, case: Case) -> dict[str, Any]:
        """The same with one thing that does not fit, or one thing too many."""
        told = self.fitting(act, case)
        names = [*(spec.name for spec in ACTS[act].inputs), "surplus"]
        told[self.chance.choice(names)] = self.chance.choice(NONSENSE)
        return told

    def text(self, act: Act, spec: Input, case: Case) -> str:
        return "说明" if spec.required or act.code == "dispatch" else self.chance.choice(["", "备注"])

    def choice(self, act: Act, spec: Input, case: Case) -> str:
        return self.chance.choice([code for code, _label in spec.choices])

    def date(self, act: Act, spec: Input, case: Case) -> str:
        return (localdate(self.at) + timedelta(days=self.chance.choice([1, 2, 5, 12, 40]))).isoformat()

    def stars(self, act: Act, spec: Input, case: Case) -> int:
        return self.chance.randint(1, 5)

    def photos(self, act: Act, spec: Input, case: Case) -> list[int]:
        needed = photos_needed(spec, case)
        return [photo.pk for photo in PHOTOS[: max(needed, self.chance.randint(0, 1))]]

    def agency(self, act: Act, spec: Input, case: Case) -> str:
        return str(self.chance.choice(list(self.town.agencies.values())).pk)

    def agencies(self, act: Act, spec: Input, case: Case) -> list[str]:
        others = [a for a in self.town.agencies.values() if a.pk != case.lead_agency_id]
        return [str(agency.pk) for agency in self.chance.sample(others, self.chance.randint(1, 2))]

    def part(self, act: Act, spec: Input, case: Case) -> str:
        return str(self.chance.choice([part.pk for part in case.live_parts] or [0]))

    def user(self, act: Act, spec: Input, case: Case) -> str:
        likely = {
            "ask_check": ["worker", "inspector", "worker2"],
            "assign": ["handler", "head", "station", "other_head"],
        }
        names = likely.get(act.code, ["worker", "inspector", "worker2", "handler", "station"])
        return str(self.town.users[self.chance.choice(names)].pk)

    def condition(self, act: Act, spec: Input, case: Case) -> str:
        likely = ["cover"] if act.code == "file_dispatch" else list(self.town.conditions)
        return str(self.town.conditions[self.chance.choice(likely)].pk)

    def case(self, act: Act, spec: Input, case: Case) -> str:
        return str(self.chance.choice(self.cases).pk)

    def point(self, act: Act, spec: Input, case: Case) -> list[float]:
        return list(self.town.point(self.chance.randint(1, 4)))


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
