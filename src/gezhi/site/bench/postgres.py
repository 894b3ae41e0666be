"""A PostgreSQL of the bench's own: made in a folder, reached by a socket there, gone at the end."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# As a district with one small server would set it; what costs safety (fsync and the like) stays as it is.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "log_line_prefix": "%a|",
}


class NoPostgresql(Exception):
    """There is none on this machine."""


@dataclass(frozen=True)
class Cluster:
    """A running server. `log` is what it writes down, `postmaster` its first process."""

    url: str
    log: Path
    postmaster: int


def find_binaries() -> Path:
    """The folder with initdb and pg_ctl, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_release)
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    if not found:
        raise NoPostgresql("There is no PostgreSQL on this machine: apt install postgresql")
    return found[-1].parent


def _release(initdb: Path) -> int:
    found = re.search(r"/(\d+)/bin", str(initdb))
    return int(found[1]) if found else 0


@contextmanager
def temporary_postgresql() -> Iterator[Cluster]:
    """Start a server of our own; its folder is removed at the end."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="gezhi-bench-pg."))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    options += f" -c unix_socket_directories='{folder}'"
    try:
        words = ["--username", "gezhi", "--auth", "trust", "--locale=C.UTF-8", "--encoding", "UTF8"]
        _run(binaries / "initdb", "--pgdata", "data", *words, cwd=folder)
        control = ["--pgdata", "data", "--silent", "--wait"]
        _run(binaries / "pg_ctl", *control, "--log", "log", "--options", options, "start", cwd=folder)
        yield Cluster(
            url=f"postgresql://gezhi@/postgres?host={folder}",
            log=folder / "log",
            postmaster=int((folder / "data" / "postmaster.pid").read_text().splitlines()[0]),
        )
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _run(binaries / "pg_ctl", "--pgdata", "data", "--mode", "fast", "--silent", "stop", cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def _run(binary: Path, *words: str, cwd: Path) -> None:
    """PostgreSQL's server refuses to run as root."""
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    command = [*(as_postgres if os.geteuid() == 0 else []), str(binary), *words]
    done = subprocess.run(  # noqa: S603
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if done.returncode:
        raise NoPostgresql(f"{binary.name} failed: {done.stderr.decode(errors='replace').strip()}")
