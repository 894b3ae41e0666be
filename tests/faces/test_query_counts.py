"""How often the hot pages ask the database, written down in query_counts.json and compared exactly.

A page that asks more often than it did has usually begun to ask once per row. When a change is meant, write
the new numbers with `GEZHI_WRITE_COUNTS=1 .venv/bin/pytest tests/faces/test_query_counts.py` and commit them.
"""

import json
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gezhi.work.cases.models import Case
from tests.faces.calling import program
from tests.town import SIDE, SOUTH, START, WEST, Town

WRITTEN = Path(__file__).with_name("query_counts.json")
WRITES = os.environ.get("GEZHI_WRITE_COUNTS") == "1"
HTMX = {"HX-Request": "true"}
GRIDS = f"{WEST},{SOUTH},{WEST + 4 * SIDE},{SOUTH + SIDE}"
# How far the cases of a morning have come, by the last act done on them: five that differ, then more.
FEW = ("report", "file", "dispatch", "sign", "report_result")
MORNING = (*FEW, *FEW, "verify")
Ask = Callable[[], Any]


class Office:
    """The town on a busy morning, and who asks for what."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.by_act: dict[str, Case] = {}

    def work(self, acts: Iterable[str]) -> None:
        """Let cases come in and be worked on, each up to one of these acts."""
        for act in acts:
            case = self.town.report()
            self.by_act[act] = case if act == "report" else self.town.drive(case, act)

    def client(self, who: str) -> Client:
        client = Client()
        client.force_login(self.town.users[who])
        return client

    def page(self, who: str, address: str, **headers: str) -> Ask:
        """A page of the site; {act} in its address stands for the number of a case that has come so far."""
        client = self.client(who) if who else Client()
        numbers = {act: case.number for act, case in self.by_act.items()}
        return lambda: client.get(address.format(**numbers), headers=headers)

    def progress(self) -> Ask:
        """The page of a resident who has typed the code."""
        _case, code = self.town.resident_report()
        client = Client()
        address = client.post("/track/", {"code": code})["Location"]
        return lambda: client.get(address)

    def listed(self) -> Ask:
        caller = program(self.town, "clerk")
        return lambda: caller.get("/cases", stage="active")

    def reported(self) -> Ask:
        """Each call is another report over the API, with one photo."""
        caller = program(self.town, "worker")
        photo = caller.photo_id()
        lon, lat = self.town.point(2)
        body = {"source": "patrol", "description": "路边有一堆垃圾", "photos": [photo]}
        return lambda: caller.post("/cases", {**body, "point": {"lon": lon, "lat": lat}})

    def done(self, act: str, before: str, **said: Any) -> Ask:
        """Each call does an act by its form, on another case that has come as far as `before`."""
        client = self.client("clerk")
        waiting = [self.town.report() for _n in range(2)]
        if before != "report":
            waiting = [self.town.drive(case, before) for case in waiting]
        data = {f"{act}-{name}": value for name, value in said.items()}
        return lambda: client.post(f"/desk/cases/{waiting.pop().number}/do/{act}/", data)


HOT: dict[str, Callable[[Office], Ask]] = {
    "console today": lambda o: o.page("clerk", "/desk/"),
    "console queue active": lambda o: o.page("clerk", "/desk/cases/?stage=active"),
    "console queue mine": lambda o: o.page("clerk", "/desk/cases/?stage=mine"),
    "console case": lambda o: o.page("clerk", "/desk/cases/{sign}/"),
    "console panel": lambda o: o.page("clerk", "/desk/cases/{file}/panel/?stage=dispatch", **HTMX),
    "console map points": lambda o: o.page("clerk", f"/desk/map/cases.geojson?bbox={GRIDS}"),
    "field today": lambda o: o.page("worker", "/field/"),
    "field case": lambda o: o.page("handler", "/field/case/{dispatch}/"),
    "portal home": lambda o: o.page("", "/"),
    "portal track": lambda o: o.page("", "/track/"),
    "portal progress": lambda o: o.progress(),
    "api list": lambda o: o.listed(),
    "api report": lambda o: o.reported(),
    "act file": lambda o: o.done("file", "report", condition=o.town.conditions["rubbish"].pk),
    "act dispatch": lambda o: o.done("dispatch", "file", agency=o.town.agencies["SAN"].pk),
}


LISTS = ("console today", "console queue active", "console queue mine", "console map points", "field today", "api list")  # fmt: skip


@pytest.fixture
def office(town: Town, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office two hours after the morning began, whatever day it is; what is remembered stays so."""
    monkeypatch.setattr(timezone, "now", lambda: START + timedelta(hours=2))
    monkeypatch.setattr("gezhi.foundation.kept.SECONDS", 3600.0)
    monkeypatch.setattr("gezhi.foundation.clocks.queries.REFRESH_SECONDS", 3600.0)
    return Office(town)


def queries_of(name: str, office: Office) -> list[str]:
    """What a hot page asks of the database once what may be remembered is remembered; nothing is kept."""
    with transaction.atomic():
        ask = HOT[name](office)
        ask()
        with CaptureQueriesContext(connection) as seen:
            answer: HttpResponse = ask()
        transaction.set_rollback(True)
    assert answer.status_code < 400, f"{name}: {answer.content.decode()[:2000]}"
    return [query["sql"] for query in seen.captured_queries]


def test_the_hot_pages_ask_as_often_as_written_down(office: Office) -> None:
    office.work(MORNING)
    queries = {name: queries_of(name, office) for name in HOT}
    counts = {name: len(asked) for name, asked in queries.items()}
    if WRITES:
        WRITTEN.write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n")
    written: dict[str, int] = json.loads(WRITTEN.read_text())
    changed = {name for name in HOT if counts[name] != written.get(name)}
    for name in sorted(changed):
        print(f"{name}:", *queries[name], sep="\n  ")  # noqa: T201 (shown where the test fails)
    assert counts == written


def test_no_list_asks_more_often_for_many_cases_than_for_few(office: Office) -> None:
    office.work(FEW)
    few = {name: len(queries_of(name, office)) for name in LISTS}
    office.work(FEW * 7)
    assert Case.objects.count() == 40
    assert {name: len(queries_of(name, office)) for name in LISTS} == few
