"""The tables of the case loop."""

from gezhi.work.cases.models.askers import Asker, CallBack, Rating
from gezhi.work.cases.models.case import (
    Case,
    CaseEvent,
    CaseQuerySet,
    Clock,
    Part,
    Request,
    new_id,
    ways_to_see,
)
from gezhi.work.cases.models.policy import Counter, Policy

__all__ = [
    "Asker", "CallBack", "Case", "CaseEvent", "CaseQuerySet", "Clock", "Counter", "Part", "Policy", "Rating",
    "Request", "new_id", "ways_to_see",
]  # fmt: skip
