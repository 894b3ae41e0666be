"""The OpenAPI document and its page: valid, whole, in two languages, from no outside host."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from gezhi.faces.api.application import api
from gezhi.faces.api.document import TAGS
from gezhi.faces.api.routes.acts import BY_PEOPLE
from gezhi.faces.api.templatetags.reference import with_code
from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.table import TABLE

pytestmark = pytest.mark.django_db
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def document(language: str = "en") -> dict[str, Any]:
    answer = Client().get("/api/v1/openapi.json", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.json()


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from nodes(part)
    elif isinstance(node, list):
        for part in node:
            yield from nodes(part)


def test_the_document_says_which_openapi_it_is() -> None:
    made = document()
    assert made["openapi"] == "3.1.0"
    assert made["info"].keys() >= {"title", "version", "description"}


def test_every_reference_leads_somewhere_and_every_type_exists() -> None:
    made = document()
    schemas = made["components"]["schemas"]
    for node in nodes(made):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/components/schemas/") in schemas, node
        if isinstance(node.get("type"), str) and ("properties" in node or "items" in node):
            assert node["type"] in TYPES, node


def test_every_operation_has_a_name_a_summary_a_part_and_its_errors() -> None:
    seen: set[str] = set()
    for path, method, operation in operations(document()):
        where = f"{method} {path}"
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        assert operation["summary"], where
        assert operation["tags"][0] in TAGS, where
        statuses = set(operation["responses"])
        assert statuses & {"200", "201"}, where
        assert statuses >= {"400", "401", "429", "500"}, where
        assert all(answer["description"] for answer in operation["responses"].values()), where
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, where


def test_the_parameters_of_a_path_are_those_in_its_braces() -> None:
    for path, method, operation in operations(document()):
        told = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert told == set(re.findall(r"{(\w+)}", path)), f"{method} {path}"


def test_every_operation_asks_for_a_scope_but_those_for_residents() -> None:
    for path, method, operation in operations(document()):
        if path.startswith("/api/v1/residents/"):
            assert "security" not in operation
            continue
        key, session = operation["security"]
        assert set(key["ApiKey"]) <= {"cases:read", "cases:report", "cases:act", "admin"}, path
        assert key["ApiKey"], f"{method} {path}"
        assert session == {"BrowserSession": []}


def test_no_body_takes_unknown_fields() -> None:
    made = document()
    for path, method, operation in operations(made):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert made["components"]["schemas"][name]["additionalProperties"] is False, f"{method} {path}"


def test_every_act_of_people_in_the_table_is_an_operation_with_its_inputs() -> None:
    made = document()
    of_people = {row.act for row in TABLE if row.source is not None and row.who != "system"}
    assert set(BY_PEOPLE) == of_people
    for code in of_people:
        operation = made["paths"][f"/api/v1/cases/{{case}}/acts/{code}"]["post"]
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = made["components"]["schemas"][name]
        assert set(schema.get("properties", {})) == {spec.name for spec in ACTS[code].inputs}
        assert set(schema.get("required", [])) == {spec.name for spec in ACTS[code].inputs if spec.required}


def test_the_document_is_worded_in_the_language_asked_for() -> None:
    english, chinese = document("en"), document("zh-hans")
    has_han = re.compile("[\u4e00-\u9fff]")
    for path, method, operation in operations(english):
        assert not has_han.search(operation["summary"]), f"{method} {path}"
    for path, method, operation in operations(chinese):
        assert has_han.search(operation["summary"]), f"{method} {path}"


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere() -> None:
    page = Client().get("/api/docs", headers={"Accept-Language": "en"}).content.decode()
    for _path, _method, operation in operations(document()):
        assert f'id="{operation["operationId"]}"' in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver)[^"]*"', page)


def test_the_routes_and_the_document_are_the_same() -> None:
    routed = {
        (f"/api/v1{prefix}{path}".replace("//", "/"), method.lower())
        for bound in api._get_bound_routers()
        for prefix in [bound.prefix]
        for path, view in bound.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert routed == {(path, method) for path, method, _operation in operations(document())}


def test_the_page_shows_code_as_code_and_the_rest_as_text() -> None:
    page = Client().get("/api/docs", headers={"Accept-Language": "en"}).content.decode()
    assert '<code class="mono">next</code> of the page before' in page
    assert "`" not in page
    assert with_code("a < b, see `<c>`") == 'a &lt; b, see <code class="mono">&lt;c&gt;</code>'


def test_every_operation_tells_of_wrong_fields_and_pictures_are_pictures() -> None:
    for path, _method, operation in operations(document()):
        assert {"422", "503"} <= operation["responses"].keys(), path
        for answer in operation["responses"].values():
            content = answer.get("content", {})
            assert not ("image/jpeg" in content and "application/json" in content), path
