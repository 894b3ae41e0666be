"""The OpenAPI 3.1 document, in the language of the request."""

from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from gezhi.faces.api.application import PREFIX, api
from gezhi.foundation.actors.models import ApiKey
from gezhi.work.cases.acts import ACTS

Tree = dict[str, Any]

TAGS: dict[str, Promise] = {
    "you": pgettext_lazy("api part", "You"),
    "photos": pgettext_lazy("api part", "Photos"),
    "cases": pgettext_lazy("api part", "Cases"),
    "acts": pgettext_lazy("api part", "Acts on a case"),
    "acts on many cases": pgettext_lazy("api part", "Acts on many cases"),
    "responsibility": pgettext_lazy("api part", "Responsibility"),
    "residents": pgettext_lazy("api part", "Residents"),
    "matters": pgettext_lazy("api part", "Matters"),
    "areas": pgettext_lazy("api part", "Areas"),
    "agencies": pgettext_lazy("api part", "Agencies"),
    "people": pgettext_lazy("api part", "People"),
    "posts": pgettext_lazy("api part", "Posts"),
    "roles": pgettext_lazy("api part", "Roles"),
    "catalogue": pgettext_lazy("api part", "Keeping the catalogue"),
    "calendar": pgettext_lazy("api part", "Working calendar"),
    "policy": pgettext_lazy("api part", "Policy"),
    "clocks": pgettext_lazy("api part", "Clocks"),
    "outbox": pgettext_lazy("api part", "Outbox"),
    "audit": pgettext_lazy("api part", "Audit trail"),
}
ANSWERS: dict[str, Promise] = {
    "200": _("Done."),
    "201": _("Made."),
    "400": _("The request cannot be read."),
    "401": _("Nobody is signed in and no key in force was sent."),
    "403": _("Your posts or the key's scopes do not carry this."),
    "404": _("It is not there, or not for you to see; which of the two is not told."),
    "409": _("It does not fit the present state, or somebody else was first."),
    "413": _("Too large."),
    "422": _("Some fields are wrong; `fields` says which and why."),
    "429": _("Too much in a short time. Retry-After says when to try again."),
    "500": _("Something broke on our side and was logged."),
    "503": _("The database is busy. Nothing was changed; Retry-After says when to try again."),
}
SECURITY: dict[str, Promise] = {
    "ApiKey": _("A key of yours, from the settings: “Authorization: Bearer gz_…”. Scopes narrow it."),
    "BrowserSession": _("The session of the pages; changes need the X-CSRFToken header as well."),
}


class Document(OpenAPISchema):
    """The library's document with the scopes each operation asks for."""

    def operation_security(self, operation: Operation) -> list[Tree] | None:
        super().operation_security(operation)  # it also notes the schemes
        return [
            {type(auth).__name__: list(getattr(auth, "scopes", ()))} for auth in operation.auth_callbacks
        ] or None


def document() -> Tree:
    """The document in the language in force; made once for each."""
    return _document(get_language() or "")


@lru_cache(maxsize=4)
def _document(language: str) -> Tree:
    made: Tree = Document(api, PREFIX)
    made["tags"] = [{"name": name, "description": str(title)} for name, title in TAGS.items()]
    for name, scheme in made["components"]["securitySchemes"].items():
        scheme["description"] = str(SECURITY[name])
    made["components"]["securitySchemes"]["ApiKey"]["x-scopes"] = {
        scope.value: str(scope.label) for scope in ApiKey.Scope
    }
    del made["servers"]
    _translate(made)
    _word_acts(made)
    for methods in made["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                if "image/jpeg" in answer.get("content", {}):
                    del answer["content"]["application/json"]  # the library's guess
            operation["responses"] = {
                str(status): {**answer, "description": str(ANSWERS[str(status)])}
                for status, answer in operation["responses"].items()
            }
    return made


def _word_acts(made: Tree) -> None:
    """The acts and what they are told, in the words of the forms."""
    for methods in made["paths"].values():
        for operation in methods.values():
            kind, _line, code = operation["operationId"].partition("_")
            if kind not in ("act", "many", "resident") or code not in ACTS:
                continue
            operation["summary"] = str(ACTS[code].label)
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[
                2
            ]
            fields = made["components"]["schemas"][name]["properties"]
            for spec in ACTS[code].inputs:
                words = [str(spec.label), str(spec.help), fields[spec.name].get("description", "")]
                fields[spec.name]["description"] = " ".join(filter(None, words))


def _translate(node: Any) -> None:
    """Put every summary and description into the language in force; they were written for it."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("summary", "description") and isinstance(value, str) and value:
                node[key] = gettext(value)
            else:
                _translate(value)
    elif isinstance(node, list):
        for value in node:
            _translate(value)
