"""Acts through the console: the whole main path by forms, mistakes that lose nothing, many cases at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.registry.housing.services import BuildingFacts, take_buildings
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.queries import asker_by_code
from tests.faces.calling import signed_in
from tests.town import START, Town, picture

HTMX = {"HX-Request": "true"}


class Clock:
    """The pages' now, moved by the tests."""

    def __init__(self) -> None:
        self.now = START + timedelta(minutes=10)

    def pass_minutes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


def photo(shade: int = 90) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", picture(shade), content_type="image/jpeg")


def do(client: Client, on: Case, act: str, *, htmx: bool = False, **fields: Any) -> Any:
    """Send the form of an act."""
    data = {name if name == "next" else f"{act}-{name}": value for name, value in fields.items()}
    return client.post(f"/desk/cases/{on.number}/do/{act}/", data, headers=HTMX if htmx else {})


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_case_goes_from_the_call_to_its_closing_by_forms_alone(town: Town, clock: Clock) -> None:
    clerk, handler = signed_in(town, "clerk"), signed_in(town, "handler")
    lon, lat = town.point(1)
    made = clerk.post(
        "/desk/cases/new/",
        {
            "source": "hotline", "description": "楼下垃圾堆了三天", "address": "青禾街 8 号",
            "point-lon": lon, "point-lat": lat, "name": "甲居民", "phone": "00000000001",
        },
    )  # fmt: skip
    assert made.status_code == 200
    case: Case = made.context["case"]
    code: str = made.context["code"]
    assert code in made.content.decode()

    assert clerk.get(f"/desk/cases/{case.number}/do/file/").status_code == 200
    steps: list[tuple[Client, str, dict[str, Any], str]] = [
        (clerk, "file", {"condition": town.conditions["rubbish"].pk}, "filed"),
        (clerk, "dispatch", {"agency": town.agencies["SAN"].pk}, "dispatched"),
        (handler, "sign", {}, "handling"),
        (handler, "progress", {"text": "车已出发"}, "handling"),
        (handler, "report_result", {"text": "已清运", "photos": [photo(60)]}, "verifying"),
    ]
    for client, act, fields, state in steps:
        clock.pass_minutes(5)
        answer = do(client, case, act, **fields)
        assert (answer.status_code, answer["Location"]) == (302, f"/desk/cases/{case.number}/"), act
        assert fresh(case).state == state

    clock.pass_minutes(5)
    verifier = fresh(case).owner_user
    assert verifier is not None
    by_verifier = Client()
    by_verifier.force_login(verifier)
    do(by_verifier, case, "verify", result="true", photos=[photo(61)])
    assert fresh(case).state == "closed"
    asker = asker_by_code(code)
    assert asker is not None
    assert asker.case == fresh(case)


