"""Who hears what: the one explicit map from the outbox to its consumers, and the worker's other duties.

Whatever must reach a room further up the house is posted to the outbox and subscribed to here, so this
file answers what else happens when something happens.
"""

from datetime import datetime
from typing import Protocol

from gezhi.foundation.outbox.services import Subscriptions


class Round(Protocol):
    """A duty the worker does again and again: do what is due at this moment, return how much that was."""

    def __call__(self, *, at: datetime) -> int: ...


# topic → the consumers of it, each by the name its receipts are kept under (so a name never changes).
SUBSCRIPTIONS: Subscriptions = {}

ROUNDS: tuple[Round, ...] = ()
