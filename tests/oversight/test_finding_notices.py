"""Who hears of a finding, of the appeal and of the decision on it; what the mail about it says and opens."""

from typing import Any

from django.core import mail
from django.test import Client

from gezhi.civic.notices.models import Delivery, Notice
from gezhi.civic.notices.queries import latest
from gezhi.civic.notices.sending import SendRound
from gezhi.civic.notices.services import read_of_case
from gezhi.foundation.actors.models import Agency, Post
from gezhi.foundation.outbox.services import drain
from gezhi.oversight.accountability.permits import may_appeal
from gezhi.site.subscriptions import SUBSCRIPTIONS
from tests.oversight.conftest import Way
from tests.oversight.test_findings import appeal, decide, found, late
from tests.town import Town

__all__ = ["late"]


def told(way: Way) -> set[tuple[str, str, str]]:
    """Who has been told what of findings, after the worker has been round."""
    while drain(subscriptions=SUBSCRIPTIONS, at=way.at):
        pass
    rows = Notice.objects.exclude(about="").values_list("user__username", "kind", "act")
    return set(rows)


def test_the_head_is_told_of_a_finding_against_the_agency(late: Way) -> None:
    finding = found(late)
    assert told(late) == {("head", "found", "finding.record")}
    notice = latest(late.town.actor("head"), kind="found")[0]
    assert (notice.about, notice.case) == (finding.about, late.case)


def test_without_a_head_of_its_own_the_agency_above_is_told(bureau: Agency, late: Way) -> None:
    Post.objects.filter(user=late.town.users["head"]).update(agency=bureau)
    finding = found(late)
    assert told(late) == {("head", "found", "finding.record")}
    assert may_appeal(late.town.actor("head"), finding, at=late.at)


def test_the_appeal_comes_to_who_decides_and_the_decision_to_all(late: Way, second_leader: Town) -> None:
    finding = found(late)
    appeal(late, finding)
    before = told(late)
    assert ("appraiser", "decide", "finding.appeal") in before
    assert ("leader", "decide", "finding.appeal") not in before  # who recorded it does not decide
    decide(late, finding, "appraiser")
    assert told(late) - before == {
        ("head", "decided", "finding.decide"),
        ("leader", "found", "finding.decide"),
    }


def test_a_message_told_twice_leaves_one_notice(late: Way) -> None:
    finding = found(late)
    told(late)
    notice = Notice.objects.get(about=finding.about)
    assert Notice.objects.filter(user=notice.user, about=finding.about).count() == 1
    from gezhi.foundation.outbox.models import OutboxMessage
    from gezhi.oversight.accountability.telling import tell

    tell(OutboxMessage.objects.get(topic="accountability.recorded"))
    assert Notice.objects.filter(about=finding.about).count() == 1


def test_opening_the_finding_reads_its_notice_and_opening_the_case_does_not(late: Way) -> None:
    finding = found(late)
    told(late)
    head = late.town.actor("head")
    read_of_case(actor=head, case=late.case, at=late.at)
    assert latest(head, kind="found", unread=True)
    client = Client()
    client.force_login(late.town.users["head"])
    page = client.get("/desk/notices/?kind=found").content.decode()
    assert f"/desk/accountability/{finding.pk}/" in page
    assert "已记录处理决定" in page
    assert client.get(f"/desk/accountability/{finding.pk}/").status_code == 200
    assert not latest(head, kind="found", unread=True)


def test_the_mail_opens_the_finding_and_says_nothing_of_its_reason(late: Way, settings: Any) -> None:
    settings.EMAIL_ON = True
    settings.LINKS = {"case": "https://g.example/case/{number}/", "finding": "https://g.example/f/{ident}/"}
    head = late.town.users["head"]
    head.email = "head@example.org"
    head.save()
    finding = found(late)
    told(late)
    SendRound()(at=Delivery.objects.get(about=finding.about).next_at)
    body = next(m.body for m in mail.outbox if "/f/" in m.body)
    assert f"https://g.example/f/{finding.pk}/" in body
    assert "签收超时" not in body
