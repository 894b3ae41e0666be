"""People and posts: who may change them, what is refused, who is told."""

from datetime import timedelta

import pytest
from tests.town import START, Town

from gezhi.foundation.actors import keys, services
from gezhi.foundation.actors.managed import PeopleFilter, people, vacancies
from gezhi.foundation.actors.models import ApiKey, Post, User
from gezhi.foundation.actors.queries import actor_of, actor_of_key
from gezhi.foundation.actors.scope import SYSTEM, Actor
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.outbox.models import OutboxMessage

DAY = timedelta(days=1)


def made(town: Town, username: str = "newcomer", **fields: str) -> User:
    user, _secret = services.create_user(
        actor=town.actor("admin"), at=START, username=username, **{"name": "测试·新人", **fields}
    )
    return user


def posted(
    town: Town, user: User, role: str = "grid_worker", area: str = "420599001001001", **more: object
) -> Post:
    return services.give_post(
        actor=town.actor("admin"),
        at=START,
        user_id=user.pk,
        role=role,
        area_id=town.areas[area].pk,
        **more,
    )


def fields_of(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(error.value.fields)


# -- people


def test_a_new_account_gets_a_one_time_password_and_an_audit_row(town: Town) -> None:
    user, secret = services.create_user(
        actor=town.actor("admin"), at=START, username="newcomer", name="测试·新人"
    )
    kept = User.objects.get(pk=user.pk)
    assert kept.check_password(secret)
    assert kept.must_change_password
    entry = AuditEntry.objects.get(act="create_user")
    assert (entry.actor_id, entry.subject_id) == (str(town.users["admin"].pk), str(user.pk))
    assert secret not in str(entry.detail)


def test_a_password_of_ones_own_takes_the_mark_away(town: Town) -> None:
    user = made(town)
    user.set_password("Own-words-98765")
    user.save()
    assert not User.objects.get(pk=user.pk).must_change_password


def test_every_wrong_field_of_an_account_is_named(town: Town) -> None:
    with pytest.raises(Invalid) as error:
        services.create_user(
            actor=town.actor("admin"), at=START, username="a b", name=" ", duty_phone="1" * 31
        )
    assert fields_of(error) == {"username", "name", "duty_phone"}


@pytest.mark.parametrize("username", ["worker", "WORKER"])
def test_a_sign_in_name_is_given_once_whatever_its_case(town: Town, username: str) -> None:
    with pytest.raises(Invalid) as error:
        made(town, username)
    assert fields_of(error) == {"username"}


def test_the_password_policy_holds_for_given_passwords(town: Town) -> None:
    with pytest.raises(Invalid) as error:
        made(town, password="12345678901")
    assert fields_of(error) == {"password"}
    assert not User.objects.filter(username="newcomer").exists()


def test_resetting_a_password_replaces_the_old_one(town: Town) -> None:
    user = town.users["worker"]
    secret = services.reset_password(actor=town.actor("admin"), at=START, user_id=user.pk)
    kept = User.objects.get(pk=user.pk)
    assert kept.check_password(secret)
    assert kept.must_change_password


def test_closing_an_account_ends_its_posts_and_keys_and_opening_does_not_bring_them_back(town: Town) -> None:
    worker = town.users["worker"]
    key, secret = keys.create_key(
        actor=town.actor("worker"), at=START, name="k", scopes=["cases:read"], expires_at=START + DAY
    )
    admin = town.actor("admin")
    services.set_active(actor=admin, at=START, user_id=worker.pk, active=False)
    assert not Post.objects.current(START).filter(user=worker).exists()
    assert actor_of_key(secret, at=START) is None
    told = OutboxMessage.objects.get(topic="post.ended")
    assert told.payload["user_id"] == worker.pk
    services.set_active(actor=admin, at=START + DAY, user_id=worker.pk, active=True)
    assert not actor_of(User.objects.get(pk=worker.pk), at=START + DAY).seats
    assert ApiKey.objects.get(pk=key.pk).revoked_at == START


# -- who may


@pytest.mark.parametrize("name", ["worker", "clerk", "leader", "security", "auditor"])
def test_only_who_manages_people_makes_accounts(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.create_user(actor=town.actor(name), at=START, username="newcomer", name="测试·新人")


def test_a_key_needs_the_admin_scope_to_manage(town: Town) -> None:
    _key, secret = keys.create_key(
        actor=town.actor("admin"), at=START, name="k", scopes=["cases:read"], expires_at=START + DAY
    )
    program = actor_of_key(secret, at=START)
    assert program is not None
    with pytest.raises(NotAllowed):
        services.create_user(actor=program, at=START, username="newcomer", name="测试·新人")


def test_a_street_manages_its_own_people_and_no_others(town: Town, street_manager: Actor) -> None:
    services.reset_password(actor=street_manager, at=START, user_id=town.users["worker"].pk)
    with pytest.raises(NotFound):
        services.reset_password(actor=street_manager, at=START, user_id=town.users["auditor"].pk)
    with pytest.raises(NotFound):
        services.reset_password(actor=street_manager, at=START, user_id=town.users["outsider"].pk)
    with pytest.raises(NotAllowed):
        services.give_post(
            actor=street_manager,
            at=START,
            user_id=town.users["worker"].pk,
            role="dispatcher",
            area_id=town.areas["420599"].pk,
        )


def test_a_street_cannot_take_over_an_account_that_also_serves_the_district(
    town: Town, street_manager: Actor
) -> None:
    worker = town.users["worker"]
    posted(town, worker, "dispatcher", "420599")
    with pytest.raises(NotAllowed) as error:
        services.reset_password(actor=street_manager, at=START, user_id=worker.pk)
    assert error.value.code == "posts_elsewhere"


def test_nobody_manages_themselves(town: Town) -> None:
    admin = town.actor("admin")
    own = Post.objects.get(user=town.users["admin"])
    attempts = (
        lambda: services.give_post(
            actor=admin, at=START, user_id=town.users["admin"].pk, role="leader", area_id=own.area_id
        ),
        lambda: services.end_post(actor=admin, at=START, post_id=own.pk),
        lambda: services.set_active(actor=admin, at=START, user_id=town.users["admin"].pk, active=False),
        lambda: services.reset_password(actor=admin, at=START, user_id=town.users["admin"].pk),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed) as error:
            attempt()
        assert error.value.code == "not_for_yourself"


# -- posts


def test_a_post_gives_what_its_role_grants_from_its_day_until_its_end(town: Town) -> None:
    user = made(town)
    posted(town, user, since=START + DAY, until=START + 3 * DAY)
    assert not actor_of(user, at=START).seats
    assert actor_of(user, at=START + DAY).may("collect", town.areas["420599001001001"].path)
    assert not actor_of(user, at=START + 3 * DAY).seats
    told = OutboxMessage.objects.get(topic="post.ended")
    assert told.due_at == START + 3 * DAY


def test_the_same_post_is_not_held_twice_at_one_time(town: Town) -> None:
    worker = town.users["worker"]
    with pytest.raises(Refused) as error:
        posted(town, worker)
    assert error.value.code == "post_held_already"
    assert worker.name in str(error.value.message)
    post = Post.objects.get(user=worker)
    services.end_post(actor=town.actor("admin"), at=START, post_id=post.pk)
    assert posted(town, worker).since == START


def test_a_new_span_may_begin_where_the_old_one_ends(town: Town) -> None:
    user = made(town)
    posted(town, user, until=START + 5 * DAY)
    with pytest.raises(Refused):
        posted(town, user, since=START + 4 * DAY)
    assert posted(town, user, since=START + 5 * DAY).pk


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "handler"}, "agency"),
        ({"until": START - DAY}, "until"),
        ({"since": START + DAY, "until": START + DAY}, "until"),
        ({"line": "x" * 31}, "line"),
        ({"agency_id": 10**9}, "agency"),
    ],
)
def test_what_does_not_fit_a_post_is_named(town: Town, change: dict[str, object], field: str) -> None:
    user = made(town)
    with pytest.raises(Invalid) as error:
        posted(town, user, **{"role": "grid_worker", **change})
    assert fields_of(error) == {field}


