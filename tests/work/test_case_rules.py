"""Rules of the loop one by one: evidence, duplicates, merges, withdrawal, clocks, the worker's marks."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.town import PEOPLE, START, Town

from gezhi.civic.notices.models import Notice
from gezhi.foundation.actors.models import Post
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import SUBSCRIPTIONS
from gezhi.work.cases import apply, queries, services
from gezhi.work.cases.models import Asker, Case, Clock
from gezhi.work.cases.perform import allowed_acts, perform
from gezhi.work.cases.queries import Filter
from gezhi.work.cases.replay import differences
from gezhi.work.cases.services import Contact, Report

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def solve(town: Town, *, condition: str = "rubbish", **changes: object) -> Case:
    lon, lat = town.point(1)
    said = Report(source="patrol", description="路边垃圾", lon=lon, lat=lat, photos=(town.photo(1),))
    told = {"after": [town.photo(2)], "text": "已清扫", **changes}
    return services.solve(
        actor=town.actor("worker"), at=START, said=said, condition=town.conditions[condition], **told
    )  # type: ignore[arg-type]


def test_a_case_solved_on_the_spot_is_closed_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "drawn", lambda move, what, percent: False)
    case = solve(town)
    assert (case.state, case.on_the_spot, case.answer) == ("closed", True, "已清扫")
    assert Clock.objects.get(case=case, kind="whole").ended_at == START
    assert differences(Case.objects.get(pk=case.pk)) == {}


def test_a_sample_of_them_is_verified_by_somebody_else(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "drawn", lambda move, what, percent: True)
    case = solve(town)
    assert (case.state, case.owner_user) == ("verifying", town.users["inspector"])
    told = {"result": "untrue", "photos": [town.photo(3).pk]}
    perform("verify", case.pk, actor=town.actor("inspector"), at=START + HOUR, data=told)
    unsolved = {"reason": "unsolved", "text": "仍有垃圾"}
    case = perform("rework", case.pk, actor=town.actor("clerk"), at=START + 2 * HOUR, data=unsolved)
    assert (case.state, case.on_the_spot, case.reworks) == ("filed", False, 1)
    assert town.drive_from_filed(case, at=START + 3 * HOUR).state == "closed"


def test_about_a_tenth_is_drawn_for_the_recheck(town: Town) -> None:
    from gezhi.work.cases.move import Move

    drawn = sum(
        apply.drawn(
            Move(case=Case(area_path=town.areas["420599"].path), actor=SYSTEM, at=START), "recheck", 10
        )
        for _case in range(1000)
    )
    assert 60 < drawn < 150


def test_solving_needs_a_matter_that_allows_it_and_photos_before_and_after(town: Town) -> None:
    with pytest.raises(Invalid) as error:
        solve(town, condition="cover")
    assert "condition" in error.value.fields
    with pytest.raises(Invalid) as error:
        solve(town, after=[])
    assert "after" in error.value.fields


def test_a_result_without_the_photos_the_condition_asks_is_refused(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    with pytest.raises(Invalid) as error:
        perform("report_result", case.pk, actor=town.actor("handler"), at=START + HOUR, data={"text": "好了"})
    assert set(error.value.fields) == {"photos"}
    assert Case.objects.get(pk=case.pk).state == "handling"


def test_a_place_outside_the_district_is_told_and_nothing_is_kept(town: Town) -> None:
    with pytest.raises(Invalid) as error:
        services.report(
            actor=town.actor("worker"),
            at=START,
            said=Report(source="patrol", description="x", lon=100.0, lat=20.0, photos=(town.photo(),)),
        )
    assert set(error.value.fields) == {"point"}
    assert not Case.objects.exists()


def test_the_same_id_and_body_is_one_case_and_another_body_is_refused(town: Town) -> None:
    ident = uuid4()
    first = town.report(id=ident)
    again = town.report(id=ident)
    assert first.pk == again.pk == ident
    assert Case.objects.count() == 1
    with pytest.raises(Refused) as error:
        town.report(id=ident, description="别的事")
    assert error.value.code == "same_id_other_body"


def test_people_report_only_as_their_posts_allow(town: Town) -> None:
    with pytest.raises(NotAllowed):
        town.report("outsider")
    with pytest.raises(NotAllowed):
        town.report("worker", source="hotline")
    with pytest.raises(NotAllowed):
        town.report("worker", grid=3)  # another community
    assert town.report("worker", grid=2).area.code == "420599001001002"  # the next grid of one's community


def test_reports_near_in_place_time_and_matter_are_proposed_as_duplicates(town: Town) -> None:
    first = town.report()
    lon, _lat = town.point(1)
    near = town.resident_report(at=START + HOUR)[0]
    Case.objects.filter(pk=near.pk).update(lon=lon + 0.0003)
    far = town.report(grid=2, by="worker2")
    old = town.report(at=START - timedelta(days=30))
    found = queries.duplicates_of(first, town.actor("clerk"), at=START + HOUR)
    assert [case.pk for case, _metres in found] == [near.pk]
    assert found[0][1] == pytest.approx(28.8, abs=1)
    assert far.pk != near.pk != old.pk


def test_a_merged_report_follows_its_target_and_its_asker_with_it(town: Town) -> None:
    target = town.report()
    case, code = town.resident_report()
    perform("merge", case.pk, actor=town.actor("clerk"), at=START + HOUR, data={"case": target.number})
    case, target = Case.objects.get(pk=case.pk), Case.objects.get(pk=target.pk)
    assert (case.state, case.merged_into) == ("merged", target)
    assert [e.act for e in queries.events_of(target)] == ["report", "absorb"]
    asker = queries.asker_by_code(code)
    assert asker is not None
    assert (asker.case, asker.first_case) == (target, case)
    assert not Clock.objects.filter(case=case, ended_at=None).exists()
    with pytest.raises(Refused):
        perform("merge", target.pk, actor=town.actor("clerk"), at=START, data={"case": case.number})


def test_an_asker_withdraws_but_a_hazard_goes_on(town: Town) -> None:
    case, code = town.resident_report()
    asker = queries.asker_by_code(code)
    assert asker is not None
    case = perform("withdraw", case.pk, actor=services.asker_actor(asker), at=START + MINUTE)
    assert case.state == "withdrawn"
    hazard, code = town.resident_report(description="井盖没了")
    told = {"condition": town.conditions["cover"].pk}
    perform("file", hazard.pk, actor=town.actor("clerk"), at=START + MINUTE, data=told)
    asker = queries.asker_by_code(code)
    assert asker is not None
    hazard = perform("withdraw", hazard.pk, actor=services.asker_actor(asker), at=START + 2 * MINUTE)
    assert hazard.state == "filed"
    assert Asker.objects.get(pk=asker.pk).withdrawn_at == START + 2 * MINUTE


def test_only_advice_is_answered_directly(town: Town) -> None:
    advice, _code = town.resident_report(item=town.conditions["question"].item)
    case = perform("answer", advice.pk, actor=town.actor("clerk"), at=START, data={"text": "可到社区办理"})
    assert (case.state, case.answer) == ("closed", "可到社区办理")
    rubbish = town.report(item=town.conditions["rubbish"].item)
    with pytest.raises(Refused):
        perform("answer", rubbish.pk, actor=town.actor("clerk"), at=START, data={"text": "会去看"})


def test_an_agency_off_the_list_needs_a_reason(town: Town) -> None:
    case = town.drive(town.report(), "file")
    told = {"agency": town.agencies["ODD"].pk}
    with pytest.raises(Invalid) as error:
        perform("dispatch", case.pk, actor=town.actor("clerk"), at=START + HOUR, data=told)
    assert set(error.value.fields) == {"text"}
    case = perform(
        "dispatch", case.pk, actor=town.actor("clerk"), at=START + HOUR, data={**told, "text": "正在附近作业"}
    )
    assert case.lead_agency == town.agencies["ODD"]


def test_free_return_ends_with_the_sign_limit_then_consent_is_needed(town: Town) -> None:
    case = town.drive(town.report(), "dispatch")  # dispatched 09:10, to be signed by 09:40
    reason = {"reason": "not_ours", "text": "不归我们"}
    late = START + HOUR
    with pytest.raises(Refused):
        perform("return", case.pk, actor=town.actor("head"), at=late, data=reason)
    case = perform("request_return", case.pk, actor=town.actor("head"), at=late, data=reason)
    assert (case.state, case.open_request, case.owner_grant) == ("dispatched", "return", "dispatch")
    assert Clock.objects.get(case=case, kind="handle").resumed_at is None
    case = perform(
        "decline_return", case.pk, actor=town.actor("clerk"), at=late + HOUR, data={"text": "在清单上"}
    )
    assert (case.open_request, case.owner_agency) == ("", town.agencies["SAN"])
    handle = Clock.objects.get(case=case, kind="handle")
    assert (handle.used, handle.resumed_at) == (50 * 60, late + HOUR)


def test_the_handle_clock_goes_on_for_the_same_agency_and_anew_for_another(town: Town) -> None:
    clerk, head = town.actor("clerk"), town.actor("head")
    case = town.drive(town.report(), "dispatch")
    back = {"reason": "not_found", "text": "没找到"}
    perform("return", case.pk, actor=head, at=START + 20 * MINUTE, data=back)
    again = {"agency": town.agencies["SAN"].pk}
    perform("dispatch", case.pk, actor=clerk, at=START + 30 * MINUTE, data=again)
    handle = Clock.objects.get(case=case, kind="handle")
    assert (handle.used, handle.started_at) == (10 * 60, START + 10 * MINUTE)
    perform("return", case.pk, actor=head, at=START + 40 * MINUTE, data=back)
    other = {"agency": town.agencies["ODD"].pk, "text": "就近"}
    perform("dispatch", case.pk, actor=clerk, at=START + 50 * MINUTE, data=other)
    handle = Clock.objects.get(case=case, kind="handle", ended_at=None)
    assert (handle.agency, handle.used, handle.started_at) == (town.agencies["ODD"], 0, START + 50 * MINUTE)
    assert not Case.objects.visible_to(head).filter(pk=case.pk).exists()
    with pytest.raises(Refused) as error:  # the sanitation station no longer has it, and hears who took it
        perform("return", case.pk, actor=head, at=START + 55 * MINUTE, data=back)
    assert error.value.code == "taken_away"


def test_the_worker_warns_marks_and_tells_the_leader_once_each(town: Town) -> None:
    case = town.report(at=START)  # intake: 30 minutes of working time from 09:00
    assert services.tick(at=START + 23 * MINUTE) == 0
    for minute in (24, 25, 30, 31, 90, 91):
        services.tick(at=START + minute * MINUTE)
    acts = [(e.act, (e.at - START) // MINUTE) for e in queries.events_of(case) if e.actor_kind == "system"]
    assert acts == [("warn", 24), ("overdue", 30), ("escalate", 90)]


def test_notices_reach_the_owner_and_the_leader(town: Town) -> None:
    case = town.report(at=START)
    services.tick(at=START + 24 * MINUTE)
    services.tick(at=START + 90 * MINUTE)
    while drain(subscriptions=SUBSCRIPTIONS, at=START + 2 * HOUR):
        pass
    told = {(n.user.username, n.kind) for n in Notice.objects.filter(case=case).select_related("user")}
    assert told == {("clerk", "desk"), ("clerk", "warn"), ("leader", "leader")}
    assert not OutboxMessage.objects.filter(done_at=None).exists()


def test_a_closed_case_is_archived_when_its_window_is_over(town: Town) -> None:
    case = town.drive(town.report(), "verify")
    assert services.tick(at=START + timedelta(days=14)) == 0
    services.tick(at=START + timedelta(days=16))
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.owner_grant) == ("archived", "")
    assert allowed_acts(case, town.actor("clerk"), at=START + timedelta(days=16)) == []
    assert differences(case) == {}


def test_the_desks_limits_run_by_the_clock_for_an_emergency(town: Town) -> None:
    evening = START + timedelta(hours=12)  # 21:00
    case = town.report(at=evening, item=town.conditions["cover"].item)
    told = {"condition": town.conditions["cover"].pk}
    case = perform("file", case.pk, actor=town.actor("clerk"), at=evening, data=told)
    assert case.due_at == evening + 15 * MINUTE
    ordinary = town.drive(town.report(at=evening), "file", at=evening)
    # the desk opens again at 08:00 on Tuesday, 11 hours after the report
    assert ordinary.due_at == START + timedelta(hours=23, minutes=15)


def test_the_trace_says_who_had_it_how_long_and_where_it_stuck(town: Town) -> None:
    case = town.report()
    told = {"condition": town.conditions["rubbish"].pk}
    perform("file", case.pk, actor=town.actor("clerk"), at=START + 40 * MINUTE, data=told)
    spans = queries.trace(queries.events_of(case), at=START + 50 * MINUTE)
    assert [(s.grant, s.name, s.seconds(START + 50 * MINUTE) // 60) for s in spans] == [
        ("intake", "测试街道", 40),
        ("dispatch", "测试街道", 10),
    ]
    assert (spans[0].late_seconds, spans[0].longest, spans[1].longest) == (600, True, False)


def test_nobody_sees_beyond_their_posts(town: Town) -> None:
    case = town.report()
    assert [name for name in ("worker", "clerk", "leader") if sees(town, name, case)] == [
        "worker",
        "clerk",
        "leader",
    ]
    for name in ("worker2", "outsider", "handler", "admin", "auditor"):
        assert not sees(town, name, case)
    assert not Case.objects.visible_to(None).exists()
    with pytest.raises(NotFound):
        queries.case_for(town.actor("outsider"), case.number)


def sees(town: Town, name: str, case: Case) -> bool:
    return Case.objects.visible_to(town.actor(name)).filter(pk=case.pk).exists()


def test_a_contact_is_sealed_and_opening_it_needs_a_purpose_and_is_recorded(town: Town) -> None:
    case, code = town.resident_report(contact=Contact(name="甲居民", phone="00000000001"))
    asker = Asker.objects.get(case=case)
    assert "甲居民".encode() not in bytes(asker.name_sealed or b"")
    assert code.replace("-", "").encode() not in bytes(asker.code_index)
    with pytest.raises(NotAllowed):
        services.reveal_contact(actor=town.actor("worker"), case=case, purpose="好奇", at=START)
    with pytest.raises(Invalid):
        services.reveal_contact(actor=town.actor("clerk"), case=case, purpose=" ", at=START)
    found = services.reveal_contact(actor=town.actor("clerk"), case=case, purpose="核对地点", at=START)
    assert [(c.name, c.phone) for c in found] == [("甲居民", "00000000001")]
    assert AuditEntry.objects.get(act="reveal_contact").detail == {"purpose": "核对地点"}


def test_pages_by_keyset_show_every_case_once(town: Town) -> None:
    made = {town.report(at=START + n * MINUTE).pk for n in range(7)}
    clerk = town.actor("clerk")
    for order in ("due", "new"):
        seen: list[UUID] = []
        after = ""
        while True:
            page = queries.page_of(clerk, Filter(order=order, after=after, limit=3), at=START)
            seen += [case.pk for case in page.rows]
            after = page.next_key
            if not after:
                break
        assert len(seen) == 7
        assert set(seen) == made


def test_counts_add_up(town: Town) -> None:
    town.report()
    town.drive(town.report(), "dispatch")
    town.drive(town.report(), "verify")
    found = queries.counts(town.actor("clerk"), Filter(), at=START + HOUR)
    assert {k: found[k] for k in ("intake", "sign", "closed", "all", "active", "mine", "overdue")} == {
        "intake": 1, "sign": 1, "closed": 1, "all": 3, "active": 2, "mine": 1, "overdue": 2,
    }  # fmt: skip


def test_nobody_of_the_agency_verifies_even_with_the_duty(town: Town) -> None:
    """The grid worker who also serves in the station cannot verify its work; the next inspector does."""
    Post.objects.create(
        user=town.users["worker"],
        role_id="handler",
        area=town.areas["420599"],
        agency=town.agencies["SAN"],
        since=START - timedelta(days=1),
    )
    case = town.drive(town.report(), "report_result")
    assert case.owner_user == town.users["inspector"]


def test_nothing_open_stays_with_somebody_who_left_the_post(town: Town) -> None:
    verifying = town.drive(town.report(), "report_result")
    checking = town.report()
    asked = {"user": town.users["worker"].pk}
    perform("ask_check", checking.pk, actor=town.actor("clerk"), at=START, data=asked)
    kept = town.drive(town.report(), "sign")
    assigned = {"user": town.users["handler"].pk}
    perform("assign", kept.pk, actor=town.actor("head"), at=START + HOUR, data=assigned)
    left = START + 2 * HOUR
    Post.objects.filter(user__username__in=("worker", "handler")).update(until=left)
    assert services.leave_nothing_with(user_id=town.users["worker"].pk, at=left) == 2
    assert services.leave_nothing_with(user_id=town.users["handler"].pk, at=left) == 1
    assert Case.objects.get(pk=verifying.pk).owner_user == town.users["inspector"]
    assert Case.objects.get(pk=checking.pk).state == "reported"
    kept = Case.objects.get(pk=kept.pk)
    assert (kept.owner_agency, kept.owner_user, kept.assignee) == (town.agencies["SAN"], None, None)


def test_a_sealed_matter_shows_its_words_only_to_those_who_serve_it(town: Town) -> None:
    item = town.conditions["question"].item
    type(item).objects.filter(pk=item.pk).update(sealed=True)
    case, _code = town.resident_report(item=item, description="家里有困难", photos=(town.photo(),))
    told = queries.case_for(town.actor("clerk"), case.number)
    assert (told.veiled, told.description) == (False, "家里有困难")
    other = queries.case_for(town.actor("worker"), case.number)
    assert other.veiled
    assert "家里有困难" not in other.description
    assert [(e.text, list(e.photos.all())) for e in queries.events_of(other)] == [("", [])]
    row = queries.page_of(town.actor("worker"), Filter(), at=START).rows[0]
    assert (row.veiled, row.first_photo) == (True, None)


def test_an_answer_rated_poorly_is_taken_in_anew(town: Town) -> None:
    case, code = town.resident_report(item=town.conditions["question"].item)
    perform("answer", case.pk, actor=town.actor("clerk"), at=START, data={"text": "请到社区办理"})
    asker = queries.asker_by_code(code)
    assert asker is not None
    resident = services.asker_actor(asker)
    perform("rate", case.pk, actor=resident, at=START + HOUR, data={"stars": 1})
    case = perform("reopen", case.pk, actor=resident, at=START + HOUR, data={"text": "没有答到点上"})
    assert (case.state, case.owner_grant, case.reopenings) == ("reported", "intake", 1)
    assert town.drive(case, "verify", at=START + 2 * HOUR).state == "closed"


def test_one_case_and_a_list_agree_on_who_sees(town: Town) -> None:
    cases = [town.report(), town.drive(town.report(), "sign"), town.drive(town.report(), "report_result")]
    reported, code = town.resident_report(grid=3)
    asker = queries.asker_by_code(code)
    assert asker is not None
    actors = [town.actor(name) for name in PEOPLE]
    for actor in [*actors, services.asker_actor(asker), services.VISITOR, SYSTEM]:
        listed = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
        assert listed == {case.pk for case in Case.objects.all() if case.is_visible_to(actor)}
    assert len(cases) == 3
    assert reported.area.code == "420599001002001"


def test_a_verification_goes_to_the_successor_who_may_do_it(town: Town) -> None:
    case = town.drive(town.report(), "report_result")
    left = START + HOUR
    Post.objects.filter(user=town.users["worker"]).update(until=left)
    Post.objects.filter(user=town.users["worker2"]).update(area=town.areas["420599001001001"])
    follower = town.users["worker2"]
    services.leave_nothing_with(user_id=town.users["worker"].pk, to_user_id=follower.pk, at=left)
    assert Case.objects.get(pk=case.pk).owner_user == follower


def test_an_act_from_a_server_whose_clock_is_behind_does_not_lie_before_the_last(town: Town) -> None:
    case = town.report(at=START)
    told = {"condition": town.conditions["rubbish"].pk}
    case = perform("file", case.pk, actor=town.actor("clerk"), at=START - MINUTE, data=told)
    assert [event.at for event in queries.events_of(case)] == [START, START]
