"""The tables of the case loop."""

from gezhi.work.cases.models.askers import Asker, CallBack, Rating
from gezhi.work.cases.models.case import Case, CaseEvent, CaseQuerySet, Clock, Part, Request, new_id
from gezhi.work.cases.models.policy import Counter, Policy

__all__ = [
    "Asker", "CallBack", "Case", "CaseEvent", "CaseQuerySet", "Clock", "Counter", "Part", "Policy", "Rating",
    "Request", "new_id",
]  # fmt: skip
