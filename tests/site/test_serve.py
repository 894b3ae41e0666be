"""`gezhi serve` as a process: it answers, it refuses, it ends cleanly."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

GEZHI = [sys.executable, "-m", "django"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a fresh installation: its own data folder and SQLite file, migrated."""
    data = tmp_path_factory.mktemp("serve")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GEZHI_")}
    variables = clean | {"GEZHI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "gezhi.site.settings"}
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([*GEZHI, *command], env=variables, check=True)
    return variables


@pytest.fixture
def port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        number: int = server.getsockname()[1]
        return number


@pytest.fixture
def serving(environment: dict[str, str], port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [*GEZHI, "serve", "--port", str(port), "--workers", "1", "--tls"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: "ready" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(happened: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def test_it_serves_over_its_own_certificate_and_leaves_nothing_behind(
    serving: subprocess.Popen[bytes], environment: dict[str, str], port: int
) -> None:
    authority = Path(environment["GEZHI_DATA"], "tls", "ca.pem")
    trust = ssl.create_default_context(cafile=str(authority))
    with urlopen(f"https://127.0.0.1:{port}/accounts/login/", context=trust) as answer:
        assert answer.status == 200
        assert "; Secure" in answer.headers["Set-Cookie"] or "; secure" in answer.headers["Set-Cookie"]
    parts = children(serving.pid)
    assert len(parts) == 2  # the web server and the worker
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(30) == 0
    wait_for(lambda: not any(Path(f"/proc/{part}").exists() for part in parts))


def test_when_the_worker_dies_the_whole_ends_with_an_error(serving: subprocess.Popen[bytes]) -> None:
    (worker,) = [
        child
        for child in children(serving.pid)
        if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes()
        and b"granian" not in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    os.kill(worker, signal.SIGKILL)
    assert serving.wait(30) == 1


def test_a_taken_port_is_refused_with_advice(environment: dict[str, str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [*GEZHI, "serve", "--port", str(port)], env=environment, capture_output=True, text=True
        )
    assert refused.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in refused.stderr
    assert "--port" in refused.stderr


@pytest.mark.parametrize("half", ["--cert", "--key"])
def test_half_a_certificate_is_refused(
    environment: dict[str, str], port: int, tmp_path: Path, half: str
) -> None:
    refused = subprocess.run(
        [*GEZHI, "serve", "--port", str(port), half, str(tmp_path / "half.pem")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert refused.returncode == 1
    assert "Give --cert and --key together" in refused.stderr


def test_a_database_that_was_not_migrated_is_refused_with_advice(
    environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    refused = subprocess.run(
        [*GEZHI, "serve", "--port", str(port)],
        env=environment | {"GEZHI_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "gezhi migrate" in refused.stderr
