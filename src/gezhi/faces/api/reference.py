"""The reference page and the document behind it. The page is drawn here: no script, no outside host."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from gezhi.faces.api.document import document

Tree = dict[str, Any]
DEEPEST = 3  # levels of fields shown one below the other


@dataclass(frozen=True)
class Row:
    """A field or parameter as the page shows it."""

    name: str
    kind: str
    required: bool
    text: str
    where: str = ""


@dataclass(frozen=True)
class Entry:
    """One operation as the page shows it."""

    ident: str
    method: str
    path: str
    summary: str
    text: str
    scopes: tuple[str, ...]
    public: bool
    parameters: list[Row]
    body: list[Row]
    media: str
    answer: list[Row]
    statuses: list[tuple[str, str]]


@dataclass
class Section:
    """One part of the reference."""

    ident: str
    title: str
    entries: list[Entry] = field(default_factory=list)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    answer = JsonResponse(document(), json_dumps_params={"ensure_ascii": False})
    answer["Vary"] = "Accept-Language, Cookie"
    answer["Access-Control-Allow-Origin"] = "*"  # it holds nothing about anybody
    return answer


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The document as a page."""
    made = document()
    return render(
        request,
        "api/reference.html",
        {
            "info": made["info"],
            "sections": sections(made),
            "scopes": made["components"]["securitySchemes"]["ApiKey"]["x-scopes"].items(),
        },
    )


def sections(made: Tree) -> list[Section]:
    """The operations by part, in the order of the tags."""
    found = {tag["name"]: Section(f"part-{n}", tag["description"]) for n, tag in enumerate(made["tags"])}
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].entries.append(_entry(made, path, method, operation))
    return [section for section in found.values() if section.entries]


def _entry(made: Tree, path: str, method: str, operation: Tree) -> Entry:
    media, body = _body(made, operation)
    first = next(iter(operation["responses"].values()))
    schema = first.get("content", {}).get("application/json", {}).get("schema", {})
    return Entry(
        ident=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation.get("description", ""),
        scopes=tuple(s for one in operation.get("security", []) for s in one.get("ApiKey", [])),
        public="security" not in operation,
        parameters=[_parameter(made, one) for one in operation["parameters"]],
        body=body,
        media=media,
        answer=[replace(row, required=False) for row in _rows(made, schema)],
        statuses=[(status, one["description"]) for status, one in operation["responses"].items()],
    )


def _body(made: Tree, operation: Tree) -> tuple[str, list[Row]]:
    content = operation.get("requestBody", {}).get("content", {})
    for media, one in content.items():
        return media, list(_rows(made, one["schema"]))
    return "", []


def _parameter(made: Tree, one: Tree) -> Row:
    where = _("in the path") if one["in"] == "path" else _("in the query")
    text = one.get("description", "")
    return Row(one["name"], _kind(made, one["schema"]), one["required"], text, where)


def _rows(made: Tree, schema: Tree, prefix: str = "", depth: int = 1) -> Iterator[Row]:
    """The fields of a schema, those of fields below them by dotted names."""
    schema = _whole(made, schema)
    if schema.get("type") == "array":
        yield from _rows(made, schema["items"], f"{prefix}[]" if prefix else "[]", depth)
        return
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        full = f"{prefix}.{name}" if prefix else name
        text = one.get("description", "") if "$ref" not in one else ""
        yield Row(full, _kind(made, one), name in required, text)
        inner = next((part for part in _parts(one) if "$ref" in part or part.get("type") == "array"), None)
        if inner is not None and depth < DEEPEST:
            yield from _rows(made, inner, full, depth + 1)


def _parts(schema: Tree) -> Iterable[Tree]:
    """What a schema may be, nothing left out."""
    options = schema.get("anyOf") or schema.get("allOf") or [schema]
    return [one for one in options if one.get("type") != "null"]


def _whole(made: Tree, schema: Tree) -> Tree:
    """The schema a reference points to."""
    for one in _parts(schema):
        if "$ref" in one:
            found: Tree = made["components"]["schemas"][one["$ref"].rpartition("/")[2]]
            return found
        return one
    return schema


def _kind(made: Tree, schema: Tree) -> str:
    """The type in a few words."""
    named = [_one_kind(made, one) for one in _parts(schema)]
    return " | ".join(dict.fromkeys(named))


def _one_kind(made: Tree, schema: Tree) -> str:
    schema = _whole(made, schema)
    if "enum" in schema:
        return " | ".join(str(value) or '""' for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"{_one_kind(made, schema['items'])}[]"
    kind = str(schema.get("format") or schema.get("type") or "any")
    return {"binary": pgettext("api reference", "file"), "date-time": pgettext("api reference", "time")}.get(
        kind, kind
    )
