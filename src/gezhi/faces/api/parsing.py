"""Bodies and queries read strictly: what no column could hold is refused before it reaches one."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from ninja.parser import Parser
from ninja.types import DictStrAny

from gezhi.foundation.audit.errors import Invalid


class StrictParser(Parser):
    """JSON without NaN, and texts without the characters a database refuses."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        found: DictStrAny = json.loads(request.body.decode(), parse_constant=_no_number)
        check_texts(found, "body")
        return found

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        found: DictStrAny = super().parse_querydict(data, list_fields, request)
        check_texts(found)
        return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def check_texts(value: Any, name: str = "") -> None:
    """Invalid, by the name of the field, for a text that holds what no column of text can."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid({name: _("This text holds a character that cannot be stored.")})
    elif isinstance(value, dict):
        for key, part in value.items():
            check_texts(key, name)
            check_texts(part, str(key) if name in ("", "body") else f"{name}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            check_texts(part, f"{name}.{number}")
