"""What stands at the side of a case: place, matter, limits, source, and the thing it is about."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gezhi.faces.console.desk import Desk
from gezhi.foundation.codes.beidou import encode
from gezhi.registry.facilities.models import Component
from gezhi.registry.facilities.queries import near as components_near
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import Source
from gezhi.work.matters.models import MatterKind

CODE_LEVEL = 8  # 1/32″: about a metre
THING_METRES = 15.0  # a component this near is what the report means


@dataclass(frozen=True)
class Facts:
    """`matter` leads from the class to the filing condition."""

    position_code: str
    matter: list[str]
    limit: str
    closing: str
    evidence: str
    source: str
    reporter: str
    component: Component | None


def facts_of(desk: Desk, case: Case) -> Facts:
    """The facts of a case read by `case_for`."""
    item, condition = case.item, case.condition
    return Facts(
        position_code=encode(lon=case.lon, lat=case.lat, level=CODE_LEVEL),
        matter=[item.matter_class.shown, item.shown, condition.shown if condition else ""] if item else [],
        limit=condition.limit_shown if condition else "",
        closing=condition.closing_shown if condition else "",
        evidence=_evidence(case),
        source=str(Source(case.source).label),
        reporter=case.reporter.name if case.reporter else "",
        component=_component(desk, case),
    )


def _evidence(case: Case) -> str:
    """Photos asked for: 处置 2 张，核查 1 张."""
    if case.condition is None:
        return ""
    words = {"result": _("%(n)d after handling"), "verify": _("%(n)d at the verification")}
    parts = [
        text % {"n": case.condition.photos(step)}
        for step, text in words.items()
        if case.condition.photos(step)
    ]
    return (
        _("Photos: %(parts)s") % {"parts": pgettext("between items of a list", ", ").join(parts)}
        if parts
        else ""
    )


def _component(desk: Desk, case: Case) -> Component | None:
    """The registered component the case is about, if its register is open to this actor."""
    if case.item is None or case.item.kind != MatterKind.COMPONENT:
        return None
    near = components_near(lon=case.lon, lat=case.lat, radius_m=THING_METRES, item_codes=[case.item.code])
    if not near:
        return None
    seen = Component.objects.visible_to(desk.actor).select_related("owner", "maintainer")
    return seen.filter(pk=near[0][0].pk).first()
