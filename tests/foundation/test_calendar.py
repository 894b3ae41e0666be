"""The calendar in the database: the official list, the district's own days, and who sees a change when."""

import threading
from datetime import UTC, date, datetime, time

import holidays
import pytest
from django.db import connection, transaction
from django.utils import translation

from gezhi.foundation.actors.scope import Actor, Seat
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.clocks import queries
from gezhi.foundation.clocks.models import CalendarDay
from gezhi.foundation.clocks.official import official_year, works_officially
from gezhi.foundation.clocks.queries import DaySource, calendar, month_view, year_is_official
from gezhi.foundation.clocks.services import clear_day, set_day, set_hours
from gezhi.foundation.outbox.models import OutboxMessage

AT = datetime(2025, 11, 21, 7, tzinfo=UTC)
SUNDAY = date(2025, 11, 23)
MONDAY = date(2025, 11, 24)
FAR = date(2060, 3, 1)  # no list is out for that year, and none will be soon


def holder(*grants: str) -> Actor:
    seat = Seat(1, "keeper", frozenset(grants), "area", 1, "42/")
    return Actor(kind="user", ident="1", label="林日历", user_id=None, seats=(seat,))


KEEPER = holder("manage_calendar")


@pytest.fixture(autouse=True)
def no_calendar_kept_from_elsewhere():
    queries.forget_calendar()
    yield
    queries.forget_calendar()


def set_working(day: date, working: bool, note: str = "") -> None:
    set_day(actor=KEEPER, at=AT, date=day, working=working, note=note)


