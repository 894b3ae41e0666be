"""A year's official list: read from text with every error by line, taken whole or not at all, and back again."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from tests.foundation.test_calendar import AT, KEEPER, holder, set_working

from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.clocks.listing import read_list, write_list
from gezhi.foundation.clocks.models import OfficialList
from gezhi.foundation.clocks.official import ListedDay, official_year
from gezhi.foundation.clocks.queries import (
    DaySource,
    calendar,
    day_view,
    forget_calendar,
    official_days,
    year_is_official,
    years_without_list,
)
from gezhi.foundation.clocks.services import drop_list, take_list
from gezhi.foundation.outbox.models import OutboxMessage

# A Thursday, a Saturday that works, and a list of a year nobody knows yet.
NEW_YEAR, SATURDAY = date(2060, 1, 1), date(2060, 1, 31)
DAYS = [ListedDay(NEW_YEAR, False, "元旦"), ListedDay(SATURDAY, True, "春节调休")]


@pytest.fixture(autouse=True)
def no_calendar_kept_from_elsewhere():
    forget_calendar()
    yield
    forget_calendar()


def reasons(text: str, year: int = 2060) -> list[tuple[int, str]]:
    with translation.override("en"):
        return [(error.line, str(error.reason)) for error in read_list(text, year).errors]


class TestReading:
    @pytest.mark.parametrize(
        "line",
        [
            "2060-01-01,休,元旦",
            "2060/1/1，休，元旦",
            "2060年1月1日\t放假\t元旦",
            "1月1日（周四）、休".replace("、", ","),
            "  1月1日 休 元旦  ",
            '"2060-01-01","休","元旦"',
        ],
    )
    def test_a_date_is_read_as_people_write_it(self, line):
        found = read_list(line, 2060)
        assert [(day.date, day.working) for day in found.days] == [(NEW_YEAR, False)]
        assert found.errors == []

    @pytest.mark.parametrize(
        "line", ["2月2日至8日,休,春节", "2060-02-02~2060-02-08,休,春节", "2月2日—2月8日 休 春节"]
    )
    def test_a_stretch_is_read_day_by_day(self, line):
        found = read_list(line, 2060)
        assert [day.date.day for day in found.days] == [2, 3, 4, 5, 6, 7, 8]
        assert {day.name for day in found.days} == {"春节"}

    def test_head_blank_lines_and_remarks_are_passed_over(self):
        found = read_list("\ufeff日期,休/班,名称\n\n# 国办发明电\n2060-01-01,休,元旦\n", 2060)
        assert (len(found.days), found.errors) == (1, [])

    def test_a_moved_day_of_the_december_before_belongs_to_the_list(self):
        found = read_list("2018-12-29,班,元旦调休", 2019)
        assert (found.errors, found.days[0].date) == ([], date(2018, 12, 29))

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("2060-02-30,休", "There is no day 2060-02-30."),
            ("2060-13-01,休", "There is no day 2060-13-01."),
            ("soon,休", "is no date"),
            ("2060-01-01", "Write a date, then"),
            ("2060-01-01,也许", "Write a date, then"),
            ("2060-05-04,班", "is a weekday and works anyway"),
            ("2061-05-01,休", "does not belong to the list of 2060"),
            ("1月8日至1月1日,休", "is no holiday"),
            ("1月1日至3月1日,休", "is no holiday"),
            (f"2060-01-01,休,{'长' * 41}", "at most 40 characters"),
        ],
    )
    def test_what_is_wrong_with_a_line_is_said_with_its_number(self, line, said):
        ((number, reason),) = reasons(f"2060-01-02,休\n{line}")
        assert number == 2
        assert said in reason

    def test_every_error_is_told_and_a_day_stands_once(self):
        assert [line for line, _reason in reasons("x,休\n2060-01-01,休\n\n1月1日,休\n2060-01-05")] == [
            1,
            4,
            5,
        ]

    def test_an_empty_list_and_an_endless_one_are_refused(self):
        assert [line for line, _reason in reasons("\n# nothing\n")] == [0]
        assert [line for line, _reason in reasons("2060-01-01,休\n" * 201)] == [0]

    def test_what_looks_odd_is_told_and_can_be_taken(self):
        with translation.override("en"):
            found = read_list("2060-01-01,休,元旦", 2060)
            assert [str(one)[:22] for one in found.odd] == [
                "No moved working day i",
                "These statutory holida",
            ]

    def test_a_list_that_differs_from_the_one_the_program_brings_says_where(self):
        whole = [ListedDay(day, False, name) for day, name in official_year(2026).rest.items()]
        moved = [ListedDay(day, True) for day in official_year(2026).moved]
        assert read_list(write_list([*whole, *moved]), 2026).odd == []
        (odd,) = read_list(write_list([*whole, *moved[1:]]), 2026).odd
        assert str(moved[0].date) in str(odd)

    @given(st.text(max_size=200), st.integers(2000, 2100))
    def test_no_text_breaks_the_reading(self, text, year):
        found = read_list(text, year)
        assert found.errors or found.days


@pytest.mark.django_db
class TestTaking:
    def test_an_imported_list_decides_and_makes_the_year_official(self):
        before = (calendar().working_days(NEW_YEAR), calendar().working_days(SATURDAY))
        assert (before, year_is_official(2060)) == ((False, False), False)
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        assert (calendar().working_days(NEW_YEAR), calendar().working_days(SATURDAY)) == (False, True)
        assert year_is_official(2060)
        assert official_days(2060) == [DAYS[0], ListedDay(SATURDAY, True)]
        view = day_view(NEW_YEAR)
        assert (view.source, view.note) == (DaySource.OFFICIAL, "元旦")

    def test_statutory_days_it_leaves_out_work(self):
        labour_day = date(2060, 5, 3)  # a Monday beside it
        assert labour_day.weekday() == 0
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        assert calendar().working_days(labour_day)

    def test_the_districts_own_word_goes_before_it(self):
        set_working(SATURDAY, False, "本区补休")
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        assert not calendar().working_days(SATURDAY)

    def test_the_list_of_the_year_after_moves_a_day_of_december(self):
        moved = date(2059, 12, 27)
        assert not calendar().working_days(moved)
        take_list(actor=KEEPER, at=AT, year=2060, days=[*DAYS, ListedDay(moved, True)])
        assert calendar().working_days(moved)
        assert not year_is_official(2059)

    def test_the_same_list_again_changes_nothing_and_tells_nobody(self):
        for _again in range(2):
            take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS[::-1])
        assert AuditEntry.objects.filter(act="calendar.take_list").count() == 1
        assert OutboxMessage.objects.filter(topic="calendar.changed").count() == 1

    def test_another_list_replaces_it_whole(self):
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS[:1])
        assert not calendar().working_days(SATURDAY)
        assert OfficialList.objects.count() == 1

    def test_it_can_be_taken_back(self):
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        drop_list(actor=KEEPER, at=AT, year=2060)
        assert (calendar().working_days(SATURDAY), year_is_official(2060)) == (False, False)
        with pytest.raises(NotFound):
            drop_list(actor=KEEPER, at=AT, year=2060)

    @pytest.mark.parametrize(
        ("days", "field"),
        [
            ([], "days"),
            ([DAYS[0], DAYS[0]], "days"),
            ([ListedDay(date(2061, 6, 1), False)], "date"),
            ([ListedDay(date(2060, 5, 4), True)], "working"),
            ([ListedDay(NEW_YEAR, False, "长" * 41)], "name"),
        ],
    )
    def test_a_list_with_one_wrong_day_is_not_taken_at_all(self, days, field):
        with pytest.raises(Invalid) as refusal:
            take_list(actor=KEEPER, at=AT, year=2060, days=days)
        assert set(refusal.value.fields) == {field}
        assert not OfficialList.objects.exists()

    def test_only_who_keeps_the_calendar_may(self):
        with pytest.raises(NotAllowed):
            take_list(actor=holder("dispatch"), at=AT, year=2060, days=DAYS)
        with pytest.raises(NotAllowed):
            drop_list(actor=holder("manage_catalogue"), at=AT, year=2060)

    def test_the_years_between_two_moments_without_a_list_are_named(self):
        moments = datetime(2059, 6, 1, tzinfo=UTC), datetime(2060, 12, 31, 16, tzinfo=UTC)  # 2061 in Shanghai
        assert years_without_list(*moments) == [2059, 2060, 2061]
        take_list(actor=KEEPER, at=AT, year=2060, days=DAYS)
        assert years_without_list(*moments) == [2059, 2061]
        assert years_without_list(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)) == []
