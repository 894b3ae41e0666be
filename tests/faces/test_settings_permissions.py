"""Which settings each post opens: person × page → status, in one table; nothing else is shown in the list."""

import pytest
from django.test import Client

from tests.town import Town

PAGES: dict[str, set[str]] = {
    # page → who of the cast may open it
    "people/": {"admin"},
    "people/new/": {"admin"},
    "people/vacant/": {"admin"},
    "people/find/?q=x": {"admin"},
    "posts/new/": {"admin"},
    "agencies/": {"admin"},
    "agencies/new/": {"admin"},
    "roles/": {"admin"},
    "roles/new/": {"admin"},
    "roles/leader/": {"admin"},
    "areas/": {"admin"},
    "calendar/": {"admin"},
    "calendar/years/2026/": {"admin"},
    "calendar/years/2027/list/": {"admin"},
    "calendar/years/2026/list.csv": {"admin"},
    "catalogue/": {"admin"},
    "catalogue/1/": {"admin"},
    "catalogue/1/event/0110/": {"admin"},
    "responsibility/": {"admin"},
    "rules/": {"admin"},
    "rules/edit/": {"admin"},
    "rules/versions/1/": {"admin"},
    "outbox/": {"admin"},
    "sending/": {"admin"},
    "audit/": {"auditor"},
    "keys/": {"admin", "auditor", "security", "clerk", "worker", "handler"},
    "areas/find/?area=x": {"admin", "auditor", "security", "clerk", "worker", "handler"},
}
CHANGES: dict[str, set[str]] = {
    # address of a change → whose post opens it (the status then is that of an empty form)
    "people/1/password/": {"admin"},
    "people/1/active/": {"admin"},
    "posts/1/end/": {"admin"},
    "posts/1/hand-over/": {"admin"},
    "agencies/1/close/": {"admin"},
    "calendar/hours/": {"admin"},
    "calendar/years/2027/list/drop/": {"admin"},
    "rules/versions/1/again/": {"admin"},
    "catalogue/draft/": {"admin"},
    "catalogue/1/publish/": {"admin"},
    "catalogue/1/discard/": {"admin"},
    "catalogue/1/event/0110/1/remove/": {"admin"},
    "responsibility/1/end/": {"admin"},
    "outbox/1/retry/": {"admin"},
    "sending/1/again/": {"admin"},
}
CAST = ("admin", "auditor", "security", "clerk", "worker", "handler")


def signed_in(town: Town, name: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(town.users[name])
    return client


@pytest.mark.parametrize("name", CAST)
def test_a_page_opens_for_who_has_the_post_and_for_nobody_else(town: Town, name: str) -> None:
    client = signed_in(town, name)
    opened = {page for page in PAGES if client.get(f"/desk/settings/{page}").status_code == 200}
    assert opened == {page for page, allowed in PAGES.items() if name in allowed}
    for page in PAGES.keys() - opened:
        assert client.get(f"/desk/settings/{page}").status_code == 403, page


@pytest.mark.parametrize("name", sorted(set(CAST) - {"admin"}))
def test_a_change_is_refused_to_who_has_not_the_post(town: Town, name: str) -> None:
    client = signed_in(town, name)
    for address, allowed in CHANGES.items():
        if name not in allowed:
            assert client.post(f"/desk/settings/{address}").status_code == 403, address


@pytest.mark.parametrize("address", sorted(CHANGES))
def test_a_change_is_never_made_by_following_a_link(town: Town, address: str) -> None:
    answer = signed_in(town, "admin").get(f"/desk/settings/{address}")
    assert (answer.status_code, answer["Location"]) == (302, "/home/")  # as after signing in again


def test_a_visitor_is_asked_to_sign_in(town: Town) -> None:
    for page in PAGES:
        answer = Client().get(f"/desk/settings/{page}")
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "admin",
            ["People and posts", "Agencies", "Roles", "Areas", "Working calendar", "Catalogue of matters",
             "Responsibility list", "Rules and limits", "Outbox", "Sending of notices",
             "API keys"],
        ),
        ("auditor", ["Audit log", "API keys"]),
        ("security", ["API keys"]),
        ("clerk", ["API keys"]),
    ],
)  # fmt: skip
def test_the_list_shows_what_the_post_opens_and_nothing_else(town: Town, name: str, shown: list[str]) -> None:
    page = signed_in(town, name).get("/desk/settings/", follow=True)
    assert [str(entry.label) for entry in page.context["entries"]] == shown


def test_pages_that_may_show_a_secret_are_not_kept(town: Town) -> None:
    assert signed_in(town, "admin").get("/desk/settings/keys/")["Cache-Control"] == "no-store"


def test_a_street_manager_is_kept_to_the_street(town: Town) -> None:
    from gezhi.foundation.actors.models import Post, Role, User

    manager = User.objects.create(username="street_manager", name="测试·街道管理员")
    Post.objects.create(
        user=manager,
        role=Role.objects.get(pk="system_admin"),
        area=town.areas["420599001"],
        since=town.users["worker"].posts.get().since,
    )
    client = Client()
    client.force_login(manager)
    listed = {user.username for user in client.get("/desk/settings/people/").context["page"].rows}
    assert listed == {"worker", "worker2", "inspector", "clerk", "street_manager"}
    assert client.get(f"/desk/settings/people/{town.users['auditor'].pk}/").status_code == 404
    assert client.post(f"/desk/settings/people/{town.users['auditor'].pk}/password/").status_code == 404
    assert client.get(f"/desk/settings/agencies/{town.agencies['SAN'].pk}/").status_code == 404
