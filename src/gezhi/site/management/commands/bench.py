"""`gezhi bench NAME`: measure, and print one JSON object."""

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gezhi.site.bench.postgres import NoPostgresql, temporary_postgresql

BENCHES = ("cases",)


class Command(BaseCommand):
    """Touches neither the installation's database nor its data folder: all is made anew and removed."""

    help = "Measure reports, lifecycles and list pages on a database of its own; print one JSON object."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=BENCHES)
        parser.add_argument("--cases", type=int, default=1_000_000, help="cases in the history")
        parser.add_argument("--seconds", type=float, default=20, help="how long reports and lifecycles run")
        parser.add_argument("--clients", type=int, default=8)
        parser.add_argument("--processes", type=int, default=2, help="web processes")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        wanted = {word: options[word] for word in ("cases", "seconds", "clients", "processes")}
        try:
            with tempfile.TemporaryDirectory(prefix="gezhi-bench.") as data, temporary_postgresql() as server:
                environment = {k: v for k, v in os.environ.items() if not k.startswith("GEZHI_")}
                environment |= {"GEZHI_DATA": data, "GEZHI_DATABASE_URL": server.url}
                plan = {**wanted, "log": str(server.log), "postmaster": server.postmaster}
                command = [sys.executable, "-m", f"gezhi.site.bench.{name}", json.dumps(plan)]
                done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603
        except NoPostgresql as error:
            raise CommandError(str(error)) from error
        if done.returncode:
            raise CommandError("The bench has failed; what went wrong stands above.")
        self.stdout.write(done.stdout.decode().strip())
