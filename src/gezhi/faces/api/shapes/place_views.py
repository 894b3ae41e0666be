"""From areas, agencies and the catalogue to their shapes."""

from gezhi.faces.api.shapes import places as s
from gezhi.faces.api.shapes.case_views import condition_words, place
from gezhi.foundation.actors.models import Agency
from gezhi.foundation.areas.models import Area
from gezhi.foundation.areas.queries import lineage
from gezhi.work.matters.models import Condition, MatterItem, ResponsibilityRule
from gezhi.work.matters.queries import ClassNode, Suggestion


def area(one: Area) -> s.AreaOut:
    """An area with its neighbours in the tree. Two queries."""
    return s.AreaOut.of(
        one,
        name=one.shown,
        name_zh=one.name,
        above=[place(upper) for upper in lineage(one.path)[:-1]],
        below=[place(lower) for lower in one.children.filter(retired_at=None).order_by("path")],
    )


def agency(one: Agency) -> s.AgencyOut:
    """An agency; its area is expected to be loaded."""
    return s.AgencyOut.of(
        one,
        name=one.shown,
        name_zh=one.name,
        area=place(one.area),
        closed=one.closed_at is not None,
    )


def item(one: MatterItem) -> s.ItemOut:
    return s.ItemOut.of(one, name=one.shown)


def item_whole(one: MatterItem, conditions: list[Condition]) -> s.ItemWhole:
    return s.ItemWhole.of(one, name=one.shown, conditions=[condition(each) for each in conditions])


def condition(one: Condition) -> s.ConditionOut:
    amount = f"{one.limit_amount.normalize():f}"
    return s.ConditionOut.of(one, **condition_words(one), limit_amount=amount)


def matter_class(node: ClassNode) -> s.ClassOut:
    one = node.matter_class
    return s.ClassOut.of(one, name=one.shown, items=[item(each) for each in node.items])


def suggestion(one: Suggestion) -> s.SuggestionOut:
    return s.SuggestionOut.of(one, agency=agency(one.agency))


def rule(one: ResponsibilityRule) -> s.RuleOut:
    return s.RuleOut.of(one, area=place(one.area))
