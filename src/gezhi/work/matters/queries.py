"""Reads of the catalogue: the version in force, the tree, search, and who answers for a matter at a place.

The published catalogue is public, as its printed list is; drafts are read through
`CatalogueVersion.objects.visible_to(actor)`.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.utils.translation import gettext as _

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.queries import agencies
from gezhi.foundation.areas.fields import ancestors
from gezhi.foundation.kept import kept
from gezhi.work.matters.index import MatterIndex
from gezhi.work.matters.models import (
    KIND_ORDER,
    CatalogueVersion,
    Condition,
    Duty,
    MatterClass,
    MatterItem,
    ResponsibilityRule,
)
from gezhi.work.matters.rules import LEVEL_NAMES, RESPONSIBLE_LEVELS, level_of

KEPT_VERSIONS = 4  # versions whose tree and index stay in memory


@dataclass(frozen=True, slots=True)
class ClassNode:
    """A class with its items, in order of code. Shared by all readers: do not change."""

    matter_class: MatterClass
    items: tuple[MatterItem, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An agency that may answer for a matter at a place, why, and at which level it works.

    `basis`: "place" (it keeps this very thing), "list" (the responsibility list), "catalogue".
    """

    agency: Agency
    why: str
    level: str
    basis: str


@dataclass(frozen=True, slots=True)
class Preferred:
    """An agency known for this very place or component. `role`: "maintainer", "owner" or "property"."""

    agency: Agency
    role: str


@dataclass(frozen=True, slots=True)
class _Loaded:
    nodes: tuple[ClassNode, ...]
    index: MatterIndex


_loaded: OrderedDict[UUID, _Loaded] = OrderedDict()
_lock = Lock()


def current_version(*, at: datetime) -> CatalogueVersion | None:
    """The version new cases are filed under at this moment; None before the first is published."""
    return next((v for v in _published() if v.effective_from and v.effective_from <= at), None)


@kept
def _published() -> tuple[CatalogueVersion, ...]:
    """The published versions, the one that takes effect last first."""
    return tuple(CatalogueVersion.objects.published().order_by("-effective_from", "-number"))


@kept
def condition_of(ident: int) -> Condition | None:
    """A filing condition with its item; those of a published version never change."""
    return Condition.objects.select_related("item__matter_class").filter(pk=ident).first()


def forget_catalogue() -> None:
    """In the transaction of a publication."""
    _published.changed()
    items_by_id.changed()
    condition_of.changed()


def tree(*, version: CatalogueVersion, public_only: bool = False) -> list[ClassNode]:
    """Classes with their items: components, events, demands. No query once a published version is loaded."""
    nodes = _load(version).nodes
    if not public_only:
        return list(nodes)
    offered = (
        ClassNode(node.matter_class, tuple(item for item in node.items if item.public)) for node in nodes
    )
    return [node for node in offered if node.items]


def search(
    *, version: CatalogueVersion, text: str, public_only: bool = False, limit: int = 20
) -> list[MatterItem]:
    """Items by name, other names, code, pinyin or its initials ("ssj" → 上水井盖), best first."""
    return _load(version).index.search(text, public_only=public_only, limit=limit)


def propose(
    *, version: CatalogueVersion, text: str, public_only: bool = False, limit: int = 3
) -> list[MatterItem]:
    """Items that fit a free description best ("路灯好几天不亮了" → 路灯); may be empty."""
    return _load(version).index.propose(text, public_only=public_only, limit=limit)


def conditions_of(*, item: MatterItem) -> list[Condition]:
    """The filing conditions of an item in order."""
    return list(item.conditions.order_by("number"))


@kept
def duties_by_order() -> list[Duty]:
    """The duties agencies can have, as the packs list them."""
    return list(Duty.objects.all())


def item_in(*, version: CatalogueVersion, key: str) -> MatterItem | None:
    """The item of this key ("component:0101") in a version."""
    kind, _colon, code = key.partition(":")
    return MatterItem.objects.filter(version=version, kind=kind, code=code).first()


@kept
def items_by_id() -> dict[int, MatterItem]:
    """The items of all versions with their ids: a list of cases shows old ones too."""
    return MatterItem.objects.in_bulk()


@kept
def item_ids(kind: str, code: str) -> tuple[int, ...]:
    """The items of a kind and code in all versions: what is searched for by matter, whenever it was filed."""
    found = MatterItem.objects.filter(code=code, **({"kind": kind} if kind else {}))
    return tuple(found.values_list("pk", flat=True))


def _load(version: CatalogueVersion) -> _Loaded:
    """Tree and index of a version; a published one is kept, a draft is read afresh each time."""
    with _lock:
        if version.stamp in _loaded:
            _loaded.move_to_end(version.stamp)
            return _loaded[version.stamp]
    items = list(version.items.select_related("matter_class").order_by("kind", "code"))
    loaded = _Loaded(
        nodes=_nodes(list(version.classes.all()), items),
        index=MatterIndex(items, Condition.objects.filter(item__version=version)),
    )
    if not version.is_draft:
        with _lock:
            _loaded[version.stamp] = loaded
            while len(_loaded) > KEPT_VERSIONS:
                _loaded.popitem(last=False)
    return loaded


def _nodes(classes: list[MatterClass], items: list[MatterItem]) -> tuple[ClassNode, ...]:
    by_class: dict[int, list[MatterItem]] = {}
    for item in items:
        by_class.setdefault(item.matter_class_id, []).append(item)
    classes.sort(key=lambda c: (KIND_ORDER[c.kind], c.code))
    return tuple(ClassNode(c, tuple(by_class.get(c.pk, []))) for c in classes)


