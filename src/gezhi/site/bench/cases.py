"""`gezhi bench cases`: reports, whole lifecycles and list pages over HTTP, beside a large history.

Run by the command in a process of its own, whose database is the bench's.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

WARM_REPORTS, WARM_LIFECYCLES = 25, 3  # per client, before anything is measured
COUNTED = 10  # reports and lifecycles whose statements are counted
FIRST, DEEP = 21, 15  # list pages asked for: the first again and again, then one after another


@dataclass(frozen=True)
class Plan:
    """What is asked for on the command line, and where the database is."""

    cases: int
    seconds: float
    clients: int
    processes: int
    log: str
    postmaster: int


def main() -> None:
    django.setup()
    print(json.dumps(run(Plan(**json.loads(sys.argv[1]))), ensure_ascii=False))


def run(plan: Plan) -> dict[str, Any]:
    """Set up, measure, and say what came of it."""
    from gezhi.site.bench.processes import served

    began = time.monotonic()
    places, views, table = _set_up(plan)
    setup: dict[str, Any] = {
        "cases": plan.cases,
        "clients": plan.clients,
        "web_processes": plan.processes,
        "seconds_each": plan.seconds,
        "set_up_s": round(time.monotonic() - began),
        "load_before": round(os.getloadavg()[0], 1),
        "cpus": os.cpu_count(),
        "fsync": True,
    }
    with served(processes=plan.processes) as running:
        bench = Bench(plan, running.port, places)
        bench.clients("reports", seconds=60, most=WARM_REPORTS)
        bench.clients("lifecycles", seconds=60, most=WARM_LIFECYCLES)
        figures = bench.rate("reports", "report", running) | bench.rate("lifecycles", "lifecycle", running)
        figures |= bench.counted("reports", "report") | bench.counted("lifecycles", "lifecycle")
        listed = {view["name"]: bench.listed(view) for view in views}
    setup["load_after"] = round(os.getloadavg()[0], 1)
    setup["views"] = listed
    setup["took_s"] = round(time.monotonic() - began)
    figures["list_p50_ms"] = max(view["p50_ms"] for view in listed.values())
    figures["list_queries"] = max(view["queries"] for view in listed.values())
    figures["cases_in_table"] = table
    return {"bench": "cases", "setup": setup, "figures": figures}


def _set_up(plan: Plan) -> tuple[list[dict[str, Any]], list[dict[str, str]], int]:
    from django.core.management import call_command
    from django.utils import timezone

    from gezhi.site.bench import district, history
    from gezhi.site.bench.views import views_of
    from gezhi.work.cases.models import Case

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    now = timezone.now()
    built = district.found(at=now - history.SPAN - timedelta(days=30))
    places = district.workplaces(built, at=now, wanted=4 * plan.clients)
    history.write(built, cases=plan.cases, now=now)
    return places, views_of(built, now=now), Case.objects.count()


class Bench:
    """Drives clients against a running product."""

    def __init__(self, plan: Plan, port: int, places: Sequence[dict[str, Any]]) -> None:
        self.plan, self.port, self.places = plan, port, places

    def clients(self, kind: str, *, seconds: float, most: int, number: int = 0) -> list[dict[str, Any]]:
        """Let clients work beside each other; what each has done."""
        started = [_Client(self._task(kind, seconds, most, n)) for n in range(number or self.plan.clients)]
        for client in started:
            client.go()
        return [client.result() for client in started]

    def _task(self, kind: str, seconds: float, most: int, n: int) -> dict[str, Any]:
        mine = [place for m, place in enumerate(self.places) if m % self.plan.clients == n]
        return {"port": self.port, "kind": kind, "seconds": seconds, "most": most, "places": mine}

    def rate(self, kind: str, name: str, running: Any) -> dict[str, float]:
        """How many a second, and the CPU of one: web and database together, and apart."""
        from gezhi.site.bench.processes import cpu

        started = [_Client(self._task(kind, self.plan.seconds, 10**9, n)) for n in range(self.plan.clients)]
        before, began = cpu(running, self.plan.postmaster), time.perf_counter()
        for client in started:
            client.go()
        results = [client.result() for client in started]
        took = time.perf_counter() - began
        used = cpu(running, self.plan.postmaster).since(before)
        done = sum(result["done"] for result in results)
        times = [seconds for result in results for seconds in result["times"]]
        return {
            f"{name}s_per_s": round(done / took, 1),
            f"{name}_cpu_ms": _ms((used.web + used.database) / done),
            f"{name}_web_cpu_ms": _ms(used.web / done),
            f"{name}_database_cpu_ms": _ms(used.database / done),
            f"{name}_worker_cpu_ms": _ms(used.worker / done),
            f"{name}_request_p50_ms": _ms(statistics.median(times)),
        }

    def counted(self, kind: str, name: str) -> dict[str, float]:
        """SQL statements of one, from a few done one after another."""
        from gezhi.site.bench.statements import statements_of

        found = statements_of(
            Path(self.plan.log), lambda: self.clients(kind, seconds=60, most=COUNTED, number=1)
        )
        return {f"{name}_sql": round(len(found) / COUNTED, 1)}

    def listed(self, view: dict[str, str]) -> dict[str, float]:
        """A list view: the first page and deep ones, the slower of the two medians, and its queries."""
        from gezhi.site.bench.statements import statements_of

        def ask(first: int, deep: int) -> list[float]:
            task = {"port": self.port, "kind": "pages", "view": view, "first": first, "deep": deep}
            client = _Client(task)
            client.go()
            times: list[float] = client.result()["times"]
            return times

        ask(4, 2)  # what web processes remember, and the database's pages, as in the middle of a day
        times = ask(FIRST, DEEP)
        first, deep = times[:FIRST], times[FIRST:]
        queries = len(statements_of(Path(self.plan.log), lambda: ask(COUNTED, 0))) / COUNTED
        found = {
            "first_p50_ms": _ms(statistics.median(first)),
            "deep_p50_ms": _ms(statistics.median(deep)) if deep else 0.0,
            "deep_pages": len(deep),
            "queries": round(queries, 1),
        }
        return {"p50_ms": max(found["first_p50_ms"], found["deep_p50_ms"]), **found}


class _Client:
    """A client process that is ready and waits for the word."""

    def __init__(self, task: dict[str, Any]) -> None:
        command = [sys.executable, "-m", "gezhi.site.bench.client"]
        self.process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("A client did not start.")

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        said, _errors = self.process.communicate()
        if self.process.returncode:
            raise RuntimeError("A client failed; what it said stands above.")
        found: dict[str, Any] = json.loads(said)
        return found


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


if __name__ == "__main__":
    main()
