"""Why a clock is due when it is: its page against counting every minute, over random calendars and pauses."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import accumulate

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.foundation.test_clock_rules import MINUTE, at_minute, counts, slow_advance
from tests.town import START, Town

from gezhi.foundation.clocks.models import CalendarDay, WorkHours
from gezhi.foundation.clocks.queries import calendar, forget_calendar
from gezhi.foundation.clocks.services import set_day
from gezhi.work.cases.models import Case, Clock
from gezhi.work.cases.perform import perform
from gezhi.work.cases.reckoning import Reckoning, Stretch, reckoning_of
from gezhi.work.cases.services import recount_open_clocks

Interval = tuple[datetime, datetime]
FAR = "2028-01-01"


def slow_count(intervals: Iterable[Interval], working: bool) -> dict[date, int]:
    """Seconds by local day, minute by minute."""
    found: dict[date, int] = {}
    known = calendar()
    for since, until in intervals:
        for n in range(int((until - since) / MINUTE)):
            minute = since + n * MINUTE
            if counts(minute, working, known):
                day = timezone.localtime(minute).date()
                found[day] = found.get(day, 0) + 60
    return found


def by_day(told: Reckoning, *kinds: Stretch) -> dict[date, int]:
    """Seconds by day as the page tells them."""
    found: dict[date, int] = {}
    for segment in told.segments:
        if segment.kind in kinds:
            for day in segment.days:
                if day.seconds:
                    found[day.date] = found.get(day.date, 0) + day.seconds
    return found


def set_calendar(periods: list[int], moved: set[int]) -> None:
    """Random working periods, and days of the next weeks turned from work to rest or the other way."""
    CalendarDay.objects.all().delete()
    WorkHours.objects.all().delete()
    forget_calendar()
    plain = calendar()
    edges = [f"{at_minute(one):%H:%M}" for one in periods]
    pairs = [list(pair) for pair in zip(edges[::2], edges[1::2], strict=True)]
    WorkHours.objects.create(since=date(2020, 1, 1), periods=pairs)
    days = [timezone.localdate(START) + timedelta(days=n) for n in moved]
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, working=not plain.working_days(day), note="测试调休") for day in days
    )
    forget_calendar()


def handling(town: Town, hours: int) -> Case:
    """A case signed for ten minutes after it was reported, with a handling limit of so many working hours."""
    condition = town.conditions["rubbish"]
    condition.limit_amount = hours
    condition.save()
    return town.drive(town.report(), "sign")


def rest(town: Town, case: Case, way: str, since: datetime, until: datetime) -> None:
    """Let the handling stand still for a while, the one way or the other."""
    handler, clerk, approver = (town.actor(name) for name in ("handler", "clerk", "inspector"))
    if way == "return":
        perform(
            "request_return",
            case.pk,
            actor=handler,
            at=since,
            data={"reason": "not_ours", "text": "不归我们管"},
        )
        perform("decline_return", case.pk, actor=clerk, at=until, data={"text": "归你们"})
        return
    asked = {"text": "等材料", "until": FAR}
    perform("request_suspension", case.pk, actor=handler, at=since, data=asked)
    perform("approve_suspension", case.pk, actor=approver, at=since)
    perform("resume", case.pk, actor=handler, at=until, data={"text": "材料到了"})


# Working periods as (minutes since the one before, minutes long): two hours a day at least.
edges = st.lists(st.tuples(st.integers(1, 180), st.integers(120, 240)), min_size=1, max_size=3).map(
    lambda parts: list(accumulate(minutes for part in parts for minutes in part))
)
spells = st.lists(
    st.tuples(st.integers(1, 1500), st.sampled_from(["return", "suspension"]), st.integers(1, 3000)),
    max_size=4,
)


@pytest.fixture
def approved(town: Town) -> Town:
    """The town with somebody in the street who decides requests."""
    town.give_post("inspector", "approver", "420599001")
    return town


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges, st.sets(st.integers(0, 30), max_size=12), st.integers(1, 24), spells, st.integers(0, 3000))
def test_a_clocks_page_agrees_with_counting_every_minute(
    approved: Town,
    periods: list[int],
    moved: set[int],
    hours: int,
    spells: list[tuple[int, str, int]],
    after: int,
) -> None:
    town = approved
    set_calendar(periods, moved)
    case = handling(town, hours)
    dispatched, now = (case.events.get(act=act).at for act in ("dispatch", "sign"))
    ran = {"handle": [dispatched], "whole": [START]}
    for running, way, resting in spells:
        since = now + running * MINUTE
        now = since + resting * MINUTE
        rest(town, case, way, since, now)
        for kind in ("handle", "whole") if way == "suspension" else ("handle",):
            ran[kind] += [since, now]
    at = now + after * MINUTE
    client = Client()
    client.force_login(town.users["clerk"])
    for kind, moments in ran.items():
        clock = Clock.objects.get(case=case, kind=kind)
        intervals = list(zip(moments[::2], [*moments[1::2], at], strict=True))
        told = reckoning_of(case=Case.objects.get(pk=case.pk), clock=clock, at=at)
        expected = slow_count(intervals, working=True)
        assert by_day(told, Stretch.RAN) == expected
        assert (told.used, told.recounted) == (sum(expected.values()), sum(expected.values()))
        assert told.left == clock.seconds - told.used
        if told.left > 0:
            due = slow_advance(at, told.left // 60, True, calendar())
            assert (clock.due_at, told.segments[-1].until) == (due, due)
            assert by_day(told, Stretch.AHEAD) == slow_count([(at, due)], working=True)
        page = client.get(f"/desk/cases/{case.number}/clocks/{clock.pk}/")
        assert page.context["told"].clock == clock


@pytest.mark.django_db
class TestTheStretches:
    def test_an_ended_clock_is_told_from_its_start_to_its_end(self, town: Town) -> None:
        case = town.drive(town.report(), "dispatch")
        clock = Clock.objects.get(case=case, kind="intake")
        told = reckoning_of(case=case, clock=clock, at=START + timedelta(days=3))
        (only,) = told.segments
        assert (only.kind, only.since, only.until, only.act) == (
            Stretch.RAN, START, START + timedelta(minutes=5), "report",
        )  # fmt: skip
        assert (told.used, told.left, told.extended) == (300, 1500, 0)

    def test_a_return_to_another_agency_ends_the_clock_it_had_stopped(self, town: Town) -> None:
        case = town.drive(town.report(), "dispatch")
        then = START + timedelta(minutes=20)
        perform(
            "return",
            case.pk,
            actor=town.actor("handler"),
            at=then,
            data={"reason": "not_ours", "text": "不归我们"},
        )
        later = START + timedelta(minutes=50)
        other = {"agency": town.agencies["WAT"].pk, "text": "供水的事"}
        perform("dispatch", case.pk, actor=town.actor("clerk"), at=later, data=other)
        first, second = Clock.objects.filter(case=case, kind="handle").order_by("pk")
        told = reckoning_of(case=case, clock=first, at=later)
        assert [(one.kind, one.act) for one in told.segments] == [
            (Stretch.RAN, "dispatch"), (Stretch.RESTED, "return"),
        ]  # fmt: skip
        assert [one.kind for one in reckoning_of(case=case, clock=second, at=later).segments] == ["ahead"]

    def test_the_same_agency_goes_on_where_it_stopped(self, town: Town) -> None:
        case = town.drive(town.report(), "dispatch")
        then, later = START + timedelta(minutes=20), START + timedelta(minutes=50)
        perform(
            "return",
            case.pk,
            actor=town.actor("handler"),
            at=then,
            data={"reason": "not_ours", "text": "不归我们"},
        )
        again = {"agency": town.agencies["SAN"].pk}
        perform("dispatch", case.pk, actor=town.actor("clerk"), at=later, data=again)
        clock = Clock.objects.get(case=case, kind="handle")
        told = reckoning_of(case=case, clock=clock, at=later + timedelta(minutes=10))
        kinds = [(one.kind, one.seconds) for one in told.segments[:-1]]
        assert kinds == [(Stretch.RAN, 600), (Stretch.RESTED, 0), (Stretch.RAN, 600)]
        assert told.segments[-1].seconds == clock.seconds - 1200

    def test_the_whole_clock_rests_from_a_closing_to_a_reopening(self, town: Town) -> None:
        case = town.resident_report()[0]
        closed = town.drive(case, "verify")
        assert closed.state == "closed"
        when = START + timedelta(hours=5)
        perform("rate", case.pk, actor=_asker(closed), at=when, data={"stars": "1", "text": "还在"})
        perform("reopen", case.pk, actor=_asker(closed), at=when, data={"text": "还在"})
        clock = Clock.objects.get(case=case, kind="whole")
        told = reckoning_of(case=Case.objects.get(pk=case.pk), clock=clock, at=when + timedelta(minutes=5))
        assert [one.kind for one in told.segments] == ["ran", "rested", "ran", "ahead"]
        assert told.used == told.recounted

    def test_an_extension_is_told_apart_from_the_limit(self, town: Town) -> None:
        town.give_post("inspector", "approver", "420599001")
        case = town.drive(town.report(), "sign")
        then = START + timedelta(minutes=30)
        asked = {"text": "等吊车", "until": "2026-03-04"}
        perform("request_extension", case.pk, actor=town.actor("handler"), at=then, data=asked)
        perform("approve_extension", case.pk, actor=town.actor("inspector"), at=then)
        case.refresh_from_db()
        clock = Clock.objects.get(case=case, kind="handle")
        told = reckoning_of(case=case, clock=clock, at=then)
        assert told.extended == clock.seconds - 4 * 3600 > 0
        assert sum(one.seconds for one in told.segments) == clock.seconds

    def test_an_emergency_counts_day_and_night_from_the_report_on(self, town: Town) -> None:
        friday = START + timedelta(days=4, hours=8, minutes=45)  # 17:45
        case = town.report(at=friday)
        cover = {"condition": town.conditions["cover"].pk}
        perform("file", case.pk, actor=town.actor("clerk"), at=friday + timedelta(minutes=30), data=cover)
        clock = Clock.objects.get(case=case, kind="whole")
        told = reckoning_of(case=case, clock=clock, at=friday + timedelta(minutes=40))
        assert (clock.working, told.used) == (False, 40 * 60)


def _asker(case: Case):  # type: ignore[no-untyped-def]
    from gezhi.work.cases.services import asker_actor

    asker = case.askers.first()
    assert asker is not None
    return asker_actor(asker)


@pytest.mark.django_db
class TestAChangeOfTheCalendar:
    def test_moves_running_clocks_and_leaves_what_has_ended(self, town: Town) -> None:
        case = handling(town, 12)  # due on Tuesday
        ended = {c.pk: (c.used, c.ended_at, c.due_at) for c in case.clocks.filter(ended_at__isnull=False)}
        before = Clock.objects.get(case=case, kind="handle").due_at
        at = START + timedelta(hours=1)
        set_day(actor=town.actor("admin"), at=at, date=date(2026, 3, 3), working=False)
        recount_open_clocks(at=at)
        moved = Clock.objects.get(case=case, kind="handle").due_at
        assert before is not None and moved == before + timedelta(days=1)
        case.refresh_from_db()
        assert case.due_at == moved
        after = {c.pk: (c.used, c.ended_at, c.due_at) for c in case.clocks.filter(ended_at__isnull=False)}
        assert after == ended != {}

    def test_a_day_that_had_counted_already_is_told_of(self, town: Town) -> None:
        case = town.drive(town.report(), "sign")
        clock = Clock.objects.get(case=case, kind="intake")
        set_day(actor=town.actor("admin"), at=START, date=date(2026, 3, 2), working=False)
        told = reckoning_of(case=case, clock=clock, at=START + timedelta(days=1))
        assert (told.used, told.recounted, told.counted_otherwise) == (300, 0, True)
