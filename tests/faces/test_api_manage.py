"""Managing over the API: people and posts, areas, agencies, catalogue, calendar, policy, keys, outbox, audit."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gezhi.civic.notices.models import Notice
from gezhi.faces.api import access
from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.work.cases.policy import rules_for
from tests.faces.calling import Caller, person, program
from tests.town import Town


@pytest.fixture
def admin(town: Town) -> Caller:
    return program(town, "admin")


def good(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_person_is_made_posted_handed_over_and_closed(town: Town, admin: Caller) -> None:
    made = good(admin.post("/people", {"username": "newcomer", "name": "测试·新人"}), 201)
    assert User.objects.get(pk=made["id"]).check_password(made["password"])
    body = {"user": made["id"], "role": "grid_worker", "area": "420599001002001"}
    post = good(admin.post("/posts", body), 201)
    assert post["area"]["name"] == "乙一网格"
    answer = admin.post("/posts", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "post_held_already")
    over = good(admin.post(f"/posts/{post['id']}/hand-over", {"user": town.users["worker2"].pk}))
    assert over["user"]["id"] == town.users["worker2"].pk
    assert good(admin.get(f"/people/{made['id']}"))["posts"] == []
    closed = good(admin.send("PUT", f"/people/{made['id']}/active", {"active": False}))
    assert closed["active"] is False
    assert [row["username"] for row in good(admin.get("/people", state="closed"))["rows"]] == ["newcomer"]


def test_a_post_not_begun_can_be_taken_back(town: Town, admin: Caller) -> None:
    made = good(admin.post("/people", {"username": "newcomer", "name": "测试·新人"}), 201)
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"user": made["id"], "role": "grid_worker", "area": "420599001002001", "since": tomorrow}
    post = good(admin.post("/posts", body), 201)
    ended = good(admin.post(f"/posts/{post['id']}/end", {}))
    assert ended["id"] == post["id"]
    assert ended["until"] == ended["since"]
    assert not Post.objects.filter(pk=post["id"]).exists()


def test_times_without_a_zone_are_refused(town: Town, admin: Caller) -> None:
    post = Post.objects.get(user=town.users["worker"])
    answer = admin.post(f"/posts/{post.pk}/end", {"until": "2027-01-01T00:00:00"})
    assert answer.status_code == 422
    assert "zone" in answer.json()["fields"]["until"]


def test_a_password_is_reset_to_a_one_time_one(town: Town, admin: Caller) -> None:
    worker = town.users["worker"]
    secret = good(admin.post(f"/people/{worker.pk}/password"))["password"]
    worker.refresh_from_db()
    assert worker.check_password(secret)
    assert worker.must_change_password


def test_people_come_page_by_page(town: Town, admin: Caller) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = good(admin.get("/people", limit=4, after=after))
        seen += [row["username"] for row in page["rows"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(set(town.users) - {"outsider"})


def test_the_tree_of_areas_is_walked_extended_and_asked_for_a_point(town: Town, admin: Caller) -> None:
    top = good(admin.get("/areas"))
    assert [area["code"] for area in top] == ["420599", "420600"]
    lon, lat = town.point(3)
    here = good(admin.get("/areas/at", lon=lon, lat=lat))
    assert here["code"] == "420599001002001"
    assert [area["code"] for area in here["above"]] == ["420599", "420599001", "420599001002"]
    assert admin.get("/areas/at", lon=0, lat=0).status_code == 404
    made = {"parent": "420599001001", "kind": "grid", "code": "420599001001003", "name": "甲三网格"}
    good(admin.post("/areas", made), 201)
    below = good(admin.get("/areas", parent="420599001001"))
    assert [area["name"] for area in below] == ["甲一网格", "甲二网格", "甲三网格"]


def test_an_agency_is_founded_changed_and_closed(town: Town, admin: Caller) -> None:
    body = {"name": "测试园林所", "kind": "station", "area": "420599001", "functions": ["greening"]}
    made = good(admin.post("/agencies", {**body, "code": "PARK", "parent": town.agencies["SAN"].pk}), 201)
    assert made["path"] == "SAN/PARK/"
    changed = good(admin.send("PUT", f"/agencies/{made['id']}", {**body, "phone": "027-00000000"}))
    assert changed["phone"] == "027-00000000"
    assert good(admin.post(f"/agencies/{made['id']}/close"))["closed"] is True
    assert "PARK" not in [one["code"] for one in good(admin.get("/agencies"))]
    assert "PARK" in [one["code"] for one in good(admin.get("/agencies", closed="true"))]


def test_the_catalogue_is_read_and_searched(town: Town, admin: Caller) -> None:
    tree = good(admin.get("/matters"))
    assert [(one["kind"], len(one["items"])) for one in tree] == [
        ("component", 1),
        ("event", 1),
        ("demand", 1),
    ]
    found = good(admin.get("/matters/search", q="垃圾"))
    assert [item["key"] for item in found] == ["event:0110"]
    item = good(admin.get("/matters/items/event:0110"))
    condition = item["conditions"][0]
    assert (condition["limit_kind"], condition["limit_amount"]) == ("work_hours", "4")
    lon, lat = town.point(1)
    agencies = good(admin.get(f"/matters/conditions/{condition['id']}/agencies", lon=lon, lat=lat))
    assert [one["agency"]["code"] for one in agencies] == ["SAN"]


def test_a_draft_is_edited_and_published_and_published_ones_stay(town: Town, admin: Caller) -> None:
    draft = good(admin.post("/catalogue/drafts", {"name": "二版"}), 201)
    again = admin.post("/catalogue/drafts", {"name": "三版"})
    assert (again.status_code, again.json()["code"]) == (409, "draft_exists")
    items = good(admin.get(f"/catalogue/versions/{draft['number']}/items"))
    rubbish = next(item for item in items if item["key"] == "event:0110")
    path = f"/catalogue/conditions/{rubbish['conditions'][0]['id']}"
    changed = good(admin.send("PATCH", path, {"limit_amount": "2.5", "text_zh": "暴露垃圾两处以上"}))
    assert (changed["limit_amount"], changed["text_zh"]) == ("2.5", "暴露垃圾两处以上")
    assert admin.send("PATCH", path, {"limit_amount": "many"}).status_code == 422
    good(admin.send("PATCH", f"/catalogue/items/{rubbish['id']}", {"aliases": "垃圾堆"}))
    good(admin.post(f"/catalogue/versions/{draft['number']}/publish"))
    fixed = admin.send("PATCH", path, {"limit_amount": "1"})
    assert (fixed.status_code, fixed.json()["code"]) == (409, "version_published")
    assert [item["key"] for item in good(admin.get("/matters/search", q="垃圾堆"))] == ["event:0110"]


def test_a_draft_is_seen_by_its_keeper_alone_and_can_be_thrown_away(town: Town, admin: Caller) -> None:
    number = good(admin.post("/catalogue/drafts", {"name": "二版"}), 201)["number"]
    clerk = program(town, "clerk")
    assert clerk.get(f"/catalogue/versions/{number}/items").status_code == 404
    assert number not in [one["number"] for one in good(clerk.get("/catalogue/versions"))]
    good(admin.send("DELETE", f"/catalogue/versions/{number}"))
    assert admin.get(f"/catalogue/versions/{number}/items").status_code == 404


def test_a_line_of_the_responsibility_list_is_written_and_taken_off(town: Town, admin: Caller) -> None:
    rule = {"area": "420599001", "kind": "event", "class_code": "01", "chain": [{"agency": "WAT"}]}
    made = good(admin.post("/responsibility", rule))
    condition, (lon, lat) = town.conditions["rubbish"].pk, town.point(1)
    agencies = good(admin.get(f"/matters/conditions/{condition}/agencies", lon=lon, lat=lat))
    assert agencies[0]["agency"]["code"] == "WAT"
    wrong = admin.post("/responsibility", {**rule, "chain": [{"agency": "NONE"}]})
    assert set(wrong.json()["fields"]) == {"chain"}
    good(admin.send("DELETE", f"/responsibility/{made['id']}"))
    assert good(admin.get("/responsibility", area="420599001")) == []


def test_a_day_is_set_and_given_back_to_the_official_list(town: Town, admin: Caller) -> None:
    good(admin.send("PUT", "/calendar/days/2026-03-03", {"working": False, "note": "测试停工"}))
    day = good(admin.get("/calendar/months/2026/3"))["days"][2]
    assert day == {"date": "2026-03-03", "working": False, "source": "override", "note": "测试停工"}
    good(admin.send("DELETE", "/calendar/days/2026-03-03"))
    assert good(admin.get("/calendar/months/2026/3"))["days"][2]["working"] is True
    assert admin.send("PUT", "/calendar/days/2026-02-30", {"working": False}).status_code == 422
    assert good(admin.get("/calendar/months/2090/3"))["official"] is False


def test_working_hours_hold_from_a_day_on(town: Town, admin: Caller) -> None:
    hours = {"since": "2026-01-01", "periods": [{"begin": "09:00", "end": "17:00"}]}
    good(admin.post("/calendar/hours", hours))
    assert calendar().day_seconds == 8 * 3600
    assert [one["since"] for one in good(admin.get("/calendar/hours"))] == [None, "2026-01-01"]
    backwards = {**hours, "periods": [{"begin": "17:00", "end": "09:00"}]}
    assert set(admin.post("/calendar/hours", backwards).json()["fields"]) == {"periods"}


def test_a_preset_is_adopted_from_now_on(town: Town, admin: Caller) -> None:
    before = good(admin.get("/policy", area="420599001"))
    assert (before["preset"], before["area"]["code"]) == ("street_office", "420599")
    good(admin.post("/policy", {"area": "420599", "preset": "district_centre"}))
    after = good(admin.get("/policy", area="420599001"))
    assert (after["preset"], after["version"]) == ("district_centre", 2)
    assert rules_for(town.areas["420599001"].path).auto_close is False


def test_rules_are_previewed_changed_and_taken_back(town: Town, admin: Caller) -> None:
    town.report()
    read = good(admin.get("/policy", area="420599"))
    body = {"area": "420599", "rules": {"limits": {"intake": "1 work_hours"}}, "based_on": read["id"]}
    told = good(admin.post("/policy/preview", body))
    assert told["changes"] == [
        {
            "rule": "limits.intake",
            "before": "30 work_minutes",
            "after": "1 work_hours",
            "why": "keeps",
            "count": 1,
        }
    ]
    changed = good(admin.send("PATCH", "/policy", {**body, "note": "人手不够"}))
    assert (changed["version"], changed["preset"], changed["rules"]["limits"]["intake"]) == (
        2,
        "",
        "1 work_hours",
    )
    stale = admin.send("PATCH", "/policy", {**body, "rules": {"urge_hours": 1}})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_since")
    good(admin.post("/policy/versions/1/again", {"area": "420599"}))
    versions = good(admin.get("/policy/versions", area="420599"))
    assert [(one["version"], one["again"], one["note"]) for one in versions] == [
        (3, 1, ""),
        (2, None, "人手不够"),
        (1, None, ""),
    ]


def test_a_wrong_rule_is_named_and_nothing_is_changed(town: Town, admin: Caller) -> None:
    wrong = {"area": "420599", "rules": {"lunch": 1, "limits": {"sign": "soon"}, "urge_hours": 3}}
    for method, path in (("PATCH", "/policy"), ("POST", "/policy/preview")):
        assert set(admin.send(method, path, wrong).json()["fields"]) == {"lunch", "limits.sign"}
    assert good(admin.get("/policy", area="420599"))["version"] == 1


def test_a_years_list_is_imported_read_and_taken_back(town: Town, admin: Caller) -> None:
    days = [{"date": "2060-01-01", "working": False, "name": "元旦"}, {"date": "2060-01-31", "working": True}]
    taken = good(admin.send("PUT", "/calendar/years/2060/list", {"days": days}))
    assert (taken["official"], len(taken["days"])) == (True, 2)
    assert taken["imported_by"].startswith("测试·系统管理员")
    weekday = [{"date": "2060-05-04", "working": True}]
    assert set(admin.send("PUT", "/calendar/years/2060/list", {"days": weekday}).json()["fields"]) == {
        "working"
    }
    assert len(good(admin.get("/calendar/years/2060/list"))["days"]) == 2
    good(admin.send("DELETE", "/calendar/years/2060/list"))
    assert good(admin.get("/calendar/years/2060/list"))["official"] is False


def test_when_something_is_due_is_worked_out(town: Town, admin: Caller) -> None:
    asked = {"area": "420599", "start": "2026-03-06T15:00:00+08:00"}
    (one,) = good(admin.get("/when-due", **asked, limit="4 work_hours"))
    assert one["due_at"] == "2026-03-09T01:00:00Z"
    assert [(day["date"], day["seconds"], day["rests"]) for day in one["days"]] == [
        ("2026-03-06", 10800, False),
        ("2026-03-07", 0, True),
        ("2026-03-08", 0, True),
        ("2026-03-09", 3600, False),
    ]
    named = good(admin.get("/when-due", **asked, condition=town.conditions["rubbish"].pk))
    assert next(row["due_at"] for row in named if row["name"] == "handle") == one["due_at"]
    assert set(admin.get("/when-due", **asked, limit="soon").json()["fields"]) == {"limit"}


def test_the_clocks_of_a_case_say_how_they_are_counted(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    clerk = program(town, "clerk")
    found = {one["kind"]: one for one in good(clerk.get(f"/cases/{case.number}/clocks"))}
    intake = found["intake"]
    assert (intake["used_seconds"], [one["kind"] for one in intake["segments"]]) == (300, ["ran"])
    assert found["handle"]["limit_seconds"] == 4 * 3600
    assert program(town, "outsider").get(f"/cases/{case.number}/clocks").status_code == 404


def test_keys_are_made_by_people_and_told_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_seen", {})
    clerk = person(town, "clerk")
    ends = (timezone.now() + timedelta(days=30)).isoformat()
    made = good(clerk.post("/keys", {"name": "对接", "scopes": ["cases:read"], "expires_at": ends}), 201)
    program_of_clerk = Caller({"Authorization": f"Bearer {made['secret']}"})
    assert good(program_of_clerk.get("/me"))["scopes"] == ["cases:read"]
    listed = good(clerk.get("/keys"))
    assert [key["prefix"] for key in listed] == [made["secret"][:8]]
    assert listed[0]["last_used_on"]
    assert made["secret"] not in str(listed)
    good(clerk.send("DELETE", f"/keys/{made['id']}"))
    assert program_of_clerk.get("/me").status_code == 401


def test_a_dead_letter_is_shown_with_its_error_and_tried_again(town: Town, admin: Caller) -> None:
    now = timezone.now()
    dead = OutboxMessage.objects.create(
        topic="t", key="k", created_at=now, due_at=now, dead_at=now, attempts=8, last_error="boom"
    )
    shown = good(admin.get("/outbox"))
    assert (shown["dead"], shown["dead_letters"][0]["error"]) == (1, "boom")
    good(admin.post(f"/outbox/{dead.pk}/retry"))
    assert good(admin.get("/outbox"))["dead"] == 0
    assert admin.post(f"/outbox/{dead.pk}/retry").status_code == 409
    assert admin.post("/outbox/999999999/retry").status_code == 404


def test_the_trail_is_filtered_by_actor_act_subject_and_time(town: Town, admin: Caller) -> None:
    good(admin.post("/people", {"username": "newcomer", "name": "测试·新人"}), 201)
    auditor = program(town, "auditor")
    rows = good(auditor.get("/audit", act="create_user", actor="系统管理员"))["rows"]
    assert [row["detail"]["username"] for row in rows] == ["newcomer"]
    assert good(auditor.get("/audit", act="create_user", until="2020-01-01T00:00:00Z"))["rows"] == []
    first = good(auditor.get("/audit", limit=2))
    second = good(auditor.get("/audit", limit=2, after=first["next"]))
    assert max(row["id"] for row in second["rows"]) < min(row["id"] for row in first["rows"])


def test_notices_are_ones_own_and_can_be_marked_read(town: Town) -> None:
    case = town.report(at=timezone.now())
    for name in ("clerk", "intake"):
        Notice.objects.create(
            user=town.users[name], case=case, kind="yours", seq=1, created_at=timezone.now()
        )
    clerk = person(town, "clerk")
    notices = good(clerk.get("/notices"))
    assert (notices["unread"], [row["number"] for row in notices["rows"]]) == (1, [case.number])
    assert good(clerk.post("/notices/read", {}))["unread"] == 0
    assert good(person(town, "intake").get("/notices"))["unread"] == 1
