"""Lists of findings, who sees what of them, and the figures beside."""

from datetime import date
from typing import Any

from gezhi.foundation.actors.models import Agency
from gezhi.oversight.accountability import queries
from gezhi.oversight.accountability.permits import kinds_for, may_appeal
from gezhi.oversight.accountability.rules import percentile
from gezhi.oversight.accountability.trace import subjects
from tests.oversight.conftest import Way
from tests.oversight.test_findings import at_agency, found, late

__all__ = ["late"]


def test_the_list_is_narrowed_by_area_agency_kind_state_and_month(late: Way) -> None:
    finding = found(late)
    leader = late.town.actor("leader")

    def listed(**wanted: Any) -> bool:
        return bool(queries.page_of(leader, queries.FindingFilter(**wanted), at=late.at).rows)

    assert listed(
        area_path="420599/420599001/", agency_id=finding.agency_id, kind="reminder", state="recorded"
    )
    assert listed(month=date(2026, 3, 1))
    assert not listed(area_path="420600/")
    assert not listed(agency_id=late.town.agencies["WAT"].pk)
    assert not listed(kind="talk")
    assert not listed(state="final")
    assert not listed(month=date(2026, 4, 1))
    late.at = finding.appeal_until
    assert listed(state="final")
    assert not listed(state="recorded")


def test_a_long_list_is_read_page_by_page(late: Way) -> None:
    finding = found(late)
    for number in range(4):
        finding.pk, finding.stretch = None, f"owner-{90 + number}"
        finding.save(force_insert=True)
    leader = late.town.actor("leader")
    page = queries.page_of(leader, queries.FindingFilter(limit=3), at=late.at)
    rest = queries.page_of(leader, queries.FindingFilter(limit=3, after=page.next_key), at=late.at)
    assert (len(page.rows), len(rest.rows), rest.next_key) == (3, 2, 0)
    assert not {row.pk for row in page.rows} & {row.pk for row in rest.rows}


def test_kinds_offered_follow_from_how_far_the_leaders_area_reaches(late: Way) -> None:
    late.town.give_post("worker", "grid_leader", "420599001001")
    whom = subjects(late.case, at_agency(late), at=late.at)[0]
    assert kinds_for(late.town.actor("worker"), late.case, whom) == ["reminder"]
    assert len(kinds_for(late.town.actor("leader"), late.case, whom)) == 4
    assert kinds_for(late.town.actor("clerk"), late.case, whom) == []


def test_an_agency_below_is_its_heads_and_its_uppers_affair(late: Way) -> None:
    team = Agency.objects.create(
        code="TEAM", path="SAN/TEAM/", parent=late.town.agencies["SAN"], kind="station", name="测试清运队",
        area=late.town.areas["420599"],
    )  # fmt: skip
    finding = found(late)
    finding.agency, finding.agency_path = team, team.path
    finding.save()
    assert may_appeal(late.town.actor("head"), finding, at=late.at)
    assert not may_appeal(late.town.actor("other_head"), finding, at=late.at)


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentile([], 50) is None
    assert percentile([(10, 1), (20, 1), (30, 1)], 50) == 20
    assert percentile([(10, 1), (20, 1)], 50) == 10
    assert percentile([(10, 9), (300, 1)], 90) == 10
    assert percentile([(10, 8), (300, 2)], 90) == 300
