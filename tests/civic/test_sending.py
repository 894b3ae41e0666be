"""What leaves the system: once each, never what a report says, later when it must wait."""

import threading
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from tests.town import START, Town

from gezhi.civic.notices import services as notices
from gezhi.civic.notices.channels import Failed, Message, Sent, Unsure
from gezhi.civic.notices.models import Delivery, Notice
from gezhi.civic.notices.sending import LOST, REST, SendRound, resend
from gezhi.foundation.audit.errors import Invalid, NotAllowed, Refused
from gezhi.foundation.outbox.models import OutboxReceipt
from gezhi.foundation.outbox.services import drain
from gezhi.site.subscriptions import SUBSCRIPTIONS
from gezhi.work.cases import services
from gezhi.work.cases.models import Asker, Case
from gezhi.work.cases.perform import perform
from gezhi.work.cases.services import Contact

EVENING = START + timedelta(hours=12)  # 21:00 in Shanghai
NIGHT = START + timedelta(hours=14)
DAWN = START + timedelta(hours=22)  # 07:00 of the next day
State = Delivery.State
EVERY_HOUR: dict[str, Any] = {
    "channels": {},
    "quiet": False,
    "quiet_from": time(22),
    "quiet_until": time(7),
    "wake": True,
    "language": "en",
}


class Post:
    """A channel that keeps what it was given and answers as told."""

    code = "email"
    label = "E-mail"

    def __init__(self, *answers: Sent | Failed | Unsure) -> None:
        self.answers = list(answers)
        self.taken: list[Message] = []

    def ready(self) -> bool:
        return True

    def staff_address(self, user: Any) -> str:
        return str(user.email)

    def asker_address(self, asker: Asker) -> str:
        return services.email_of(asker)

    def send(self, message: Message) -> Sent | Failed | Unsure:
        self.taken.append(message)
        return self.answers.pop(0) if self.answers else Sent()


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    """A site that sends e-mail and knows its own address."""
    settings.EMAIL_ON = True
    settings.LINKS = {
        "case": "https://grid.example.org/case/{number}/",
        "finding": "https://grid.example.org/desk/accountability/{ident}/",
        "track": "https://grid.example.org/track/",
    }
    settings.DEFAULT_FROM_EMAIL = "网格 <grid@example.org>"


def with_address(town: Town, *names: str) -> None:
    for name in names:
        user = town.users[name]
        user.email = f"{name}@example.org"
        user.save()


def told(at: Any = NIGHT) -> None:
    while drain(subscriptions=SUBSCRIPTIONS, at=at):
        pass


def dispatched(town: Town, *, at: Any = START, **said: Any) -> Case:
    """A case of a resident, given to the sanitation station, whose people have addresses."""
    with_address(town, "handler")
    case, _code = town.resident_report(at=at, **said)
    return town.drive(case, "dispatch", at=at)


def test_whoever_gets_a_case_is_told_by_mail_what_to_do_and_where(town: Town) -> None:
    case = dispatched(town)
    told()
    assert SendRound()(at=EVENING) == 1
    [sent] = mail.outbox
    assert sent.to == ["handler@example.org"]
    assert case.number in sent.subject
    assert "暴露垃圾" in sent.subject
    assert f"https://grid.example.org/case/{case.number}/" in sent.body
    assert sent.from_email == "网格 <grid@example.org>"
    html = sent.alternatives[0][0]  # type: ignore[attr-defined]
    assert f"https://grid.example.org/case/{case.number}/" in str(html)
    assert Delivery.objects.get().state == State.SENT


def test_a_mail_holds_no_word_of_the_report_and_no_contact(town: Town) -> None:
    case = dispatched(
        town, description="邻居 13900001111 打人", contact=Contact(name="甲居民", phone="00000000001")
    )
    told()
    SendRound()(at=EVENING)
    [sent] = mail.outbox
    everything = sent.subject + sent.body + str(sent.alternatives)  # type: ignore[attr-defined]
    for secret in ("13900001111", "打人", "甲居民", "00000000001", case.address):
        assert secret not in everything


def test_of_a_sealed_matter_not_even_its_name_leaves(town: Town) -> None:
    town.conditions["rubbish"].item.sealed = True
    town.conditions["rubbish"].item.save()
    case = dispatched(town)
    told()
    SendRound()(at=EVENING)
    [sent] = mail.outbox
    assert "暴露垃圾" not in sent.subject + sent.body + str(sent.alternatives)  # type: ignore[attr-defined]
    assert case.number in sent.subject