def test_an_agencys_post_lies_within_its_jurisdiction(town: Town) -> None:
    user = made(town)
    with pytest.raises(Invalid) as error:
        posted(town, user, "handler", "420600", agency_id=town.agencies["SAN"].pk)
    assert fields_of(error) == {"agency"}


def test_a_street_puts_nobody_into_an_agency_of_the_district(town: Town, street_manager: Actor) -> None:
    with pytest.raises(Invalid) as error:
        services.give_post(
            actor=street_manager,
            at=START,
            user_id=town.users["worker"].pk,
            role="agency_head",
            area_id=town.areas["420599001"].pk,
            agency_id=town.agencies["SAN"].pk,
        )
    assert fields_of(error) == {"agency"}


@pytest.mark.parametrize(("held", "asked"), [("admin", "audit_admin"), ("auditor", "security_admin")])
def test_running_guarding_and_auditing_stay_with_three_people(town: Town, held: str, asked: str) -> None:
    with pytest.raises(Refused) as error:
        services.give_post(
            actor=SYSTEM,
            at=START,
            user_id=town.users[held].pk,
            role=asked,
            area_id=town.areas["420599"].pk,
        )
    assert error.value.code == "duties_stay_apart"


def test_ending_a_post_tells_who_keeps_work_of_its_holder(town: Town) -> None:
    post = Post.objects.get(user=town.users["handler"])
    services.end_post(actor=town.actor("admin"), at=START, post_id=post.pk)
    told = OutboxMessage.objects.get(topic="post.ended")
    assert told.payload == {
        "post_id": post.pk,
        "user_id": town.users["handler"].pk,
        "role": "handler",
        "area_path": "420599/",
        "agency_id": town.agencies["SAN"].pk,
        "until": START.isoformat(),
        "to_user_id": None,
    }
    with pytest.raises(Refused) as error:
        services.end_post(actor=town.actor("admin"), at=START + DAY, post_id=post.pk)
    assert error.value.code == "post_ended"


