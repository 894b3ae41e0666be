"""What residents do over the API without an account, and how often they may."""

from typing import Any

import pytest
from django.utils import timezone

from gezhi.faces.look import limits
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.perform import perform
from tests.faces.calling import Caller, stranger
from tests.town import Town


def reported(town: Town, caller: Caller, **change: Any) -> dict[str, Any]:
    lon, lat = town.point(1)
    body = {"description": "楼下垃圾没人清", "point": {"lon": lon, "lat": lat}, **change}
    answer = caller.post("/residents/reports", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_resident_reports_with_a_photo_and_follows_by_the_code(town: Town) -> None:
    caller = stranger()
    photo = caller.photo(path="/residents/photos").json()["id"]
    told = reported(town, caller, photos=[photo], contact={"phone": "00000000001"})
    town.drive(Case.objects.get(pk=told["id"]), "sign", at=timezone.now())
    spoken = told["code"].lower().replace("-", " ")
    progress = caller.post("/residents/progress", {"code": spoken}).json()
    assert [step["code"] for step in progress["steps"]] == ["report", "file", "dispatch", "sign"]
    assert progress["steps"][2]["agency"] == "测试环卫所"
    assert progress["open"] is True
    assert progress["handle_by"]
    assert progress["acts"] == ["urge", "add"]
    assert "测试·" not in str(progress).replace("测试环卫所", "")


def test_an_asker_adds_hurries_rates_and_asks_again(town: Town) -> None:
    caller = stranger()
    told = reported(town, caller)
    code = told["code"]

    def act(name: str, **inputs: Any) -> dict[str, Any]:
        answer = caller.post(f"/residents/acts/{name}", {"code": code, **inputs})
        assert answer.status_code == 200, answer.content
        return answer.json()

    act("add", text="在三号楼东侧")
    act("urge")
    again = caller.post("/residents/acts/urge", {"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    town.drive(Case.objects.get(pk=told["id"]), "verify", at=timezone.now())
    progress = act("rate", stars=1, text="没清干净")
    assert progress["answer"] == "已清运"
    assert "reopen" in progress["acts"]
    assert act("reopen", text="请再清一次")["open"] is True


def test_withdrawing_closes_the_code_for_acts(town: Town) -> None:
    caller = stranger()
    code = reported(town, caller)["code"]
    assert caller.post("/residents/acts/withdraw", {"code": code}).json()["withdrawn"] is True
    assert caller.post("/residents/acts/add", {"code": code, "text": "又想起"}).status_code == 404
    assert caller.post("/residents/progress", {"code": code}).json()["acts"] == []


def test_words_of_one_asker_are_not_told_to_another(town: Town) -> None:
    caller = stranger()
    first, second = reported(town, caller), reported(town, caller)
    caller.post("/residents/acts/add", {"code": second["code"], "text": "我的门牌是秘密"})
    perform(
        "merge",
        Asker.objects.get(first_case=second["id"]).case_id,
        actor=town.actor("clerk"),
        at=timezone.now(),
        data={"case": first["id"]},
    )
    progress = caller.post("/residents/progress", {"code": first["code"]}).json()
    assert "秘密" not in str(progress)
    theirs = caller.post("/residents/progress", {"code": second["code"]}).json()
    assert "merge" in [step["code"] for step in theirs["steps"]]


def test_a_wrong_code_says_so_and_guessing_is_stopped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WRONG_CODES_OF_ADDRESS", limits.Limit("test-codes", 3, 900))
    caller = stranger()
    code = reported(town, caller)["code"]
    for _n in range(3):
        answer = caller.post("/residents/progress", {"code": "AAAAA-AAAAA"})
        assert (answer.status_code, answer.json()["code"]) == (404, "wrong_code")
    answer = caller.post("/residents/progress", {"code": code})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("name", ["REPORTS_OF_ADDRESS", "REPORTS_OF_PHONE"])
def test_reports_are_limited_by_address_and_number(
    town: Town, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(limits, name, limits.Limit(f"test-{name}", 1, 3600))
    caller = stranger()
    contact = {"phone": "00000000001"}
    reported(town, caller, contact=contact)
    lon, lat = town.point(1)
    body = {"description": "x", "point": {"lon": lon, "lat": lat}, "contact": contact}
    assert caller.post("/residents/reports", body).status_code == 429
    assert Case.objects.count() == 1


def test_photos_are_limited_by_address(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PHOTOS_OF_ADDRESS", limits.Limit("test-photos", 1, 3600))
    caller = stranger()
    assert caller.photo(path="/residents/photos").status_code == 201
    assert caller.photo(path="/residents/photos").status_code == 429


def test_matters_residents_may_not_choose_are_refused(town: Town) -> None:
    item = town.conditions["rubbish"].item
    type(item).objects.filter(pk=item.pk).update(public=False)
    lon, lat = town.point(1)
    body = {"description": "楼下垃圾", "point": {"lon": lon, "lat": lat}, "item": item.key}
    answer = stranger().post("/residents/reports", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["item"])


def test_a_call_nobody_answered_is_told_as_such(town: Town) -> None:
    caller = stranger()
    told = reported(town, caller)
    case = town.drive(Case.objects.get(pk=told["id"]), "sign", at=timezone.now())
    said = {"reached": "no", "text": "无人接听"}
    perform("contact", case.pk, actor=town.actor("handler"), at=timezone.now(), data=said)
    steps = caller.post("/residents/progress", {"code": told["code"]}).json()["steps"]
    assert steps[-1]["words"] == "Whoever handles it tried to call you"
