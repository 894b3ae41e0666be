"""A resident reports: no account, no scripts, nothing lost, and not too often."""

import re
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from gezhi.faces.look import limits
from gezhi.faces.portal.limits import LARGEST_BODY
from gezhi.foundation.actors.scope import SYSTEM
from gezhi.registry.housing.services import BuildingFacts, take_buildings
from gezhi.territory.layers.services import FeatureShape, replace_features
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.queries import asker_by_code
from tests.town import START, Town, picture


def photo(shade: int = 90, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(shade), content_type="image/jpeg")


def hidden(page: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page.content.decode())
    assert found, name
    return found.group(1)


def filled(client: Client, town: Town, **more: Any) -> dict[str, Any]:
    """A form as a browser would send it, with a place chosen."""
    page = client.get("/report/")
    lon, lat = town.point(1)
    return {
        "id": hidden(page, "id"),
        "view": hidden(page, "view"),
        "lon": f"{lon:.6f}",
        "lat": f"{lat:.6f}",
        "description": "楼下路灯三天没亮了",
        "do": "send",
        **more,
    }


def text(page: HttpResponse) -> str:
    return page.content.decode()


def test_the_form_asks_for_no_account_and_needs_no_script(client: Client, town: Town) -> None:
    page = client.get("/report/")
    assert page.status_code == 200
    assert 'type="image"' in text(page)
    assert page["Cache-Control"] == "private, no-store"


def test_a_report_becomes_a_case_and_gives_a_code_once(client: Client, town: Town) -> None:
    sent = client.post(
        "/report/", filled(client, town, name="甲居民", phone="138-0000-0000", photos=[photo()])
    )
    case = Case.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == f"/report/done/{case.pk}/"
    page = client.get(sent["Location"])
    code = re.search(r'class="code big">([0-9A-Z-]{11})<', text(page))
    assert code
    asker = asker_by_code(code.group(1))
    assert asker is not None
    assert asker.case_id == case.pk
    assert (case.source, case.description, case.area_id) == (
        "resident",
        "楼下路灯三天没亮了",
        town.areas["420599001001001"].pk,
    )
    assert case.events.get().photos.count() == 1
    assert code.group(1) not in sent["Location"]


def test_only_the_browser_that_reported_sees_the_code(client: Client, town: Town) -> None:
    sent = client.post("/report/", filled(client, town))
    other = Client().get(sent["Location"])
    assert other.status_code == 200
    assert 'class="code big"' not in text(other)


def test_two_clicks_make_one_case_and_both_show_the_same_code(client: Client, town: Town) -> None:
    form = filled(client, town)
    first, second = client.post("/report/", form), client.post("/report/", form)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1
    assert Asker.objects.count() == 1
    assert 'class="code big"' in text(client.get(second["Location"]))


def test_the_same_form_with_other_words_is_refused_and_kept(client: Client, town: Town) -> None:
    form = filled(client, town)
    client.post("/report/", form)
    again = client.post("/report/", {**form, "description": "另一件事"})
    assert again.status_code == 409
    assert "另一件事" in text(again)


def test_mistakes_keep_everything_and_say_what_to_do(client: Client, town: Town) -> None:
    form = filled(
        client, town, description="", address="3 号楼北侧", name="甲居民", phone="没有", photos=[photo()]
    )
    page = client.post("/report/", form)
    assert page.status_code == 422
    body = text(page)
    assert "请写一下是什么问题" in body
    assert "电话请只写数字" in body
    assert all(word in body for word in ("3 号楼北侧", "甲居民", "没有"))
    token = hidden_token(body)
    again = client.post(
        "/report/", {**form, "description": "路灯坏了", "phone": "", "photos": [], "photos-kept": [token]}
    )
    assert again.status_code == 302
    assert Case.objects.get().events.get().photos.count() == 1


def hidden_token(body: str) -> str:
    found = re.search(r'name="photos-kept" value="([^"]+)"', body)
    assert found
    return found.group(1)


def test_without_a_place_the_report_waits(client: Client, town: Town) -> None:
    page = client.post("/report/", filled(client, town, lon="", lat=""))
    assert page.status_code == 422
    assert "请说明在哪里" in text(page)
    assert not Case.objects.exists()


def test_a_place_outside_the_district_is_told_and_refused(client: Client, town: Town) -> None:
    page = client.post("/report/", filled(client, town, lon="100.0", lat="20.0"))
    assert page.status_code == 422
    assert "不在本区范围内" in text(page)
    assert not Case.objects.exists()


