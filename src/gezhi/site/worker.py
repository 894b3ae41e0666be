"""The worker: delivers the outbox and does what the clocks call for, round after round."""

import logging
from datetime import datetime
from threading import Event

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import ROUNDS, SUBSCRIPTIONS

log = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
IDLE_SECONDS = 1.0
DATABASE_AWAY_SECONDS = 5.0
FAILED_SECONDS = 5.0


def work_once(*, at: datetime) -> int:
    """One round: how many messages and duties were done.

    A duty that fails keeps none of the others from being done; what failed is raised when all had their turn.
    """
    done, failed = 0, []
    for duty in (_deliver, *ROUNDS):
        try:
            done += duty(at=at)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("A duty of the worker failed", failed)
    return done


def _deliver(*, at: datetime) -> int:
    return drain(subscriptions=SUBSCRIPTIONS, at=at)


def work_until(stop: Event) -> None:
    """Round after round until `stop` is set, waiting a moment whenever there was nothing to do.

    A database that is away for a while (restarted, moved) is waited for; what was in hand is taken
    again when its lease ends. A mistake of ours in one duty is logged and does not end the others.
    """
    while not stop.is_set():
        close_old_connections()
        try:
            idle = work_once(at=timezone.now()) == 0
        except DATABASE_AWAY:
            log.exception("The database does not answer; trying again in %s s", DATABASE_AWAY_SECONDS)
            stop.wait(DATABASE_AWAY_SECONDS)
            continue
        except Exception:
            log.exception("A duty failed; going on in %s s", FAILED_SECONDS)
            stop.wait(FAILED_SECONDS)
            continue
        if idle:
            stop.wait(IDLE_SECONDS)
