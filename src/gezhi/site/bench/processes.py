"""The processes under measurement: started, found, and their CPU read from /proc."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 240  # a busy machine is slow to start


@dataclass(frozen=True)
class Served:
    """The product as it runs: web processes under one parent, and the worker."""

    port: int
    web: int  # the parent of the web processes
    worker: int


@dataclass(frozen=True)
class Cpu:
    """Seconds of CPU used so far."""

    web: float
    database: float
    worker: float

    def since(self, before: "Cpu") -> "Cpu":
        return Cpu(self.web - before.web, self.database - before.database, self.worker - before.worker)


@contextmanager
def served(*, processes: int) -> Iterator[Served]:
    """Serve on a free port of the loopback, with this many web processes and the worker beside them."""
    port = _free_port()
    web = _start("gezhi-web", "serve", "--port", str(port), "--workers", str(processes), "--no-worker")
    worker = _start("gezhi-worker", "worker")
    try:
        _wait_for(port, web)
        parent = next(child for child in _children(web.pid) if "granian" in _command(child))
        yield Served(port=port, web=parent, worker=worker.pid)
    finally:
        for process in (web, worker):
            process.send_signal(signal.SIGTERM)
        for process in (web, worker):
            process.wait(30)


def cpu(running: Served, postmaster: int) -> Cpu:
    """What the web processes, all of the database, and the worker have used."""
    return Cpu(web=_tree(running.web), database=_tree(postmaster), worker=_tree(running.worker))


def _start(application: str, *words: str) -> subprocess.Popen[bytes]:
    """A command of ours whose connections the database knows by name."""
    command = [sys.executable, "-m", "django", *words]
    environment = os.environ | {"PGAPPNAME": application}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise RuntimeError("The web server has ended; what it said stands above.")
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/api/v1/openapi.json")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError("The web server does not answer.")


def _tree(parent: int) -> float:
    """CPU seconds of a process, its children alive, and those of its children that have ended."""
    return sum(_seconds(pid) for pid in (parent, *_below(parent)))


def _below(parent: int) -> Iterator[int]:
    for child in _children(parent):
        yield child
        yield from _below(child)


def _children(parent: int) -> list[int]:
    return [pid for pid in _all() if _stat(pid)[1:2] == [str(parent)]]


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty when it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _seconds(pid: int) -> float:
    """utime, stime, and both of the children waited for (proc(5): fields 14 to 17)."""
    return sum(map(int, _stat(pid)[11:15])) / TICKS


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
