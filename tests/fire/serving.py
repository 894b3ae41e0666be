"""Web and worker as processes of their own on the database of the test; started, asked, killed by id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

START_SECONDS = 240.0  # a busy machine starts slowly
# The worker with a short lease: what a killed one had taken is free again while the test still waits.
WORKER = """
import sys
from datetime import timedelta
from django.core.management import execute_from_command_line
import django
django.setup()
from gezhi.foundation.outbox import services
services.LEASE = timedelta(seconds=float(sys.argv[1]))
execute_from_command_line(["gezhi", "worker"])
"""


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    body: Any


class Client:
    """A program with a key and a connection of its own, which it keeps."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Accept-Language": "en",
        }

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """OSError or HTTPException when there was no answer; the next call begins a new connection."""
        try:
            self.connection.request("POST", f"/api/v1{path}", json.dumps(body), self.headers)
            answer = self.connection.getresponse()
            return Answer(answer.status, json.loads(answer.read()))
        except (OSError, HTTPException, ValueError):
            self.connection.close()
            raise

    def close(self) -> None:
        self.connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def environment() -> dict[str, str]:
    """That of the test, with its database instead of the one it was made beside."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite://{quote(str(found['NAME']))}"
    else:
        user, host = quote(found["USER"]), quote(found["HOST"], safe="")
        url = f"postgresql://{user}@/{found['NAME']}?host={host}"
    return os.environ | {"GEZHI_DATABASE_URL": url}


class Part:
    """One part of the product, started as often as it is killed."""

    def __init__(self, log: Path, *command: str) -> None:
        self.log, self.command = log, [sys.executable, *command]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=environment(), stdout=output, stderr=subprocess.STDOUT
            )

    def below(self) -> list[int]:
        """The processes it has started, the nearest first."""
        assert self.process is not None
        return _below(self.process.pid)

    def kill(self) -> None:
        """kill −9 it and all it has started, itself first, so that nothing is started anew."""
        if self.process is None or self.process.poll() is not None:
            return
        os.kill(self.process.pid, signal.SIGSTOP)
        for pid in (self.process.pid, *self.below()):
            kill(pid)
        self.process.wait()

    def end(self) -> None:
        """Ask it to end; insist after a while."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # was ending anyway


def _below(parent: int) -> list[int]:
    """Descendants by /proc; empty once it has ended."""
    try:
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    children = [int(child) for child in listed.split()]
    return [*children, *(pid for child in children for pid in _below(child))]


def web(log: Path, port: int) -> Part:
    return Part(log, "-m", "django", "serve", "--port", str(port), "--workers", "2", "--no-worker")


def worker(log: Path, *, lease: float) -> Part:
    return Part(log, "-c", WORKER, str(lease))


def answers(port: int) -> bool:
    """Whether the web answers now."""
    asking = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        asking.request("GET", "/api/v1/openapi.json")
        return asking.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def wait_for_web(part: Part, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        assert part.process is not None
        assert part.process.poll() is None, part.log.read_text()
        assert time.monotonic() < deadline, part.log.read_text() or "the web server does not answer"
        time.sleep(0.1)


@contextmanager
def ended(*parts: Part) -> Iterator[None]:
    """Whatever happens, these are gone afterwards."""
    try:
        yield
    finally:
        for part in parts:
            part.end()
