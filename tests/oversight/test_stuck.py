"""Statistics of stuck places, against a small set counted by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gezhi.foundation.audit.errors import NotAllowed
from gezhi.oversight.accountability.stuck import (
    BY,
    Figures,
    StuckFilter,
    cases_behind,
    reads_statistics,
    statistics,
)
from gezhi.work.cases.models import Case
from tests.oversight.conftest import Way
from tests.town import START, Town

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MARCH = {"since": datetime(2026, 3, 1, tzinfo=UTC), "until": datetime(2026, 4, 1, tzinfo=UTC)}
NOW = START + 2 * HOUR  # 11:00 of the same Monday in Shanghai; nothing has been handled past its limit yet
STREET, FIRST, SECOND = (
    "420599/420599001/",
    "420599/420599001/420599001001/",
    "420599/420599001/420599001002/",
)


class Month:
    """Six cases of one March Monday.

    1  first community: on time everywhere, signed after 15 of 30 minutes
    2  second community: filed after 45 of 30 minutes (late 15), signed after 60 of 30 (late 30)
    3  first community: given back before signing, then with the water firm, which has not signed since 09:06
    4  first community: result verified as not solved, sent back to rework
    5  closed by force after a late intake
    6  excluded after a late intake
    """

    def __init__(self, town: Town) -> None:
        self.town = town
        self.ways = [self.way(grid) for grid in (1, 3, 1, 1, 1, 1)]
        self._one()
        self._two()
        self._three()
        self._four()
        for way, field in zip(self.ways[4:], ("forced", "excluded"), strict=True):
            way.do("file", "clerk", after=2 * HOUR, condition=town.conditions["rubbish"].pk)
            Case.objects.filter(pk=way.case.pk).update(**{field: True})

    def way(self, grid: int) -> Way:
        made = Way.__new__(Way)
        made.town, made.at = self.town, START
        made.case = self.town.report(grid=grid, by="worker" if grid < 3 else "inspector")
        return made

    def _one(self) -> None:
        way = self.ways[0]
        way.dispatched()
        way.do("sign", "handler", after=15 * MINUTE)

    def _two(self) -> None:
        way = self.ways[1]
        way.do("file", "clerk", after=45 * MINUTE, condition=self.town.conditions["rubbish"].pk)
        way.do("dispatch", "clerk", agency=self.town.agencies["SAN"].pk)
        way.do("sign", "handler", after=60 * MINUTE)

    def _three(self) -> None:
        way = self.ways[2]
        way.dispatched()
        way.do("return", "handler", after=3 * MINUTE, reason="not_ours", text="不是我们的")
        way.do("dispatch", "clerk", agency=self.town.agencies["WAT"].pk, text="供水开挖遗留")

    def _four(self) -> None:
        way = self.ways[3]
        way.dispatched()
        way.do("sign", "handler", after=3 * MINUTE)
        way.do("report_result", "handler", text="已清", photos=[way.photo()])
        way.do("verify", "worker", result="untrue", photos=[way.photo()], text="还在")
        way.do("rework", "clerk", reason="unsolved", text="继续清")

    def counted(
        self, by: str = "stage", *, who: str = "leader", at: datetime = NOW, **wanted: Any
    ) -> dict[str, Figures]:
        found = statistics(self.town.actor(who), StuckFilter(**{**MARCH, **wanted}), by=by, at=at)
        return {**found.places, "all": found.total}

    def behind(self, what: str, *, at: datetime = NOW, **wanted: Any) -> list[int]:
        """Which of the cases stand behind a figure, by their number above."""
        leader = self.town.actor("leader")
        page = cases_behind(leader, StuckFilter(**{**MARCH, **wanted}), what=what, at=at)
        order = {way.case.pk: n for n, way in enumerate(self.ways, start=1)}
        return sorted(order[case.pk] for case, _clocks in page.rows)


@pytest.fixture
def month(town: Town) -> Month:
    return Month(town)


def test_every_stage_is_counted_with_its_limits_passed(month: Month) -> None:
    stages = month.counted()
    told = {key: (one.spans, one.over, one.late // 60) for key, one in stages.items()}
    assert told["intake"] == (4, 1, 15)
    # 1: 15 of 30 minutes, 2: 60 (late 30), 3: 3, then running for 114 (late 84), 4: 3
    assert told["sign"] == (5, 2, 30 + 84)
    assert told["verify"] == (1, 0, 0)
    assert stages["sign"].share == 40.0
    assert "whole" not in stages


def test_median_and_ninetieth_percentile_are_of_used_by_limit(month: Month) -> None:
    sign = month.counted()["sign"]
    # 15/30, 60/30, 3/30, 114/30, 3/30
    assert sorted(sign.used.elements()) == [10, 10, 50, 200, 380]
    assert (sign.median, sign.p90) == (50, 380)
    intake = month.counted()["intake"]
    assert sorted(intake.used.elements()) == [3, 3, 3, 150]
    assert (intake.median, intake.p90) == (3, 150)


def test_limits_still_running_in_time_are_not_judged(month: Month) -> None:
    early = statistics(month.town.actor("leader"), StuckFilter(**MARCH), by="stage", at=START + 10 * MINUTE)
    assert early.places["sign"].over == 1  # only the one that ended late


def test_what_waits_at_an_agency_is_the_agencys_and_what_a_desk_took_is_the_desks(month: Month) -> None:
    agencies = month.counted("agency")
    sanitation, water = (str(month.town.agencies[code].pk) for code in ("SAN", "WAT"))
    assert (agencies[sanitation].over, agencies[sanitation].returns, agencies[sanitation].reworks) == (
        1,
        1,
        1,
    )
    assert agencies[water].over == 1
    assert agencies["-"].over == 1  # the intake of the second case
    assert sum(one.spans for key, one in agencies.items() if key != "all") == agencies["all"].spans


def test_areas_are_those_right_below_the_chosen_one(month: Month) -> None:
    assert set(month.counted("area")) == {"420599/", "all"}  # the district, seen from the top
    assert set(month.counted("area", area_path="420599/")) == {STREET, "all"}
    below = month.counted("area", area_path=STREET)
    assert (below[FIRST].cases, below[SECOND].cases) == (5, 1)
    assert below[SECOND].over == 2
    grids = month.counted("area", area_path=SECOND)
    assert grids[f"{SECOND}420599001002001/"].over == 2


def test_items_and_months_have_their_own_lines(month: Month) -> None:
    assert month.counted("item")["event:0110"].over == month.counted()["all"].over
    months = month.counted("month")
    assert set(months) == {"2026-03", "all"}
    assert months["2026-03"].cases == 6


def test_returns_and_reworks_are_counted_where_the_case_was(month: Month) -> None:
    stages = month.counted()
    assert (stages["sign"].returns, stages["handle"].reworks) == (1, 1)
    assert (stages["all"].returns, stages["all"].reworks) == (1, 1)


def test_an_agreed_return_counts_at_the_agency_that_gave_it_back(month: Month) -> None:
    way = month.ways[0]
    way.do("request_return", "handler", reason="not_ours", text="非我职责")
    way.do("agree_return", "clerk")
    sanitation = str(month.town.agencies["SAN"].pk)
    assert month.counted("agency")[sanitation].returns == 2
    assert month.behind("returns") == [1, 3]


def test_excluded_and_forced_cases_leave_the_rates_and_are_counted_apart(month: Month) -> None:
    total = month.counted()["all"]
    assert (total.cases, total.forced, total.excluded) == (6, 1, 1)
    assert (month.behind("forced"), month.behind("excluded")) == ([5], [6])
    Case.objects.update(forced=False, excluded=False)
    assert month.counted()["intake"].spans == 6


def test_pauses_are_left_out(month: Month) -> None:
    way = month.ways[0]
    way.do("request_return", "handler", reason="not_ours", text="非我职责")
    later = START + 48 * HOUR  # all other limits to handle have run out by then
    assert month.behind("over", stage="handle", at=later) == [2, 3, 4]
    assert month.behind("over", stage="decision", at=later) == [1]


def test_a_request_nobody_decides_past_due_is_told(month: Month) -> None:
    way = month.ways[0]
    way.do("request_extension", "handler", until="2026-03-09", text="等材料")
    assert month.counted()["all"].undecided == 0
    afternoon = START + 7 * HOUR
    assert month.counted(at=afternoon)["all"].undecided == 1
    assert month.counted(at=afternoon)["decision"].undecided == 1
    assert month.behind("undecided", at=afternoon) == [1]
    way.do("approve_extension", "leader")
    assert month.counted(at=afternoon)["all"].undecided == 0


def test_a_department_that_reports_in_late_is_told_and_one_that_never_came(month: Month) -> None:
    way = month.ways[0]
    water, odd = month.town.agencies["WAT"].pk, month.town.agencies["ODD"].pk
    way.do("whistle", "clerk", kind="emergency", agencies=[water, odd], text="爆管")
    way.do("attend", "other_head", after=HOUR, text="到了")
    agencies = month.counted("agency")
    assert (agencies[str(water)].summons, agencies[str(odd)].summons) == (1, 1)
    assert month.behind("summons") == [1]


def test_every_figure_opens_to_its_cases(month: Month) -> None:
    water = month.town.agencies["WAT"].pk
    assert month.behind("over") == [2, 3]
    assert month.behind("over", stage="intake") == [2]
    assert month.behind("over", agency_id=water) == [3]
    assert month.behind("over", agency_id=-1) == [2]
    assert month.behind("over", area_path=FIRST) == [3]
    assert month.behind("over", item_kind="event", item_code="0199") == []
    assert month.behind("reworks") == [4]
    assert month.behind("returns") == [3]
    assert month.behind("returns", agency_id=water) == []


def test_the_cases_behind_a_figure_come_page_by_page(month: Month) -> None:
    leader, wanted = month.town.actor("leader"), StuckFilter(**MARCH)
    first = cases_behind(leader, wanted, what="over", at=NOW, limit=1)
    rest = cases_behind(leader, wanted, what="over", at=NOW, limit=1, after=first.next_key)
    assert len(first.rows) == len(rest.rows) == 1
    assert first.rows[0][0].pk != rest.rows[0][0].pk
    assert rest.next_key == ""
    assert [clock.kind for clock in rest.rows[0][1]] == ["intake", "sign"]


def test_a_filter_narrows_what_is_counted(month: Month) -> None:
    water = month.town.agencies["WAT"].pk
    assert month.counted(agency_id=water)["all"].spans == 1
    assert month.counted(stage="intake")["all"].spans == 4
    assert month.counted(item_kind="demand", item_code="0101")["all"].cases == 0
    april = {"since": MARCH["until"], "until": datetime(2026, 5, 1, tzinfo=UTC)}
    assert month.counted(**april)["all"] == Figures()


def test_only_who_leads_supervises_or_appraises_an_area_reads_them(month: Month) -> None:
    readers = {name for name in month.town.users if reads_statistics(month.town.actor(name))}
    assert readers == {"leader", "clerk", "desk", "appraiser"}
    for name in sorted(set(month.town.users) - readers):
        with pytest.raises(NotAllowed):
            month.counted(who=name)
        with pytest.raises(NotAllowed):
            cases_behind(month.town.actor(name), StuckFilter(**MARCH), what="over", at=NOW)
    with pytest.raises(NotAllowed):
        statistics(None, StuckFilter(**MARCH), by="stage", at=NOW)


def test_a_reader_counts_only_the_ground_of_the_post_that_reads(month: Month) -> None:
    month.town.give_post("worker2", "leader", "420599001002")
    told = month.counted(who="worker2")
    assert (told["all"].cases, told["all"].over) == (1, 2)
    assert month.counted(who="worker2", area_path=FIRST)["all"].cases == 0


@pytest.mark.parametrize("by", BY)
def test_the_statistics_take_a_handful_of_queries(month: Month, by: str) -> None:
    leader = month.town.actor("leader")
    statistics(leader, StuckFilter(**MARCH), by=by, at=NOW)
    with CaptureQueriesContext(connection) as asked:
        statistics(leader, StuckFilter(**MARCH, area_path=STREET), by=by, at=NOW)
    assert len(asked) <= 7, [query["sql"] for query in asked]
