"""The console's pages: who may open them, and what they show."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from gezhi.foundation.actors.models import Post, User
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from tests.faces.calling import signed_in
from tests.town import START, Town

NOW = START + timedelta(hours=1)
PAGES = ["/desk/", "/desk/cases/", "/desk/cases/new/", "/desk/map/", "/desk/notices/", "/desk/territory/"]
TAKES_NOTHING_IN = {("/desk/cases/new/", "dispatcher")}
WORKERS = ["worker", "clerk", "intake", "dispatcher", "handler", "head", "leader"]


pytestmark = pytest.mark.usefixtures("an_hour_later")


@pytest.mark.parametrize("name", WORKERS)
def test_every_page_opens_for_people_who_work_on_cases(name: str, town: Town) -> None:
    town.drive(town.report(), "dispatch")
    client = signed_in(town, name)
    for page in PAGES:
        expected = 403 if (page, name) in TAKES_NOTHING_IN else 200
        assert client.get(page).status_code == expected, page


@pytest.mark.parametrize("page", [*PAGES, "/desk/map/cases.geojson", "/desk/cases/many/"])
def test_visitors_are_sent_to_sign_in(page: str, town: Town) -> None:
    response = Client().get(page)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/desk/")


def test_a_part_of_a_page_sends_a_visitor_to_sign_in_as_a_whole(town: Town) -> None:
    response = Client().get("/desk/cases/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/accounts/login/")


def test_without_a_post_there_is_no_desk(town: Town) -> None:
    user = User.objects.create(username="nobody", name="无岗人员", password=make_password(None))
    client = Client()
    client.force_login(user)
    response = client.get("/desk/")
    assert response.status_code == 403
    assert "岗位" in response.content.decode()


def test_who_only_keeps_the_system_has_no_queue_in_the_rail(town: Town) -> None:
    rail = _rail(signed_in(town, "admin").get("/desk/").content.decode())
    assert "/desk/cases/" not in rail
    assert "/desk/cases/" in _rail(signed_in(town, "clerk").get("/desk/").content.decode())


def test_a_case_is_not_there_for_who_may_not_see_it(town: Town) -> None:
    case = town.report()
    address = f"/desk/cases/{case.number}/"
    assert signed_in(town, "worker").get(address).status_code == 200
    for name in ("outsider", "other_head", "admin"):
        client = signed_in(town, name)
        assert client.get(address).status_code == 404, name
        assert client.get(f"{address}panel/", headers={"HX-Request": "true"}).status_code == 404
        assert client.post(f"{address}contact/", {"purpose": "看看"}).status_code == 404
        assert client.post(f"{address}do/note/", {"note-text": "看看"}).status_code == 404


def test_a_list_shows_the_cases_of_its_stage_and_counts_the_others(town: Town) -> None:
    waiting = town.report(description="第一件")
    filed = town.drive(town.report("inspector", grid=3, description="第二件"), "file")
    page = signed_in(town, "clerk").get("/desk/cases/?stage=dispatch").content.decode()
    assert filed.number in page
    assert waiting.number not in page
    assert re.search(r"stage=intake[^>]*>\s*待受理<b[^>]*>1</b>", page)


def test_the_area_in_the_address_scopes_the_list(town: Town) -> None:
    west, east = town.report(grid=1), town.report("inspector", grid=3)
    client = signed_in(town, "clerk")
    page = client.get("/desk/cases/?stage=all&area=420599001002").content.decode()
    assert east.number in page
    assert west.number not in page
    assert "stage=intake&amp;area=420599001002" in page or "area=420599001002&amp;stage=intake" in page
    assert client.get("/desk/cases/?area=999999").status_code == 404


def test_words_find_cases_by_number_and_place(town: Town) -> None:
    one, other = town.report(address="青禾街 8 号"), town.report("inspector", grid=3, address="文汇路 31 号")
    client = signed_in(town, "clerk")
    page = client.get("/desk/cases/?stage=all&q=文汇").content.decode()
    assert other.number in page
    assert one.number not in page
    assert client.get("/desk/search/", {"q": one.number})["Location"] == f"/desk/cases/{one.number}/"
    assert client.get("/desk/search/", {"q": "文汇"})["Location"].startswith("/desk/cases/?stage=all&q=")


def test_unknown_words_in_the_address_are_passed_over(town: Town) -> None:
    town.report()
    client = signed_in(town, "clerk")
    address = "/desk/cases/?stage=nonsense&matter=x:y&source=moon&order=up"
    assert client.get(address).status_code == 200
    assert client.get("/desk/cases/?after=nonsense").status_code == 404


def test_a_long_list_goes_on_page_by_page(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from gezhi.faces.console import queue

    monkeypatch.setattr(queue, "PAGE", 2)
    numbers = {town.report(description=f"第 {n} 件").number for n in range(5)}
    client = signed_in(town, "clerk")
    seen: list[str] = []
    address = "/desk/cases/?stage=all"
    for _page in range(3):
        page = client.get(address).content.decode()
        seen += re.findall(r'class="open" href="/desk/cases/([\d-]+)/', page)
        more = re.search(r'class="pager more"><a class="btn" href="([^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert sorted(seen) == sorted(numbers)
    assert not address
    part = client.get("/desk/cases/?stage=all&part=rows", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert part.count('class="row') == 2


def test_the_panel_opens_beside_the_list_and_offers_the_suggested_agency(town: Town) -> None:
    case = town.drive(town.report(), "file")
    client = signed_in(town, "clerk")
    page = client.get(f"/desk/cases/?stage=dispatch&case={case.number}").content.decode()
    panel = page[page.index('id="panel"') :]
    assert "测试环卫所" in panel
    assert f'name="dispatch-agency" value="{town.agencies["SAN"].pk}"' in panel
    part = client.get(f"/desk/cases/{case.number}/panel/?stage=dispatch", headers={"HX-Request": "true"})
    assert "测试环卫所" in part.content.decode()
    assert client.get(f"/desk/cases/{case.number}/panel/").status_code == 303
    assert client.get("/desk/cases/?stage=dispatch&case=none").status_code == 200


def test_the_case_tells_its_story_newest_first(town: Town) -> None:
    case = town.drive(town.report(), "report_result")
    page = signed_in(town, "clerk").get(f"/desk/cases/{case.number}/").content.decode()
    story = page[page.index('class="events"') :]
    assert story.index("反馈处置结果") < story.index("派遣给") < story.index("立案") < story.index("上报")
    assert story.count("/case-photo/") >= 2
    assert story.count('class="day"') == 1
    assert story.index('class="day"') < story.index("反馈处置结果")
    assert "青禾街 8 号" in page
    assert page.count('class="step d"') == 4
    assert page.count('class="step c"') == 1


def test_opening_a_case_reads_its_notices(town: Town) -> None:
    from gezhi.site.worker import work_once

    case = town.report()
    work_once(at=NOW)
    client = signed_in(town, "clerk")
    assert case.title in client.get("/desk/notices/").content.decode()
    assert client.get("/desk/").context["bell_count"] == 1
    client.get(f"/desk/cases/{case.number}/")
    assert client.get("/desk/").context["bell_count"] == 0


def test_all_notices_are_read_with_one_button(town: Town) -> None:
    from gezhi.site.worker import work_once

    town.report()
    town.report("inspector", grid=3)
    work_once(at=NOW)
    client = signed_in(town, "clerk")
    assert client.get("/desk/notices/").context["told"].unread == 2
    assert client.post("/desk/notices/").status_code == 302
    assert client.get("/desk/notices/").context["told"].unread == 0


def test_the_contact_opens_for_a_purpose_and_the_look_is_kept(town: Town) -> None:
    from gezhi.foundation.audit.models import AuditEntry

    case, _code = town.resident_report()
    client = signed_in(town, "clerk")
    address = f"/desk/cases/{case.number}/contact/"
    assert "00000000001" not in client.get(f"/desk/cases/{case.number}/").content.decode()
    empty = client.post(address, {"purpose": " "})
    assert empty.status_code == 422
    assert "请写明查看联系方式的用途" in empty.content.decode()
    shown = client.post(address, {"purpose": "核实地点"})
    assert "00000000001" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEntry.objects.get(act="reveal_contact").detail == {"purpose": "核实地点"}
    assert signed_in(town, "dispatcher").post(address, {"purpose": "看看"}).status_code == 403


def test_the_map_shows_what_the_actor_sees_in_the_box(town: Town) -> None:
    west, east = town.report(grid=1), town.report("inspector", grid=4)
    client = signed_in(town, "clerk")
    found = client.get("/desk/map/cases.geojson").json()["features"]
    assert {one["properties"]["id"] for one in found} == {west.number, east.number}
    boxed = client.get("/desk/map/cases.geojson?bbox=112.50,30.20,112.51,30.21").json()["features"]
    assert [one["properties"]["id"] for one in boxed] == [west.number]
    assert client.get("/desk/map/cases.geojson?bbox=1,2").status_code == 422
    assert signed_in(town, "other_head").get("/desk/map/cases.geojson").json()["features"] == []


def test_the_ground_names_posts_and_vacancies(town: Town) -> None:
    client = signed_in(town, "clerk")
    page = client.get("/desk/territory/").content.decode()
    assert "乙一网格" in page
    node = client.get("/desk/territory/?area=420599001002").context["node"]
    assert (node.grids, node.households, node.vacant) == (2, 600, 2)
    grid = client.get("/desk/territory/?area=420599001001001")
    assert "测试·网格员甲" in grid.content.decode()
    assert grid.context["vacancies"] == []


def test_today_shows_what_waits_for_me(town: Town) -> None:
    case = town.report()
    assert case.address in signed_in(town, "clerk").get("/desk/").content.decode()
    late = town.drive(town.report(grid=2), "dispatch")
    context = signed_in(town, "handler").get("/desk/").context
    assert [row.case.number for row in context["mine"]] == [late.number]


def test_overdue_cases_stand_out(town: Town) -> None:
    case = town.report()  # the intake limit is half an hour of working time
    page = signed_in(town, "clerk").get("/desk/cases/?stage=overdue").content.decode()
    assert case.number in page
    assert "超期" in page


def test_a_case_asked_back_shows_the_reason_and_both_answers(town: Town) -> None:
    case = town.drive(town.report(), "sign")
    asked = {"reason": "not_ours", "text": "不属于环卫"}
    perform("request_return", case.pk, actor=town.actor("handler"), at=NOW, data=asked)
    page = signed_in(town, "clerk").get(f"/desk/cases/{case.number}/").content.decode()
    assert "不属于环卫" in page
    assert "/do/agree_return/" in page
    assert "/do/decline_return/" in page


@pytest.mark.parametrize("until", ["file", "dispatch", "sign", "report_result", "verify"])
def test_cases_at_every_stage_have_their_page(until: str, town: Town) -> None:
    case = town.drive(town.report(), until)
    assert signed_in(town, "clerk").get(f"/desk/cases/{case.number}/").status_code == 200


@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("refuse", {"reason": "lacking", "text": "信息不足"}),
        ("merge", {"case": ""}),
    ],
)
def test_cases_that_ended_early_have_their_page(act: str, data: dict[str, str], town: Town) -> None:
    case, other = town.report(), town.report(description="又一件")
    if act == "merge":
        data = {"case": other.number}
    perform(act, case.pk, actor=town.actor("clerk"), at=NOW, data=data)
    page = signed_in(town, "clerk").get(f"/desk/cases/{case.number}/").content.decode()
    assert 'class="step x"' in page
    if act == "merge":
        assert other.number in page
        into = signed_in(town, "clerk").get(f"/desk/cases/{other.number}/").content.decode()
        assert case.number in into


def test_pages_ask_the_database_little(town: Town, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for n in range(12):
        town.report(description=f"第 {n} 件", grid=n % 2 + 1)
    case = town.drive(town.report(), "report_result")
    client = signed_in(town, "clerk")
    pages = {
        "/desk/cases/?stage=all": 16,
        f"/desk/cases/{case.number}/": 20,
        "/desk/": 22,
        "/desk/map/": 10,
        "/desk/territory/": 16,
    }
    for page, most in pages.items():
        client.get(page)
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200
    assert Case.objects.count() == 13


def _rail(page: str) -> str:
    return page[page.index('id="rail"') : page.index("</nav>")]


def test_who_keeps_the_system_sees_what_needs_them(town: Town) -> None:
    words = {one.words: one.number for one in signed_in(town, "admin").get("/desk/").context["keeping"]}
    assert words["空缺的岗位"] >= 2  # the two grids of the second community
    assert words["未送达的消息"] == 0
    signed_in(town, "clerk").post("/desk/cases/none/do/note/", {"note-text": "x"})
    case = town.drive(town.report(), "file")
    signed_in(town, "intake").post(
        f"/desk/cases/{case.number}/do/dispatch/", {"dispatch-agency": town.agencies["SAN"].pk}
    )
    (refused,) = signed_in(town, "auditor").get("/desk/").context["keeping"]
    assert refused.number == 1
    assert signed_in(town, "clerk").get("/desk/").context["keeping"] == []


def test_leaders_see_where_it_sticks(town: Town) -> None:
    town.report()
    jams = signed_in(town, "leader").get("/desk/").context["jams"]
    assert [(name, jam.cases) for name, jam in jams] == [("受理", 1)]


def test_titles_speak_the_language_of_the_page(town: Town) -> None:
    item = town.conditions["rubbish"].item
    item.name_en = "Rubbish left lying"
    item.save()
    town.drive(town.report(), "file")
    page = signed_in(town, "clerk").get("/desk/cases/?stage=all", headers={"Accept-Language": "en"})
    assert "Rubbish left lying" in page.content.decode()


def test_posts_in_two_districts_open_every_page(town: Town) -> None:
    other = Post.objects.get(user=town.users["outsider"])
    Post.objects.create(user=town.users["clerk"], role=other.role, area=other.area, since=other.since)
    client = signed_in(town, "clerk")
    for page in PAGES:
        assert client.get(page).status_code == 200, page
    assert client.get("/desk/territory/?area=420600").status_code == 200


def test_the_filter_narrows_to_no_area_while_none_is_chosen(town: Town) -> None:
    client = signed_in(town, "clerk")
    own = '<option value="{}" selected>测试街道</option>'
    assert own.format("") in client.get("/desk/cases/").text
    assert own.format("420599001") in client.get("/desk/cases/?area=420599001").text


def test_all_that_was_refused_today_is_counted_and_listed(town: Town) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(at=NOW, act="end_post", actor_label="试", allowed=False) for _n in range(101)
    )
    AuditEntry.objects.create(at=NOW - timedelta(days=1), act="end_post", actor_label="试", allowed=False)
    auditor = signed_in(town, "auditor")
    figure = next(one for one in auditor.get("/desk/").context["keeping"] if "refused" in one.url)
    assert figure.number == 101
    assert auditor.get(figure.url).context["form"].cleaned_data["first"] == START.date()


def test_words_for_a_place_stay_out_of_the_search_box(town: Town) -> None:
    sent = {"find": "1", "address": "没有的路"}
    page = signed_in(town, "clerk").post("/desk/cases/new/", sent).text
    assert "“没有的路”" in page
    assert re.search('id="search-box" name="q" value=""', page)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/desk/cases/new/items/", "item"),
        ("/desk/due/?way=matter&start=2026-03-02T09:00", "condition"),
        ("/desk/settings/calendar/", "month"),
    ],
)
def test_no_number_is_too_long_for_a_page(town: Town, address: str, field: str) -> None:
    client = signed_in(town, "admin" if "settings" in address else "clerk")
    joined = "&" if "?" in address else "?"
    assert client.get(f"{address}{joined}{field}={'9' * 5000}-1").status_code in (200, 422)
    assert client.get(f"{address}{joined}{field}={'9' * 5000}").status_code in (200, 422)


def test_a_report_with_a_matter_of_too_many_digits_is_refused_in_words(town: Town) -> None:
    lon, lat = town.point(1)
    said = {"source": "hotline", "item": "9" * 5000, "point-lon": lon, "point-lat": lat}
    answer = signed_in(town, "clerk").post("/desk/cases/new/", said)
    assert answer.status_code in (200, 422)
