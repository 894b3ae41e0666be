"""gezhi serve: the web server with the worker beside it, in one command."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from gezhi.foundation.actors.models import Post
from gezhi.site import tls

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (compared with, never a default)
# Requests a web process has in hand at once. Far more than it can compute: a thread also waits while a phone
# on a bad line sends its photos. Each may hold a connection to the database.
THREADS = 16
GRACE_SECONDS = 15


class Command(BaseCommand):
    help = "Serve the pages, and do the worker's part beside them, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for all")
        parser.add_argument("--port", type=int, default=int(os.environ.get("GEZHI_PORT", "8000")))
        parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="web processes")
        parser.add_argument("--no-worker", action="store_true", help="the worker runs elsewhere: pages only")
        parser.add_argument(
            "--tls", action="store_true", help="https, by a certificate made here if none is given"
        )
        parser.add_argument("--cert", type=Path, help="certificate with its chain (PEM), with --key")
        parser.add_argument("--key", type=Path, help="its key (PEM, PKCS#8)")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        _refuse_taken_port(host, port)
        _refuse_old_database()
        if not Post.objects.exists():
            self.stdout.write("Nobody can sign in yet. Set it up: gezhi begin --code CODE --name NAME")
        names = _names(host)
        environment = os.environ | {"GEZHI_HOSTS": ",".join(names)}
        web = _web_command(host, port, workers)
        if options["tls"] or options["cert"] or options["key"]:
            certificate = _certificate(options["cert"], options["key"], names)
            web += ["--ssl-certificate", str(certificate.certificate), "--ssl-keyfile", str(certificate.key)]
            web += ["--ssl-protocol-min", "tls1.2"]  # office phones are not always new
            environment["GEZHI_TLS"] = "1"
        commands = {"web server": web}
        if not options["no_worker"]:
            commands["worker"] = [sys.executable, "-m", "django", "worker"]
        stop = Event()
        for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(asked, lambda *_: stop.set())
        parts = {name: subprocess.Popen(command, env=environment) for name, command in commands.items()}  # noqa: S603
        try:
            self._watch(parts, stop, host, port, scheme="https" if "--ssl-certificate" in web else "http")
        finally:
            _end(parts)

    def _watch(
        self, parts: dict[str, subprocess.Popen[bytes]], stop: Event, host: str, port: int, *, scheme: str
    ) -> None:
        """Wait until asked to stop. A part that ends by itself ends the whole, so it is noticed."""
        announced = False
        while not stop.wait(0.3):
            for name, part in parts.items():
                if part.poll() is not None:
                    raise CommandError(
                        f"The {name} has ended (code {part.returncode}). What it said stands above."
                    )
            if not announced and _answers(host, port):
                announced = True
                self.stdout.write(f"Gezhi is ready at {_addresses(scheme, host, port)}    Ctrl-C ends it.")
                self.stdout.flush()


def _web_command(host: str, port: int, workers: int) -> list[str]:
    web = [sys.executable, "-m", "granian", "gezhi.site.wsgi:application", "--interface", "wsgi"]
    web += ["--host", host, "--port", str(port), "--workers", str(workers)]
    web += ["--blocking-threads", str(THREADS), "--no-ws", "--no-access-log", "--log-level", "warning"]
    return [*web, "--respawn-failed-workers", "--workers-kill-timeout", "10"]


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise CommandError(
            f"Port {port} of {host} cannot be used: {error.strerror}. Choose another with --port."
        ) from error


def _refuse_old_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is older than the program: run gezhi migrate and gezhi createcachetable."
        )


def _names(host: str) -> list[str]:
    """The host names pages are served under: those set in GEZHI_HOSTS, else this machine's own."""
    if os.environ.get("GEZHI_HOSTS"):
        return os.environ["GEZHI_HOSTS"].split(",")
    if host in EVERYWHERE:
        return [_bracketed(name) for name in tls.names_of_this_machine()]
    return [str(name) for name in {*settings.ALLOWED_HOSTS, _bracketed(host)}]


def _certificate(certificate: Path | None, key: Path | None, names: list[str]) -> tls.Certificate:
    if certificate is None and key is None:
        real = [name.strip("[]") for name in names if name != "*" and not name.startswith(".")]
        folder = settings.DATA_DIR / "tls"
        return tls.own_certificate(folder=folder, names=real, at=timezone.now())
    if certificate is None or key is None:
        raise CommandError("Give --cert and --key together.")
    for file in (certificate, key):
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
    if b"BEGIN PRIVATE KEY" not in key.read_bytes():
        raise CommandError(
            f"{key} must be a PKCS#8 key. Convert it: openssl pkcs8 -topk8 -nocrypt -in {key} -out NEW"
        )
    return tls.Certificate(certificate, key)


def _answers(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((target, port), timeout=1).close()
    except OSError:
        return False
    return True


def _addresses(scheme: str, host: str, port: int) -> str:
    hosts = tls.names_of_this_machine() if host in EVERYWHERE else [host]
    return "  ".join(f"{scheme}://{_bracketed(name)}:{port}/" for name in hosts)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _end(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every part to end, and insist after a while."""
    for part in parts.values():
        if part.poll() is None:
            part.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for part in parts.values():
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()
