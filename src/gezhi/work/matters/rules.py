"""Pure decisions of the catalogue: readings of names, levels, the shape of a chain."""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from pypinyin import lazy_pinyin, load_phrases_dict

from gezhi.foundation.clocks.rules import LimitKind

# Levels a case can be at, from small to large; the words a district uses for its loops are data elsewhere.
LEVELS = ("grid", "community", "street", "district", "city")
LEVEL_NAMES: Mapping[str, Promise] = {
    "grid": pgettext_lazy("level", "grid"),
    "community": pgettext_lazy("level", "community"),
    "street": pgettext_lazy("level", "street"),
    "district": pgettext_lazy("level", "district"),
    "city": pgettext_lazy("level", "city"),
}
_LEVEL_OF_KIND = {
    "province": "city",
    "city": "city",
    "district": "district",
    "street": "street",
    "community": "community",
    "grid": "grid",
    "micro_grid": "grid",
    "building": "grid",
    "household": "grid",
}
RESPONSIBLE_LEVELS = ("community", "street", "district")
EVIDENCE_STEPS = ("report", "result", "verify")
MOST_PHOTOS = 9
LONGEST_TEXTS = {"text_zh": 200, "text_en": 300, "closing_zh": 200, "closing_en": 300}  # of a condition

# Words the dictionary reads wrongly.
load_phrases_dict({"调压": [["tiáo"], ["yā"]]})

_HAN = re.compile(r"[㐀-鿿]")
_SYLLABLE = re.compile(r"[^a-z]")


def level_of(area_kind: str) -> str:
    """The level at which an agency with a jurisdiction of this kind of area works."""
    return _LEVEL_OF_KIND[area_kind]


def syllables(name: str) -> list[str]:
    """The readings of a Chinese name, one per character, brackets and commas left out.

    Words are read as words (行道树 is xing dao shu); ü is written v, as on a keyboard.
    """
    parts = (_SYLLABLE.sub("", part.lower()) for part in lazy_pinyin(name))
    return [part for part in parts if part]


def initials(name: str) -> str:
    """First letters of the readings: 上水井盖 → ssjg."""
    return "".join(part[0] for part in syllables(name))


def has_han(text: str) -> bool:
    """Whether the text contains Chinese characters."""
    return bool(_HAN.search(text))


def condition_problems(said: Mapping[str, Any], *, duties: Collection[str]) -> dict[str, str | Promise]:
    """What is wrong with what is said of a filing condition, by field; a field not said is in order."""
    wrong: dict[str, str | Promise] = {}
    for key, longest in LONGEST_TEXTS.items():
        text = said.get(key, key)
        if not text.strip():
            wrong[key] = gettext_lazy("Fill this in.")
        elif len(text) > longest:
            wrong[key] = gettext_lazy("At most %s characters.") % longest
    if said.get("limit_kind", LimitKind.WORK_DAYS) not in list(LimitKind):
        wrong["limit_kind"] = gettext_lazy("Choose how the limit is counted.")
    amount = said.get("limit_amount", Decimal(1))
    if not (amount.is_finite() and 0 < amount < 10_000 and amount == round(amount, 2)):
        wrong["limit_amount"] = gettext_lazy("Give a number above 0, such as 2 or 0.5.")
    if "evidence" in said and not _evidence_in_order(said["evidence"]):
        wrong["evidence"] = gettext_lazy("Ask for 0 to %s photos at each step.") % MOST_PHOTOS
    if "responsible" in said and not _responsible_in_order(said["responsible"], duties):
        wrong["responsible"] = gettext_lazy("Name a duty from the list for at least one level.")
    return wrong


def _evidence_in_order(evidence: Mapping[str, int]) -> bool:
    photos_allowed = range(MOST_PHOTOS + 1)
    return set(evidence) == set(EVIDENCE_STEPS) and all(n in photos_allowed for n in evidence.values())


def _responsible_in_order(responsible: Mapping[str, str], duties: Collection[str]) -> bool:
    named = bool(responsible) and set(responsible) <= set(RESPONSIBLE_LEVELS)
    return named and set(responsible.values()) <= set(duties)


def chain_problem(chain: object, *, functions: Sequence[str], agencies: Sequence[str]) -> str | Promise:
    """What is wrong with a responsibility chain, or "" when it is in order.

    A chain is a non-empty list of steps, tried in turn, each {"function": code} or {"agency": code}.
    """
    if not isinstance(chain, list) or not chain:
        return gettext_lazy("Name at least one responsible unit.")
    for step in chain:
        problem = _step_problem(step, functions, agencies)
        if problem:
            return problem
    return ""


def _step_problem(step: Any, functions: Sequence[str], agencies: Sequence[str]) -> str | Promise:
    match step:
        case {"function": str(code)} if len(step) == 1:
            if code in functions:
                return ""
            return gettext_lazy("There is no duty “%(code)s”; choose one from the list of duties.") % {
                "code": code
            }
        case {"agency": str(code)} if len(step) == 1:
            if code in agencies:
                return ""
            return gettext_lazy("There is no open agency with the code “%(code)s”.") % {"code": code}
    return gettext_lazy("Each step of the chain names either a duty or an agency.")