def test_a_tap_on_the_picture_becomes_a_place(client: Client, town: Town) -> None:
    form = filled(client, town, lon="", lat="")
    del form["do"]
    page = client.post("/report/", {**form, "map.x": "140", "map.y": "150"})  # its middle
    assert page.status_code == 200
    middle = tuple(float(part) for part in form["view"].split(",")[:2])
    assert (float(hidden(page, "lon")), float(hidden(page, "lat"))) == pytest.approx(middle, abs=1e-5)
    assert "楼下路灯三天没亮了" in text(page)
    assert "已选位置" in text(page)
    closer = float(hidden(page, "view").split(",")[2])
    assert closer > float(form["view"].split(",")[2])


@pytest.mark.parametrize(
    ("button", "part", "sign"), [("north", 1, 1), ("south", 1, -1), ("east", 0, 1), ("west", 0, -1)]
)
def test_the_picture_moves(button: str, part: int, sign: int, client: Client, town: Town) -> None:
    form = filled(client, town)
    page = client.post("/report/", {**form, "do": button})
    before, after = (float(view.split(",")[part]) for view in (form["view"], hidden(page, "view")))
    assert (after - before) * sign > 0
    assert hidden(page, "lon") == form["lon"]


def test_a_sent_view_that_makes_no_sense_shows_the_whole_district(client: Client, town: Town) -> None:
    form = filled(client, town)
    for nonsense in ("", "x", "1,2", "nan,nan,nan", "112.5,30.2,99", "112.5,30.2,inf"):
        page = client.post("/report/", {**form, "view": nonsense, "lon": "", "lat": "", "do": "zoom-in"})
        assert page.status_code == 200
        assert hidden(page, "view").split(",")[:2] == form["view"].split(",")[:2]


@pytest.fixture
def estate(town: Town) -> Town:
    """One building with an address in the first grid."""
    lon, lat = town.point(1)
    facts = BuildingFacts(
        code="B1",
        name="映月园3号楼",
        address="青禾街88号",
        estate="映月园",
        geom=shapely.box(lon, lat, lon + 0.0002, lat + 0.0002),
    )
    take_buildings(actor=SYSTEM, at=START, area=town.areas["420599"], buildings=[facts], source="test")
    return town


def test_an_address_is_found_and_picked_without_scripts(client: Client, estate: Town) -> None:
    form = filled(client, estate, lon="", lat="", q="映月园3栋")
    page = client.post("/report/", {**form, "do": "find"})
    pick = hidden(page, "pick")
    assert "映月园3号楼" in text(page)
    page = client.post("/report/", {**{k: v for k, v in form.items() if k != "do"}, "pick": pick})
    assert "已选位置" in text(page)
    client.post(
        "/report/",
        {**form, "lon": hidden(page, "lon"), "lat": hidden(page, "lat"), "q": "", "view": form["view"]},
    )
    assert Case.objects.get().address == "青禾街88号"


def test_a_crossing_of_two_streets_is_found(client: Client, town: Town) -> None:
    (west, south), middle = town.point(1), shapely.Point(town.point(2))
    lines = {
        "文汇路": shapely.LineString([(west, south), (middle.x, middle.y)]),
        "青禾街": shapely.LineString([(middle.x, middle.y - 0.002), (middle.x, middle.y + 0.002)]),
    }
    streets = [FeatureShape(kind="road", cls="minor", geom=line, name=name) for name, line in lines.items()]
    replace_features(
        actor=SYSTEM, at=START, area=town.areas["420599"], source="test", attribution="", features=streets
    )
    page = client.post("/report/", filled(client, town, q="文汇路与青禾街路口", do="find"))
    assert "文汇路与青禾街路口" in text(page)
    assert text(page).count('name="pick"') == 1
    assert hidden(page, "pick") == f"{middle.x:.6f},{middle.y:.6f}"


def test_with_scripts_a_picked_address_ends_the_search(client: Client, town: Town) -> None:
    lon, lat = town.point(1)
    picked = text(client.get("/report/place/", {"pick": f"{lon},{lat}"}))
    assert "已选位置" in picked
    assert '<div id="place-found" hx-swap-oob="true"></div>' in picked
    assert 'name="q" id="id_q" value=""' in picked
    tapped = text(client.get("/report/place/", {"lon": lon, "lat": lat}))
    assert "已选位置" in tapped
    assert "hx-swap-oob" not in tapped


def test_sending_with_an_address_typed_but_not_picked_offers_what_is_found(
    client: Client, estate: Town
) -> None:
    page = client.post("/report/", filled(client, estate, lon="", lat="", q="映月园"))
    assert page.status_code == 422
    assert "请从找到的地址里选一个" in text(page)
    assert 'name="pick"' in text(page)


def test_the_enter_key_looks_for_the_address_first(client: Client, estate: Town) -> None:
    page = client.post("/report/", filled(client, estate, q="映月园", do="enter"))
    assert 'name="pick"' in text(page)
    assert not Case.objects.exists()


