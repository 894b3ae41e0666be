"""Notices and how one is told: at the desk, on the phone, for residents, and for who keeps the system."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.civic.notices.models import Delivery, Preference
from gezhi.foundation.audit.models import AuditEntry
from gezhi.site.worker import work_once
from gezhi.work.cases.models import Asker
from gezhi.work.cases.perform import perform
from gezhi.work.cases.services import Contact, email_of
from tests.faces.calling import program, signed_in, stranger
from tests.faces.test_portal_report import filled
from tests.town import START, Town

NOW = START + timedelta(hours=1)
PAGES = ("/desk/notices/how/", "/field/messages/how/")
SAID: dict[str, Any] = {
    "email": "jia@example.org",
    "yours-email": "on",
    "decided-in_app": "on",
    "quiet": "on",
    "quiet_from": "21:30",
    "quiet_until": "06:45",
    "language": "en",
}


@pytest.fixture(autouse=True)
def an_hour_later(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    settings.EMAIL_ON = True


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["worker", "clerk", "handler", "leader", "admin", "auditor"])
def test_everybody_on_a_post_may_say_how_to_be_told(town: Town, name: str, page: str) -> None:
    assert signed_in(town, name).get(page).status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "/desk/notices/", "/field/messages/", "/case/2026-03-0001/"])
def test_a_visitor_is_asked_to_sign_in(db: None, page: str) -> None:
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_what_is_chosen_is_kept_and_shown_again(town: Town, page: str) -> None:
    client = signed_in(town, "handler")
    assert client.post(page, SAID).status_code == 302
    kept = Preference.objects.get(user=town.users["handler"])
    assert kept.channels["yours"] == ["email", "in_app"]  # what waits for somebody is always shown inside
    assert (kept.channels["decided"], kept.channels["news"]) == (["in_app"], [])
    assert (str(kept.quiet_from), kept.wake, kept.language) == ("21:30:00", False, "en")
    town.users["handler"].refresh_from_db()
    assert town.users["handler"].email == "jia@example.org"
    shown = client.get(page).content.decode()
    assert 'value="21:30"' in shown
    assert 'name="decided-email" aria-label' in shown
    assert AuditEntry.objects.filter(act="set_preferences").count() == 1
    assert "jia@example.org" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": f"jia@{'é' * 60}.cn"}, "email"),  # a part longer than mail can name
        ({"quiet_until": "21:30"}, "quiet_until"),
        ({"quiet_from": "late"}, "quiet_from"),
    ],
)
def test_a_mistake_is_shown_beside_its_field_and_nothing_is_lost(
    town: Town, page: str, wrong: dict[str, str], field: str
) -> None:
    answer = signed_in(town, "handler").post(page, {**SAID, **wrong})
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()
    assert 'value="06:45"' in answer.content.decode() or "quiet_until" in wrong
    assert not Preference.objects.exists()


def test_while_no_mail_server_is_set_up_the_page_says_so(town: Town, settings: Any) -> None:
    settings.EMAIL_ON = False
    assert "还没有开通邮件" in signed_in(town, "handler").get(PAGES[0]).content.decode()


def test_notices_are_filtered_by_kind_and_read_by_kind(town: Town) -> None:
    town.drive(town.resident_report()[0], "dispatch")
    urged = town.drive(town.resident_report()[0], "dispatch")
    perform("urge", urged.pk, actor=town.actor("clerk"), at=START + timedelta(minutes=30), data={})
    work_once(at=NOW)
    client = signed_in(town, "handler")
    all_of_them = client.get("/desk/notices/").context["told"]
    assert [(tab.code, tab.unread) for tab in all_of_them.tabs] == [("", 3), ("yours", 2), ("urged", 1)]
    only = client.get("/desk/notices/?kind=urged").context["told"]
    assert [line.number for _day, lines in only.days for line in lines] == [urged.number]
    client.post("/desk/notices/", {"kind": "urged"})
    assert client.get("/desk/notices/").context["told"].unread == 2
    client.post("/field/messages/", {"kind": "nonsense"})
    assert client.get("/field/messages/").context["told"].unread == 0
    assert "没有这类消息" in client.get("/desk/notices/?kind=leader").content.decode()


@pytest.mark.parametrize("page", ["/desk/notices/", "/field/messages/"])
@pytest.mark.parametrize("kind", ["", "yours"])
def test_what_arrives_while_the_page_is_shown_stays_unread(town: Town, page: str, kind: str) -> None:
    town.drive(town.resident_report()[0], "dispatch")
    while work_once(at=NOW):  # its limit to sign has passed already, which is told too
        pass
    client = signed_in(town, "handler")
    shown = client.get(page, {"kind": kind})
    newest = shown.context["told"].newest
    assert f'name="upto" value="{newest}"' in shown.content.decode()
    late = town.drive(town.resident_report()[0], "dispatch")
    work_once(at=NOW)
    client.post(page, {"kind": kind, "upto": newest})
    days = client.get(page).context["told"].days
    unread = {
        line.number for _day, lines in days for line in lines if line.unread and line.kind == "待你办理"
    }
    assert unread == {late.number}
    client.post(page, {"kind": kind, "upto": "9" * 5000})  # nonsense: as if it were not said
    assert client.get(page, {"kind": kind}).context["told"].unread == 0


def test_a_case_that_is_with_others_is_told_by_its_number_alone(town: Town) -> None:
    case = town.drive(town.resident_report(description="邻居打人")[0], "sign")
    at = START + timedelta(minutes=40)
    perform(
        "request_return",
        case.pk,
        actor=town.actor("handler"),
        at=at,
        data={"reason": "not_ours", "text": "不归我们"},
    )
    perform("agree_return", case.pk, actor=town.actor("clerk"), at=at + timedelta(minutes=1), data={})
    work_once(at=NOW)
    for page in ("/desk/notices/", "/field/messages/"):
        shown = signed_in(town, "handler").get(page).content.decode()
        assert case.number in shown
        assert "申请有结果" in shown
        assert case.address not in shown
        assert f"/{case.number}/" not in shown


def test_the_list_of_notices_costs_the_same_however_many_there_are(town: Town) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(town, "clerk")
    counts = []
    for _n in range(2):
        for _m in range(3):
            town.report()
        work_once(at=NOW)
        client.get("/desk/notices/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/desk/notices/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("name", "device", "leads"),
    [
        ("clerk", "", "/desk/cases/2026-03-0001/"),
        ("worker", "", "/field/case/2026-03-0001/"),
        ("handler", "Mobi", "/field/case/2026-03-0001/"),
        ("handler", "", "/desk/cases/2026-03-0001/"),
    ],
)
def test_the_address_in_a_message_leads_to_where_one_works(
    town: Town, name: str, device: str, leads: str
) -> None:
    answer = signed_in(town, name).get("/case/2026-03-0001/", headers={"User-Agent": device})
    assert (answer.status_code, answer["Location"]) == (302, leads)


def test_the_links_the_settings_make_are_pages_of_this_site() -> None:
    from django.urls import resolve

    assert resolve("/case/2026-03-0001/").view_name == "look:case"
    assert resolve("/track/").view_name == "portal:track"


# -- who keeps the system


def stuck(town: Town, state: str) -> Delivery:
    case = town.report()
    return Delivery.objects.create(
        channel="email",
        user=town.users["handler"],
        case=case,
        seq=1,
        act="report",
        kind="yours",
        state=state,
        created_at=START,
        next_at=START,
        ended_at=START,
        error="550 … no such user",
    )


def test_what_failed_is_shown_without_address_and_sent_again(town: Town) -> None:
    town.users["handler"].email = "jia@example.org"
    town.users["handler"].save()
    one = stuck(town, "failed")
    client = signed_in(town, "admin")
    shown = client.get("/desk/settings/sending/").content.decode()
    assert town.users["handler"].name in shown
    assert "jia@example.org" not in shown
    assert client.post(f"/desk/settings/sending/{one.pk}/again/").status_code == 302
    one.refresh_from_db()
    assert (one.state, one.tries) == ("queued", 0)
    assert AuditEntry.objects.filter(act="resend_delivery").count() == 1
    assert client.post(f"/desk/settings/sending/{one.pk}/again/", follow=True).status_code == 200
    assert client.post("/desk/settings/sending/999/again/").status_code == 404


def test_what_may_have_gone_out_is_sent_again_only_after_a_question(town: Town) -> None:
    stuck(town, "unsure")
    assert "data-confirm" in signed_in(town, "admin").get("/desk/settings/sending/").content.decode()


def test_with_nothing_stuck_the_page_says_so(town: Town) -> None:
    assert "没有发送失败的消息" in signed_in(town, "admin").get("/desk/settings/sending/").content.decode()


# -- residents


def followed(town: Town, **contact: Any) -> tuple[Client, str, Asker]:
    """A browser that follows a report by its code."""
    case, code = town.resident_report(contact=Contact(**contact))
    client = Client()
    page = client.post("/track/", {"code": code})
    return client, page["Location"], Asker.objects.get(case=case)


def test_a_resident_chooses_mail_or_only_the_page(town: Town) -> None:
    client, page, asker = followed(town)
    assert f"{page}news/" in client.get(page).content.decode()
    assert client.post(f"{page}news/", {"email": "jia@example.org"}).status_code == 302
    asker.refresh_from_db()
    assert email_of(asker) == "jia@example.org"
    shown = client.get(f"{page}news/").content.decode()
    assert "jia@example.org" not in shown  # whoever looks over the shoulder reads nothing
    client.post(f"{page}news/", {"email": ""})
    asker.refresh_from_db()
    assert asker.email_sealed is None


def test_a_resident_is_told_what_is_wrong_with_an_address(town: Town) -> None:
    client, page, _asker = followed(town)
    answer = client.post(f"{page}news/", {"email": "no address"})
    assert answer.status_code == 422
    assert "邮箱地址不对" in answer.content.decode()


def test_a_stranger_chooses_nothing(town: Town) -> None:
    _client, page, asker = followed(town, email="jia@example.org")
    assert Client().post(f"{page}news/", {"email": ""}).status_code == 302
    asker.refresh_from_db()
    assert email_of(asker) == "jia@example.org"


def test_the_form_of_a_report_takes_an_address(client: Client, town: Town) -> None:
    form = filled(client, town, email="jia@example.org")
    assert client.post("/report/", form).status_code == 302
    assert email_of(Asker.objects.get()) == "jia@example.org"


def test_without_a_mail_server_residents_are_not_asked_for_an_address(
    client: Client, town: Town, settings: Any
) -> None:
    settings.EMAIL_ON = False
    assert 'name="email"' not in client.get("/report/").content.decode()
    browser, page, _asker = followed(town)
    assert f"{page}news/" not in browser.get(page).content.decode()


def test_a_wrong_address_on_the_form_is_said_beside_it(client: Client, town: Town) -> None:
    answer = client.post("/report/", filled(client, town, email="no address"))
    assert answer.status_code == 422
    assert 'id="id_email-error"' in answer.content.decode()


def test_the_api_takes_an_address_and_refuses_what_is_none(town: Town) -> None:
    lon, lat = town.point()
    body = {"description": "灯不亮", "point": {"lon": lon, "lat": lat}}
    answer = stranger().post("/residents/reports", {**body, "contact": {"email": "jia@example.org"}})
    assert answer.status_code == 201
    assert email_of(Asker.objects.get()) == "jia@example.org"
    refused = stranger().post("/residents/reports", {**body, "contact": {"email": "no address"}})
    assert refused.status_code == 422
    assert "email" in refused.json()["fields"]


def test_who_calls_back_sees_the_address_for_a_purpose(town: Town) -> None:
    case, _code = town.resident_report(contact=Contact(email="jia@example.org"))
    client = signed_in(town, "clerk")
    assert "jia@example.org" not in client.get(f"/desk/cases/{case.number}/").content.decode()
    shown = client.post(f"/desk/cases/{case.number}/contact/", {"purpose": "核实地点"})
    assert "jia@example.org" in shown.content.decode()


def test_no_mail_opens_an_account(town: Town) -> None:
    from django.core import mail

    town.users["handler"].email = "jia@example.org"
    town.users["handler"].save()
    Client().post("/accounts/password/reset/", {"email": "jia@example.org"})
    assert mail.outbox == []


def test_notices_over_the_api_tell_no_more_than_the_pages(town: Town) -> None:
    case = town.drive(town.resident_report(description="邻居打人")[0], "sign")
    at = START + timedelta(minutes=40)
    why = {"reason": "not_ours", "text": "不归我们"}
    perform("request_return", case.pk, actor=town.actor("handler"), at=at, data=why)
    perform("agree_return", case.pk, actor=town.actor("clerk"), at=at, data={})
    work_once(at=NOW)
    rows = program(town, "handler", "cases:read").get("/notices").json()["rows"]
    assert [(row["kind"], row["number"], row["title"]) for row in rows] == [("decided", case.number, "")]
