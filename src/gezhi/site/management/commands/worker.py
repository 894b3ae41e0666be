"""gezhi worker: deliver the outbox and watch the clocks. Several may run beside each other."""

import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from gezhi.site.worker import work_once, work_until


class Command(BaseCommand):
    help = "Deliver the outbox and watch the clocks, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            while work_once(at=timezone.now()):
                pass
            return
        stop = Event()
        # What is in hand is finished first: the signal only asks the loop to end.
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: stop.set())
        work_until(stop)