def starting_level(*, condition: Condition, area_path: str, at: datetime) -> str:
    """The level the responsibility list sends cases of this condition to; "" where it says nothing."""
    rules = _rules_for(condition.item, area_path, at)
    return next((rule.starting_level for rule in rules if rule.starting_level), "")


def suggest_agencies(
    *,
    condition: Condition,
    area_path: str,
    at: datetime,
    preferred: Sequence[Preferred] = (),
    known: Mapping[str, Agency] | None = None,
) -> list[Suggestion]:
    """Who may answer for a condition at a place, best first, each agency once, closed ones never.

    First who is known to keep the very thing (`preferred`), then the responsibility list of the nearest
    area, then the duties the catalogue names from the community up. `known` holds facts about the place that
    settle a duty there, e.g. {"property": the firm that runs this estate}.
    """
    candidates = _candidates(area_path, at)
    duties = {duty.code: duty.shown for duty in duties_by_order()}
    resolve = _Resolver(candidates, dict(known or {}), at)
    found = [_by_place(one) for one in preferred if _open(one.agency, at)]
    found += _by_list(condition.item, resolve, area_path, at)
    found += _by_catalogue(condition, resolve, duties)
    once: dict[int, Suggestion] = {}
    for suggestion in found:
        once.setdefault(suggestion.agency.pk, suggestion)
    return list(once.values())


class _Resolver:
    """From a duty or a code to open agencies whose jurisdiction covers the place, nearest first."""

    def __init__(self, candidates: list[Agency], known: dict[str, Agency], at: datetime) -> None:
        self.candidates = candidates
        self.known = {duty: agency for duty, agency in known.items() if _open(agency, at)}
        self.at = at

    def by_duty(self, duty: str, level: str = "") -> list[Agency]:
        if duty in self.known and level in ("", "community"):
            return [self.known[duty]]
        return [
            agency
            for agency in self.candidates
            if duty in agency.functions and (not level or _level(agency) == level)
        ]

    def by_code(self, code: str) -> list[Agency]:
        agency = agencies().by_code.get(code)
        return [agency] if agency is not None and _open(agency, self.at) else []


def _candidates(area_path: str, at: datetime) -> list[Agency]:
    """Open agencies whose jurisdiction covers the place, the nearest jurisdiction first."""
    known = agencies().by_area
    return [agency for path in ancestors(area_path) for agency in known.get(path, ()) if _open(agency, at)]


def _open(agency: Agency, at: datetime) -> bool:
    return agency.closed_at is None or agency.closed_at > at


def _level(agency: Agency) -> str:
    """A firm or station below the community works at community level."""
    level = level_of(agency.area.kind)
    return "community" if level == "grid" else level


def _by_place(one: Preferred) -> Suggestion:
    why = {
        "maintainer": _("It maintains this facility."),
        "owner": _("It owns this facility."),
        "property": _("It manages the property here."),
    }[one.role]
    return Suggestion(one.agency, why, _level(one.agency), "place")


def _by_list(item: MatterItem, resolve: _Resolver, area_path: str, at: datetime) -> list[Suggestion]:
    """The first line of the list that leads to an open agency decides."""
    for rule in _rules_for(item, area_path, at):
        agencies: list[Agency] = []
        for step in rule.chain:
            agencies += (
                resolve.by_code(step["agency"]) if "agency" in step else resolve.by_duty(step["function"])
            )
        if agencies:
            why = _("By the responsibility list: %(item)s · %(area)s") % {
                "item": item.shown,
                "area": rule.area.shown,
            }
            return [Suggestion(agency, why, _level(agency), "list") for agency in agencies]
    return []


def _rules_for(item: MatterItem, area_path: str, at: datetime) -> list[ResponsibilityRule]:
    """Lines that hold for an item at a place: the nearest area first, there the narrowest matter first."""
    lines = responsibility_list()
    found = [rule for path in ancestors(area_path) for rule in lines.get(path, ()) if rule.holds(item, at)]
    found.sort(key=lambda rule: (-len(rule.area.path), rule.breadth))
    return found


@kept
def responsibility_list() -> dict[str, tuple[ResponsibilityRule, ...]]:
    """All lines, those of the past too, by the path of their area."""
    found: dict[str, list[ResponsibilityRule]] = {}
    for rule in ResponsibilityRule.objects.select_related("area"):
        found.setdefault(rule.area.path, []).append(rule)
    return {path: tuple(lines) for path, lines in found.items()}


def _by_catalogue(condition: Condition, resolve: _Resolver, duties: Mapping[str, str]) -> list[Suggestion]:
    """The duty named for each level, from the community up; where no agency has it there, any that covers."""
    found: list[Suggestion] = []
    for level in RESPONSIBLE_LEVELS:
        duty = condition.responsible.get(level)
        if duty:
            found += [_named(agency, duty, duties) for agency in resolve.by_duty(duty, level)]
    if not found:
        for duty in dict.fromkeys(condition.responsible.values()):
            found += [_named(agency, duty, duties) for agency in resolve.by_duty(duty)]
    return found


def _named(agency: Agency, duty: str, duties: Mapping[str, str]) -> Suggestion:
    level = _level(agency)
    why = _("By the catalogue: %(duty)s, %(level)s level") % {
        "duty": duties.get(duty, duty),
        "level": LEVEL_NAMES[level],
    }
    return Suggestion(agency, why, level, "catalogue")
