"""What all pages share: words for time, clocks, fields, refusals, sign-in, languages."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import translation
from pytest_django.fixtures import Settings

from gezhi.faces.look.clocks import ClockView, clock_view, remaining
from gezhi.faces.look.matters import ConditionInput, ItemInput
from gezhi.faces.look.middleware import RefusalMiddleware
from gezhi.faces.look.queries import demo_accounts
from gezhi.faces.look.words import ago, big_number, day_words, moment_words, script_words, span
from gezhi.foundation.audit.errors import Invalid, NotFound, Refused
from gezhi.site.urls import urlpatterns as of_the_site
from tests.town import START, Town

ROOT = Path(__file__).parents[2]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36"
NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)  # 14:05 in Shanghai, a Sunday


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("taken", "别人刚刚签收了这件事。")


def miss(request: HttpRequest) -> HttpResponse:
    raise NotFound


def spoil(request: HttpRequest) -> HttpResponse:
    raise Invalid({"address": "请填写地址。"})


urlpatterns = [path("refuse/", refuse), path("miss/", miss), path("spoil/", spoil), *of_the_site]


def rendered(source: str, **context: object) -> str:
    return str(engines["django"].from_string("{% load look %}" + source).render(context))


# ---- time in words


def test_a_moment_reads_as_day_weekday_and_hour_in_local_time() -> None:
    with translation.override("zh-hans"):
        assert moment_words(NOW, at=NOW) == "11-22 周日 14:05"
    with translation.override("en"):
        assert moment_words(NOW, at=NOW) == "Sun 22 Nov 14:05"


def test_a_day_of_another_year_names_the_year() -> None:
    with translation.override("zh-hans"):
        assert day_words(date(2025, 12, 31), today=date(2026, 1, 1)) == "2025-12-31 周三"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30, "不到 1 分钟"),
        (60, "1 分"),
        (2 * 3600 + 15 * 60 + 59, "2 小时 15 分"),
        (3 * 3600, "3 小时"),
        (25 * 3600 + 120, "1 天 1 小时"),
        (48 * 3600 + 30 * 60, "2 天"),
    ],
)
def test_a_duration_reads_in_its_two_largest_units(seconds: int, words: str) -> None:
    with translation.override("zh-hans"):
        assert span(seconds) == words
        assert span(timedelta(seconds=seconds)) == words


def test_english_counts_one_hour_and_two_hours() -> None:
    with translation.override("en"):
        assert span(3600) == "1 hour"
        assert span(2 * 3600 + 60) == "2 hours 1 minute"


def test_what_happened_a_moment_ago_is_just_now() -> None:
    with translation.override("zh-hans"):
        assert ago(NOW - timedelta(seconds=20), at=NOW) == "刚刚"
        assert ago(NOW - timedelta(minutes=31), at=NOW) == "31 分前"


def test_large_numbers_read_in_ten_thousands_in_chinese_only() -> None:
    with translation.override("zh-hans"):
        assert [big_number(n) for n in (9_999, 18_204, 120_000)] == ["9,999", "1.8 万", "12 万"]
    with translation.override("en"):
        assert big_number(18_204) == "18,204"


# ---- clocks


def clock(ahead: timedelta, whole: timedelta, **more: object) -> ClockView:
    """A clock of `whole` that is due in `ahead`."""
    view = {"label": "派遣", "at": NOW, "started_at": NOW + ahead - whole, "due_at": NOW + ahead} | more
    with translation.override("zh-hans"):
        return clock_view(**view)  # type: ignore[arg-type]


def test_a_running_clock_is_green_and_says_what_is_left() -> None:
    view = clock(timedelta(minutes=170), timedelta(hours=4))
    assert (view.tone, view.text, view.percent) == ("g", "剩 2 小时 50 分", 29)


def test_it_turns_amber_at_its_warning_moment_or_at_four_fifths() -> None:
    assert clock(timedelta(minutes=40), timedelta(hours=4)).tone == "a"
    assert clock(timedelta(hours=3), timedelta(hours=4), warn_at=NOW - timedelta(minutes=1)).tone == "a"
    assert clock(timedelta(minutes=40), timedelta(hours=4), warn_at=NOW + timedelta(minutes=1)).tone == "g"


def test_past_its_due_moment_it_is_red_and_full() -> None:
    view = clock(timedelta(minutes=-42), timedelta(minutes=15))
    assert (view.tone, view.text, view.percent) == ("r", "超期 42 分", 100)


def test_an_ended_clock_says_how_long_it_took_and_whether_in_time() -> None:
    ended = clock(timedelta(minutes=5), timedelta(minutes=30), ended_at=NOW - timedelta(minutes=5))
    assert (ended.tone, ended.text, ended.ended) == ("g", "按时，用时 20 分", True)
    late = clock(timedelta(minutes=-60), timedelta(minutes=30), ended_at=NOW - timedelta(minutes=24))
    assert (late.tone, late.text) == ("r", "超期 36 分")


def test_a_paused_clock_stands_still_and_is_grey() -> None:
    view = clock(timedelta(0), timedelta(0), due_at=None, paused=True, left=7200, total=14_400)
    assert (view.tone, view.text, view.percent) == ("n", "已暂停，剩 2 小时", 50)


def test_long_working_limits_read_in_working_days_and_never_promise_more_than_is_left() -> None:
    working_day = 27_000
    with translation.override("zh-hans"):
        assert remaining(working_day, working_day) == "1 个工作日"
        assert remaining(working_day * 19 // 10, working_day) == "1.5 个工作日"
        assert remaining(working_day - 60, working_day) == "7 小时 29 分"


def test_the_queue_shows_chip_and_bar_and_the_record_a_line() -> None:
    view = clock(timedelta(minutes=70), timedelta(minutes=390), limit_text="6 小时")
    queue = rendered("{% clock_bar view %}", view=view)
    assert 'class="chip a"' in queue and "剩 1 小时 10 分" in queue and 'width="82"' in queue
    line = rendered("{% clock_bar view line=True %}", view=view)
    assert "6 小时" in line and "chip" not in line
    assert rendered("{% clock_bar view %}", view=None) == ""


# ---- forms


class Wish(forms.Form):
    what = forms.CharField(label="什么事", help_text="一句话")
    more = forms.CharField(label="补充", required=False)
    how = forms.ChoiceField(label="怎么答复", choices=[("sms", "短信")], widget=forms.RadioSelect)


def test_a_field_ties_label_help_and_error_to_its_input() -> None:
    form = Wish({"what": ""})
    form.is_valid()
    shown = rendered("{% field form.what %}", form=form)
    assert 'for="id_what"' in shown
    described = re.search(r'aria-describedby="([^"]+)"', shown)
    assert described
    assert all(f'id="{name}"' in shown for name in described[1].split())
    assert 'aria-invalid="true"' in shown


def test_only_fields_that_may_stay_empty_say_so() -> None:
    with translation.override("zh-hans"):
        assert "选填" in rendered("{% field form.more %}", form=Wish())
        assert "选填" not in rendered("{% field form.what %}", form=Wish())


def test_choices_are_a_named_group() -> None:
    shown = rendered("{% field form.how %}", form=Wish())
    named = re.search(r'role="group" aria-labelledby="([^"]+)"', shown)
    assert named and f'id="{named[1]}"' in shown
    assert '<label class="choice" for="id_how_0">' in shown


def test_the_list_of_errors_links_to_each_field() -> None:
    form = Wish({"what": "", "how": "sms"})
    form.is_valid()
    shown = rendered("{% form_errors form %}", form=form)
    assert 'href="#id_what"' in shown and 'href="#id_how' not in shown
    assert rendered("{% form_errors form %}", form=Wish()).strip() == ""


def test_text_from_people_never_becomes_markup() -> None:
    assert "<b>" not in rendered("{% chip text %}{% trail text %}", text="<b>粗</b>")


# ---- errors of the catalogue


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_refusal_is_a_page_that_says_what_happened_and_leads_back(client: Client) -> None:
    answer = client.post("/refuse/", headers={"referer": "http://testserver/desk/"})
    assert answer.status_code == 409
    assert "别人刚刚签收了这件事。" in answer.text
    assert 'href="http://testserver/desk/"' in answer.text


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_refusal_never_leads_to_another_site(client: Client) -> None:
    assert "evil.example" not in client.post("/refuse/", headers={"referer": "https://evil.example/"}).text


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_to_a_part_of_a_page_a_refusal_is_a_message_that_changes_nothing(client: Client) -> None:
    answer = client.post("/spoil/", headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert answer["HX-Reswap"] == "none"
    assert answer["HX-Push-Url"] == "false"
    assert '"tone": "r"' in answer["HX-Trigger"] and "请填写地址。" in answer["HX-Trigger"].encode().decode(
        "unicode_escape"
    )


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_what_is_invisible_answers_404(client: Client) -> None:
    assert client.get("/miss/").status_code == 404


@pytest.mark.django_db
def test_an_unknown_address_says_so_in_chinese(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_a_stale_form_asks_to_be_sent_again(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language/", {"language": "en"})
    assert answer.status_code == 403
    assert "请重新提交" in answer.text


def test_the_page_for_our_own_faults_needs_no_context() -> None:
    with translation.override("zh-hans"):
        assert "系统出错了" in str(engines["django"].get_template("500.html").render())


def test_a_part_of_a_page_sends_the_signed_out_to_sign_in_as_a_whole() -> None:
    answering = RefusalMiddleware(lambda request: HttpResponseRedirect("/accounts/login/?next=/desk/"))
    part = answering(RequestFactory().get("/desk/part/", headers={"hx-request": "true"}))
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/login/?next=/desk/")
    assert answering(RequestFactory().get("/desk/")).status_code == 302


@pytest.mark.parametrize(
    ("page", "led_to"),
    [
        ("http://testserver/desk/cases/?stage=mine&q=井盖#top", "/desk/cases/?stage=mine&q=井盖"),
        ("https://elsewhere.example/desk/", "/desk/part/"),
    ],
)
def test_after_signing_in_the_page_is_shown_and_not_the_part_of_it(page: str, led_to: str) -> None:
    answering = RefusalMiddleware(lambda request: redirect_to_login(request.get_full_path()))
    asked = RequestFactory().get("/desk/part/", headers={"hx-request": "true"})
    asked.META["HTTP_HX_CURRENT_URL"] = page
    answer = answering(asked)
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query) == {"next": [led_to]}


def test_an_address_that_only_takes_what_is_sent_leads_to_the_start_page(client: Client, db: None) -> None:
    assert client.get("/large-type/")["Location"] == "/home/"
    assert client.get("/large-type/", headers={"HX-Request": "true"}).status_code == 405
    assert client.put("/large-type/").status_code == 405


def test_a_part_of_a_page_out_of_date_says_so_and_leaves_the_form(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language/", {"language": "en"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (403, "none", b"")
    assert "页面已过期" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_drafts_are_kept_for_the_person_and_dropped_with_the_message_of_success(town: Town) -> None:
    client = Client()
    assert 'data-user=""' in client.get("/accounts/login/").text
    client.force_login(town.users["clerk"])
    assert f'data-user="{town.users["clerk"].pk}"' in client.get("/home/", follow=True).text
    said = Message(constants.SUCCESS, "好了", extra_tags="settings-post")
    page = rendered('{% include "look/parts/messages.html" %}', messages=[said])
    assert 'data-draft-done="settings-post"' in page
    plain = [Message(constants.SUCCESS, "好了")]
    assert "data-draft-done" not in rendered('{% include "look/parts/messages.html" %}', messages=plain)


@pytest.mark.parametrize("ident", ["9" * 5000, "07x", ""])
@pytest.mark.parametrize("part", ["conditions", "items"])
def test_no_id_is_too_long_for_a_part_of_the_catalogue(town: Town, part: str, ident: str) -> None:
    client = Client()
    client.force_login(town.users["worker"])
    assert client.get(f"/matters/{part}/", {"name": "item", "item": ident}).status_code == 200
    assert "checked" not in ItemInput().render("item", ident)
    assert "checked" not in ConditionInput().render("condition", ident)


# ---- where one lands, demo, language


@pytest.mark.parametrize(
    ("name", "agent", "lands"),
    [
        ("worker", "", "/field/"),
        ("inspector", "", "/field/"),
        ("worker", PHONE, "/field/"),
        ("handler", "", "/desk/"),
        ("handler", PHONE, "/field/"),
        ("intake", "", "/desk/"),
        ("intake", PHONE, "/desk/"),
        ("auditor", "", "/desk/"),
    ],
)
def test_everybody_lands_where_their_work_is(town: Town, name: str, agent: str, lands: str) -> None:
    client = Client(headers={"user-agent": agent})
    client.force_login(town.users[name])
    assert client.get("/home/")["Location"] == lands


def test_a_visitor_lands_on_the_residents_page(db: None, client: Client) -> None:
    assert client.get("/home/")["Location"] == "/"


def test_outside_the_demo_nobody_signs_in_with_one_click(
    town: Town, client: Client, settings: Settings
) -> None:
    settings.DEMO = False
    assert client.post("/demo/sign-in/worker/").status_code == 404
    assert "/demo/sign-in/" not in client.get("/accounts/login/").text


def test_the_demo_offers_one_account_for_each_role(town: Town, client: Client, settings: Settings) -> None:
    settings.DEMO = True
    offered = demo_accounts(at=START)
    assert len({account.role for account in offered}) == len(offered)
    page = client.get("/accounts/login/").text
    assert all(f"/demo/sign-in/{account.username}/" in page for account in offered)
    answer = client.post(f"/demo/sign-in/{offered[0].username}/")
    assert answer["Location"] == "/home/"
    assert client.session["_auth_user_id"] == str(town.users[offered[0].username].pk)


def test_the_demo_takes_one_click_only_by_post_and_back_only_to_itself(
    town: Town, client: Client, settings: Settings
) -> None:
    settings.DEMO = True
    assert client.get("/demo/sign-in/worker/")["Location"] == "/home/"
    assert "_auth_user_id" not in client.session
    answer = client.post("/demo/sign-in/worker/", {"next": "https://evil.example/"})
    assert answer["Location"] == "/home/"


def test_the_language_is_switched_for_the_next_pages(db: None, client: Client) -> None:
    assert "工作人员登录" in client.get("/accounts/login/").text
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    page = client.get("/accounts/login/").text
    assert '<html lang="en">' in page and "For staff." in page


def test_large_type_is_kept_in_a_cookie(db: None, client: Client) -> None:
    client.post("/large-type/", {"elder": "1", "next": "/"})
    assert client.cookies["elder"].value == "1"
    client.post("/large-type/", {"elder": "0", "next": "/"})
    assert client.cookies["elder"].value == ""


# ---- what templates and scripts name exists


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    known = set(re.findall(r'^  "?([\w-]+)"?: "', (ROOT / "web/src/icons.ts").read_text(), re.MULTILINE))
    named = {
        name
        for template in (ROOT / "src/gezhi/faces").rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', template.read_text())
    }
    assert named
    assert named - known == set()


def test_every_word_a_script_asks_for_is_given() -> None:
    asked = {
        name
        for script in (ROOT / "web/src").rglob("*.ts")
        for name in re.findall(r'\bword\("([\w-]+)"', script.read_text())
    }
    assert asked
    assert asked - set(script_words()) == set()
