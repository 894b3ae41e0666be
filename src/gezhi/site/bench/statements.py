"""SQL statements as the server counts them: from its own log, while it is told to write all of them down."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

OF_WEB = re.compile(r"^gezhi-web\|LOG:  (?:statement|execute [^:]*): (.*)")
NOT_COUNTED = re.compile(r"^(BEGIN|COMMIT)\b")


def statements_of(log: Path, do: Callable[[], object]) -> list[str]:
    """The statements the web processes sent meanwhile, BEGIN and COMMIT left out, savepoints counted."""
    _log_statements("all")
    start = log.stat().st_size
    do()
    time.sleep(0.3)  # the log is written by each server process for itself
    with log.open("rb") as written:
        written.seek(start)
        lines = written.read().decode(errors="replace").splitlines()
    _log_statements("none")
    found = [match[1] for line in lines if (match := OF_WEB.match(line))]
    return [statement for statement in found if not NOT_COUNTED.match(statement)]


def _log_statements(which: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        cursor.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)  # until every server process has heard of it