def test_a_post_cannot_end_in_the_past(town: Town) -> None:
    post = Post.objects.get(user=town.users["handler"])
    with pytest.raises(Invalid) as error:
        services.end_post(actor=town.actor("admin"), at=START, post_id=post.pk, until=START - DAY)
    assert fields_of(error) == {"until"}


def test_a_post_not_begun_is_taken_back_altogether(town: Town) -> None:
    user = made(town)
    post = posted(town, user, since=START + DAY)
    services.end_post(actor=town.actor("admin"), at=START, post_id=post.pk)
    assert not Post.objects.filter(user=user).exists()
    assert AuditEntry.objects.filter(act="cancel_post").count() == 1


def test_a_post_handed_over_has_no_gap_and_names_the_successor(town: Town) -> None:
    old = Post.objects.get(user=town.users["handler"])
    user = made(town)
    new = services.hand_over(actor=town.actor("admin"), at=START, post_id=old.pk, to_user_id=user.pk)
    old.refresh_from_db()
    assert (old.until, new.since) == (START, START)
    assert (new.role_id, new.area_id, new.agency_id) == (old.role_id, old.area_id, old.agency_id)
    assert OutboxMessage.objects.get(topic="post.ended").payload["to_user_id"] == user.pk


def test_a_post_is_not_handed_to_its_holder(town: Town) -> None:
    old = Post.objects.get(user=town.users["handler"])
    with pytest.raises(Invalid):
        services.hand_over(
            actor=town.actor("admin"), at=START, post_id=old.pk, to_user_id=town.users["handler"].pk
        )


def test_posts_that_fell_empty_and_grids_without_a_worker_are_vacancies(town: Town) -> None:
    admin = town.actor("admin")
    bare = {v.area.code for v in vacancies(admin, at=START)}
    assert bare == {"420599001002001", "420599001002002"}
    post = Post.objects.get(user=town.users["call_back"])
    services.end_post(actor=admin, at=START, post_id=post.pk)
    found = vacancies(admin, at=START)
    assert [(v.role.pk, v.last.user_id) for v in found if v.last] == [
        ("call_back", town.users["call_back"].pk)
    ]


# -- lists


def test_people_are_listed_page_by_page_without_gaps(town: Town) -> None:
    admin = town.actor("admin")
    seen: list[str] = []
    after = ""
    while True:
        page = people(admin, PeopleFilter(after=after, limit=4), at=START)
        seen += [user.username for user in page.rows]
        after = page.next_key
        if not after:
            break
    within_the_district = set(town.users) - {"outsider"}
    assert sorted(seen) == sorted(within_the_district)
    assert people(admin, PeopleFilter(after="~" + "9" * 5000), at=START).rows


def test_people_are_found_by_name_role_area_and_state(town: Town) -> None:
    admin = town.actor("admin")

    def found(**wanted: object) -> set[str]:
        page = people(admin, PeopleFilter(**wanted), at=START)
        return {user.username for user in page.rows}

    assert found(text="网格员") == {"worker", "worker2"}
    assert found(role="handler") == {"handler"}
    assert found(area_path="420599/420599001/420599001001/") == {"worker", "worker2"}
    assert found(agency_id=town.agencies["SAN"].pk) == {"head", "handler"}
    made(town)
    assert found(state="unposted") == {"newcomer"}
    assert found(state="closed") == set()


def test_who_does_not_manage_people_sees_no_list(town: Town) -> None:
    assert list(people(town.actor("clerk"), PeopleFilter(), at=START).rows) == []
    assert list(people(None, PeopleFilter(), at=START).rows) == []
