"""Managing people, posts, agencies, roles and areas in the settings."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gezhi.foundation.actors.models import Agency, Post, Role, User
from gezhi.foundation.areas.models import Area
from tests.town import Town

ROOT = "/desk/settings"


@pytest.fixture
def admin(town: Town) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(town.users["admin"])
    return client


def errors(page: HttpResponse, name: str = "form") -> dict[str, list[str]]:
    return dict(page.context[name].errors)


def test_an_account_is_made_and_its_password_shown_once(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/people/new/", {"username": "newcomer", "name": "测试·新人"})
    assert page.status_code == 201
    found = re.search(r'id="secret">([^<]+)<', page.content.decode())
    assert found is not None
    secret = found[1]
    user = User.objects.get(username="newcomer")
    assert user.check_password(secret)
    assert secret not in admin.get(f"{ROOT}/people/{user.pk}/").content.decode()


def test_wrong_input_stands_beside_its_field_and_is_kept(town: Town, admin: Client) -> None:
    page = admin.post(f"{ROOT}/people/new/", {"username": "worker", "name": "测试·新人", "duty_phone": "027"})
    assert page.status_code == 422
    assert list(errors(page)) == ["username"]
    assert 'value="027"' in page.content.decode()


def test_whoever_has_a_one_time_password_chooses_another_before_anything_else(town: Town) -> None:
    worker = town.users["worker"]
    worker.set_password("Told-by-phone-1234")
    worker.must_change_password = True
    worker.save()
    client = Client()
    assert client.login(username="worker", password="Told-by-phone-1234")
    for path in ("/field/", "/desk/", "/home/"):
        assert client.get(path)["Location"] == "/accounts/password/change/"
    said = {
        "oldpassword": "Told-by-phone-1234",
        "password1": "My-own-words-77",
        "password2": "My-own-words-77",
    }
    assert client.post("/accounts/password/change/", said).status_code == 302
    worker.refresh_from_db()
    assert not worker.must_change_password
    assert client.get("/field/").status_code == 200


def test_people_are_found_and_filtered(town: Town, admin: Client) -> None:
    def names(query: str) -> set[str]:
        return {user.username for user in admin.get(f"{ROOT}/people/{query}").context["page"].rows}

    assert names("?q=网格员") == {"worker", "worker2"}
    assert names("?role=handler") == {"handler"}
    assert names("?area=420599001001") == {"worker", "worker2"}
    assert names("?state=closed") == set()
    assert "Nobody fits" in admin.get(f"{ROOT}/people/?state=closed").content.decode()


def test_a_post_is_given_by_name_and_area(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/posts/new/?person=worker&role=grid_worker&at=420599001002001")
    assert page.context["form"]["user"].value() == "测试·网格员甲 · worker"
    said = {
        "user": "测试·网格员甲 · worker",
        "role": "grid_worker",
        "area": "乙社区 乙一网格 · 420599001002001",
        "until": "2030-12-31",
    }
    answer = admin.post(f"{ROOT}/posts/new/", said)
    assert answer["Location"] == f"{ROOT}/people/{town.users['worker'].pk}/"
    post = Post.objects.get(user=town.users["worker"], area=town.areas["420599001002001"])
    assert post.until is not None
    assert timezone.localtime(post.until).isoformat() == "2031-01-01T00:00:00+08:00"  # the last day counts
    again = admin.post(f"{ROOT}/posts/new/", said)
    assert again.status_code == 422
    assert "holds this very post already" in str(errors(again)["__all__"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": "nobody"}, "user"),
        ({"area": "somewhere"}, "area"),
        ({"role": "king"}, "role"),
        ({"role": "handler"}, "agency"),
        ({"until": "2001-01-01"}, "until"),
        ({"since": "soon"}, "since"),
    ],
)
def test_what_does_not_fit_a_post_is_said_beside_its_field(
    town: Town, admin: Client, change: dict[str, str], field: str
) -> None:
    said = {"user": "worker", "role": "grid_worker", "area": "420599001002001", **change}
    page = admin.post(f"{ROOT}/posts/new/", said)
    assert page.status_code == 422
    assert list(errors(page)) == [field]


def test_look_ups_offer_people_and_areas(town: Town, admin: Client) -> None:
    people = admin.get(f"{ROOT}/people/find/?user=网格员").content.decode()
    assert "测试·网格员甲 · worker" in people
    assert "auditor" not in people
    areas = admin.get(f"{ROOT}/areas/find/?area=乙一").content.decode()
    assert "乙社区 乙一网格 · 420599001002001" in areas
    assert admin.get(f"{ROOT}/areas/find/?area=").content.strip() == b""


def test_a_post_ends_today_or_after_a_day(town: Town, admin: Client) -> None:
    post = Post.objects.get(user=town.users["handler"])
    tomorrow = timezone.localdate() + timedelta(days=1)
    admin.post(f"{ROOT}/posts/{post.pk}/end/", {"last_day": str(tomorrow)})
    post.refresh_from_db()
    assert post.until is not None
    assert timezone.localdate(post.until) == tomorrow + timedelta(days=1)
    page = admin.post(f"{ROOT}/posts/{post.pk}/end/", {"last_day": "2001-01-01"})
    assert page.status_code == 422
    assert page.context["held"][0]["end_form"].errors
    admin.post(f"{ROOT}/posts/{post.pk}/end/", {})
    post.refresh_from_db()
    assert post.until <= timezone.now()


def test_what_is_refused_about_one_post_stands_at_that_one(town: Town, admin: Client) -> None:
    town.give_post("worker", "grid_worker", "420599001001002")
    first, second = Post.objects.filter(user__username="worker").order_by("pk")
    for do, said in (("end", {"last_day": "2001-01-01"}), ("hand-over", {"user": "nobody"})):
        page = admin.post(f"{ROOT}/posts/{second.pk}/{do}/", said)
        assert page.status_code == 422
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        wrong = {
            span["post"].pk: len(span["end_form"].errors) + len(span["hand_over_form"].errors)
            for span in page.context["held"]
        }
        assert wrong == {first.pk: 0, second.pk: 1}
        assert f'id="post{first.pk}_last_day"' in page.text


def test_what_is_done_says_whose_draft_it_was(town: Town, admin: Client) -> None:
    said = {"user": "worker", "role": "grid_worker", "area": "420599001001002"}
    assert 'data-draft-done="settings-post"' in admin.post(f"{ROOT}/posts/new/", said, follow=True).text
    agency = town.agencies["SAN"]
    said = {"name": "测试环卫所", "kind": "department", "area": "420599"}
    page = admin.post(f"{ROOT}/agencies/{agency.pk}/", said, follow=True).text
    assert f'data-draft-done="settings-agency-{agency.pk}"' in page
    page = admin.post(f"{ROOT}/agencies/new/", {**said, "code": "NEW"}, follow=True).text
    assert 'data-draft-done="settings-agency-new"' in page


@pytest.mark.parametrize("day", ["9999-12-31", "2101-01-01", "1999-12-31"])
def test_a_day_out_of_all_reckoning_is_refused_in_words(town: Town, admin: Client, day: str) -> None:
    said = {"user": "worker", "role": "grid_worker", "area": "420599001001002", "until": day}
    page = admin.post(f"{ROOT}/posts/new/", said)
    assert errors(page) == {"until": ["Choose a day from 2000 to 2100."]}
    auditor = Client(headers={"Accept-Language": "en"})
    auditor.force_login(town.users["auditor"])
    page = auditor.get(f"{ROOT}/audit/", {"last": day})
    assert (page.status_code, list(errors(page))) == (422, ["last"])


def test_another_area_is_chosen_for_the_list_and_never_for_what_takes_changes(
    town: Town, admin: Client
) -> None:
    page = admin.get(f"{ROOT}/people/?q=测试&after=1")
    assert all(url.startswith(f"{ROOT}/people/?q=") for _name, url in page.context["area_choices"])
    post = Post.objects.get(user__username="worker")
    page = admin.post(f"{ROOT}/posts/{post.pk}/end/?role=x", {"last_day": "2001-01-01"})
    assert (f"{ROOT}/people/?area=420599001") in [url for _name, url in page.context["area_choices"]]


def test_a_post_is_handed_over(town: Town, admin: Client) -> None:
    post = Post.objects.get(user=town.users["handler"])
    wrong = admin.post(f"{ROOT}/posts/{post.pk}/hand-over/", {"user": "handler"})
    assert wrong.status_code == 422
    answer = admin.post(f"{ROOT}/posts/{post.pk}/hand-over/", {"user": "worker2"})
    assert answer["Location"] == f"{ROOT}/people/{town.users['worker2'].pk}/"
    assert Post.objects.filter(user=town.users["worker2"], agency=town.agencies["SAN"], until=None).exists()


def test_an_account_is_closed_and_opened_again(town: Town, admin: Client) -> None:
    worker = town.users["worker"]
    admin.post(f"{ROOT}/people/{worker.pk}/active/", {"active": "0"})
    worker.refresh_from_db()
    assert not worker.is_active
    page = admin.get(f"{ROOT}/people/{worker.pk}/").content.decode()
    assert "Open the account again" in page
    admin.post(f"{ROOT}/people/{worker.pk}/active/", {"active": "1"})
    worker.refresh_from_db()
    assert worker.is_active


def test_one_sees_oneself_without_buttons(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/people/{town.users['admin'].pk}/").content.decode()
    assert "This is you." in page
    assert "Reset the password" not in page
    assert admin.post(f"{ROOT}/people/{town.users['admin'].pk}/password/").status_code == 403


def test_a_vacancy_leads_to_its_filling(town: Town, admin: Client) -> None:
    page = admin.get(f"{ROOT}/people/vacant/")
    assert [row["vacancy"].area.code for row in page.context["rows"]] == [
        "420599001002001",
        "420599001002002",
    ]
    form = admin.get(page.context["rows"][0]["fill"]).context["form"]
    assert (form["role"].value(), form["area"].value()) == ("grid_worker", "乙一网格 · 420599001002001")


def test_an_agency_is_founded_changed_and_closed(town: Town, admin: Client) -> None:
    said = {
        "name": "测试园林所",
        "code": "PARK",
        "kind": "station",
        "parent": str(town.agencies["SAN"].pk),
        "area": "测试街道 · 420599001",
        "phone": "027-00000000",
    }
    assert admin.post(f"{ROOT}/agencies/new/", said)["Location"] == f"{ROOT}/agencies/"
    made = Agency.objects.get(code="PARK")
    assert (made.path, made.area.code) == ("SAN/PARK/", "420599001")
    again = admin.post(f"{ROOT}/agencies/new/", said)
    assert (again.status_code, list(errors(again))) == (422, ["code"])
    changed = {key: value for key, value in said.items() if key not in ("code", "parent")}
    outside = admin.post(f"{ROOT}/agencies/{made.pk}/", {**changed, "area": "420600"})
    assert (outside.status_code, list(errors(outside))) == (422, ["area"])
    admin.post(f"{ROOT}/agencies/{made.pk}/", {**changed, "name": "测试园林二所"})
    made.refresh_from_db()
    assert made.name == "测试园林二所"
    page = admin.post(f"{ROOT}/agencies/{town.agencies['SAN'].pk}/close/", follow=True)
    assert "Close the agencies below this one first." in page.content.decode()
    admin.post(f"{ROOT}/agencies/{made.pk}/close/")
    made.refresh_from_db()
    assert made.closed_at is not None


def test_a_role_is_made_and_changed_but_not_ones_own(town: Town, admin: Client) -> None:
    said = {
        "code": "lamp_keeper",
        "name": "灯长",
        "name_en": "Lamp keeper",
        "sees": "own",
        "grants": ["collect"],
    }
    assert admin.post(f"{ROOT}/roles/new/", said).status_code == 302
    both = admin.post(f"{ROOT}/roles/lamp_keeper/", {**said, "grants": ["manage_keys", "audit"]})
    assert (both.status_code, list(errors(both))) == (422, ["grants"])
    admin.post(f"{ROOT}/roles/lamp_keeper/", {**said, "grants": ["collect", "check"]})
    assert Role.objects.get(pk="lamp_keeper").grants == ["check", "collect"]
    own = admin.post(f"{ROOT}/roles/system_admin/", {**said, "grants": ["audit"]})
    assert own.status_code == 422
    assert "audit" not in Role.objects.get(pk="system_admin").grants


def test_an_area_is_renamed_and_one_added_below(town: Town, admin: Client) -> None:
    address = f"{ROOT}/areas/?area=420599001001"
    admin.post(address, {"do": "rename", "rename-name": "甲社区（新）"})
    assert Area.objects.get(code="420599001001").name == "甲社区（新）"
    said = {"do": "add", "add-kind": "grid", "add-code": "420599001001003", "add-name": "甲三网格"}
    admin.post(address, said)
    assert Area.objects.get(code="420599001001003").path == "420599/420599001/420599001001/420599001001003/"
    again = admin.post(address, said)
    assert (again.status_code, list(errors(again, "add_form"))) == (422, ["code"])
    street = admin.post(address, {**said, "add-kind": "street", "add-code": "X"})
    assert list(errors(street, "add_form")) == ["kind"]


@pytest.mark.parametrize("page", ["people/", "people/vacant/", "agencies/", "roles/"])
def test_no_list_asks_more_often_for_many_rows_than_for_few(town: Town, admin: Client, page: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(f"{ROOT}/{page}").status_code == 200
        return len(seen)

    asked()
    few = asked()
    ended = Post.objects.get(user=town.users["inspector"])
    for n in range(12):
        user = User.objects.create(username=f"more{n}", name=f"测试·更多 {n}")
        agency = Agency.objects.create(
            code=f"M{n}", path=f"M{n}/", kind="station", name=f"测试 {n} 站", area=town.areas["420599"]
        )
        since, until = ended.since, timezone.now() if n % 2 else None
        Post.objects.create(
            user=user, role=ended.role, area=town.areas["420599"], agency=agency, since=since, until=until
        )
        Role.objects.create(
            code=f"more{n}", name=f"角色 {n}", name_en=f"Role {n}", grants=["collect"], sees="own"
        )
    assert asked() == few
