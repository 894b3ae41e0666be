"""Writes of the catalogue: install a pack, copy, edit and publish versions, keep the responsibility list."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.areas.models import Area
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused, Text
from gezhi.foundation.audit.services import record
from gezhi.work.matters import queries, rules
from gezhi.work.matters.models import (
    CatalogueVersion,
    Condition,
    Duty,
    MatterClass,
    MatterItem,
    MatterKind,
    ResponsibilityRule,
)
from gezhi.work.matters.pack import DutyRow, Manifest, Pack, Row, read_pack

GRANT = "manage_catalogue"
# What a new condition says as long as nothing is said; all but the two ticks must be.
NOTHING_SAID: dict[str, Any] = {
    "text_zh": "",
    "text_en": "",
    "limit_kind": "",
    "limit_amount": Decimal(0),
    "until_stopped": False,
    "emergency": False,
    "closing_zh": "",
    "closing_en": "",
    "evidence": {},
    "responsible": {},
}


@dataclass(frozen=True, kw_only=True)
class ConditionEdit:
    """What to change of a condition; None leaves a thing as it is (of a new condition: says nothing)."""

    text_zh: str | None = None
    text_en: str | None = None
    limit_kind: str | None = None
    limit_amount: Decimal | None = None
    until_stopped: bool | None = None
    emergency: bool | None = None
    closing_zh: str | None = None
    closing_en: str | None = None
    evidence: dict[str, int] | None = None
    responsible: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ItemEdit:
    """What to change of an item; None leaves a thing as it is. Codes and names stay for good."""

    aliases: str | None = None
    solve_on_spot: bool | None = None
    direct_answer: bool | None = None
    public: bool | None = None
    sealed: bool | None = None


def install_pack(*, actor: Actor, folder: Path, at: datetime) -> CatalogueVersion:
    """Put the matters of a pack into the draft version (a copy of the current one if there is none).

    A class the pack had brought before is replaced as a whole. All or nothing: Invalid lists every problem
    by file, row and column.
    """
    _authorise(actor)
    pack = read_pack(folder=folder, known_duties=Duty.objects.values_list("code", flat=True))
    if pack.problems or pack.manifest is None:
        raise Invalid({problem.place: problem.message for problem in pack.problems}, code="pack_has_problems")
    manifest = pack.manifest
    with transaction.atomic():
        draft = CatalogueVersion.objects.filter(state=CatalogueVersion.State.DRAFT).first()
        draft = draft or _copy_current(name=manifest.title_zh, at=at)
        _refuse_missing_needs(manifest, draft)
        _save_duties(pack.duties)
        _replace_classes(draft, manifest, pack)
        draft.packs = {**draft.packs, manifest.name: manifest.version}
        draft.save(update_fields=["packs"])
        record(
            actor=actor,
            act="install_pack",
            subject=draft,
            at=at,
            detail={"pack": manifest.name, "version": manifest.version, "conditions": len(pack.rows)},
        )
    return draft


def revise(*, actor: Actor, name: str, at: datetime) -> CatalogueVersion:
    """Start a new draft as a copy of the newest published version."""
    _authorise(actor)
    if not name.strip():
        raise Invalid({"name": _("Give the new version a name.")})
    with transaction.atomic():
        if CatalogueVersion.objects.filter(state=CatalogueVersion.State.DRAFT).exists():
            raise Refused(
                "draft_exists", _("A draft is being worked on already. Publish it or discard it first.")
            )
        draft = _copy_current(name=name.strip(), at=at)
        record(actor=actor, act="revise_catalogue", subject=draft, at=at, detail={"name": draft.name})
    return draft


def discard_draft(*, actor: Actor, version_id: int, at: datetime) -> None:
    """Throw a draft away with all its rows."""
    _authorise(actor)
    with transaction.atomic():
        draft = _draft(version_id)
        record(actor=actor, act="discard_catalogue", subject=draft, at=at, detail={"name": draft.name})
        draft.delete()


def publish_version(
    *, actor: Actor, version_id: int, at: datetime, effective_from: datetime | None = None
) -> CatalogueVersion:
    """Publish a draft: from `effective_from` (now, if not given) new cases are filed under it."""
    _authorise(actor)
    with transaction.atomic():
        draft = _draft(version_id)
        begins = effective_from or at
        if begins < at:
            raise Invalid({"effective_from": _("A version cannot take effect in the past.")})
        _refuse_unfinished(draft)
        latest = CatalogueVersion.objects.published().aggregate(Max("effective_from"))["effective_from__max"]
        if latest and begins < latest:
            raise Invalid(
                {"effective_from": _("Another version takes effect later than this; choose a later time.")}
            )
        draft.state = CatalogueVersion.State.PUBLISHED
        draft.published_at = at
        draft.effective_from = begins
        draft.save(update_fields=["state", "published_at", "effective_from"])
        queries.forget_catalogue()
        record(
            actor=actor,
            act="publish_catalogue",
            subject=draft,
            at=at,
            detail={"number": draft.number, "effective_from": begins.isoformat()},
            topic="catalogue.published",
        )
    return draft


def add_condition(*, actor: Actor, item_id: int, at: datetime, edit: ConditionEdit) -> Condition:
    """Give an item of a draft one more condition; it gets the next number."""
    _authorise(actor)
    said = {key: value for key, value in asdict(edit).items() if value is not None}
    with transaction.atomic():
        item = _item(item_id)
        if wrong := _condition_problems(NOTHING_SAID | said):
            raise Invalid(wrong)
        highest = item.conditions.aggregate(Max("number"))["number__max"] or 0
        condition = Condition.objects.create(item=item, number=highest + 1, **said)
        detail = {"item": item.key, "number": condition.number, "after": _plain(said)}
        record(actor=actor, act="add_condition", subject=condition, at=at, detail=detail)
    return condition


def remove_condition(*, actor: Actor, condition_id: int, at: datetime) -> None:
    """Take a condition out of a draft. An item may lose its last one; the draft then cannot be published."""
    _authorise(actor)
    with transaction.atomic():
        condition = _condition(condition_id)
        before = {field: getattr(condition, field) for field in NOTHING_SAID}
        detail = {"item": condition.item.key, "number": condition.number, "before": _plain(before)}
        record(actor=actor, act="remove_condition", subject=condition, at=at, detail=detail)
        condition.delete()


def edit_condition(*, actor: Actor, condition_id: int, at: datetime, edit: ConditionEdit) -> Condition:
    """Change a condition of a draft; conditions of published versions are refused."""
    _authorise(actor)
    changes = {key: value for key, value in asdict(edit).items() if value is not None}
    with transaction.atomic():
        condition = _condition(condition_id)
        wrong = _condition_problems(changes)
        if wrong:
            raise Invalid(wrong)
        before = {key: getattr(condition, key) for key in changes}
        for key, value in changes.items():
            setattr(condition, key, value)
        condition.save(update_fields=list(changes))
        record(
            actor=actor,
            act="edit_condition",
            subject=condition,
            at=at,
            detail={"item": condition.item.key, "before": _plain(before), "after": _plain(changes)},
        )
    return condition


def edit_item(*, actor: Actor, item_id: int, at: datetime, edit: ItemEdit) -> MatterItem:
    """Change how an item of a draft is used; items of published versions are refused."""
    _authorise(actor)
    changes = {key: value for key, value in asdict(edit).items() if value is not None}
    if "aliases" in changes:
        changes["aliases"] = " ".join(changes["aliases"].split())
        if len(changes["aliases"]) > 200:
            raise Invalid({"aliases": _("At most 200 characters.")})
    with transaction.atomic():
        item = _item(item_id)
        before = {key: getattr(item, key) for key in changes}
        for key, value in changes.items():
            setattr(item, key, value)
        item.save(update_fields=list(changes))
        record(
            actor=actor,
            act="edit_matter",
            subject=item,
            at=at,
            detail={"item": item.key, "before": before, "after": changes},
        )
    return item


def set_rule(
    *,
    actor: Actor,
    area_id: int,
    chain: list[dict[str, str]],
    at: datetime,
    kind: str = "",
    class_code: str = "",
    item_code: str = "",
    starting_level: str = "",
) -> ResponsibilityRule:
    """Write one line of the responsibility list for an area; a line for the same matter there is ended."""
    area = Area.objects.filter(pk=area_id, retired_at=None).first()
    if area is None:
        raise NotFound
    _authorise(actor, area.path)
    wrong = _rule_problems(kind, class_code, item_code, starting_level, chain, at)
    if wrong:
        raise Invalid(wrong)
    with transaction.atomic():
        ResponsibilityRule.objects.filter(
            area=area, kind=kind, class_code=class_code, item_code=item_code, ended_at=None
        ).update(ended_at=at)
        rule = ResponsibilityRule.objects.create(
            area=area,
            kind=kind,
            class_code=class_code,
            item_code=item_code,
            chain=chain,
            starting_level=starting_level,
            since=at,
        )
        queries.responsibility_list.changed()
        detail = {"area": area.code, "matter": f"{kind}:{item_code or class_code}", "chain": chain}
        record(actor=actor, act="set_responsibility", subject=rule, at=at, detail=detail)
    return rule


def end_rule(*, actor: Actor, rule_id: int, at: datetime) -> None:
    """Take a line off the responsibility list; what the catalogue says holds again."""
    with transaction.atomic():
        rule = ResponsibilityRule.objects.select_related("area").filter(pk=rule_id, ended_at=None).first()
        if rule is None:
            raise NotFound
        _authorise(actor, rule.area.path)
        rule.ended_at = at
        rule.save(update_fields=["ended_at"])
        queries.responsibility_list.changed()
        record(actor=actor, act="end_responsibility", subject=rule, at=at, detail={"area": rule.area.code})


def _authorise(actor: Actor, path: str = "") -> None:
    """The system may (the command line is run by who owns the machine); people need the grant."""
    if actor.kind != "system" and not actor.may(GRANT, path):
        raise NotAllowed


def _draft(version_id: int) -> CatalogueVersion:
    version = CatalogueVersion.objects.select_for_update().filter(pk=version_id).first()
    if version is None:
        raise NotFound
    if not version.is_draft:
        raise Refused(
            "version_published",
            _("A published version stays as it is, because cases were filed under it. Start a new version."),
        )
    return version


def _item(item_id: int) -> MatterItem:
    """An item of the draft, the draft locked."""
    item = MatterItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound
    _draft(item.version_id)
    return item


def _condition(condition_id: int) -> Condition:
    """A condition of the draft with its item, the draft locked."""
    condition = Condition.objects.select_related("item").filter(pk=condition_id).first()
    if condition is None:
        raise NotFound
    _draft(condition.item.version_id)
    return condition


def _copy_current(*, name: str, at: datetime) -> CatalogueVersion:
    """A draft with all rows of the newest published version."""
    source = CatalogueVersion.objects.published().order_by("-number").first()
    highest = CatalogueVersion.objects.aggregate(Max("number"))["number__max"] or 0
    draft = CatalogueVersion.objects.create(
        number=highest + 1, name=name, packs=source.packs if source else {}, created_at=at
    )
    if source is not None:
        _copy_rows(source, draft)
    return draft


def _copy_rows(source: CatalogueVersion, draft: CatalogueVersion) -> None:
    classes = list(source.classes.all())
    items = list(source.items.all())
    conditions = list(Condition.objects.filter(item__version=source))
    new_classes = {row.pk: row for row in classes}
    for matter_class in classes:
        matter_class.pk, matter_class.version = None, draft
    MatterClass.objects.bulk_create(classes)
    new_items = {row.pk: row for row in items}
    for item in items:
        item.matter_class = new_classes[item.matter_class_id]
        item.pk, item.version = None, draft
    MatterItem.objects.bulk_create(items)
    for condition in conditions:
        condition.item = new_items[condition.item_id]
        condition.pk = None
    Condition.objects.bulk_create(conditions)


def _refuse_missing_needs(manifest: Manifest, draft: CatalogueVersion) -> None:
    missing = [need for need in manifest.needs if need not in draft.packs]
    if missing:
        raise Refused(
            "pack_needs_others",
            _("Install these packs first: %(packs)s.") % {"packs": ", ".join(missing)},
        )


def _save_duties(duties: list[DutyRow]) -> None:
    order = Duty.objects.aggregate(Max("order"))["order__max"] or 0
    known = set(Duty.objects.values_list("code", flat=True))
    for duty in duties:
        if duty.code in known:
            Duty.objects.filter(pk=duty.code).update(name=duty.name, name_en=duty.name_en)
        else:
            order += 1
            Duty.objects.create(code=duty.code, name=duty.name, name_en=duty.name_en, order=order)
    queries.duties_by_order.forget()


def _replace_classes(draft: CatalogueVersion, manifest: Manifest, pack: Pack) -> None:
    draft.classes.filter(pack=manifest.name).delete()
    taken = {(c.kind, c.code): c for c in draft.classes.all()}
    classes: dict[tuple[str, str], MatterClass] = {}
    items: dict[tuple[str, str], MatterItem] = {}
    conditions: list[Condition] = []
    for row in pack.rows:
        class_key = (row["kind"], row["class_code"])
        if class_key in taken:
            raise Refused(
                "class_taken",
                _("Class %(code)s belongs to the pack “%(pack)s”; give yours another code.")
                % {"code": row["class_code"], "pack": taken[class_key].pack},
            )
        if class_key not in classes:
            classes[class_key] = _class_of(row, draft, manifest)
        item_key = (row["kind"], row["class_code"] + row["item_code"])
        if item_key not in items:
            items[item_key] = _item_of(row, draft, classes[class_key])
        conditions.append(_condition_of(row, items[item_key]))
    MatterClass.objects.bulk_create(classes.values())
    MatterItem.objects.bulk_create(items.values())
    Condition.objects.bulk_create(conditions)


def _class_of(row: Row, draft: CatalogueVersion, manifest: Manifest) -> MatterClass:
    return MatterClass(
        version=draft,
        kind=row["kind"],
        code=row["class_code"],
        name=row["class_name"],
        name_en=row["class_name_en"],
        pack=manifest.name,
    )


def _item_of(row: Row, draft: CatalogueVersion, matter_class: MatterClass) -> MatterItem:
    return MatterItem(
        version=draft,
        matter_class=matter_class,
        kind=row["kind"],
        code=row["class_code"] + row["item_code"],
        name=row["item_name"],
        name_en=row["item_name_en"],
        aliases=row["aliases"],
        initials=rules.initials(row["item_name"]),
        solve_on_spot=row["solve_on_spot"],
        direct_answer=row["direct_answer"],
        public=row["public"],
        sealed=row["sealed"],
    )


def _condition_of(row: Row, item: MatterItem) -> Condition:
    levels = ((level, row[f"responsible_{level}"]) for level in rules.RESPONSIBLE_LEVELS)
    return Condition(
        item=item,
        number=row["condition_no"],
        text_zh=row["text_zh"],
        text_en=row["text_en"],
        limit_kind=row["limit_kind"],
        limit_amount=row["limit_amount"],
        until_stopped=row["until_stopped"],
        emergency=row["emergency"],
        closing_zh=row["closing_zh"],
        closing_en=row["closing_en"],
        evidence={step: row[f"evidence_{step}"] for step in rules.EVIDENCE_STEPS},
        responsible={level: duty for level, duty in levels if duty},
    )


def _refuse_unfinished(draft: CatalogueVersion) -> None:
    if not draft.items.exists():
        raise Refused("version_empty", _("The draft has no items. Install a pack first."))
    bare = draft.items.annotate(n=Count("conditions")).filter(n=0).first()
    if bare is not None:
        raise Refused(
            "item_without_condition",
            _("“%(item)s” has no filing condition. Add one before publishing.") % {"item": bare.shown},
        )


def _condition_problems(said: dict[str, Any]) -> dict[str, Text]:
    return rules.condition_problems(said, duties=Duty.objects.values_list("code", flat=True))


def _rule_problems(
    kind: str, class_code: str, item_code: str, starting_level: str, chain: object, at: datetime
) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    duties = list(Duty.objects.values_list("code", flat=True))
    agencies = list(
        Agency.objects.filter(Q(closed_at=None) | Q(closed_at__gt=at)).values_list("code", flat=True)
    )
    problem = rules.chain_problem(chain, functions=duties, agencies=agencies)
    if problem:
        wrong["chain"] = problem
    if starting_level and starting_level not in rules.LEVELS:
        wrong["starting_level"] = _("Choose a level from the list.")
    if kind and kind not in MatterKind.values:
        wrong["kind"] = _("Choose a kind of matter from the list.")
    newest = CatalogueVersion.objects.order_by("-number").first()
    found = MatterItem.objects.filter(version=newest, kind=kind, matter_class__code=class_code)
    if item_code and not found.filter(code=item_code).exists():
        wrong["item_code"] = _("There is no such item in the catalogue.")
    elif class_code and not found.exists():
        wrong["class_code"] = _("There is no such class in the catalogue.")
    return wrong


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON can hold them."""
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in values.items()}
