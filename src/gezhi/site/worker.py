"""The worker: delivers the outbox and does what the clocks call for, round after round."""

import logging
from datetime import datetime
from threading import Event

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import ROUNDS, SUBSCRIPTIONS

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
DATABASE_AWAY_SECONDS = 5.0


def work_once(*, at: datetime) -> int:
    """One round: how many messages and duties were done."""
    return drain(subscriptions=SUBSCRIPTIONS, at=at) + sum(duty(at=at) for duty in ROUNDS)


def work_until(stop: Event) -> None:
    """Round after round until `stop` is set, waiting a moment whenever there was nothing to do.

    A database that is away for a while (restarted, moved) is waited for; what was in hand is taken
    again when its lease ends.
    """
    while not stop.is_set():
        close_old_connections()
        try:
            idle = work_once(at=timezone.now()) == 0
        except (OperationalError, InterfaceError):
            log.exception("The database does not answer; trying again in %s s", DATABASE_AWAY_SECONDS)
            stop.wait(DATABASE_AWAY_SECONDS)
            continue
        if idle:
            stop.wait(IDLE_SECONDS)