def test_a_form_with_a_mistake_comes_back_as_it_was(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    client = signed_in(town, "handler")
    answer = do(client, case, "report_result", text="已清运一半，先记在这里")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已清运一半，先记在这里" in page
    assert 'class="error"' in page
    assert "<html" in page
    part = do(client, case, "report_result", htmx=True, text="已清运一半").content.decode()
    assert "<html" not in part
    assert "已清运一半" in part


def test_photos_of_a_form_with_a_mistake_need_not_be_sent_again(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    client = signed_in(town, "handler")
    first = do(client, case, "report_result", text="", photos=[photo(70)])
    assert first.status_code == 422
    kept = first.context["form"].fields["photos"].widget.kept
    assert len(kept) == 1
    data = {"report_result-text": "已清运", "report_result-photos-kept": kept[0].token}
    again = client.post(f"/desk/cases/{case.number}/do/report_result/", data)
    assert again.status_code == 302
    assert fresh(case).events.get(act="report_result").photos.count() == 1


def test_a_file_that_is_no_photo_is_named_and_nothing_is_done(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    broken = SimpleUploadedFile("virus.jpg", b"MZ not a picture", content_type="image/jpeg")
    answer = do(signed_in(town, "handler"), case, "report_result", text="已清运", photos=[broken])
    assert answer.status_code == 422
    assert "virus.jpg" in answer.content.decode()
    assert fresh(case).state == "handling"


def test_who_comes_second_is_told_who_was_first(town: Town, clock: Clock) -> None:
    case = town.drive(town.report(), "file")
    agency = town.agencies["SAN"].pk
    perform("dispatch", case.pk, actor=town.actor("dispatcher"), at=clock.now, data={"agency": agency})
    answer = do(signed_in(town, "clerk"), case, "dispatch", agency=agency, text="请今天清完")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "测试·派遣员" in page
    assert "请今天清完" in page
    assert "待签收" in page


def test_an_act_not_possible_now_leads_back_to_the_case(town: Town) -> None:
    case = town.report()
    client = signed_in(town, "clerk")
    address = f"/desk/cases/{case.number}/"
    assert client.get(f"{address}do/close/")["Location"] == address
    assert "结案" in client.get(address).content.decode()
    assert client.get(f"{address}do/nonsense/").status_code == 404
    assert client.get(f"{address}do/close/", headers=HTMX)["HX-Redirect"] == address


def test_an_agency_that_gives_a_case_back_is_led_to_its_list(town: Town) -> None:
    case = town.drive(town.report(), "dispatch")
    answer = do(signed_in(town, "head"), case, "return", reason="not_ours", text="不是环卫的事")
    assert answer["Location"] == "/desk/cases/"


def test_one_click_in_the_panel_leads_back_to_the_list(town: Town) -> None:
    case = town.drive(town.report(), "file")
    client = signed_in(town, "clerk")
    panel = client.get(f"/desk/cases/?stage=dispatch&case={case.number}").context["panel"]
    answer = do(client, case, "dispatch", agency=panel.suggestion.agency.pk, next=panel.back)
    assert answer["Location"] == "/desk/cases/?stage=dispatch&case=first"
    assert fresh(case).lead_agency == town.agencies["SAN"]


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_house(elsewhere: str, town: Town) -> None:
    case = town.drive(town.report(), "file")
    client = signed_in(town, "clerk")
    answer = do(client, case, "dispatch", agency=town.agencies["SAN"].pk, next=elsewhere)
    assert answer["Location"] == f"/desk/cases/{case.number}/"


def test_htmx_is_led_on_as_a_whole_page(town: Town) -> None:
    case = town.drive(town.report(), "dispatch")
    answer = do(signed_in(town, "handler"), case, "sign", htmx=True)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/desk/cases/{case.number}/"


def test_many_cases_go_at_once_and_each_says_what_became_of_it(town: Town, clock: Clock) -> None:
    ready = [town.drive(town.report(description=f"第 {n} 件"), "file") for n in range(2)]
    gone = town.drive(town.report(description="已派走"), "file")
    fresh_report = town.report(description="还没立案")
    client = signed_in(town, "clerk")
    numbers = [case.number for case in (*ready, gone, fresh_report)]
    page = client.get("/desk/cases/many/", {"case": numbers, "act": "dispatch"})
    assert page.context["ready"] == 3
    assert fresh_report.number in page.content.decode()

    agency = town.agencies["SAN"].pk
    perform("dispatch", gone.pk, actor=town.actor("dispatcher"), at=clock.now, data={"agency": agency})
    sent: dict[str, Any] = {
        "act": "dispatch",
        "case": numbers,
        **{f"agency-{number}": agency for number in numbers},
    }
    sent[f"agency-{ready[1].number}"] = ""
    answer = client.post("/desk/cases/many/", sent)
    lines = {line.case.number: line for line in answer.context["lines"]}
    assert answer.context["done"] == 1
    assert lines[ready[0].number].done
    assert lines[ready[1].number].problem == "你选择了不派遣。"
    assert "待签收" in lines[gone.number].problem
    assert "待受理" in lines[fresh_report.number].problem
    assert fresh(ready[0]).state == "dispatched"
    assert fresh(ready[1]).state == "filed"


def test_cases_out_of_view_cannot_be_chosen(town: Town) -> None:
    case = town.drive(town.report(), "file")
    page = signed_in(town, "outsider").get("/desk/cases/many/", {"case": case.number, "act": "dispatch"})
    assert page.context["lines"] == []


def test_who_may_not_dispatch_is_told_so_for_each_case(town: Town) -> None:
    case = town.drive(town.report(), "file")
    sent = {"act": "dispatch", "case": case.number, f"agency-{case.number}": town.agencies["SAN"].pk}
    answer = signed_in(town, "intake").post("/desk/cases/many/", sent)
    assert answer.context["done"] == 0
    assert fresh(case).state == "filed"


def test_two_reports_of_one_thing_are_merged_from_the_panel(town: Town) -> None:
    older = town.report()
    younger = town.report(at=START + timedelta(minutes=5), description="同一堆垃圾")
    client = signed_in(town, "clerk")
    near = client.get(f"/desk/cases/?stage=intake&case={older.number}").context["panel"].near
    assert [(one.merge.younger.number, one.merge.older.number) for one in near] == [
        (younger.number, older.number)
    ]
    do(client, younger, "merge", case=older.number)
    assert fresh(younger).merged_into == older


# -- a new case


def new(town: Town, **changes: Any) -> dict[str, Any]:
    lon, lat = town.point(2)
    return {
        "source": "hotline", "description": "井盖松动", "address": "文汇路口",
        "point-lon": lon, "point-lat": lat, **changes,
    }  # fmt: skip


def test_a_report_without_a_place_comes_back_with_everything_else(town: Town) -> None:
    answer = signed_in(town, "clerk").post("/desk/cases/new/", new(town, **{"point-lon": ""}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "井盖松动" in page
    assert "请在上面查找地址" in page
    assert not Case.objects.exists()


def test_all_that_is_missing_is_told_at_once(town: Town) -> None:
    answer = signed_in(town, "clerk").post("/desk/cases/new/", new(town, description="", **{"point-lon": ""}))
    assert set(answer.context["form"].errors) == {"point", "description"}


def test_a_place_outside_the_district_is_said_beside_the_map(town: Town) -> None:
    answer = signed_in(town, "clerk").post("/desk/cases/new/", new(town, **{"point-lon": "100"}))
    assert answer.status_code == 422
    assert "point" in answer.context["form"].errors


def test_open_cases_close_by_are_shown_before_another_is_made(town: Town) -> None:
    known = town.report("worker2", grid=2)
    client = signed_in(town, "clerk")
    asked = client.post("/desk/cases/new/", new(town))
    assert asked.context["ask_near"]
    assert known.number in asked.content.decode()
    assert Case.objects.count() == 1
    made = client.post("/desk/cases/new/", new(town, seen=[known.number]))
    assert made.context["case"].number != known.number
    assert known.number in made.content.decode()


def test_near_cases_are_shown_while_the_place_is_chosen(town: Town) -> None:
    known = town.report("worker2", grid=2)
    lon, lat = town.point(2)
    client = signed_in(town, "clerk")
    part = client.get(
        "/desk/cases/new/near/", {"point-lon": str(lon), "point-lat": str(lat)}
    ).content.decode()
    assert known.number in part
    assert known.number not in client.get("/desk/cases/new/near/").content.decode()


def test_the_same_form_sent_twice_makes_one_case(town: Town) -> None:
    client = signed_in(town, "clerk")
    form_id = client.get("/desk/cases/new/").context["form"].initial["id"]
    first = client.post("/desk/cases/new/", new(town, id=form_id))
    number = first.context["case"].number
    again = client.post("/desk/cases/new/", new(town, id=form_id, seen=[number]))
    assert again.context["case"].number == number
    assert again.context["code"] == ""
    assert Case.objects.count() == 1


@pytest.mark.parametrize("source", ["hotline", "moon", ""])
def test_a_source_not_of_ones_posts_is_refused_in_the_form(source: str, town: Town) -> None:
    answer = signed_in(town, "handler").post("/desk/cases/new/", new(town, source=source))
    assert answer.status_code == 422
    assert "井盖松动" in answer.content.decode()
    assert not Case.objects.exists()


@pytest.fixture
def estate(town: Town, clock: Clock) -> datetime:
    """A building to be found by its address."""
    import shapely

    lon, lat = town.point(2)
    shape = shapely.box(lon - 0.0001, lat - 0.0001, lon + 0.0001, lat + 0.0001)
    facts = BuildingFacts(code="B1", geom=shape, name="映月园3号楼", address="青禾街 88 号", estate="映月园")
    take_buildings(actor=SYSTEM, at=clock.now, area=town.areas["420599"], source="test", buildings=[facts])
    return clock.now


def test_an_address_is_found_from_what_the_caller_says(estate: datetime, town: Town) -> None:
    client = signed_in(town, "clerk")
    found = client.get("/desk/cases/new/place/", {"address": "我在映月园3栋楼下"})
    assert "映月园3号楼" in found.content.decode()
    place = found.context["places"][0]
    picked = f"{place.lon:.6f},{place.lat:.6f};{place.address}"
    chosen = client.get("/desk/cases/new/place/", {"place": picked})
    assert "map:place" in chosen["HX-Trigger"]
    assert "青禾街 88 号" in chosen.content.decode()


def test_without_scripts_the_address_is_looked_up_by_a_button(estate: datetime, town: Town) -> None:
    client = signed_in(town, "clerk")
    typed = new(town, address="映月园", **{"point-lon": "", "point-lat": ""})
    found = client.post("/desk/cases/new/", {**typed, "find": "1"})
    assert "井盖松动" in found.content.decode()
    place = found.context["places"][0]
    made = client.post("/desk/cases/new/", {**typed, "place": f"{place.lon},{place.lat};{place.address}"})
    assert made.context["case"].area == town.areas["420599001001002"]


def test_matters_are_proposed_from_the_description(town: Town) -> None:
    client = signed_in(town, "clerk")
    part = client.get("/desk/cases/new/items/", {"description": "小区门口有暴露垃圾"}).content.decode()
    assert "暴露垃圾" in part
    chosen = town.conditions["cover"].item_id
    part = client.get(
        "/desk/cases/new/items/", {"description": "暴露垃圾", "item": str(chosen)}
    ).content.decode()
    assert "上水井盖" in part
    assert "checked" in part


def test_without_scripts_the_catalogue_is_searched_by_a_button(town: Town) -> None:
    case = town.report()
    client = signed_in(town, "clerk")
    typed = {"file-condition-q": "井盖", "file-condition-find": "1", "file-text": "先看看"}
    page = client.post(f"/desk/cases/{case.number}/do/file/", typed).content.decode()
    assert f'name="file-condition" value="{town.conditions["cover"].pk}"' in page
    assert "先看看" in page
    assert fresh(case).state == "reported"
    asked = client.post(
        "/desk/cases/new/", new(town, **{"item-q": "井盖", "item-find": "1"})
    ).content.decode()
    assert f'name="item" value="{town.conditions["cover"].item_id}"' in asked
    assert Case.objects.count() == 1


@pytest.mark.parametrize("digits", ["²", "9" * 40])
def test_digits_that_are_no_number_of_ours_choose_nothing(town: Town, digits: str) -> None:
    client = signed_in(town, "clerk")
    for address in ("/desk/cases/new/items/", "/matters/conditions/"):
        assert "checked" not in client.get(address, {"item": digits}).content.decode()
    made = client.post("/desk/cases/new/", new(town, item=digits)).context["case"]
    assert made.item is None
    sent = {"file-condition": digits, "file-condition-find": "1"}
    assert client.post(f"/desk/cases/{made.number}/do/file/", sent).status_code == 200


def test_the_catalogue_as_a_tree_leads_to_the_conditions(town: Town) -> None:
    town.report()
    client = signed_in(town, "clerk")
    tree = client.get("/matters/tree/?name=file-condition&found=here").content.decode()
    assert "公用设施" in tree
    item = town.conditions["cover"].item_id
    assert f"item={item}" in tree
    part = client.get(f"/matters/conditions/?name=file-condition&item={item}").content.decode()
    assert "上水井盖，测试条件" in part
    assert Client().get("/matters/tree/").status_code == 404


def test_the_form_of_an_act_is_sent_once_and_its_draft_ends_with_the_act(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    client = signed_in(town, "handler")
    form = client.get(f"/desk/cases/{case.number}/do/report_result/", headers=HTMX).text
    draft = f"act-{case.number}-report_result"
    assert f'data-draft="{draft}"' in form
    assert 'hx-sync="this:drop"' in form
    answer = do(client, case, "report_result", htmx=True, text="已清运", photos=[photo()])
    assert f'data-draft-done="{draft}"' in client.get(answer["HX-Redirect"]).text
