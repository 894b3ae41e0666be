"""From areas, agencies and the catalogue to their shapes."""

from gezhi.faces.api.shapes import places as s
from gezhi.faces.api.shapes.case_views import condition_short, place
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import Area
from gezhi.foundation.areas.queries import lineage
from gezhi.work.matters.models import CatalogueVersion, Condition, MatterItem, ResponsibilityRule
from gezhi.work.matters.queries import ClassNode, Suggestion


def area(one: Area) -> s.AreaOut:
    """An area with its neighbours in the tree. Two queries."""
    return s.AreaOut(
        **place(one).model_dump(),
        name_zh=one.name,
        name_en=one.name_en,
        above=[place(upper) for upper in lineage(one.path)[:-1]],
        below=[place(lower) for lower in one.children.filter(retired_at=None).order_by("path")],
    )


def agency(one: Agency) -> s.AgencyOut:
    """An agency; its area is expected to be loaded."""
    return s.AgencyOut(
        id=one.pk,
        code=one.code,
        path=one.path,
        kind=one.kind,
        name=one.shown,
        name_zh=one.name,
        name_en=one.name_en,
        area=place(one.area),
        functions=one.functions,
        phone=one.phone,
        closed=one.closed_at is not None,
    )


def item(one: MatterItem) -> s.ItemOut:
    return s.ItemOut(
        key=one.key,
        name=one.shown,
        solve_on_spot=one.solve_on_spot,
        direct_answer=one.direct_answer,
        public=one.public,
    )


def item_whole(one: MatterItem, conditions: list[Condition]) -> s.ItemWhole:
    return s.ItemWhole(
        **item(one).model_dump(),
        id=one.pk,
        aliases=one.aliases,
        conditions=[condition(each) for each in conditions],
    )


def condition(one: Condition) -> s.ConditionOut:
    short = condition_short(one)
    assert short is not None
    return s.ConditionOut(
        **short.model_dump(),
        limit_kind=one.limit_kind,
        limit_amount=f"{one.limit_amount.normalize():f}",
        until_stopped=one.until_stopped,
        evidence=one.evidence,
        responsible=one.responsible,
        text_zh=one.text_zh,
        text_en=one.text_en,
        closing_zh=one.closing_zh,
        closing_en=one.closing_en,
    )


def matter_class(node: ClassNode) -> s.ClassOut:
    one = node.matter_class
    return s.ClassOut(kind=one.kind, code=one.code, name=one.shown, items=[item(i) for i in node.items])


def suggestion(one: Suggestion) -> s.SuggestionOut:
    return s.SuggestionOut(agency=agency(one.agency), why=one.why, level=one.level, basis=one.basis)


def version(one: CatalogueVersion) -> s.VersionOut:
    return s.VersionOut(
        id=one.pk,
        number=one.number,
        name=one.name,
        state=one.state,
        effective_from=one.effective_from,
        packs=one.packs,
    )


def rule(one: ResponsibilityRule) -> s.RuleOut:
    return s.RuleOut(
        id=one.pk,
        area=place(one.area),
        kind=one.kind,
        class_code=one.class_code,
        item_code=one.item_code,
        chain=one.chain,
        starting_level=one.starting_level,
    )
