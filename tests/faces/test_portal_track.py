"""A resident follows a report by its code, and learns nothing that is not theirs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from gezhi.faces.look import limits
from gezhi.faces.portal.story import own_photos
from gezhi.foundation.files.models import File
from gezhi.work.cases.models import Asker, Case, CaseEvent, Rating
from gezhi.work.cases.perform import perform
from gezhi.work.cases.services import Contact, asker_actor
from tests.town import PEOPLE, Town, picture


@pytest.fixture
def reported(town: Town) -> tuple[Case, str]:
    """A resident's report of a minute ago and its code."""
    return town.resident_report(at=timezone.now() - timedelta(minutes=60), photos=(town.photo(44),))


def text(page: HttpResponse) -> str:
    return page.content.decode()


def enter(client: Client, code: str) -> str:
    """Type a code; the address of the report's page."""
    sent = client.post("/track/", {"code": code})
    assert sent.status_code == 302, text(sent)
    return sent["Location"]


def close(town: Town, case: Case) -> Case:
    """Everybody does their part; the case is closed some minutes ago."""
    return town.drive(case, "verify", at=timezone.now() - timedelta(minutes=50))


def act(town: Town, subject: Case, code: str, who: str, **data: Any) -> Case:
    now = timezone.now()
    perform(code, subject.pk, actor=town.actor(who, at=now), at=now, data=data)
    return Case.objects.get(pk=subject.pk)


def test_the_code_opens_the_progress_however_it_is_typed(client: Client, reported: tuple[Case, str]) -> None:
    _case, code = reported
    for typed in (code, code.lower(), code.replace("-", " "), f"  {code.replace('-', '')} "):
        page = client.get(enter(client, typed))
        assert page.status_code == 200
        assert "已收到" in text(page)


def test_the_code_stands_in_no_address(client: Client, reported: tuple[Case, str]) -> None:
    _case, code = reported
    address = enter(client, code)
    assert code not in address
    assert code.replace("-", "") not in address
    assert code not in text(client.get(address))


def test_an_address_copied_to_another_browser_opens_nothing(
    client: Client, reported: tuple[Case, str]
) -> None:
    address = enter(client, reported[1])
    elsewhere = Client().get(address)
    assert elsewhere.status_code == 302
    assert elsewhere["Location"] == "/track/"


