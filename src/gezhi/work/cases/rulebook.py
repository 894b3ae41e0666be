"""The words of a policy: what a district may set and within which bounds. Pure; presets are files."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from gezhi.foundation.audit.errors import Invalid, Text
from gezhi.foundation.clocks.rules import Limit, LimitKind, describe
from gezhi.work.cases.states import LEVELS
from gezhi.work.matters.rules import LEVEL_NAMES

PRESETS = ("street_office", "district_centre")
TABLES = ("loop_names", "approvers", "limits")  # words that hold words of their own
UNITS: Mapping[str, Promise] = {
    "work_minutes": pgettext_lazy("unit of a limit", "minutes of working time"),
    "work_hours": pgettext_lazy("unit of a limit", "hours of working time"),
    "work_days": pgettext_lazy("unit of a limit", "working days"),
    "clock_minutes": pgettext_lazy("unit of a limit", "minutes, day and night"),
    "clock_hours": pgettext_lazy("unit of a limit", "hours, day and night"),
    "natural_days": pgettext_lazy("unit of a limit", "calendar days"),
}
MOST = {"minutes": 1440, "hours": 2000, "days": 365}  # of a limit, by the end of its unit
LONGEST_NAME = 20
_LIMIT = re.compile(rf"^(\d{{1,6}}(?:\.\d{{1,4}})?) ({'|'.join(UNITS)})$")


@dataclass(frozen=True)
class Rules:
    """What the loop asks of a district's policy. Field names are those of the preset files.

    `approvers`: for each thing to be decided, the level of area whose people decide it.
    """

    desk_level: str
    auto_send_verify: bool
    auto_close: bool
    recheck_percent: int
    call_back_percent: int
    returns_before_designation: int
    extensions: int
    raise_by_timeout: bool
    rework_share: float
    grace_minutes: int
    rating_days: int
    review_days: int
    undo_minutes: int
    reopenings: int
    urge_hours: int
    loop_names: dict[str, str]
    approvers: dict[str, str]
    limits: dict[str, Limit]


@dataclass(frozen=True)
class Word:
    """One thing a policy says. `name` is that of the preset files, "limits.intake" inside a table.

    `kind`: level, yes_no, number, share (of 1), name or limit. `unit` says what a number counts.
    """

    name: str
    group: str
    kind: str
    label: Promise
    unit: str = ""
    low: int = 0
    high: int = 0


GROUPS: Mapping[str, Promise] = {
    "levels": _("Levels and loops"),
    "approvers": _("Who approves"),
    "automatic": _("What goes by itself"),
    "limits": _("Limits"),
    "numbers": _("Numbers"),
}


def _words(group: str, kind: str, labels: Mapping[str, Promise]) -> tuple[Word, ...]:
    return tuple(Word(name, group, kind, label) for name, label in labels.items())


BOOK: tuple[Word, ...] = (
    Word("desk_level", "levels", "level", _("The desk is at")),
    *(Word(f"loop_names.{level}", "levels", "name", _("The loop at %(level)s level is called"))
      for level in LEVELS),
    *_words("approvers", "level", {
        "approvers.extension": _("An extension"),
        "approvers.second_extension": _("A second extension"),
        "approvers.suspension": _("A suspension"),
        "approvers.cancel": _("A cancellation"),
        "approvers.exclusion": _("An exclusion from appraisal"),
        "approvers.bank": _("Putting a case into the problem bank"),
        "approvers.designation": _("Naming the agency after a dispute"),
        "approvers.force_close": _("A forced closing"),
        "approvers.restore": _("Taking up again what was ended"),
    }),
    *_words("automatic", "yes_no", {
        "auto_send_verify": _("A result is sent to be verified"),
        "auto_close": _("A case that passed is closed"),
        "raise_by_timeout": _("A case of grid or community goes up when its time runs out"),
    }),
    *_words("limits", "limit", {
        "limits.intake": _("Take a report in and file it"),
        "limits.check": _("Check a report on the spot"),
        "limits.dispatch": _("Dispatch a filed case"),
        "limits.sign": _("Sign for a case"),
        "limits.sign_emergency": _("Sign for an emergency"),
        "limits.contact": _("Get in touch with the asker"),
        "limits.part": _("Co-handle a case"),
        "limits.summons_joint": _("Report in: joint enforcement"),
        "limits.summons_key": _("Report in: key work"),
        "limits.summons_emergency": _("Report in: emergency"),
        "limits.reply": _("Reply to a formal supervision"),
        "limits.decision": _("Decide on a request"),
        "limits.desk": _("Send a result to be verified"),
        "limits.verify": _("Verify a result"),
        "limits.close": _("Close a verified case"),
        "limits.call_back": _("Call back after a poor rating"),
        "limits.handle_unknown": _("Handle, where the condition says nothing"),
    }),
    *(Word(name, "numbers", "share" if name == "rework_share" else "number", told, unit, low, high)
      for name, told, unit, low, high in (
        ("recheck_percent", _("Solved on the spot and checked again"), "percent", 0, 100),
        ("call_back_percent", _("Closed cases drawn for a call-back"), "percent", 0, 100),
        ("returns_before_designation", _("An agency may return a case"), "times", 0, 10),
        ("extensions", _("A case can be extended"), "times", 0, 10),
        ("reopenings", _("A case can be reopened"), "times", 0, 10),
        ("rework_share", _("Limit of a rework, of the handling limit"), "percent", 10, 200),
        ("grace_minutes", _("The leader is told after a limit ran out by"), "minutes", 0, 10080),
        ("rating_days", _("A result can be rated for"), "days", 1, 180),
        ("review_days", _("A refusal can be reviewed for"), "days", 1, 180),
        ("undo_minutes", _("Intake can undo an ending for"), "minutes", 0, 1440),
        ("urge_hours", _("An asker may urge again after"), "hours", 1, 720),
      )),
)  # fmt: skip
BY_NAME: Mapping[str, Word] = {word.name: word for word in BOOK}


@dataclass(frozen=True)
class Difference:
    """A word two policies say differently."""

    word: Word
    before: Any
    after: Any


@lru_cache
def preset(name: str) -> dict[str, Any]:
    """The data of a preset file."""
    text = (files("gezhi.packs") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def complete(data: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's data with every word and nothing else.

    What a policy written by an older release does not say yet is as in the street office preset.
    """
    standard = preset("street_office")
    known = {**standard, **data}
    for table in ("limits", "approvers"):
        known[table] = {**standard[table], **data.get(table, {})}
    return {name: known[name] for name in Rules.__dataclass_fields__}


