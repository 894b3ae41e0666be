"""What goes wrong over the API: every error in one shape, in the caller's language, never a fault of ours."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gezhi.faces.api.problems import LARGEST_BODY
from gezhi.foundation.actors.models import User
from gezhi.work.cases import queries
from tests.faces.calling import Caller, person, program, stranger
from tests.town import Town


def is_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"code", "message", "fields"}
    assert body["code"] == code
    assert body["message"]


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b"{", "malformed", 400),
        (b"", "invalid", 422),
        (b"\xff\xfe", "malformed", 400),
        (b'{"source": NaN}', "malformed", 400),
        (b'{"description": "a\\u0000b"}', "invalid", 422),
        (b'{"description": "\\ud800"}', "invalid", 422),
        (b"[" * 100_000, "malformed", 400),
        (b"[1, 2]", "invalid", 422),
        (b'"text"', "invalid", 422),
    ],
)
def test_a_broken_body_is_refused(town: Town, body: bytes, code: str, status: int) -> None:
    is_problem(program(town, "worker").send("POST", "/cases", body), status, code)


def test_a_huge_body_is_refused_before_it_is_read(town: Town) -> None:
    body = json.dumps({"description": "x" * 6_000_000}).encode()
    is_problem(program(town, "worker").send("POST", "/cases", body), 413, "too_large")


def test_a_huge_upload_is_refused_by_its_length_alone(town: Town) -> None:
    caller = program(town, "worker")
    is_problem(
        caller.send("POST", "/files", b"x", **{"Content-Length": str(LARGEST_BODY + 1)}), 413, "too_large"
    )


@pytest.mark.parametrize("path", ["/nothing", "/cases/1/acts/dance", "/cases//", "/Cases"])
def test_an_unknown_address_is_a_problem_too(town: Town, path: str) -> None:
    is_problem(program(town, "worker").get(path), 404, "no_route")


@pytest.mark.parametrize(
    ("path", "field"), [("/areas/a%00b", "code"), ("/cases/a%00b", "case"), ("/matters/items/%00", "key")]
)
def test_an_address_no_column_can_hold_is_refused(town: Town, path: str, field: str) -> None:
    answer = program(town, "clerk").get(path)
    is_problem(answer, 422, "invalid")
    assert set(answer.json()["fields"]) == {field}


def test_an_address_beside_the_version_is_a_problem_too(town: Town) -> None:
    answer = stranger().client.get("/api/v2/cases")
    is_problem(answer, 404, "no_route")


def test_a_wrong_method_says_which_are_taken(town: Town) -> None:
    answer = program(town, "worker").send("DELETE", "/cases")
    is_problem(answer, 405, "method")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_an_unknown_parameter_is_refused(town: Town) -> None:
    answer = program(town, "clerk").get("/cases", stag="mine", limit=5)
    is_problem(answer, 422, "invalid")
    assert set(answer.json()["fields"]) == {"stag"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"stage": "nowhere"}, "stage"),
        ({"text": "x" * 101}, "text"),
        ({"text": "a\0b"}, "text"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(town: Town, query: dict[str, Any], field: str) -> None:
    answer = program(town, "clerk").get("/cases", **query)
    is_problem(answer, 422, "invalid")
    assert set(answer.json()["fields"]) == {field}


def test_what_is_no_photo_is_refused_with_what_to_do(town: Town) -> None:
    caller = program(town, "worker")
    is_problem(caller.send("POST", "/files", b"{}"), 422, "invalid")
    broken = caller.client.generic(
        "POST", "/api/v1/files", b"--x\r\nbroken", content_type="multipart/form-data", headers=caller.headers
    )
    is_problem(broken, 400, "malformed")
    answer = caller.client.post(
        "/api/v1/files", {"photo": SimpleUploadedFile("a.jpg", b"hello")}, headers=caller.headers
    )
    is_problem(answer, 422, "photo_unknown")


@pytest.mark.parametrize(
    "header",
    ["Bearer gz_wrong", "Bearer ", "Basic d29ya2VyOng=", "gz_wrong", "Bearer " + "x" * 5000],
)
def test_a_key_that_does_not_fit_is_never_replaced_by_a_session(town: Town, header: str) -> None:
    caller = person(town, "clerk")
    caller.headers["Authorization"] = header
    answer = caller.get("/me")
    is_problem(answer, 401, "sign_in")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_nobody_is_asked_to_sign_in(town: Town) -> None:
    is_problem(stranger().get("/cases"), 401, "sign_in")
    is_problem(stranger().post("/cases", {}), 401, "sign_in")


def test_a_session_needs_its_token_for_changes(town: Town) -> None:
    caller = person(town, "worker", check_csrf=True)
    assert caller.get("/cases").status_code == 200
    is_problem(caller.post("/notices/read", {}), 403, "csrf")
    caller.client.get("/language/")
    page = caller.client.get("/field/").content.decode()
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    assert caller.send("POST", "/notices/read", {}, **{"X-CSRFToken": token}).status_code == 200


def test_a_closed_account_neither_signs_in_nor_lends_its_key(town: Town) -> None:
    caller = program(town, "clerk")
    User.objects.filter(pk=town.users["clerk"].pk).update(is_active=False)
    is_problem(caller.get("/cases"), 401, "sign_in")


def test_whoever_signs_in_with_a_password_others_know_changes_it_first(town: Town) -> None:
    User.objects.filter(pk=town.users["clerk"].pk).update(must_change_password=True)
    is_problem(person(town, "clerk").get("/cases"), 403, "password_is_known")


def test_our_own_fault_is_told_in_the_same_shape(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: object, **kwargs: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(queries, "counts", break_down)
    caller = program(town, "clerk")
    with pytest.raises(RuntimeError):
        caller.get("/cases/counts")
    caller.client.raise_request_exception = False
    answer = caller.get("/cases/counts")
    is_problem(answer, 500, "broken")
    assert "boom" not in answer.content.decode()


@pytest.mark.parametrize(("language", "word"), [("en", "sign in"), ("zh-CN", "登录")])
def test_problems_speak_the_callers_language(town: Town, language: str, word: str) -> None:
    answer = Caller({"Accept-Language": language}).get("/me")
    assert word in answer.json()["message"].lower()
