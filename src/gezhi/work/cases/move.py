"""One act under way: the case, who does it, what was said, and what will change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from gezhi.foundation.actors.models import Agency, User
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.files.models import File
from gezhi.work.cases.models import Case, Clock, Part
from gezhi.work.cases.policy import rules_for
from gezhi.work.cases.rulebook import Rules
from gezhi.work.cases.states import State
from gezhi.work.matters.models import Condition


@dataclass
class Inputs:
    """What an act was told, checked against its declaration."""

    text: str = ""
    photos: tuple[File, ...] = ()
    agency: Agency | None = None
    user: User | None = None
    condition: Condition | None = None
    case: Case | None = None
    point: tuple[float, float] | None = None
    words: dict[str, str] = field(default_factory=dict)  # choices and one-line texts by input name
    agencies: tuple[Agency, ...] = ()
    part: Part | None = None
    until: date | None = None
    stars: int = 0
    before: tuple[File, ...] = ()  # of the photos, those taken before the work

    def as_data(self) -> dict[str, Any]:
        """The inputs as the event keeps them: ids and words."""
        kept: dict[str, Any] = dict(self.words)
        for name in ("agency", "user", "condition", "case", "part"):
            if (value := getattr(self, name)) is not None:
                kept[name] = str(value.pk) if name == "case" else value.pk
                kept[f"{name}_name"] = str(value)
        if self.agencies:
            kept["agencies"] = [agency.pk for agency in self.agencies]
            kept["agencies_name"] = "、".join(map(str, self.agencies))
        if self.until:
            kept["until"] = self.until.isoformat()
        if self.point:
            kept["point"] = list(self.point)
        if self.before:
            kept["before"] = [photo.pk for photo in self.before]
        if self.stars:
            kept["stars"] = self.stars
        return kept


@dataclass
class Move:
    """An act in the making. `apply` functions fill `change`; perform() writes it."""

    case: Case
    actor: Actor
    at: datetime
    inputs: Inputs = field(default_factory=Inputs)
    change: dict[str, Any] = field(default_factory=dict)
    new_state: str = ""
    ended_clocks: list[dict[str, Any]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)  # keys of clocks to save

    @cached_property
    def rules(self) -> Rules:
        return rules_for(self.case.area_path)

    @cached_property
    def clocks(self) -> dict[str, Clock]:
        """The open clocks of the case by their key: the kind, and the agency where several may run."""
        if not self.case.seq:
            return {}
        return {c.key: c for c in Clock.objects.filter(case=self.case, ended_at=None)}

    def set(self, **fields: Any) -> None:
        """Change folded fields, on the case in memory and in the record."""
        for name, value in fields.items():
            setattr(self.case, name, value)
            self.change[name] = _plain(value)

    def followed_by(self, actor: Actor) -> "Move":
        """The next act of the same moment on the same case, going on with the same clocks."""
        move = Move(case=self.case, actor=actor, at=self.at, touched=self.touched)
        move.__dict__["clocks"] = self.clocks
        return move

    @property
    def after(self) -> State:
        return State(self.new_state or self.case.state)


def sets(**fields: Any) -> Callable[[Move], None]:
    """An `apply` that only sets these folded fields."""
    return lambda move: move.set(**fields)


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