def parse_rules(data: Mapping[str, Any]) -> Rules:
    """Read a policy's data (see `complete`)."""
    known = complete(data)
    return Rules(**{**known, "limits": {k: parse_limit(v) for k, v in known["limits"].items()}})


def parse_limit(text: str) -> Limit:
    """ "30 work_minutes" or "2 work_days" → Limit; ValueError for anything else."""
    found = _LIMIT.match(text)
    if not found:
        raise ValueError(f"not a limit: {text!r}")
    amount, unit = Decimal(found[1]), found[2]
    if unit.endswith("_minutes"):
        kind = LimitKind.WORK_HOURS if unit.startswith("work") else LimitKind.CLOCK_HOURS
        return Limit(kind=kind, amount=amount / 60)
    return Limit(kind=LimitKind(unit), amount=amount)


def merged(standing: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What holds when `said` is set on top of `standing`: words not said stay, loop names go as a whole.

    Invalid names every word that is unknown or cannot be taken, as "limits.intake".
    """
    wrong: dict[str, Text] = {}
    result = complete(standing)
    result["limits"], result["approvers"] = dict(result["limits"]), dict(result["approvers"])
    if "loop_names" in said:
        result["loop_names"] = {}
    for name, value in _flat_said(said, wrong):
        word = BY_NAME.get(name)
        if word is None:
            wrong[name] = _("There is no such rule.")
        elif reason := CHECKS[word.kind](word, value):
            wrong[name] = reason
        else:
            _put(result, name, value.strip() if isinstance(value, str) else value)
    if not wrong:
        wrong = _together(result)
    if wrong:
        raise Invalid(wrong)
    return result


def flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Every word of the book with what this data says; "" for a loop without a name."""
    known = complete(data)
    return {word.name: _get(known, word.name) for word in BOOK}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The words two policies say differently, in the order of the book."""
    old, new = flat(before), flat(after)
    return [
        Difference(BY_NAME[name], old[name], new[name])
        for name in old
        if not _same(BY_NAME[name], old[name], new[name])
    ]


def label(word: Word) -> str:
    """What a word is called, its level filled in."""
    level = word.name.partition(".")[2]
    return str(word.label) % {"level": LEVEL_NAMES[level]} if word.kind == "name" else str(word.label)


def say(word: Word, value: Any) -> str:
    """What a policy says, in the language of the page."""
    if word.kind == "limit":
        return describe(parse_limit(value))
    if word.kind == "level":
        return str(LEVEL_NAMES[value])
    if word.kind == "yes_no":
        return pgettext("rule", "by itself") if value else pgettext("rule", "by a person")
    if word.kind == "name":
        return str(value) or pgettext("rule", "no name")
    if word.kind == "share":
        value = round(value * 100)
    return _counted(word.unit, int(value))


def _counted(unit: str, n: int) -> str:
    told = {
        "percent": "%(n)s %%",
        "times": ngettext("%(n)s time", "%(n)s times", n),
        "minutes": ngettext("%(n)s minute", "%(n)s minutes", n),
        "hours": ngettext("%(n)s hour", "%(n)s hours", n),
        "days": ngettext("%(n)s calendar day", "%(n)s calendar days", n),
    }
    return told[unit] % {"n": n}


def _flat_said(said: Mapping[str, Any], wrong: dict[str, Text]) -> Iterator[tuple[str, Any]]:
    for name, value in said.items():
        if name not in TABLES:
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            wrong[name] = _("There is no such rule.")


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    table, _dot, inner = name.rpartition(".")
    if table == "loop_names" and not value:
        return
    (data[table] if table else data)[inner] = value


def _get(data: Mapping[str, Any], name: str) -> Any:
    table, _dot, inner = name.rpartition(".")
    return data[table].get(inner, "") if table else data[inner]


def _same(word: Word, one: Any, other: Any) -> bool:
    return parse_limit(one) == parse_limit(other) if word.kind == "limit" else bool(one == other)


def _check_limit(word: Word, value: Any) -> Text:
    found = _LIMIT.match(value) if isinstance(value, str) else None
    if not found:
        return _("Give a number and a unit, for example 30 work_minutes.")
    most = MOST[found[2].partition("_")[2]]
    if not 0 < Decimal(found[1]) <= most:
        return _("Give more than nothing and at most %(most)s.") % {"most": most}
    return ""


def _check_number(word: Word, value: Any) -> Text:
    if type(value) is not int or not word.low <= value <= word.high:
        return _("Give a whole number from %(low)s to %(high)s.") % {"low": word.low, "high": word.high}
    return ""


def _check_share(word: Word, value: Any) -> Text:
    if type(value) not in (int, float) or not word.low <= value * 100 <= word.high:
        bounds = {"low": word.low, "high": word.high}
        return _("Give a share of %(low)s to %(high)s percent.") % bounds
    return ""


def _check_name(word: Word, value: Any) -> Text:
    if not isinstance(value, str) or len(value.strip()) > LONGEST_NAME:
        return _("Give a name of at most %(most)s characters.") % {"most": LONGEST_NAME}
    return ""


def _check_level(word: Word, value: Any) -> Text:
    return "" if value in LEVELS else _("Choose one of the levels.")


def _check_yes_no(word: Word, value: Any) -> Text:
    return "" if type(value) is bool else _("Say yes or no.")


CHECKS: Mapping[str, Callable[[Word, Any], Text]] = {
    "limit": _check_limit,
    "number": _check_number,
    "share": _check_share,
    "name": _check_name,
    "level": _check_level,
    "yes_no": _check_yes_no,
}


def _together(data: Mapping[str, Any]) -> dict[str, Text]:
    """What fits alone but not together."""
    approvers = data["approvers"]
    if LEVELS.index(approvers["second_extension"]) < LEVELS.index(approvers["extension"]):
        told = _("A second extension cannot be decided lower than the first.")
        return {"approvers.second_extension": told}
    return {}
