"""Cases over the API: report, list, read, act, one by one and many at once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from tests.faces.calling import Caller, program, stranger
from tests.town import Town


def said(town: Town, caller: Caller, grid: int = 1, **change: Any) -> dict[str, Any]:
    lon, lat = town.point(grid)
    return {
        "source": "patrol",
        "description": "路边有一堆垃圾",
        "point": {"lon": lon, "lat": lat},
        "photos": [caller.photo_id()],
        **change,
    }


def now_case(town: Town, by: str = "worker", **more: Any) -> Case:
    return town.report(by, at=timezone.now(), **more)


def test_a_report_is_received_and_then_read(town: Town) -> None:
    worker = program(town, "worker")
    answer = worker.post("/cases", said(town, worker))
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["state"], told["code"], told["fresh"]) == ("reported", "", True)
    case = worker.get(f"/cases/{told['number']}").json()
    assert case["id"] == told["id"]
    assert case["area"]["code"] == "420599001001001"
    assert [event["act"] for event in case["events"]] == ["report"]
    assert case["owner"]["grant"] == "intake"
    assert [clock["kind"]["code"] for clock in case["clocks"]] == ["intake", "whole"]
    photo = worker.client.get(case["photo"]["thumb"], headers=worker.headers)
    assert photo["Content-Type"] == "image/jpeg"
    assert photo.getvalue().startswith(b"\xff\xd8\xff")
    photo.close()


def test_the_same_report_sent_twice_is_one_case(town: Town) -> None:
    worker = program(town, "worker")
    body = said(town, worker, id=str(uuid.uuid4()))
    first, second = worker.post("/cases", body), worker.post("/cases", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["number"] == second.json()["number"]
    other = worker.post("/cases", {**body, "description": "别的事"})
    assert (other.status_code, other.json()["code"]) == (409, "same_id_other_body")
    assert Case.objects.count() == 1


def test_a_caller_who_waits_gets_the_tracking_code_once(town: Town) -> None:
    clerk = program(town, "clerk")
    body = said(town, clerk, source="hotline", id=str(uuid.uuid4()), contact={"phone": "00000000001"})
    first, second = clerk.post("/cases", body), clerk.post("/cases", body)
    assert len(first.json()["code"]) == 11
    assert second.json()["code"] == ""


def test_what_is_wrong_with_a_report_is_named_by_field(town: Town) -> None:
    worker = program(town, "worker")
    answer = worker.post(
        "/cases",
        {"source": "patrol", "description": "", "point": {"lon": 1, "lat": 2}, "photos": []},
    )
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"description", "point"}
    answer = worker.post("/cases", {"source": "gossip", "point": {"lon": 500, "lat": "x"}, "mood": "bad"})
    assert set(answer.json()["fields"]) == {"source", "point.lon", "point.lat", "mood"}


def test_a_photo_of_somebody_else_cannot_be_hung_up_by_number(town: Town) -> None:
    worker = program(town, "worker")
    secret = town.photo(7)
    for guess in (str(secret.pk), secret.sha256, "1:abc"):
        answer = worker.post("/cases", said(town, worker, photos=[guess]))
        assert answer.status_code == 422
        assert set(answer.json()["fields"]) == {"photos"}


def test_solving_on_the_spot_is_one_call(town: Town) -> None:
    worker = program(town, "worker")
    body = said(town, worker)
    del body["source"]
    answer = worker.post(
        "/cases/solved",
        {
            **body,
            "condition": town.conditions["rubbish"].pk,
            "after": [worker.photo_id(60)],
            "text": "已清走",
        },
    )
    assert answer.status_code == 201, answer.content
    case = worker.get(f"/cases/{answer.json()['id']}").json()
    assert case["on_the_spot"] is True
    assert case["answer"] == "已清走"


def test_a_list_goes_on_where_the_page_before_ended(town: Town) -> None:
    start = timezone.now() - timedelta(hours=3)
    made = [town.report(at=start + timedelta(minutes=n), address=f"青禾街 {n} 号") for n in range(7)]
    clerk = program(town, "clerk")
    for order in ("new", "due"):
        seen: list[str] = []
        after = ""
        while True:
            page = clerk.get("/cases", order=order, limit=3, after=after).json()
            seen += [row["number"] for row in page["rows"]]
            after = page["next"]
            if not after:
                break
        assert sorted(seen) == sorted(case.number for case in made), order
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("after", ["nonsense", "%%%", "MjAyNi1-", "8J-YgA", "fm5vbmU", "MjAyNi0wMS0wMX4"])
def test_a_broken_page_key_is_refused(town: Town, after: str) -> None:
    answer = program(town, "clerk").get("/cases", after=after)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"after"}


def test_lists_are_filtered_by_stage_area_item_source_and_words(town: Town) -> None:
    mine = now_case(town, grid=1, address="青禾街 8 号")
    now_case(town, "worker2", grid=2, address="青禾街 9 号")
    clerk = program(town, "clerk")
    assert len(clerk.get("/cases", stage="mine").json()["rows"]) == 2
    assert len(clerk.get("/cases", stage="dispatch").json()["rows"]) == 0
    in_grid = clerk.get("/cases", area="420599001001001").json()["rows"]
    assert [row["number"] for row in in_grid] == [mine.number]
    assert len(clerk.get("/cases", text="9 号").json()["rows"]) == 1
    assert len(clerk.get("/cases", source="resident").json()["rows"]) == 0
    assert len(clerk.get("/cases", item="event:0110").json()["rows"]) == 0
    counts = clerk.get("/cases/counts").json()
    assert (counts["all"], counts["intake"], counts["mine"]) == (2, 2, 2)
    answer = clerk.get("/cases", area="no-such-area")
    assert set(answer.json()["fields"]) == {"area"}


def test_a_case_goes_from_report_to_close_by_programs_alone(town: Town) -> None:
    worker, clerk, handler = (program(town, name) for name in ("worker", "clerk", "handler"))
    number = worker.post("/cases", said(town, worker)).json()["number"]

    def act(caller: Caller, code: str, **inputs: Any) -> None:
        answer = caller.post(f"/cases/{number}/acts/{code}", inputs)
        assert answer.status_code == 200, (code, answer.content)

    act(clerk, "file", condition=town.conditions["rubbish"].pk)
    options = clerk.get(f"/cases/{number}/acts/dispatch/options").json()
    assert options["agency"][0]["label"] == "测试环卫所"
    act(clerk, "dispatch", agency=int(options["agency"][0]["value"]))
    act(handler, "sign")
    act(handler, "report_result", text="已清运", photos=[handler.photo_id(60)])
    verify = worker.get(f"/cases/{number}/acts").json()[0]
    assert (verify["code"], verify["inputs"][1]["photos_needed"]) == ("verify", 1)
    act(worker, "verify", result="true", photos=[worker.photo_id(61)])
    case = clerk.get(f"/cases/{number}").json()
    assert (case["state"]["code"], case["answer"]) == ("closed", "已清运")
    assert sum(span["longest"] for span in case["trace"]) == 1


def test_who_comes_second_is_told_who_was_first(town: Town) -> None:
    case = now_case(town)
    clerk, intake = program(town, "clerk"), program(town, "intake")
    body = {"condition": town.conditions["rubbish"].pk}
    assert clerk.post(f"/cases/{case.pk}/acts/file", body).status_code == 200
    answer = intake.post(f"/cases/{case.pk}/acts/file", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert "测试·综合席" in answer.json()["message"]


def test_what_an_act_lacks_is_named_in_the_callers_language(town: Town) -> None:
    case = now_case(town)
    clerk = program(town, "clerk")
    answer = clerk.post(f"/cases/{case.pk}/acts/refuse", {})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"reason", "text"}
    assert answer.json()["fields"]["text"] == "Please fill this in."
    clerk.headers["Accept-Language"] = "zh-CN,zh;q=0.9"
    assert clerk.post(f"/cases/{case.pk}/acts/refuse", {}).json()["message"] != answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"condition": "first"}, "condition"),
        ({"condition": 2**70}, "condition"),
        ({"condition": 10**9}, "condition"),
        ({"condition": 1, "mood": "bad"}, "mood"),
        ({"condition": 1, "point": {"lon": 112.5}}, "point.lat"),
        ({"note": 5}, "note"),
    ],
)
def test_inputs_of_an_act_are_typed(town: Town, body: dict[str, Any], field: str) -> None:
    answer = program(town, "clerk").post(f"/cases/{now_case(town).pk}/acts/file", body)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


def test_acts_on_many_cases_go_each_their_own_way(town: Town) -> None:
    first, second = now_case(town), now_case(town)
    clerk = program(town, "clerk")
    clerk.post(f"/cases/{second.pk}/acts/file", {"condition": town.conditions["rubbish"].pk})
    unknown = uuid.uuid4()
    answer = clerk.post(
        "/acts/file",
        {
            "cases": [str(first.pk), str(second.pk), str(unknown), str(first.pk)],
            "condition": town.conditions["rubbish"].pk,
        },
    )
    assert answer.status_code == 200
    fared = [(one["id"], one["done"], one["code"]) for one in answer.json()]
    assert fared == [
        (str(first.pk), True, ""),
        (str(second.pk), False, "wrong_state"),
        (str(unknown), False, "not_found"),
    ]


def test_possible_duplicates_are_found_near_a_place_and_a_case(town: Town) -> None:
    first, second = now_case(town), now_case(town)
    clerk = program(town, "clerk")
    lon, lat = town.point(1)
    around = clerk.get("/cases/near", lon=lon, lat=lat).json()
    assert {one["case"]["number"] for one in around} == {first.number, second.number}
    twins = clerk.get(f"/cases/{first.number}/duplicates").json()
    assert [one["case"]["number"] for one in twins] == [second.number]


def test_a_contact_opens_for_a_purpose_that_goes_on_record(town: Town) -> None:
    case, _code = town.resident_report(at=timezone.now())
    clerk = program(town, "clerk")
    assert clerk.post(f"/cases/{case.pk}/contacts", {"purpose": ""}).status_code == 422
    answer = clerk.post(f"/cases/{case.pk}/contacts", {"purpose": "回访"})
    assert answer.json() == [{"name": "甲居民", "phone": "00000000001", "email": "", "language": "zh-hans"}]
    assert AuditEntry.objects.get(act="reveal_contact").detail["purpose"] == "回访"
    dispatcher = program(town, "dispatcher")
    assert dispatcher.post(f"/cases/{case.pk}/contacts", {"purpose": "好奇"}).status_code == 403
    assert "00000000001" not in clerk.get(f"/cases/{case.pk}").content.decode()


def test_a_case_out_of_sight_is_not_there(town: Town) -> None:
    case = now_case(town)
    outsider = program(town, "outsider")
    photo = case.events.get().photos.get()
    for path in ("", "/acts", "/duplicates", f"/photos/{photo.sha256}/full", "/acts/file/options"):
        assert outsider.get(f"/cases/{case.pk}{path}").status_code == 404, path
    assert outsider.post(f"/cases/{case.pk}/acts/note", {"text": "我在看"}).status_code == 404
    assert outsider.get("/cases").json()["rows"] == []
    assert stranger().get(f"/cases/{case.pk}").status_code == 401


def test_the_words_of_a_sealed_matter_are_for_those_who_serve_it(town: Town) -> None:
    now = timezone.now()
    town.conditions["rubbish"].item.__class__.objects.update(sealed=True)
    case = now_case(town)
    town.drive(case, "file", at=now)
    inspector, clerk = program(town, "inspector"), program(town, "clerk")
    theirs, ours = (caller.get(f"/cases/{case.pk}").json() for caller in (inspector, clerk))
    assert (theirs["veiled"], ours["veiled"]) == (True, False)
    assert "垃圾" not in theirs["description"]
    assert [event["photos"] for event in theirs["events"]] == [[], []]
    photo = ours["events"][0]["photos"][0]["full"]
    assert inspector.client.get(photo, headers=inspector.headers).status_code == 404
    listed = inspector.get("/cases").json()["rows"][0]
    assert (listed["veiled"], listed["photo"]) == (True, None)


def test_ones_own_reports_are_listed(town: Town) -> None:
    mine = now_case(town)
    now_case(town, "worker2", grid=2)
    rows = program(town, "worker").get("/cases", reported_by_me="true").json()["rows"]
    assert [row["number"] for row in rows] == [mine.number]


def test_looking_around_asks_as_often_for_many_cases_as_for_few(town: Town) -> None:
    clerk = program(town, "clerk")
    lon, lat = town.point(1)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert clerk.get("/cases/near", lon=lon, lat=lat).status_code == 200
        return len(seen)

    now_case(town)
    asked()
    few = asked()
    for _n in range(5):
        now_case(town)
    assert asked() == few


def test_a_database_that_is_away_for_one_case_undoes_that_one_alone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = now_case(town), now_case(town)

    def perform_or_fail(act: str, case_id: Any, **given: Any) -> Case:
        if case_id == second.pk:
            raise OperationalError
        return perform(act, case_id, **given)

    monkeypatch.setattr("gezhi.faces.api.routes.acts.perform", perform_or_fail)
    body = {"cases": [str(first.pk), str(second.pk)], "text": "记一笔"}
    answer = program(town, "clerk").post("/acts/note", body)
    assert answer.status_code == 200
    assert [(one["done"], one["code"]) for one in answer.json()] == [(True, ""), (False, "busy")]


def test_a_page_key_with_a_character_no_column_holds_is_refused(town: Town) -> None:
    answer = program(town, "admin").get("/people", after="AH41")
    assert answer.status_code == 422
