"""The phone in the field: tasks, reports, what one may do with a case; nothing lost, nothing twice."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from gezhi.civic.notices.models import Notice
from gezhi.foundation.actors.models import Agency, Role
from gezhi.foundation.files.models import File
from gezhi.work.cases.models import Case, CaseEvent
from gezhi.work.cases.perform import perform
from gezhi.work.matters.models import MatterItem
from tests.town import PEOPLE, Town, picture

TABS = ["/field/", "/field/grid/", "/field/messages/", "/field/me/", "/field/mine/", "/field/map/"]


def text(page: HttpResponse) -> str:
    return page.content.decode()


def photo(shade: int = 90, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(shade), content_type="image/jpeg")


def sign_in(town: Town, who: str) -> Client:
    client = Client()
    client.force_login(town.users[who])
    return client


@pytest.fixture
def worker(town: Town) -> Client:
    return sign_in(town, "worker")


def act(town: Town, case: Case, code: str, who: str, **data: Any) -> Case:
    now = timezone.now()
    perform(code, case.pk, actor=town.actor(who, at=now), at=now, data=data)
    return Case.objects.get(pk=case.pk)


def just_now(town: Town, **said: Any) -> Case:
    return town.report(at=timezone.now() - timedelta(minutes=60), **said)


def spot(client: Client, town: Town, path: str = "/field/report/", **more: Any) -> dict[str, Any]:
    """The form of a page as a browser would send it, with a place chosen."""
    found = re.search(r'name="id" value="([0-9a-f-]{36})"', text(client.get(path)))
    assert found
    lon, lat = town.point(1)
    return {
        "id": found.group(1),
        "point-lon": f"{lon:.6f}",
        "point-lat": f"{lat:.6f}",
        "description": "路边有一堆垃圾",
        "photos": [photo()],
        **more,
    }


@pytest.mark.parametrize("path", [*TABS, "/field/report/", "/field/solve/"])
def test_every_page_asks_who_one_is_first(path: str, client: Client, town: Town) -> None:
    page = client.get(path)
    assert page.status_code == 302
    assert page["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", TABS)
@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_every_tab_opens_for_everybody_on_a_post(path: str, who: str, town: Town) -> None:
    assert sign_in(town, who).get(path).status_code == 200


def test_who_holds_no_post_is_told_so(town: Town) -> None:
    town.users["worker"].posts.update(until=timezone.now())
    page = sign_in(town, "worker").get("/field/")
    assert page.status_code == 403
    assert "岗位" in text(page)


def test_today_lists_what_is_to_be_done_with_what_it_takes(town: Town, worker: Client) -> None:
    case = town.drive(
        just_now(town, by="worker2", grid=1), "report_result", at=timezone.now() - timedelta(minutes=30)
    )
    verifier = case.owner_user
    assert verifier is not None
    page = text(sign_in(town, verifier.username).get("/field/"))
    assert "核查：暴露垃圾" in page
    assert "需现场照片 1 张" in page
    assert "1 件待办" in page


def test_today_offers_only_what_ones_posts_include(town: Town) -> None:
    assert "自处置" in text(sign_in(town, "worker").get("/field/"))
    inspector = text(sign_in(town, "inspector").get("/field/"))
    assert "上报" in inspector
    assert "自处置" not in inspector
    auditor = text(sign_in(town, "auditor").get("/field/"))
    assert 'href="/field/report/"' not in auditor


def test_a_report_becomes_a_case_with_its_photo_and_place(town: Town, worker: Client) -> None:
    item = town.conditions["rubbish"].item
    sent = worker.post("/field/report/", spot(worker, town, item=str(item.pk), address="3 号楼旁"))
    case = Case.objects.get()
    assert sent["Location"] == f"/field/case/{case.number}/?sent=spot"
    assert (case.source, case.item, case.reporter, case.address) == (
        "patrol",
        item,
        town.users["worker"],
        "3 号楼旁",
    )
    assert case.events.get().photos.count() == 1


def test_an_agencys_handler_reports_too(town: Town) -> None:
    head = sign_in(town, "head")
    head.post("/field/report/", spot(head, town))
    assert Case.objects.get().reporter == town.users["head"]


def test_two_taps_make_one_case(town: Town, worker: Client) -> None:
    form = spot(worker, town)
    for _n in range(2):
        form["photos"] = [photo()]
        sent = worker.post(
            "/field/report/", {**form, "seen": [str(pk) for pk in Case.objects.values_list("pk", flat=True)]}
        )
        assert sent.status_code == 302
    assert Case.objects.count() == 1


def test_mistakes_keep_words_place_and_photos(town: Town, worker: Client) -> None:
    form = spot(worker, town, description="", address="3 号楼旁")
    page = worker.post("/field/report/", form)
    assert page.status_code == 422
    body = text(page)
    assert "3 号楼旁" in body
    assert f'value="{form["point-lon"]}"' in body
    token = re.search(r'name="photos-kept" value="([^"]+)"', body)
    assert token
    again = {**form, "photos": [], "photos-kept": [token.group(1)], "description": "有垃圾"}
    assert worker.post("/field/report/", again).status_code == 302
    assert Case.objects.get().events.get().photos.count() == 1


def test_without_a_place_the_report_waits(town: Town, worker: Client) -> None:
    page = worker.post("/field/report/", {**spot(worker, town), "point-lon": "", "point-lat": ""})
    assert page.status_code == 422
    assert "请在地图上点出位置" in text(page)


def test_all_that_is_missing_is_told_at_once(town: Town, worker: Client) -> None:
    page = worker.post(
        "/field/report/", spot(worker, town, description="", **{"point-lon": "", "point-lat": ""})
    )
    assert set(page.context["form"].errors) == {"point", "description"}


def test_the_place_in_a_photo_is_offered(town: Town, worker: Client) -> None:
    worker.post(
        "/field/report/", {**spot(worker, town), "point-lon": "", "point-lat": "", "photos": [photo(201)]}
    )
    File.objects.update(lon=112.505, lat=30.205)
    again = {**spot(worker, town), "point-lon": "", "point-lat": "", "photos": [photo(201)]}
    assert 'data-map-place="112.505000,30.205000"' in text(worker.post("/field/report/", again))


def test_an_open_case_nearby_is_shown_before_a_second_is_made(town: Town, worker: Client) -> None:
    known, other = just_now(town), just_now(town, by="worker2", grid=1)
    form = spot(worker, town)
    page = worker.post("/field/report/", form)
    assert page.status_code == 200
    assert f"/field/case/{known.number}/" in text(page)
    assert Case.objects.count() == 2
    token = re.search(r'name="photos-kept" value="([^"]+)"', text(page))
    assert token
    again = {**form, "photos": [], "photos-kept": [token.group(1)]}
    assert worker.post("/field/report/", {**again, "seen": [str(known.pk)]}).status_code == 200
    assert worker.post("/field/report/", {**again, "seen": [str(known.pk), str(other.pk)]}).status_code == 302
    assert Case.objects.count() == 3


def test_a_report_sent_again_leads_to_the_case_it_made(town: Town, worker: Client) -> None:
    form = spot(worker, town)
    first = worker.post("/field/report/", form)
    again = worker.post("/field/report/", {**form, "photos": [], "description": "又写了几个字"})
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert Case.objects.count() == 1


def test_a_tapped_point_asks_for_what_is_nearby(town: Town, worker: Client) -> None:
    known = just_now(town)
    lon, lat = town.point(1)
    part = text(worker.get("/field/report/near/", {"point-lon": lon, "point-lat": lat}))
    assert str(known.pk) in part
    far = worker.get("/field/report/near/", {"point-lon": lon + 0.005, "point-lat": lat})
    assert str(known.pk) not in text(far)
    assert text(worker.get("/field/report/near/")).strip() == ""


def test_solving_on_the_spot_takes_a_photo_before_and_after(town: Town, worker: Client) -> None:
    condition = town.conditions["rubbish"].pk
    form = spot(worker, town, "/field/solve/", condition=str(condition), text="已捡走")
    page = worker.post("/field/solve/", form)
    assert page.status_code == 422
    assert "请添加处置后的照片" in text(page)
    form |= {"photos": [photo()], "after": [photo(200)]}
    assert worker.post("/field/solve/", form).status_code == 302
    case = Case.objects.get()
    assert case.on_the_spot
    assert case.events.get(seq=1).photos.count() == 2


def test_solving_without_saying_what_is_refused_beside_the_field(town: Town, worker: Client) -> None:
    page = worker.post(
        "/field/solve/", spot(worker, town, "/field/solve/", after=[photo(200)], text="已捡走")
    )
    assert page.status_code == 422
    assert "请选择处置的是什么事项" in text(page)


def test_who_may_not_solve_has_no_such_page(town: Town) -> None:
    assert sign_in(town, "inspector").get("/field/solve/").status_code == 403


def test_a_case_shows_its_story_its_limits_and_what_can_be_done(town: Town) -> None:
    case = town.drive(just_now(town), "dispatch", at=timezone.now() - timedelta(minutes=30))
    page = text(sign_in(town, "handler").get(f"/field/case/{case.number}/"))
    for words in ("暴露垃圾", "青禾街 8 号", "测试环卫所", "签收", "退回", "case-photo"):
        assert words in page
    assert f'action="/field/case/{case.number}/sign/"' in page


def test_an_act_without_questions_is_one_tap(town: Town) -> None:
    case = town.drive(just_now(town), "dispatch", at=timezone.now() - timedelta(minutes=30))
    handler = sign_in(town, "handler")
    assert (
        handler.post(f"/field/case/{case.number}/sign/")["Location"]
        == f"/field/case/{case.number}/?sent={case.number}-sign"
    )
    assert Case.objects.get().state == "handling"
    again = handler.post(f"/field/case/{case.number}/sign/", follow=True)
    assert "“签收”" in text(again)


def test_a_result_without_its_photo_comes_back_with_the_words(town: Town) -> None:
    case = town.drive(just_now(town), "sign", at=timezone.now() - timedelta(minutes=30))
    handler = sign_in(town, "handler")
    path = f"/field/case/{case.number}/report_result/"
    assert "至少 1 张" in text(handler.get(path))
    page = handler.post(path, {"report_result-text": "已清运"})
    assert page.status_code == 422
    assert "已清运" in text(page)
    assert "照片" in text(page)
    sent = handler.post(path, {"report_result-text": "已清运", "report_result-photos": [photo()]})
    assert sent.status_code == 302
    assert Case.objects.get().state == "verifying"


def test_the_verification_is_done_on_the_phone(town: Town) -> None:
    case = town.drive(just_now(town), "report_result", at=timezone.now() - timedelta(minutes=30))
    assert case.owner_user is not None
    verifier = sign_in(town, case.owner_user.username)
    path = f"/field/case/{case.number}/verify/"
    assert "已解决" in text(verifier.get(path))
    verifier.post(path, {"verify-result": "true", "verify-photos": [photo(7)]})
    assert Case.objects.get().state == "closed"


def test_a_check_asked_for_is_answered_on_the_phone(town: Town, worker: Client) -> None:
    case, _code = town.resident_report(at=timezone.now() - timedelta(minutes=30))
    act(town, case, "ask_check", "clerk", user=town.users["worker"].pk)
    assert "核实：" in text(worker.get("/field/"))
    worker.post(
        f"/field/case/{case.number}/check_result/",
        {"check_result-result": "true", "check_result-photos": [photo()]},
    )
    assert Case.objects.get().check_result == "true"


def test_an_act_not_possible_now_leads_back_to_the_case(town: Town, worker: Client) -> None:
    case = just_now(town)
    page = worker.get(f"/field/case/{case.number}/verify/", follow=True)
    assert page.redirect_chain == [(f"/field/case/{case.number}/", 302)]
    assert worker.get(f"/field/case/{case.number}/no-such-act/").status_code == 404


def test_what_is_not_to_be_seen_is_not_there(town: Town) -> None:
    case = just_now(town)
    outsider = sign_in(town, "outsider")
    for path in ("", "note/"):
        assert outsider.get(f"/field/case/{case.number}/{path}").status_code == 404
    assert outsider.post(f"/field/case/{case.number}/note/", {"note-text": "x"}).status_code == 404
    sha256 = case.events.get().photos.get().sha256
    address = f"/case-photo/{case.pk}/{sha256}/full/"
    assert outsider.get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert sign_in(town, "worker").get(address).status_code == 200


def test_my_reports_come_page_by_page(town: Town, worker: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gezhi.faces.field.own.PAGE", 2)
    cases = [town.report(at=timezone.now() - timedelta(minutes=n), grid=1) for n in range(3)]
    town.report("worker2", grid=2)
    first = text(worker.get("/field/mine/"))
    assert cases[0].number in first
    assert cases[2].number not in first
    after = re.search(r'href="/field/mine/\?(after=[^"]+)"', first)
    assert after
    second = text(worker.get(f"/field/mine/?{after.group(1).replace('&amp;', '&')}"))
    assert cases[2].number in second
    assert cases[0].number not in second
    assert worker.get("/field/mine/?after=nonsense~x").status_code == 302


def test_messages_are_told_and_marked_read(town: Town, worker: Client) -> None:
    case = just_now(town)
    now = timezone.now()
    Notice.objects.create(user=town.users["worker"], case=case, kind="news", seq=1, created_at=now)
    assert "1 条" in text(worker.get("/field/messages/"))
    worker.post("/field/messages/")
    assert Notice.objects.get().read_at is not None


def test_opening_a_case_reads_its_messages(town: Town, worker: Client) -> None:
    case = just_now(town)
    Notice.objects.create(user=town.users["worker"], case=case, kind="news", seq=1, created_at=timezone.now())
    worker.get(f"/field/case/{case.number}/")
    assert Notice.objects.get().read_at is not None


def test_the_grid_page_counts_what_lies_in_it_and_names_the_neighbours(town: Town, worker: Client) -> None:
    just_now(town)
    page = text(worker.get("/field/grid/"))
    shown = re.sub(r"\s+", "", re.sub(r"<[^>]+>", " ", page))
    assert "甲一网格" in page
    assert "300户" in shown
    assert "1.07平方公里" in shown
    assert "测试·网格员乙" in page  # next door
    assert "测试·网格员甲" in page


def test_the_map_lists_the_open_cases_of_my_ground_only(town: Town, worker: Client) -> None:
    mine, other = just_now(town), just_now(town, by="worker2", grid=2)
    page = text(worker.get("/field/map/"))
    assert f'data-point="{mine.number}"' in page
    assert f'data-point="{other.number}"' not in page


@pytest.mark.parametrize("path", [*TABS, "/field/report/", "/field/solve/"])
def test_every_page_speaks_english_too(path: str, town: Town, worker: Client) -> None:
    page = text(worker.get(path, headers={"Accept-Language": "en"}))
    shown = re.sub(r"<script.*?</script>|<noscript.*?</noscript>|<[^>]+>", "", page, flags=re.S)
    known = {"中文", "测试", "网格员甲", "网格员乙", "甲一网格", "甲二网格", "甲社区", "测试街道", "网格员"}
    assert set(re.findall(r"[一-鿿]+", shown)) - known == set()


def test_matters_and_agencies_are_named_in_the_language_of_the_page(town: Town) -> None:
    MatterItem.objects.update(name_en="Rubbish")
    for code, name in (("SAN", "Cleansing"), ("WAT", "Waterworks")):
        Agency.objects.filter(code=code).update(name_en=name)
    Role.objects.update(name_en="Role")
    case = town.drive(just_now(town), "dispatch", at=timezone.now() - timedelta(minutes=30))
    act(town, case, "return", "handler", reason="not_ours", text="-")
    act(town, case, "dispatch", "clerk", agency=town.agencies["WAT"].pk, text="-")
    clerk = sign_in(town, "clerk")
    Notice.objects.create(user=town.users["clerk"], case=case, kind="news", seq=1, created_at=timezone.now())
    english = {"Accept-Language": "en"}
    listed = text(clerk.get("/field/messages/", headers=english))
    assert "Rubbish" in listed
    assert "暴露垃圾" not in listed
    page = text(clerk.get(f"/field/case/{case.number}/", headers=english))
    assert f"{case.number} Rubbish" in page
    assert "Cleansing Role" in text(sign_in(town, "handler").get("/field/me/", headers=english))
    given = re.findall(r"</b> dispatched[^<]*<b>([^<]+)</b>", page)
    assert given == ["Waterworks", "Cleansing"]


def test_a_matter_is_chosen_by_a_number_or_not_at_all(town: Town, worker: Client) -> None:
    for nonsense in ("²", "-1", "9" * 30, "x"):
        page = worker.post("/field/report/", spot(worker, town, item=nonsense, description="", photos=[]))
        assert page.status_code == 422
        assert "description" in page.context["form"].errors


def test_characters_a_database_may_not_hold_are_no_fault_of_ours(town: Town, worker: Client) -> None:
    case = just_now(town)
    for path in ("/field/case/a%00b/", "/field/mine/?after=a%00b", "/field/grid/?area=%00"):
        assert worker.get(path).status_code < 500, path
    for path, sent in (
        ("/field/report/", {"description": "a\0b", "seen": [str(case.pk)]}),
        (f"/field/case/{case.number}/note/", {"note-text": "a\0b"}),
    ):
        form = spot(worker, town, **sent) if "report" in path else sent
        assert worker.post(path, form).status_code < 500, path


def test_a_note_with_a_photo_joins_the_story(town: Town, worker: Client) -> None:
    case = just_now(town)
    worker.post(f"/field/case/{case.number}/note/", {"note-text": "又多了", "note-photos": [photo(3)]})
    event = CaseEvent.objects.get(case=case, act="note")
    assert (event.text, event.photos.count()) == ("又多了", 1)


def test_pages_ask_the_database_little(
    town: Town, worker: Client, django_assert_max_num_queries: Any
) -> None:
    for _n in range(4):
        town.drive(
            just_now(town, by="worker2", grid=1), "report_result", at=timezone.now() - timedelta(minutes=50)
        )
    case = just_now(town)
    pages = {
        "/field/": 12,
        "/field/grid/": 18,
        "/field/map/": 8,
        "/field/mine/": 7,
        "/field/report/": 7,
        f"/field/case/{case.number}/": 10,
    }
    for page, most in pages.items():
        worker.get(page)
        with django_assert_max_num_queries(most):
            assert worker.get(page).status_code == 200


def test_what_was_sent_is_no_draft_any_more(town: Town, worker: Client) -> None:
    page = text(worker.post("/field/report/", spot(worker, town), follow=True))
    assert '<meta name="draft-done" content="spot">' in page