def test_after_half_an_hour_the_code_is_asked_for_again(
    client: Client, reported: tuple[Case, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = enter(client, reported[1])
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr("gezhi.faces.portal.tracking.timezone.now", lambda: later)
    page = client.get(address, follow=True)
    assert page.redirect_chain == [("/track/", 302)]
    assert "半小时" in text(page)


def test_looking_at_it_keeps_it_open(
    client: Client, reported: tuple[Case, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = enter(client, reported[1])
    start = timezone.now()
    for minutes in (20, 40, 60):
        monkeypatch.setattr(
            "gezhi.faces.portal.tracking.timezone.now", lambda m=minutes: start + timedelta(minutes=m)
        )
        assert client.get(address).status_code == 200


def test_closing_the_page_forgets_it_at_once(client: Client, reported: tuple[Case, str]) -> None:
    address = enter(client, reported[1])
    client.post(f"{address}leave/")
    assert client.get(address).status_code == 302


def test_a_wrong_code_is_told_kindly_and_kept(client: Client, town: Town) -> None:
    page = client.post("/track/", {"code": "AAAAA-AAAAA"})
    assert page.status_code == 422
    assert "没有这个查询码" in text(page)
    assert "AAAAA-AAAAA" in text(page)


def test_guessing_is_stopped_and_right_codes_too_until_it_cools_down(
    client: Client, reported: tuple[Case, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.tracking.WRONG_CODES_OF_ADDRESS", limits.Limit("test", 3, 900))
    for n in range(3):
        assert client.post("/track/", {"code": f"AAAAA-AAAA{n + 2}"}).status_code == 422
    assert client.post("/track/", {"code": reported[1]}).status_code == 429
    later = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr("gezhi.faces.portal.tracking.timezone.now", lambda: later)
    assert client.post("/track/", {"code": reported[1]}).status_code == 302


def test_every_step_of_the_loop_is_told_and_no_name_or_note_ever(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    case, code = reported
    address = enter(client, code)
    rubbish, secret = town.conditions["rubbish"].pk, "只给同事看的话"
    stages = [
        ("ask_check", "clerk", {"user": town.users["worker"].pk, "text": secret}, "正在核实"),
        (
            "check_result",
            "worker",
            {"result": "true", "photos": [town.photo(1).pk], "text": secret},
            "已到现场核实",
        ),
        ("file", "clerk", {"condition": rubbish, "text": secret}, "已受理"),
        ("dispatch", "clerk", {"agency": town.agencies["SAN"].pk, "text": secret}, "已受理，交给测试环卫所"),
        ("sign", "handler", {}, "测试环卫所已接手"),
        ("note", "clerk", {"text": secret}, "测试环卫所正在处理"),
        ("assign", "head", {"user": town.users["handler"].pk, "text": secret}, "测试环卫所正在处理"),
        ("progress", "handler", {"text": secret}, "最近一次进展"),
        ("report_result", "handler", {"text": "已清运", "photos": [town.photo(2).pk]}, "有人去现场看结果"),
    ]
    for code_, who, data, shown in stages:
        case = act(town, case, code_, who, **data)
        page = text(client.get(address))
        assert shown in page, code_
        assert secret not in page, code_
    case = act(town, case, "verify", "worker", result="true", photos=[town.photo(3).pk], text=secret)
    page = text(client.get(address))
    assert case.state == "closed"
    assert "已清运" in page
    assert "你对结果满意吗" in page
    assert secret not in page
    board = page.index("谁负责这里")
    for name, *_rest in PEOPLE.values():
        assert name not in page[:board], name


def test_only_own_photos_are_shown_and_only_to_their_sender(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    case, code = reported
    case = close(town, case)
    address = enter(client, code)
    mine, theirs = File.objects.get(pk=case.events.get(seq=1).photos.get().pk), town.photo(60)
    page = text(client.get(address))
    assert mine.sha256 in page
    assert theirs.sha256 not in page
    assert client.get(f"{address}photo/{mine.sha256}/thumb/").status_code == 200
    assert client.get(f"{address}photo/{theirs.sha256}/thumb/").status_code == 404
    assert Client().get(f"{address}photo/{mine.sha256}/thumb/").status_code == 302


def test_words_and_photos_are_added(client: Client, reported: tuple[Case, str]) -> None:
    case, code = reported
    address = enter(client, code)
    upload = SimpleUploadedFile("b.jpg", picture(200), content_type="image/jpeg")
    sent = client.post(f"{address}add/", {"text": "现在更多了", "photos": [upload]})
    assert sent.status_code == 302
    event = CaseEvent.objects.get(case=case, act="add")
    assert (event.text, event.photos.count()) == ("现在更多了", 1)
    assert "现在更多了" in text(client.get(address))


def test_adding_nothing_keeps_the_photo_and_says_what_is_missing(
    client: Client, reported: tuple[Case, str]
) -> None:
    address = enter(client, reported[1])
    upload = SimpleUploadedFile("b.jpg", picture(200), content_type="image/jpeg")
    page = client.post(f"{address}add/", {"text": "", "photos": [upload]})
    assert page.status_code == 422
    assert "请写一下要补充的情况" in text(page)
    assert 'name="photos-kept"' in text(page)


def test_hurrying_is_possible_once_a_day(client: Client, reported: tuple[Case, str]) -> None:
    case, code = reported
    address = enter(client, code)
    assert "催一下" in text(client.get(address))
    client.post(f"{address}urge/")
    page = client.post(f"{address}urge/", follow=True)
    assert "一天" in text(page)
    assert "催一下" not in text(client.get(address))
    assert CaseEvent.objects.filter(case=case, act="urge").count() == 1


def test_withdrawing_asks_first_and_then_ends_it(client: Client, reported: tuple[Case, str]) -> None:
    case, code = reported
    address = enter(client, code)
    assert "要撤回吗" in text(client.get(f"{address}withdraw/"))
    assert Case.objects.get(pk=case.pk).state == "reported"
    page = text(client.post(f"{address}withdraw/", follow=True))
    assert "你已撤回" in page
    assert Case.objects.get(pk=case.pk).state == "withdrawn"
    for act_ in ("add", "withdraw", "urge"):
        assert f"{address}{act_}/" not in page


def test_who_has_withdrawn_cannot_act_any_more(client: Client, town: Town) -> None:
    case, code = town.resident_report(at=timezone.now() - timedelta(minutes=60))
    act(town, case, "file", "clerk", condition=town.conditions["cover"].pk)
    address = enter(client, code)
    page = text(client.post(f"{address}withdraw/", follow=True))
    assert "我们会继续办" in page
    client.post(f"{address}urge/")
    assert not CaseEvent.objects.filter(case=case, act="urge").exists()


def test_a_good_rating_is_kept_once(client: Client, town: Town, reported: tuple[Case, str]) -> None:
    case, code = reported
    close(town, case)
    address = enter(client, code)
    page = text(client.post(f"{address}rate/", {"stars": "4", "text": "很快"}, follow=True))
    assert "你的评价：满意" in page
    assert "你对结果满意吗" not in page
    again = client.post(f"{address}rate/", {"stars": "1"})
    assert again.status_code == 409
    assert 'class="errors"' in text(again)
    assert Rating.objects.get().stars == 4


def test_a_rating_without_a_level_is_asked_for_again(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    close(town, reported[0])
    page = client.post(f"{enter(client, reported[1])}rate/", {"text": "写了很多话"})
    assert page.status_code == 422
    assert "请从五个里选一个" in text(page)
    assert "写了很多话" in text(page)


def test_a_poor_rating_can_ask_for_it_to_be_done_again(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    case, code = reported
    close(town, case)
    address = enter(client, code)
    why = client.post(f"{address}rate/", {"stars": "1", "text": "", "reopen": "on"})
    assert why.status_code == 422
    assert not Rating.objects.exists()
    page = text(
        client.post(f"{address}rate/", {"stars": "1", "text": "垃圾还在", "reopen": "on"}, follow=True)
    )
    assert "重新办理" in page
    assert Case.objects.get(pk=case.pk).state == "filed"


def test_a_poor_rating_alone_leaves_the_door_open(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    case, code = reported
    close(town, case)
    address = enter(client, code)
    page = text(client.post(f"{address}rate/", {"stars": "2", "text": "一般"}, follow=True))
    assert "可以要求重办" in page
    client.post(f"{address}reopen/", {"text": "垃圾还在"})
    assert Case.objects.get(pk=case.pk).state == "filed"


def test_what_was_written_to_have_it_done_again_is_kept_when_refused(
    client: Client, town: Town, reported: tuple[Case, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.tracking.ACTS_OF_ASKER", limits.Limit("test", 1, 3600))
    close(town, reported[0])
    address = enter(client, reported[1])
    client.post(f"{address}rate/", {"stars": "1"})
    page = client.post(f"{address}reopen/", {"text": "垃圾还在"})
    assert page.status_code == 429
    assert "垃圾还在" in text(page)


def test_photos_are_shown_in_the_order_they_came(town: Town) -> None:
    late, early = town.photo(81), town.photo(82)
    case, _code = town.resident_report(at=timezone.now() - timedelta(minutes=60), photos=(early,))
    asker = case.askers.get()
    perform(
        "add",
        case.pk,
        actor=asker_actor(asker),
        at=timezone.now(),
        data={"text": "又拍了一张", "photos": [late.pk]},
    )
    assert own_photos(asker) == [early, late]


def test_a_good_rating_with_the_box_ticked_reopens_nothing(
    client: Client, town: Town, reported: tuple[Case, str]
) -> None:
    case, code = reported
    close(town, case)
    client.post(f"{enter(client, code)}rate/", {"stars": "5", "text": "好", "reopen": "on"})
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_a_refusal_says_why_and_where_to_turn(client: Client, town: Town, reported: tuple[Case, str]) -> None:
    case, code = reported
    act(town, case, "refuse", "clerk", reason="private", text="请先找物业协商")
    page = text(client.get(enter(client, code)))
    assert "没有受理" in page
    assert "请先找物业协商" in page
    assert "人民调解员" in page
    assert "12345" in page


def test_after_a_merge_both_follow_one_case_and_neither_sees_the_others_words(
    client: Client, town: Town
) -> None:
    now = timezone.now() - timedelta(minutes=60)
    first, first_code = town.resident_report(at=now, description="三栋四零一的人把垃圾堆在楼道")
    second, second_code = town.resident_report(
        at=now, description="楼道有垃圾", address="三栋门口", contact=Contact(name="乙", phone="00000000002")
    )
    act(town, second, "merge", "clerk", case=first.number)
    act(town, first, "file", "clerk", condition=town.conditions["rubbish"].pk)
    act(town, first, "dispatch", "clerk", agency=town.agencies["SAN"].pk)
    page = text(client.get(enter(client, second_code)))
    assert "合在一起办" in page
    assert "已受理，交给测试环卫所" in page
    assert "三栋四零一" not in page
    assert "楼道有垃圾" in page
    client.post(f"{enter(client, first_code)}add/", {"text": "是老王家的"})
    assert "老王" not in text(client.get(enter(client, second_code)))
    assert Asker.objects.filter(case=first).count() == 2


def test_what_one_asker_says_is_not_told_as_anothers(client: Client, town: Town) -> None:
    now = timezone.now() - timedelta(minutes=60)
    first, first_code = town.resident_report(at=now)
    second, second_code = town.resident_report(at=now)
    act(town, second, "merge", "clerk", case=first.number)
    client.post(f"{enter(client, first_code)}urge/")
    assert "你催了一次" in text(client.get(enter(client, first_code)))
    assert "你催了一次" not in text(client.get(enter(client, second_code)))


def test_too_many_acts_on_one_report_are_refused(
    client: Client, reported: tuple[Case, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.faces.portal.tracking.ACTS_OF_ASKER", limits.Limit("test", 1, 3600))
    address = enter(client, reported[1])
    assert client.post(f"{address}add/", {"text": "一"}).status_code == 302
    page = client.post(f"{address}add/", {"text": "二"})
    assert page.status_code == 429
    assert "二" in text(page)


def test_the_story_reads_in_english_too(client: Client, town: Town, reported: tuple[Case, str]) -> None:
    case, code = reported
    close(town, case)
    page = text(client.get(enter(client, code), headers={"Accept-Language": "en"}))
    for words in (
        "Received",
        "Accepted and passed to",
        "Being dealt with",
        "Settled",
        "Please rate the result by",
    ):
        assert words in page
    steps = re.findall(r'<li class="pl.*?</li>', page, flags=re.S)
    assert len(steps) == 7


def test_pages_ask_the_database_little(
    client: Client, town: Town, reported: tuple[Case, str], django_assert_max_num_queries: Any
) -> None:
    case, code = reported
    close(town, case)
    address = enter(client, code)
    for page, most in {"/": 2, "/report/": 6, "/track/": 2, "/here/": 4, address: 16}.items():
        client.get(page)
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200