def test_an_unknown_address_says_what_else_to_try(client: Client, town: Town) -> None:
    page = client.post("/report/", filled(client, town, q="无此小区", do="find"))
    assert "没有找到“无此小区”" in text(page)


def test_characters_a_database_may_not_hold_are_no_fault_of_ours(client: Client, town: Town) -> None:
    for path in ("/report/found/?q=a%00b", "/here/?do=find&q=a%00b", "/track/a%00b/"):
        assert client.get(path).status_code < 500, path
    for sent in ({"q": "a\0b", "do": "find"}, {"description": "a\0b"}, {"view": "\0"}):
        assert client.post("/report/", filled(client, town, **sent)).status_code < 500, sent


def test_machines_that_fill_in_everything_are_stopped(client: Client, town: Town) -> None:
    page = client.post("/report/", filled(client, town, website="http://example.invalid"))
    assert page.status_code == 422
    assert not Case.objects.exists()


def test_too_many_reports_are_told_to_wait_and_lose_nothing(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.reporting.REPORTS_OF_ADDRESS", limits.Limit("test", 2, 3600))
    for _n in range(2):
        assert client.post("/report/", filled(client, town)).status_code == 302
    page = client.post("/report/", filled(client, town, description="第三件", photos=[photo()]))
    assert page.status_code == 429
    assert "第三件" in text(page)
    assert hidden_token(text(page))
    assert Case.objects.count() == 2


def test_one_number_cannot_report_without_end(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.reporting.REPORTS_OF_PHONE", limits.Limit("test", 1, 3600))
    assert client.post("/report/", filled(client, town, phone="13800000000")).status_code == 302
    assert client.post("/report/", filled(client, town, phone="138 0000 0000")).status_code == 429
    assert client.post("/report/", filled(client, town, phone="13900000000")).status_code == 302


def test_photos_are_counted_before_they_are_stored(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.reporting.PHOTOS_OF_ADDRESS", limits.Limit("test", 1, 3600))
    page = client.post("/report/", filled(client, town, photos=[photo(1), photo(2)], do="zoom-in"))
    assert page.status_code == 429
    assert "photos-kept" not in text(page)


def test_a_tenth_photo_is_left_out_and_said_so(client: Client, town: Town) -> None:
    page = client.post("/report/", filled(client, town, photos=[photo(n * 20) for n in range(10)]))
    assert page.status_code == 422
    assert "最多 9 张照片" in text(page)
    assert text(page).count('name="photos-kept"') == 9


def test_a_body_beyond_nine_large_photos_is_refused_unread(client: Client, town: Town) -> None:
    page = client.post("/report/", {}, headers={"Content-Length": str(LARGEST_BODY + 1)})
    assert page.status_code == 413
    assert "照片太大" in text(page)


def test_a_forged_request_is_refused(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/report/", {"description": "x"}).status_code == 403


def test_a_kept_photo_of_somebody_else_cannot_be_hung_up(client: Client, town: Town) -> None:
    foreign = town.photo(77)
    client.post("/report/", filled(client, town, **{"photos-kept": [str(foreign.pk), "forged:token"]}))
    assert Case.objects.get().events.get().photos.count() == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "forged, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_only_what_trusted_proxies_noted_counts_as_the_address(
    proxies: int, forwarded: str, address: str, rf: Any, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_address(rf.get("/", headers={"X-Forwarded-For": forwarded})) == address


def test_the_sign_board_of_a_place_names_its_people(client: Client, town: Town) -> None:
    lon, lat = town.point(1)
    town.users["worker"].duty_phone = "0000-8812345"
    town.users["worker"].save()
    page = text(client.get("/here/", {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}))
    assert "甲一网格" in page
    assert "测试·网格员甲" in page
    assert "0000-8812345" in page
    assert "测试·网格员乙" not in page
    assert "测试·综合席" not in page


def test_a_place_outside_has_no_sign_board(client: Client, town: Town) -> None:
    page = text(client.get("/here/", {"lon": "100.0", "lat": "20.0"}))
    assert "不在本区范围内" in page


@pytest.mark.parametrize("path", ["/", "/report/", "/track/", "/here/"])
def test_every_page_speaks_english_too(path: str, client: Client, town: Town) -> None:
    page = text(client.get(path, headers={"Accept-Language": "en"}))
    assert '<html lang="en"' in page
    shown = re.sub(r"<script.*?</script>|<[^>]+>", "", page, flags=re.S)
    left = set(re.findall(r"[一-鿿]+", shown)) - {
        "中文",
        "测试区",
        "市容环境",
        "公用设施",
        "咨询建议",
        "暴露垃圾",
        "上水井盖",
        "政策咨询",
    }
    assert left == set()
