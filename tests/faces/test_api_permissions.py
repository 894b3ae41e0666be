"""Who may do what over the API: scope × person × operation → status, in one table."""

from typing import Any

import pytest
from django.utils import timezone

from gezhi.foundation.outbox.models import OutboxMessage
from tests.faces.calling import ALL_SCOPES, program, stranger
from tests.town import Town

NEW_PERSON = {"username": "newcomer", "name": "测试·新人"}
NEW_AREA = {"parent": "420599001001", "kind": "grid", "code": "420599001001009", "name": "甲九网格"}
NEW_AGENCY = {"code": "PARK", "name": "测试园林所", "kind": "station", "area": "420599001"}
NEW_ROLE = {"name": "灯长", "name_en": "Lamp keeper", "grants": ["collect"], "sees": "own"}
NEW_RULE = {"area": "420599", "kind": "event", "chain": [{"agency": "SAN"}]}
DAY = {"working": False, "note": "测试"}
HOURS = {"since": "2027-01-01", "periods": [{"begin": "09:00", "end": "17:00"}]}
LISTED = {"days": [{"date": "2060-01-01", "working": False, "name": "元旦"}]}
RULES = {"area": "420599", "rules": {"urge_hours": 12}}
PRESET = {"area": "420599", "preset": "district_centre"}

# method, path, body → who is let in, with the status they get; everybody else of the cast is told 403.
TABLE: list[tuple[str, str, dict[str, Any] | None, dict[str, int]]] = [
    ("GET", "/people", None, {"admin": 200}),
    ("POST", "/people", NEW_PERSON, {"admin": 201}),
    ("GET", "/posts/vacancies", None, {"admin": 200}),
    ("POST", "/areas", NEW_AREA, {"admin": 201}),
    ("PATCH", "/areas/420599001001", {"name": "甲社区（新）"}, {"admin": 200}),
    ("POST", "/agencies", NEW_AGENCY, {"admin": 201}),
    ("POST", "/roles/lamp_keeper", NEW_ROLE, {"admin": 201}),
    ("PUT", "/roles/leader", NEW_ROLE, {"admin": 200}),
    ("PUT", "/calendar/days/2026-12-31", DAY, {"admin": 200}),
    ("DELETE", "/calendar/days/2026-12-31", None, {"admin": 404}),
    ("POST", "/calendar/hours", HOURS, {"admin": 200}),
    ("POST", "/catalogue/drafts", {"name": "二版"}, {"admin": 201}),
    ("POST", "/responsibility", NEW_RULE, {"admin": 200}),
    ("PUT", "/calendar/years/2060/list", LISTED, {"admin": 200}),
    ("DELETE", "/calendar/years/2060/list", None, {"admin": 404}),
    ("POST", "/policy", PRESET, {"admin": 200}),
    ("PATCH", "/policy", RULES, {"admin": 200}),
    ("POST", "/policy/preview", RULES, {"admin": 200}),
    ("POST", "/policy/versions/1/again", {"area": "420599"}, {"admin": 409}),
    ("GET", "/outbox", None, {"admin": 200}),
    ("POST", "/outbox/{dead}/retry", None, {"admin": 200}),
    ("GET", "/audit", None, {"auditor": 200}),
]
STAFF = ("worker", "clerk", "handler", "leader", "admin", "security", "auditor")


def call(town: Town, name: str, method: str, path: str, body: dict[str, Any] | None) -> int:
    now = timezone.now()
    dead = OutboxMessage.objects.create(topic="t", key="k", created_at=now, due_at=now, dead_at=now)
    return program(town, name).send(method, path.format(dead=dead.pk), body).status_code


@pytest.mark.parametrize("name", STAFF)
@pytest.mark.parametrize(("method", "path", "body", "allowed"), TABLE, ids=[f"{r[0]} {r[1]}" for r in TABLE])
def test_who_manages_what(
    town: Town, name: str, method: str, path: str, body: dict[str, Any] | None, allowed: dict[str, int]
) -> None:
    assert call(town, name, method, path, body) == allowed.get(name, 403)


READS = (
    "/me", "/notices", "/keys", "/cases", "/cases/counts", "/matters", "/areas", "/agencies", "/roles",
    "/calendar/months/2026/3", "/calendar/hours", "/policy?area=420599", "/responsibility",
    "/calendar/years/2026/list", "/policy/versions?area=420599", "/when-due?area=420599",
)  # fmt: skip


@pytest.mark.parametrize("path", READS)
def test_everybody_signed_in_reads_what_is_open_inside_and_strangers_nothing(town: Town, path: str) -> None:
    assert program(town, "handler").send("GET", path).status_code == 200
    assert stranger().send("GET", path).status_code == 401


SCOPES = [
    ("GET", "/cases", None, "cases:read", 200),
    ("GET", "/cases/counts", None, "cases:read", 200),
    ("POST", "/cases", {"source": "patrol", "point": {"lon": 1, "lat": 1}}, "cases:report", 422),
    ("POST", "/acts/note", {"cases": [], "text": "x"}, "cases:act", 422),
    ("GET", "/people", None, "admin", 200),
    ("GET", "/outbox", None, "admin", 200),
    ("DELETE", "/keys/999999999", None, "admin", 404),
]


@pytest.mark.parametrize("scope", ALL_SCOPES)
@pytest.mark.parametrize(("method", "path", "body", "needed", "status"), SCOPES)
def test_a_key_does_what_its_scopes_say_and_no_more(
    town: Town, scope: str, method: str, path: str, body: Any, needed: str, status: int
) -> None:
    answer = program(town, "admin", scope).send(method, path, body)
    assert answer.status_code == (status if scope == needed else 403)
    if scope != needed:
        assert answer.json()["code"] == "scope_missing"


def test_an_act_needs_the_grant_on_the_cases_area(town: Town) -> None:
    case = town.report(at=timezone.now())
    body = {"condition": town.conditions["rubbish"].pk}
    answers = {
        name: program(town, name).post(f"/cases/{case.pk}/acts/file", body).status_code
        for name in ("outsider", "handler", "worker", "dispatcher", "clerk")
    }
    assert answers == {"outsider": 404, "handler": 404, "worker": 403, "dispatcher": 403, "clerk": 200}


def test_a_key_loses_what_its_owner_loses(town: Town) -> None:
    caller = program(town, "clerk")
    town.report(at=timezone.now())
    assert len(caller.get("/cases").json()["rows"]) == 1
    town.end_posts("clerk", at=timezone.now())
    assert caller.get("/cases").json()["rows"] == []
