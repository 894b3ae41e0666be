"""The rules of a district as data: limits, numbers, what is automatic. Presets are files in packs/presets."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed
from gezhi.foundation.audit.services import record
from gezhi.foundation.clocks.rules import Limit, LimitKind
from gezhi.foundation.kept import kept
from gezhi.work.cases.models import Policy

PRESETS = ("street_office", "district_centre")
_LIMIT = re.compile(
    r"^(\d+(?:\.\d+)?) (work_minutes|clock_minutes|clock_hours|work_hours|work_days|natural_days)$"
)


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


def parse_rules(data: dict[str, Any]) -> Rules:
    """Read a policy's data; an unknown word is a ValueError naming it.

    What a policy written by an older release does not say yet is as in the street office preset.
    """
    known = {**preset("street_office"), **data}
    for table in ("limits", "approvers"):
        known[table] = {**preset("street_office")[table], **data.get(table, {})}
    plain = {k: known[k] for k in Rules.__dataclass_fields__ if k != "limits"}
    return Rules(**plain, limits={k: parse_limit(v) for k, v in known["limits"].items()})


def parse_limit(text: str) -> Limit:
    """ "30 work_minutes" or "2 work_days" → Limit."""
    found = _LIMIT.match(text)
    if not found:
        raise ValueError(f"not a limit: {text!r}")
    amount, unit = Decimal(found[1]), found[2]
    if unit.endswith("_minutes"):
        kind = LimitKind.WORK_HOURS if unit.startswith("work") else LimitKind.CLOCK_HOURS
        return Limit(kind=kind, amount=amount / 60)
    return Limit(kind=LimitKind(unit), amount=amount)


@lru_cache
def preset(name: str) -> dict[str, Any]:
    """The data of a preset file."""
    text = (files("gezhi.packs") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@kept
def policy_for(path: str) -> Policy | None:
    """The newest policy of the nearest area at or above `path` that has one."""
    found = Policy.objects.filter(area__path__in=ancestors(path)).order_by("-area__path", "-version")
    return found.first()


@kept
def rules_for(path: str) -> Rules:
    """The rules that hold at `path`; the street office preset where nothing is set."""
    policy = policy_for(path)
    return parse_rules(policy.data if policy else preset("street_office"))


def adopt_preset(*, actor: Actor, area: Area, name: str, at: datetime) -> Policy:
    """Make a preset the policy of a district (or any area) from now on."""
    if not actor.may("manage_catalogue", area.path) and actor.kind != "system":
        raise NotAllowed
    if name not in PRESETS:
        raise Invalid({"preset": _("Choose one of the presets.")})
    with transaction.atomic():
        last = Policy.objects.filter(area=area).order_by("-version").first()
        policy = Policy.objects.create(
            area=area, version=last.version + 1 if last else 1, preset=name, data=preset(name), since=at
        )
        policy_for.forget()
        rules_for.forget()
        record(actor=actor, act="adopt_policy", subject=policy, at=at, detail={"preset": name})
    return policy
