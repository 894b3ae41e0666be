"""Findings of responsibility: who may record them, what they keep, how they are appealed against."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.actors.queries import actor_of
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.clocks.services import set_day
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.oversight.accountability import queries, services
from gezhi.oversight.accountability.models import Finding
from gezhi.oversight.accountability.permits import deciders, may_appeal, seat_to_decide
from gezhi.oversight.accountability.rules import milder, standing
from gezhi.oversight.accountability.trace import Stretch, stretches, subjects
from gezhi.work.cases import queries as cases
from tests.oversight.conftest import Way
from tests.town import START, Town

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)


def way_of(way: Way) -> list[Stretch]:
    return stretches(way.case, cases.events_of(way.case), at=way.at)


def at_agency(way: Way) -> Stretch:
    return next(one for one in way_of(way) if one.grant == "handle")


def found(way: Way, who: str = "leader", **said: Any) -> Finding:
    """A reminder to the sanitation station, unless told otherwise."""
    told = {
        "stretch": at_agency(way).key,
        "subject": f"agency-{way.town.agencies['SAN'].pk}",
        "kind": "reminder",
        "reason": "签收超时，当事人久候",
        "on": MONDAY,
        **said,
    }
    return services.record_finding(actor=way.town.actor(who), at=way.at, case=str(way.case.pk), **told)


@pytest.fixture
def late(way: Way) -> Way:
    """The station signed half an hour late."""
    way.dispatched()
    way.do("sign", "handler", after=HOUR)
    return way


# ---- the trace


def test_the_trace_tells_who_had_it_and_by_how_much_each_limit_was_passed(late: Way) -> None:
    told = [(one.grant, one.name, one.seconds, one.late) for one in way_of(late)]
    assert told == [
        ("intake", "测试街道", 60, 0),
        ("dispatch", "测试街道", 60, 0),
        ("handle", "测试环卫所", 3600, 1800),
    ]
    assert [one.longest for one in way_of(late)] == [False, False, True]


def test_a_late_co_handler_and_an_undecided_request_are_stretches_of_their_own(late: Way) -> None:
    water = late.town.agencies["WAT"]
    late.do("whistle", "clerk", kind="emergency", agencies=[water.pk], text="爆管")
    late.do("request_extension", "handler", until="2026-03-06", text="需要吊车")
    late.at += 2 * HOUR + timedelta(minutes=40)
    part, request = (one for one in way_of(late) if one.sort != "owner")
    assert (part.sort, part.grant, part.agency, part.until) == ("part", "summoned", water, None)
    assert part.late > 0
    assert (request.sort, request.grant, request.undecided) == ("request", "approve", True)
    assert (request.name, request.desk_path) == ("测试区", "420599/")


def test_returns_and_reworks_are_told_where_they_happened(way: Way) -> None:
    way.dispatched()
    way.do("return", "handler", reason="not_ours", text="不属于我们")
    way.do("dispatch", "clerk", agency=way.town.agencies["WAT"].pk, text="供水管沟开挖遗留")
    first, second = (one for one in way_of(way) if one.grant == "handle")
    assert (first.returns, second.returns) == (1, 0)


def test_a_desks_time_is_held_against_the_posts_that_had_it_then(way: Way) -> None:
    way.dispatched()
    intake = way_of(way)[0]
    named = [one.post.user.username for one in subjects(way.case, intake, at=way.at) if one.post]
    assert named == ["clerk"]
    way.town.end_posts("clerk", at=START - DAY)
    assert subjects(way.case, intake, at=way.at) == []


# ---- recording


def test_a_leader_records_a_reminder_with_the_figures_of_the_moment(late: Way) -> None:
    finding = found(late)
    assert (finding.kind, finding.state, finding.agency) == (
        "reminder",
        "recorded",
        late.town.agencies["SAN"],
    )
    assert finding.facts["late"] == 1800
    assert (
        finding.facts["measures"][0] | {"kind": "sign", "used": 3600, "limit": 1800}
        == finding.facts["measures"][0]
    )
    late.do("report_result", "handler", after=20 * HOUR, text="已清运", photos=[late.photo()])
    kept = Finding.objects.get()
    assert kept.facts == finding.facts
    assert at_agency(late).late > 1800


def test_the_frozen_figures_hold_no_words_of_the_report_and_no_name_of_a_person(late: Way) -> None:
    late.do("assign", "head", user=late.town.users["handler"].pk)
    words = str(found(late).facts)
    assert "垃圾" in words  # the item's name
    for private in ("路边有一堆垃圾", "青禾街", "测试·环卫处置员"):
        assert private not in words


def test_recording_is_audited_and_told(late: Way) -> None:
    finding = found(late)
    entry = AuditEntry.objects.get(act="finding.record")
    assert (entry.subject_id, entry.detail["agency"]) == (str(finding.pk), "SAN")
    assert OutboxMessage.objects.get(topic="accountability.recorded").payload["subject_id"] == str(finding.pk)
    assert [user.username for user in queries.concerned(finding, at=late.at)] == ["head"]


def test_a_finding_can_still_be_recorded_of_an_archived_case(late: Way) -> None:
    late.do("report_result", "handler", text="已清运", photos=[late.photo()])
    late.do("verify", "worker", result="true", photos=[late.photo()])
    from gezhi.work.cases.services import tick

    late.at += 20 * DAY
    tick(at=late.at)
    late.case.refresh_from_db()
    assert late.case.state == "archived"
    assert found(late).facts["case"] == late.case.number


@pytest.mark.parametrize("who", ["clerk", "handler", "head", "worker", "appraiser", "desk", "dispatcher"])
def test_only_leaders_record(late: Way, who: str) -> None:
    with pytest.raises(NotAllowed):
        found(late, who)
    assert not Finding.objects.exists()


@pytest.mark.parametrize("who", ["outsider", "worker2", "admin"])
def test_who_does_not_see_the_case_is_told_that_there_is_none(late: Way, who: str) -> None:
    with pytest.raises(NotFound):
        found(late, who)


def test_a_leader_inside_the_agency_does_not_judge_it(late: Way) -> None:
    post = Post.objects.get(user=late.town.users["leader"])
    post.agency = late.town.agencies["SAN"]
    post.save()
    with pytest.raises(NotAllowed):
        found(late)


def test_a_leader_of_a_community_reminds_a_district_agency_and_no_more(late: Way) -> None:
    late.town.give_post("worker", "grid_leader", "420599001001")
    with pytest.raises(NotAllowed) as refused:
        found(late, "worker", kind="talk")
    assert refused.value.code == "not_this_leader"
    assert found(late, "worker").level_path == "420599/420599001/420599001001/"


def test_nobody_records_about_a_post_of_their_own(way: Way) -> None:
    way.dispatched()
    way.town.give_post("clerk", "leader", "420599001")
    intake = way_of(way)[0]
    post = Post.objects.get(user=way.town.users["clerk"], role="desk_clerk")
    with pytest.raises(NotAllowed):
        found(way, "clerk", stretch=intake.key, subject=f"post-{post.pk}")
    about = found(way, stretch=intake.key, subject=f"post-{post.pk}", kind="talk")
    assert (about.agency, about.post, about.subject) == (None, post, "测试街道 综合席")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "字" * 2001}, "reason"),
        ({"kind": "dismissal"}, "kind"),
        ({"stretch": "owner-99"}, "stretch"),
        ({"subject": "agency-0"}, "subject"),
        ({"subject": "user-1"}, "subject"),
        ({"on": MONDAY + DAY}, "on"),
        ({"on": MONDAY - DAY}, "on"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(late: Way, said: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        found(late, **said)
    assert field in wrong.value.fields


def test_an_agency_that_did_not_have_the_case_then_cannot_be_named(late: Way) -> None:
    with pytest.raises(Invalid):
        found(late, subject=f"agency-{late.town.agencies['WAT'].pk}")


def test_one_part_of_the_way_is_judged_once_for_each_concerned(late: Way) -> None:
    found(late)
    with pytest.raises(Refused) as refused:
        found(late, kind="talk")
    assert refused.value.code == "found_already"


def test_a_finding_always_names_an_agency_or_a_post(late: Way) -> None:
    finding = found(late)
    finding.pk, finding.agency, finding.stretch = None, None, "owner-1"
    with pytest.raises(IntegrityError), transaction.atomic():
        finding.save(force_insert=True)


# ---- who sees it


def test_a_finding_is_seen_by_the_level_that_decided_the_agency_and_the_auditor(late: Way) -> None:
    found(late)
    seen = {
        name
        for name in late.town.users
        if queries.page_of(late.town.actor(name), queries.FindingFilter(), at=late.at).rows
    }
    assert seen == {"leader", "head", "handler", "auditor"}
    assert not Finding.objects.visible_to(None).exists()


def test_a_finding_about_a_post_is_for_its_holder_and_head_not_for_colleagues(late: Way) -> None:
    late.do("assign", "head", user=late.town.users["handler"].pk)
    late.at += HOUR
    stretch = way_of(late)[-1]
    post = Post.objects.get(user=late.town.users["handler"])
    finding = found(late, stretch=stretch.key, subject=f"post-{post.pk}", kind="talk")
    assert finding.agency == late.town.agencies["SAN"]
    from gezhi.foundation.actors.models import User

    colleague = User.objects.create(username="colleague", name="测试·同事")
    Post.objects.create(
        user=colleague, role_id="handler", area=post.area, agency=post.agency, since=START - DAY
    )
    late.town.users["colleague"] = colleague
    seen = {n for n in late.town.users if Finding.objects.visible_to(late.town.actor(n)).exists()}
    assert seen == {"leader", "head", "handler", "auditor"}


def test_a_leader_below_the_level_that_decided_sees_nothing_of_it(late: Way) -> None:
    late.town.give_post("worker2", "leader", "420599001")
    finding = found(late)
    with pytest.raises(NotFound):
        queries.finding_for(late.town.actor("worker2"), finding.pk)


# ---- the appeal


def appeal(way: Way, finding: Finding, who: str = "head", **said: Any) -> None:
    told = {"reason": "当时停电，系统无法签收", **said}
    services.appeal(actor=way.town.actor(who, at=way.at), at=way.at, finding_id=finding.pk, **told)


def decide(way: Way, finding: Finding, who: str, **said: Any) -> None:
    told = {"decision": "upheld", "reason": "停电已有记录，但可电话签收", **said}
    services.decide(actor=way.town.actor(who, at=way.at), at=way.at, finding_id=finding.pk, **told)


def test_ten_working_days_to_appeal_begin_the_day_after(late: Way) -> None:
    assert found(late).appeal_until == datetime.fromisoformat("2026-03-17T00:00+08:00")


def test_holidays_and_moved_working_days_count_as_the_calendar_says(late: Way) -> None:
    admin = late.town.actor("admin")
    set_day(actor=admin, at=START, date=date(2026, 3, 4), working=False, note="停工")
    set_day(actor=admin, at=START, date=date(2026, 3, 8), working=True, note="调休")
    assert found(late).appeal_until == datetime.fromisoformat("2026-03-17T00:00+08:00")
    late.at = datetime.fromisoformat("2026-09-24T10:00+08:00")  # mid-autumn, then national day
    other = found(late, stretch="owner-2", subject=f"post-{Post.objects.get(user__username='clerk').pk}")
    # 25–27 September and 1–7 October are off, Saturday 10 October is worked: 28–30 September, 8–10 and 12–15
    assert other.appeal_until == datetime.fromisoformat("2026-10-16T00:00+08:00")


def test_the_head_appeals_with_reason_and_photos(late: Way) -> None:
    finding = found(late)
    appeal(late, finding, photos=[late.town.photo(9)])
    finding.refresh_from_db()
    assert (finding.state, finding.appeal.reason) == ("appealed", "当时停电，系统无法签收")
    assert finding.appeal.photos.count() == 1
    assert AuditEntry.objects.filter(act="finding.appeal").count() == 1
    assert OutboxMessage.objects.filter(topic="accountability.appealed").count() == 1


@pytest.mark.parametrize(
    ("who", "error"), [("handler", NotAllowed), ("leader", NotAllowed), ("other_head", NotFound)]
)
def test_only_who_is_concerned_appeals(late: Way, who: str, error: type[Exception]) -> None:
    finding = found(late)
    with pytest.raises(error):
        appeal(late, finding, who)


def test_the_holder_of_a_post_appeals_against_what_was_found_about_it(way: Way) -> None:
    way.dispatched()
    post = Post.objects.get(user=way.town.users["clerk"])
    finding = found(way, stretch=way_of(way)[0].key, subject=f"post-{post.pk}")
    appeal(way, finding, "clerk")
    assert Finding.objects.get().state == "appealed"


def test_after_the_last_day_a_finding_is_final(late: Way) -> None:
    finding = found(late)
    late.at = finding.appeal_until - timedelta(seconds=1)
    assert may_appeal(late.town.actor("head", at=late.at), finding, at=late.at)
    late.at = finding.appeal_until
    with pytest.raises(Refused) as over:
        appeal(late, finding)
    assert over.value.code == "appeal_over"
    assert standing(finding.state, appeal_until=finding.appeal_until, at=late.at) == "final"


def test_one_appeals_once(late: Way) -> None:
    finding = found(late)
    appeal(late, finding)
    with pytest.raises(Refused) as again:
        appeal(late, finding)
    assert again.value.code == "appealed_already"


def test_an_appeal_needs_a_reason(late: Way) -> None:
    finding = found(late)
    with pytest.raises(Invalid):
        appeal(late, finding, reason="")


def test_who_recorded_it_does_not_decide_the_appeal(late: Way, second_leader: Town) -> None:
    finding = found(late)
    appeal(late, finding)
    with pytest.raises(NotAllowed):
        decide(late, finding, "leader")
    decide(late, finding, "appraiser")
    finding.refresh_from_db()
    assert (finding.state, finding.kind, finding.appeal.decision) == ("upheld", "reminder", "upheld")
    assert (finding.appeal.decided_by, finding.appeal.kind_before) == (
        late.town.users["appraiser"],
        "reminder",
    )


def asked_to_decide(way: Way, finding: Finding) -> list[str]:
    """Who is told that the appeal waits for them; each of them can decide it."""
    finding = Finding.objects.get(pk=finding.pk)
    users = deciders(finding, at=way.at)
    assert all(seat_to_decide(actor_of(user, at=way.at), finding, at=way.at) for user in users)
    return [user.username for user in users]


def test_who_left_the_agency_long_ago_may_decide_about_it(late: Way, second_leader: Town) -> None:
    since, until = START - 300 * DAY, START - 200 * DAY
    Post.objects.create(
        user=late.town.users["appraiser"],
        role_id="handler",
        area=late.town.areas["420599"],
        agency=late.town.agencies["SAN"],
        since=since,
        until=until,
    )
    finding = found(late)
    appeal(late, finding)
    assert asked_to_decide(late, finding) == ["appraiser"]


def test_where_who_is_above_belongs_to_the_agency_the_same_level_decides(late: Way) -> None:
    late.town.give_post("worker", "approver", "420599001")
    late.town.give_post("inspector", "approver", "420599001")
    Post.objects.filter(user=late.town.users["leader"]).update(agency=late.town.agencies["SAN"])
    finding = found(late, "worker")
    appeal(late, finding)
    assert asked_to_decide(late, finding) == ["inspector"]
    decide(late, finding, "inspector")
    assert Finding.objects.get().state == "upheld"


def test_who_appealed_does_not_decide_and_keeps_nobody_else_from_it(bureau: Agency, late: Way) -> None:
    late.town.give_post("worker", "approver", "420599001")
    late.town.give_post("inspector", "approver", "420599001")
    leader = late.town.users["leader"]  # approves above, and heads the bureau the station belongs to
    area = late.town.areas["420599"]
    Post.objects.create(user=leader, role_id="agency_head", area=area, agency=bureau, since=START - DAY)
    finding = found(late, "worker")
    appeal(late, finding, "leader")
    assert asked_to_decide(late, finding) == ["inspector"]
    with pytest.raises(NotAllowed):
        decide(late, finding, "leader")
    decide(late, finding, "inspector")


def test_an_appeal_goes_to_the_level_above_where_there_is_one(late: Way) -> None:
    late.town.give_post("worker", "approver", "420599001")
    late.town.give_post("inspector", "approver", "420599001")
    finding = found(late, "worker")
    appeal(late, finding)
    assert asked_to_decide(late, finding) == ["leader"]
    with pytest.raises(NotAllowed):  # of the same level, while somebody above can
        decide(late, finding, "inspector")
    decide(late, finding, "leader", decision="withdrawn")
    assert Finding.objects.get().state == "withdrawn"


def test_a_withdrawn_finding_leaves_room_for_another(late: Way, second_leader: Town) -> None:
    finding = found(late)
    appeal(late, finding)
    decide(late, finding, "appraiser", decision="withdrawn")
    assert found(late).pk != finding.pk


def test_an_approver_of_the_agency_does_not_decide_for_it(late: Way, second_leader: Town) -> None:
    Post.objects.filter(user=late.town.users["appraiser"], role="approver").update(
        agency=late.town.agencies["SAN"]
    )
    finding = found(late)
    appeal(late, finding)
    finding.refresh_from_db()
    assert seat_to_decide(late.town.actor("appraiser"), finding, at=late.at) is None


def test_an_appeal_never_makes_it_worse(late: Way, second_leader: Town) -> None:
    finding = found(late, kind="bulletin")
    appeal(late, finding)
    for kind in ("bulletin", "accountability", ""):
        with pytest.raises(Invalid):
            decide(late, finding, "appraiser", decision="changed", kind=kind)
    decide(late, finding, "appraiser", decision="changed", kind="reminder")
    finding.refresh_from_db()
    assert (finding.state, finding.kind, finding.appeal.kind_before) == ("changed", "reminder", "bulletin")
    assert milder("reminder") == ()


def test_an_appeal_is_decided_once(late: Way, second_leader: Town) -> None:
    finding = found(late)
    appeal(late, finding)
    decide(late, finding, "appraiser")
    with pytest.raises(Refused):
        decide(late, finding, "appraiser")
    assert AuditEntry.objects.filter(act="finding.decide").count() == 1


def test_a_decision_needs_a_reason_and_one_of_three_words(late: Way, second_leader: Town) -> None:
    finding = found(late)
    appeal(late, finding)
    with pytest.raises(Invalid) as wrong:
        decide(late, finding, "appraiser", decision="perhaps", reason="")
    assert set(wrong.value.fields) == {"decision", "reason"}