class TestTheOfficialList:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            ("2024-02-04", True),  # a Sunday before the Spring Festival
            ("2024-02-09", True),  # New Year's Eve, a Friday, was no holiday in 2024
            ("2025-01-26", True),
            ("2025-01-28", False),
            ("2025-10-08", False),  # a Wednesday
            ("2025-10-11", True),  # a Saturday
            ("2026-10-10", True),
            ("2025-11-22", False),
            ("2025-11-21", True),
        ],
    )
    def test_holidays_rest_and_moved_days_work(self, day, works):
        assert works_officially(date.fromisoformat(day)) is works

    def test_it_agrees_with_the_library_on_every_day_of_twenty_years(self):
        known = holidays.country_holidays("CN", years=range(2006, 2028))
        days = [
            date.fromordinal(n) for n in range(date(2007, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
        ]
        assert [d for d in days if works_officially(d) != known.is_working_day(d)] == []

    def test_every_year_since_2007_has_its_list_and_a_far_year_has_none(self):
        assert [y for y in range(2007, 2027) if not official_year(y).published] == []
        assert not official_year(FAR.year).published


@pytest.mark.django_db
class TestTheDistrictsWord:
    def test_it_goes_before_the_official_list_both_ways(self):
        assert (calendar().working_days(SUNDAY), calendar().working_days(MONDAY)) == (False, True)
        set_working(SUNDAY, True)
        set_working(MONDAY, False, "停水抢修补休")
        assert (calendar().working_days(SUNDAY), calendar().working_days(MONDAY)) == (True, False)

    def test_it_may_be_taken_back(self):
        set_working(SUNDAY, True)
        clear_day(actor=KEEPER, at=AT, date=SUNDAY)
        assert not calendar().working_days(SUNDAY)
        with pytest.raises(NotFound):
            clear_day(actor=KEEPER, at=AT, date=SUNDAY)

    def test_a_second_word_on_a_day_replaces_the_first(self):
        set_working(SUNDAY, True)
        set_working(SUNDAY, False, "又改回来")
        assert CalendarDay.objects.get(date=SUNDAY).note == "又改回来"
        assert not calendar().working_days(SUNDAY)

    def test_a_year_without_its_list_stays_without_it_though_the_district_sets_a_day(self):
        set_working(FAR, False)
        assert not year_is_official(FAR.year)

    def test_every_change_is_audited_and_told_to_the_others(self):
        set_working(SUNDAY, True, "值守")
        set_hours(actor=KEEPER, at=AT, since=MONDAY, periods=[(time(9), time(17))])
        clear_day(actor=KEEPER, at=AT, date=SUNDAY)
        acts = ["calendar.set_day", "calendar.set_hours", "calendar.clear_day"]
        assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == acts
        told = OutboxMessage.objects.filter(topic="calendar.changed").order_by("pk")
        assert [message.payload.get("date") for message in told] == ["2025-11-23", None, "2025-11-23"]

    def test_only_who_keeps_the_calendar_may_change_it(self):
        stranger = holder("dispatch")
        with pytest.raises(NotAllowed):
            set_day(actor=stranger, at=AT, date=SUNDAY, working=True)
        with pytest.raises(NotAllowed):
            clear_day(actor=stranger, at=AT, date=SUNDAY)
        with pytest.raises(NotAllowed):
            set_hours(actor=stranger, at=AT, since=SUNDAY, periods=[(time(9), time(17))])
        assert not CalendarDay.objects.exists()

    def test_hours_change_from_their_day_on(self):
        set_hours(actor=KEEPER, at=AT, since=MONDAY, periods=[(time(9), time(12)), (time(13), time(17))])
        found = calendar()
        assert found.day_seconds_on(date(2025, 11, 21)) == 8 * 3600
        assert found.day_seconds_on(MONDAY) == 7 * 3600
        assert queries.hours_history() == ((MONDAY, ((time(9), time(12)), (time(13), time(17)))),)

    @pytest.mark.parametrize(
        "periods", [[], [(time(12), time(9))], [(time(9), time(12)), (time(11), time(14))]]
    )
    def test_hours_that_make_no_sense_are_sent_back_with_what_to_do(self, periods):
        with pytest.raises(Invalid) as refusal, translation.override("zh-hans"):
            set_hours(actor=KEEPER, at=AT, since=MONDAY, periods=periods)
        with translation.override("zh-hans"):
            assert "先后顺序" in str(refusal.value.fields["periods"])

    def test_a_note_too_long_is_sent_back(self):
        with pytest.raises(Invalid):
            set_working(SUNDAY, True, "长" * 81)


@pytest.mark.django_db
def test_a_month_shows_each_day_with_its_source_and_note():
    set_working(date(2025, 10, 12), True, "创建文明城区加班")
    with translation.override("zh-hans"):
        october = month_view(2025, 10)
    assert [day.date.day for day in october] == list(range(1, 32))
    shown = {day.date.day: (day.working, day.source, day.note) for day in october}
    assert shown[1] == (False, DaySource.OFFICIAL, "国庆节")
    assert shown[9] == (True, DaySource.WEEKEND, "")
    assert shown[11] == (True, DaySource.OFFICIAL, "调休上班")
    assert shown[12] == (True, DaySource.OVERRIDE, "创建文明城区加班")
    assert shown[18] == (False, DaySource.WEEKEND, "")
    with translation.override("en"):
        assert month_view(2025, 10)[0].note == "National Day"
        assert month_view(2025, 10)[10].note == "Moved working day"


@pytest.mark.django_db
def test_ten_thousand_calls_read_the_tables_once(django_assert_num_queries):
    with django_assert_num_queries(3):
        for _ in range(10_000):
            calendar()


@pytest.mark.django_db
class TestATransactionThatIsRolledBack:
    def test_sees_its_own_change_and_leaves_nothing(self):
        with pytest.raises(RuntimeError), transaction.atomic():
            set_working(SUNDAY, True)
            assert calendar().working_days(SUNDAY)
            raise RuntimeError
        assert not calendar().working_days(SUNDAY)

    def test_keeps_what_was_written_outside_the_part_rolled_back(self):
        set_working(SUNDAY, True)
        with pytest.raises(RuntimeError), transaction.atomic():
            set_working(MONDAY, False)
            assert not calendar().working_days(MONDAY)
            raise RuntimeError
        assert calendar().working_days(SUNDAY)
        assert calendar().working_days(MONDAY)


def from_another_thread(day: date) -> bool:
    """What a second request in the same process is told."""
    found: list[bool] = []

    def look() -> None:
        found.append(calendar().working_days(day))
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(timeout=30)
    return found[0]


@pytest.mark.django_db(transaction=True)
class TestAmongThreadsAndProcesses:
    def test_others_in_the_process_see_a_change_at_its_commit_and_not_before(self):
        assert not from_another_thread(SUNDAY)
        with transaction.atomic():
            set_working(SUNDAY, True)
            assert calendar().working_days(SUNDAY)
            assert not from_another_thread(SUNDAY)
        assert from_another_thread(SUNDAY)
        assert calendar().working_days(SUNDAY)

    def test_another_process_sees_it_within_five_seconds(self, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(queries.clock, "monotonic", lambda: now)
        before = calendar()
        CalendarDay.objects.create(date=SUNDAY, working=True)  # as another process would: not told here
        now += 4.9
        assert calendar() is before
        now += 0.2
        assert calendar().working_days(SUNDAY)

    def test_an_unchanged_calendar_is_kept_when_it_is_read_again(self, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(queries.clock, "monotonic", lambda: now)
        before = calendar()
        now += 60
        assert calendar() is before
