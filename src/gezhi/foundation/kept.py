"""Small things kept in memory for a few seconds: what is read at every act and changes once a week.

A change reaches other processes within SECONDS. Who makes it says so by `changed`, and their process sees it
at once. A kept function that needs what another one keeps calls that one's `read`: or it would keep what is
old already for as long again.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import transaction

SECONDS = 5.0
P = ParamSpec("P")
T = TypeVar("T")
_all: list["Kept[..., Any]"] = []


class Kept(Generic[P, T]):
    """A function whose results are kept by its arguments (which must be hashable)."""

    def __init__(self, read: Callable[P, T]) -> None:
        self.read = read
        self.results: dict[Any, tuple[float, T]] = {}
        wraps(read)(self)
        _all.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        results = self.results  # what is forgotten while it is being read is not kept for the next reader
        key = (args, tuple(sorted(kwargs.items())))
        found = results.get(key)
        if found and time.monotonic() - found[0] < SECONDS:
            return found[1]
        if len(results) > 10_000:
            results.clear()
        result = self.read(*args, **kwargs)
        results[key] = (time.monotonic(), result)
        return result

    def forget(self) -> None:
        """Read afresh next time."""
        self.results = {}

    def changed(self) -> None:
        """To be called in the transaction of a change: it sees it at once, this process at the commit."""
        self.forget()
        transaction.on_commit(self.forget)


def kept(read: Callable[P, T]) -> Kept[P, T]:
    """Decorator: keep the results of this read for a few seconds."""
    return Kept(read)


def forget_all() -> None:
    """Forget everything kept: between tests, whose databases differ."""
    for each in _all:
        each.forget()