def test_nothing_is_queued_while_no_server_is_named(town: Town, settings: Any) -> None:
    settings.EMAIL_ON = False
    dispatched(town)
    told()
    assert Delivery.objects.count() == 0
    assert Notice.objects.filter(user=town.users["handler"]).count() == 1
    assert SendRound()(at=EVENING) == 0


def test_who_wants_no_mail_of_a_kind_gets_none(town: Town) -> None:
    notices.set_preference(
        actor=town.actor("handler"), at=START, **{**EVERY_HOUR, "channels": {"yours": ["in_app"]}}
    )
    dispatched(town)
    told()
    assert Delivery.objects.count() == 0


def test_a_kind_may_be_told_by_mail_only(town: Town) -> None:
    with_address(town, "worker")
    wanted = {**EVERY_HOUR, "channels": {"news": ["email"]}}
    notices.set_preference(actor=town.actor("worker"), at=START, **wanted)
    town.drive(town.report("worker"), "file")
    told()
    assert Notice.objects.visible_to(town.actor("worker")).count() == 0
    assert SendRound()(at=EVENING) == 1
    assert "News of your report" in mail.outbox[0].subject


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channels": {"yours": ["email"]}}, "yours"),
        ({"channels": {"yours": ["in_app", "pigeon"]}}, "channels"),
        ({"channels": {"nonsense": ["in_app"]}}, "channels"),
        ({"quiet": True, "quiet_until": time(22)}, "quiet_until"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_a_preference_that_cannot_be_is_refused(town: Town, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        notices.set_preference(actor=town.actor("handler"), at=START, **{**EVERY_HOUR, **wrong})
    assert list(error.value.fields) == [field]


def test_at_night_mail_waits_and_comes_as_one(town: Town) -> None:
    first, second = dispatched(town, at=NIGHT), dispatched(town, at=NIGHT)
    told(NIGHT + timedelta(hours=1))
    send = SendRound()
    assert send(at=NIGHT + timedelta(hours=1)) == 0
    assert send(at=DAWN) == 2
    [sent] = mail.outbox
    assert "2" in sent.subject
    assert first.number in sent.body
    assert second.number in sent.body


def test_what_was_read_at_night_is_not_sent_in_the_morning(town: Town) -> None:
    dispatched(town, at=NIGHT)
    told(NIGHT + timedelta(hours=1))
    notices.mark_read(actor=town.actor("handler"), ids=None, at=NIGHT + timedelta(hours=2))
    SendRound()(at=DAWN)
    assert mail.outbox == []
    assert Delivery.objects.get().state == State.NEEDLESS


@pytest.mark.parametrize(("wake", "woken"), [(True, 1), (False, 0)])
def test_an_emergency_wakes_who_wants_it(town: Town, wake: bool, woken: int) -> None:
    with_address(town, "other_head")
    choice = {**EVERY_HOUR, "quiet": True, "wake": wake}
    notices.set_preference(actor=town.actor("other_head"), at=START, **choice)
    case, _code = town.resident_report(at=NIGHT)
    data = {"condition": town.conditions["cover"].pk, "agency": town.agencies["WAT"].pk}
    perform("file_dispatch", case.pk, actor=town.actor("clerk"), at=NIGHT, data=data)
    told(NIGHT)
    assert SendRound()(at=NIGHT) == woken


def test_who_may_no_longer_see_the_case_is_not_written_to(town: Town) -> None:
    dispatched(town)
    told()
    town.end_posts("handler", at=START + timedelta(hours=1))
    SendRound()(at=EVENING)
    assert mail.outbox == []
    assert Delivery.objects.get().state == State.NEEDLESS


# -- askers


def asked(town: Town, **contact: Any) -> tuple[Case, Asker]:
    contact = {"email": "jia@example.org", **contact}
    case, _code = town.resident_report(contact=Contact(**contact))
    return case, Asker.objects.get(case=case)


def test_an_asker_with_an_address_is_told_from_the_report_to_the_result(town: Town) -> None:
    case, _asker = asked(town)
    town.drive(case, "verify")
    told()
    SendRound()(at=EVENING)
    subjects = [sent.subject for sent in mail.outbox]
    assert [s.partition("（")[0] for s in subjects] == [
        "已收到你的反映",
        "你的反映已受理",
        "你的反映正在处理",
        "你的反映已办结",
    ]
    assert all(case.number in s for s in subjects)
    assert {one.to[0] for one in mail.outbox} == {"jia@example.org"}
    assert "https://grid.example.org/track/" in mail.outbox[0].body
    assert "立案" not in "".join(one.subject + one.body for one in mail.outbox)
    assert "已清运" in mail.outbox[-1].body  # the answer meant for the asker


def test_an_asker_is_told_in_the_language_of_the_report(town: Town) -> None:
    asked(town, language="en")
    told()
    SendRound()(at=EVENING)
    assert mail.outbox[0].subject.startswith("We have your report")


def test_no_answer_about_a_sealed_matter_leaves(town: Town) -> None:
    town.conditions["rubbish"].item.sealed = True
    town.conditions["rubbish"].item.save()
    case, _asker = asked(town)
    town.drive(case, "verify")
    told()
    SendRound()(at=EVENING)
    assert "已清运" not in "".join(one.body for one in mail.outbox)


def test_the_address_lies_sealed_and_may_be_taken_back(town: Town) -> None:
    case, asker = asked(town)
    assert asker.email_sealed is not None
    assert b"jia@example.org" not in bytes(asker.email_sealed)
    assert services.email_of(asker) == "jia@example.org"
    services.choose_news(actor=services.asker_actor(asker), asker=asker, email="", at=START)
    town.drive(case, "file")
    told()
    SendRound()(at=EVENING)
    assert mail.outbox == []


def test_nobody_chooses_for_another_asker(town: Town) -> None:
    _case, one = asked(town)
    _case, other = asked(town)
    with pytest.raises(NotAllowed):
        services.choose_news(actor=services.asker_actor(one), asker=other, email="", at=START)


@pytest.mark.parametrize("email", ["not an address", f"a@{'é' * 60}.cn"], ids=["no address", "part too long"])
def test_an_address_no_mail_can_go_to_is_refused(town: Town, email: str) -> None:
    with pytest.raises(Invalid) as error:
        asked(town, email=email)
    assert list(error.value.fields) == ["email"]


def test_after_a_merge_both_askers_hear_and_each_once(town: Town) -> None:
    one, _first = asked(town)
    two, second = asked(town, email="yi@example.org")
    told()
    SendRound()(at=EVENING)
    mail.outbox.clear()
    perform("merge", two.pk, actor=town.actor("clerk"), at=START, data={"case": one.number})
    town.drive(one, "file")
    told()
    SendRound()(at=EVENING)
    heard = sorted((sent.to[0], sent.subject.partition("（")[0]) for sent in mail.outbox)
    assert heard == [
        ("jia@example.org", "你的反映已受理"),
        ("yi@example.org", "你的反映已与他人的合并办理"),
        ("yi@example.org", "你的反映已受理"),
    ]
    assert second.first_case.number in "".join(s.subject for s in mail.outbox if s.to == ["yi@example.org"])


def test_who_withdrew_hears_nothing_more(town: Town) -> None:
    _case, asker = asked(town)
    perform("withdraw", asker.case_id, actor=services.asker_actor(asker), at=START, data={})
    told()
    SendRound()(at=EVENING)
    assert mail.outbox == []


# -- trouble


def test_a_backlog_of_the_day_does_not_go_out_at_night(town: Town) -> None:
    """The worker was down from noon on: what is late comes together in the morning, and on no attempt of its own."""
    first, second = dispatched(town), dispatched(town)
    told()
    send = SendRound()
    assert send(at=NIGHT) == 2
    assert mail.outbox == []
    assert set(Delivery.objects.values_list("state", "next_at", "held", "tries")) == {
        (State.QUEUED, DAWN, True, 0)
    }
    send(at=DAWN)
    [sent] = mail.outbox
    assert first.number in sent.body and second.number in sent.body


def test_a_backlog_reaches_at_once_who_keeps_no_quiet_hours(town: Town) -> None:
    notices.set_preference(actor=town.actor("handler"), at=START, **EVERY_HOUR)
    dispatched(town)
    told()
    assert SendRound()(at=NIGHT) == 1
    assert len(mail.outbox) == 1


def test_what_another_worker_gave_up_as_lost_is_tried_again_when_it_certainly_failed(town: Town) -> None:
    class Slow(Post):
        def send(self, message: Message) -> Sent | Failed | Unsure:
            SendRound(channels={"email": Post()})(at=EVENING + LOST * 2)  # another worker's round meanwhile
            assert Delivery.objects.get().state == State.UNSURE
            return Failed("451 later", retry=True)

    dispatched(town)
    told()
    SendRound(channels={"email": Slow()})(at=EVENING)
    kept = Delivery.objects.get()
    assert (kept.state, kept.ended_at, kept.error) == (State.QUEUED, None, "451 later")


def test_what_did_not_go_out_is_tried_later_and_given_up_in_the_end(town: Town) -> None:
    dispatched(town)
    told()
    post = Post(*[Failed("451 later", retry=True)] * 20)
    send = SendRound(channels={"email": post})
    at = START + timedelta(hours=1)
    for _n in range(10):
        send(at=at)
        at += timedelta(days=2)
    stuck = Delivery.objects.get()
    assert (stuck.state, stuck.tries, stuck.error) == (State.FAILED, 8, "451 later")
    assert len(post.taken) == 8
    assert {message.key for message in post.taken} == {f"gezhi-email-{stuck.pk}"}


def test_an_address_the_server_does_not_know_is_given_up_at_once(town: Town) -> None:
    dispatched(town)
    told()
    SendRound(channels={"email": Post(Failed("550 no such user", retry=False))})(at=EVENING)
    assert Delivery.objects.get().state == State.FAILED


def test_what_is_tried_again_does_not_come_at_night(town: Town) -> None:
    dispatched(town)
    told()
    post = Post(Failed("451 later", retry=True))
    send = SendRound(channels={"email": post})
    send(at=NIGHT - timedelta(minutes=61))  # 21:59: the next attempt would be a minute later
    assert Delivery.objects.get().next_at == DAWN


def test_a_server_that_is_away_is_left_alone_for_a_while(town: Town) -> None:
    dispatched(town)
    dispatched(town)
    told()
    post = Post(Failed("down", retry=True, down=True))
    send = SendRound(channels={"email": post})
    noon = START + timedelta(hours=3)
    assert send(at=noon) == 1
    assert send(at=noon + REST / 2) == 0
    assert len(post.taken) == 1
    assert send(at=noon + REST) == 2
    assert len(post.taken) == 3


def test_a_message_lost_between_claim_and_answer_is_shown_and_not_sent_again(town: Town) -> None:
    """The process dies right after the claim: whether the server had taken it nobody knows."""

    class Killed(Post):
        def send(self, message: Message) -> Sent | Failed | Unsure:
            raise SystemExit

    dispatched(town)
    told()
    with pytest.raises(SystemExit):
        SendRound(channels={"email": Killed()})(at=EVENING)
    post = Post()
    send = SendRound(channels={"email": post})
    send(at=EVENING + LOST)
    assert Delivery.objects.get().state == State.CLAIMED
    send(at=EVENING + LOST + timedelta(seconds=1))
    assert Delivery.objects.get().state == State.UNSURE
    send(at=EVENING + timedelta(days=1))
    assert post.taken == []
    resend(actor=town.actor("admin"), at=EVENING + timedelta(days=1), delivery_id=Delivery.objects.get().pk)
    send(at=EVENING + timedelta(days=1))
    assert len(post.taken) == 1


def test_only_who_keeps_the_system_sends_again_and_only_what_is_stuck(town: Town) -> None:
    dispatched(town)
    told()
    one = Delivery.objects.get().pk
    with pytest.raises(NotAllowed):
        resend(actor=town.actor("clerk"), at=EVENING, delivery_id=one)
    with pytest.raises(Refused):
        resend(actor=town.actor("admin"), at=EVENING, delivery_id=one)


def test_a_message_told_again_by_the_outbox_is_not_queued_again(town: Town) -> None:
    dispatched(town)
    told()
    OutboxReceipt.objects.all().delete()  # as if the receipts had been lost
    from gezhi.foundation.outbox.models import OutboxMessage

    OutboxMessage.objects.update(done_at=None)
    told()
    assert Delivery.objects.count() == 1
    assert Notice.objects.filter(user=town.users["handler"]).count() == 1


def test_the_database_holds_one_delivery_of_an_event_to_a_recipient(town: Town) -> None:
    dispatched(town)
    told()
    again = Delivery.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_everything_once(transactional_db: None) -> None:
    """Real threads on the real database: every delivery goes out, and none of them twice."""
    from tests.town import build_town

    town = build_town()
    with_address(town, "handler", "head")
    for _n in range(8):
        town.drive(town.resident_report()[0], "dispatch")
    told()
    count = Delivery.objects.count()
    assert count == 16
    post, begin = Post(), threading.Barrier(3)
    problems: list[BaseException] = []

    def work() -> None:
        try:
            begin.wait(timeout=20)
            send = SendRound(channels={"email": post})
            for _round in range(6):
                send(at=EVENING)
        except BaseException as error:
            problems.append(error)
            raise
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert problems == []
    keys = [message.key for message in post.taken]
    assert len(keys) == len(set(keys)) == count
    assert set(Delivery.objects.values_list("state", "tries")) == {(State.SENT, 1)}
