"""Outbox, audit log and API keys in the settings."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from gezhi.foundation.actors.models import ApiKey
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.outbox.models import OutboxMessage
from tests.town import Town

ROOT = "/desk/settings"


def signed_in(town: Town, name: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(town.users[name])
    return client


def test_a_dead_letter_is_shown_with_its_error_and_tried_again(town: Town) -> None:
    now = timezone.now()
    dead = OutboxMessage.objects.create(
        topic="case.event",
        key="k",
        created_at=now,
        due_at=now,
        dead_at=now,
        attempts=8,
        last_error="boom <b>",
    )
    admin = signed_in(town, "admin")
    page = admin.get(f"{ROOT}/outbox/")
    assert page.context["standing"].dead == 1
    assert "boom &lt;b&gt;" in page.content.decode()
    admin.post(f"{ROOT}/outbox/{dead.pk}/retry/")
    dead.refresh_from_db()
    assert dead.dead_at is None
    twice = admin.post(f"{ROOT}/outbox/{dead.pk}/retry/", follow=True)
    assert "being delivered already" in twice.content.decode()
    assert admin.post(f"{ROOT}/outbox/999999999/retry/").status_code == 404


def test_many_dead_letters_come_in_pages(town: Town) -> None:
    now = timezone.now()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="t", key=f"k{n}", created_at=now, due_at=now, dead_at=now) for n in range(60)
    )
    admin = signed_in(town, "admin")
    first = admin.get(f"{ROOT}/outbox/")
    second = admin.get(f"{ROOT}/outbox/", {"after": first.context["next_key"]})
    assert (len(first.context["dead"]), len(second.context["dead"])) == (50, 10)
    assert admin.get(f"{ROOT}/outbox/", {"after": "x" * 30}).status_code == 200


def test_the_log_is_filtered_and_paged(town: Town) -> None:
    now = timezone.now()
    for n in range(105):
        AuditEntry.objects.create(
            at=now - timedelta(days=n),
            actor_kind="user",
            actor_id="7",
            actor_label="测试·某人",
            act="file",
            subject_kind="cases.case",
            subject_id=str(n),
            allowed=n % 2 == 0,
        )
    auditor = signed_in(town, "auditor")
    page = auditor.get(f"{ROOT}/audit/", {"actor": "某人"})
    older = auditor.get(f"{ROOT}/audit/", {"actor": "某人", "after": page.context["page"].next_key})
    assert (len(page.context["rows"]), len(older.context["rows"])) == (100, 5)

    def subjects(**query: str) -> list[str]:
        found = auditor.get(f"{ROOT}/audit/", {"actor": "某人", **query}).context["rows"]
        return [entry.subject_id for entry, _words, _detail in found]

    assert subjects(subject="cases.case 3") == ["3"]
    assert len(subjects(refused="on")) == 52
    yesterday = str(timezone.localdate(now - timedelta(days=1)))
    assert subjects(first=yesterday, last=yesterday) == ["1"]
    assert subjects(act="create_user") == []
    wrong = auditor.get(f"{ROOT}/audit/", {"first": "soon"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["first"])


def test_the_log_says_in_words_what_was_done_and_keeps_words_it_does_not_know(town: Town) -> None:
    now = timezone.now()
    for act in ("end_post", "refuse", "older.word"):
        AuditEntry.objects.create(
            at=now, actor_kind="user", actor_label="测试·某人", act=act, subject_kind="k", subject_id="1"
        )
    found = signed_in(town, "auditor").get(f"{ROOT}/audit/", {"actor": "某人"}).context["rows"]
    assert [str(words) for _entry, words, _detail in found] == ["older.word", "Refuse", "End a post"]


def test_a_key_is_made_shown_once_used_and_revoked(town: Town) -> None:
    clerk = signed_in(town, "clerk")
    ends = str(timezone.localdate() + timedelta(days=30))
    page = clerk.post(f"{ROOT}/keys/", {"name": "对接", "scopes": ["cases:read"], "last_day": ends})
    found = re.search(r'id="secret">(gz_[^<]+)<', page.content.decode())
    assert found is not None
    header = {"Authorization": f"Bearer {found[1]}"}
    assert Client().get("/api/v1/cases", headers=header).status_code == 200
    assert found[1] not in clerk.get(f"{ROOT}/keys/").content.decode()
    key = ApiKey.objects.get()
    clerk.post(f"{ROOT}/keys/{key.pk}/revoke/")
    assert Client().get("/api/v1/cases", headers=header).status_code == 401


def test_what_does_not_fit_a_key_is_said_beside_its_field(town: Town) -> None:
    clerk = signed_in(town, "clerk")
    page = clerk.post(f"{ROOT}/keys/", {"name": "对接", "last_day": ""})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"scopes", "last_day"})
    late = str(timezone.localdate() + timedelta(days=900))
    page = clerk.post(f"{ROOT}/keys/", {"name": "对接", "scopes": ["cases:read"], "last_day": late})
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"last_day"})
    assert not ApiKey.objects.exists()


def test_the_guard_of_keys_sees_them_all_and_others_their_own(town: Town) -> None:
    clerk = signed_in(town, "clerk")
    ends = str(timezone.localdate() + timedelta(days=30))
    clerk.post(f"{ROOT}/keys/", {"name": "对接", "scopes": ["cases:read"], "last_day": ends})
    key = ApiKey.objects.get()
    assert [row["key"] for row in signed_in(town, "security").get(f"{ROOT}/keys/").context["rows"]] == [key]
    assert signed_in(town, "worker").get(f"{ROOT}/keys/").context["rows"] == []
    assert signed_in(town, "worker").post(f"{ROOT}/keys/{key.pk}/revoke/").status_code == 404
    assert signed_in(town, "security").post(f"{ROOT}/keys/{key.pk}/revoke/").status_code == 302
