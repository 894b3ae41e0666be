"""State is a fold over the events: replay gives the row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gezhi.work.cases.models import Case, CaseEvent


def fold(events: Iterable[CaseEvent]) -> dict[str, Any]:
    """The folded fields after these events, in their order."""
    state: dict[str, Any] = {}
    for event in events:
        state.update(event.change)
    return state


def differences(case: Case) -> dict[str, tuple[Any, Any]]:
    """Folded fields where the row and the replay disagree: field → (row, replay). Empty when all is well."""
    found = {}
    for name, told in fold(case.events.order_by("seq")).items():
        value = getattr(case, name)
        if isinstance(value, datetime):
            value = value.isoformat()
        if str(value) != str(told):
            found[name] = (value, told)
    return found
