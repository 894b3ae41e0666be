"""Who answers for a case, and at which level it is dispatched."""

from datetime import datetime

from gezhi.foundation.actors.queries import manned
from gezhi.foundation.areas.queries import lineage
from gezhi.registry.facilities.queries import near
from gezhi.work.cases.models import Case
from gezhi.work.cases.states import LEVELS
from gezhi.work.matters.models import Condition
from gezhi.work.matters.queries import Preferred, Suggestion, starting_level, suggest_agencies

AT_HAND_METRES = 15.0  # so far a report may lie from the very thing it is about


def answerable(case: Case, *, at: datetime) -> list[Suggestion]:
    """The agencies that may answer for a filed case, best first: who keeps the very thing, then the lists."""
    if case.condition is None:
        return []
    return suggest_agencies(
        condition=case.condition, area_path=case.area_path, at=at, preferred=_keepers(case, case.condition)
    )


def _keepers(case: Case, condition: Condition) -> list[Preferred]:
    """Maintainer and owner of the nearest thing of this kind, where one is recorded on the spot."""
    item = condition.item
    if item.kind != "component":
        return []
    found = near(lon=case.lon, lat=case.lat, radius_m=AT_HAND_METRES, item_codes=[item.code])
    if not found:
        return []
    thing = found[0][0]
    kept = (("maintainer", thing.maintainer), ("owner", thing.owner))
    return [Preferred(agency, role) for role, agency in kept if agency is not None]


def filing_level(case: Case, condition: Condition, *, at: datetime) -> str:
    """The level a case is dispatched at: its own, or at once a higher one the responsibility list names.

    Only where somebody dispatches at that level or above: a street office alone keeps its cases.
    """
    wanted = starting_level(condition=condition, area_path=case.area_path, at=at)
    if not wanted or LEVELS.index(wanted) <= LEVELS.index(case.level):
        return case.level
    posts = manned("dispatch")
    for area in lineage(case.area_path):
        if area.kind in LEVELS and LEVELS.index(area.kind) >= LEVELS.index(wanted) and posts.get(area.pk):
            return wanted
    return case.level
