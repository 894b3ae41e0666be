"""Statements whose plans PostgreSQL keeps for the next time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

USES = 3  # of a statement, before its plan is kept


@contextmanager
def plans_kept() -> Iterator[None]:
    """Let the server keep the plans of what is sent in here: half the CPU of an act is planning.

    Only for statements that find rows by a key. The best plan of a list hangs on its values (how many cases a
    community has, which states are asked for), and a plan kept for any value can be twenty times slower.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    line = connection.connection
    before, line.prepare_threshold = line.prepare_threshold, USES
    try:
        yield
    finally:
        line.prepare_threshold = before
