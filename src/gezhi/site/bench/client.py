"""A client of the bench: `python -m gezhi.site.bench.client` its task as JSON on the first line of input.

A process of its own, so that its CPU counts for nobody; of the product it imports nothing. It says "ready",
waits for a line, works, and prints what came of it.
"""

import json
import random
import sys
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote
from uuid import UUID

ROOT = "/api/v1"
WORDS = ("路边有一堆垃圾没人清", "井盖破损，行人小心", "占道经营影响通行", "楼道堆放杂物", "路灯不亮好几天了")


class Caller:
    """One connection kept open. `times`: seconds of each request."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.times: list[float] = []

    def ask(self, method: str, path: str, key: str, body: Any = None) -> Any:
        """Send and read one request; anything but success ends the bench with what was said."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        began = time.perf_counter()
        self.connection.request(method, ROOT + path, content, headers)
        answer = self.connection.getresponse()
        said = answer.read()
        self.times.append(time.perf_counter() - began)
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {said.decode(errors='replace')[:600]}")
        return json.loads(said)


def report(caller: Caller, place: dict[str, Any]) -> str:
    """A report as a grid worker's phone sends it, without a photo; the id is the phone's own."""
    body = {
        "id": str(_uuid7()),
        "source": "patrol",
        "description": random.choice(WORDS),  # noqa: S311
        "address": "青禾街 8 号",
        "point": {"lon": _near(place["lon"]), "lat": _near(place["lat"])},
    }
    return str(caller.ask("POST", "/cases", place["worker"], body)["id"])


def lifecycle(caller: Caller, place: dict[str, Any]) -> None:
    """From the report to the closing, each act by who does it; what the policy does by itself it does."""

    def act(name: str, who: str, body: dict[str, Any]) -> str:
        return str(caller.ask("POST", f"/cases/{case}/acts/{name}", place[who], body)["state"])

    case = report(caller, place)
    act("file", "clerk", {"condition": place["condition"]})
    act("dispatch", "clerk", {"agency": place["agency"]})
    act("sign", "handler", {})
    act("report_result", "handler", {"text": "已派人清理，现场恢复"})
    state = act("verify", "worker", {"result": "true"})
    if state != "closed":
        raise SystemExit(f"the lifecycle ended in {state}")


def pages(caller: Caller, view: dict[str, Any], *, first: int, deep: int) -> None:
    """The first page several times, then page after page as long as there are any."""
    for _n in range(first):
        found = caller.ask("GET", view["path"], view["key"])
    for _n in range(deep):
        if not found["next"]:
            return
        found = caller.ask("GET", f"{view['path']}&after={quote(found['next'])}", view["key"])


def _near(degrees: float) -> float:
    return round(degrees + random.uniform(-0.001, 0.001), 6)  # noqa: S311


def _uuid7() -> UUID:
    """48 bits of milliseconds, version 7, variant 10, the rest random (RFC 9562)."""
    now = time.time_ns() // 1_000_000
    value = now << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
    return UUID(int=value)


def work(caller: Caller, task: dict[str, Any]) -> int:
    """Do the task; return how often it was done."""
    if task["kind"] == "pages":
        pages(caller, task["view"], first=task["first"], deep=task["deep"])
        return 1
    once = {"reports": report, "lifecycles": lifecycle}[task["kind"]]
    done = 0
    end = time.perf_counter() + task["seconds"]
    while done < task["most"] and time.perf_counter() < end:
        once(caller, random.choice(task["places"]))  # noqa: S311
        done += 1
    return done


def main() -> None:
    task = json.loads(sys.stdin.readline())
    caller = Caller(task["port"])
    print("ready", flush=True)
    sys.stdin.readline()
    done = work(caller, task)
    print(json.dumps({"done": done, "times": caller.times}))


if __name__ == "__main__":
    main()
