"""What leaves the system, beside the main road: what is forgotten, what an error keeps, the defaults."""

from datetime import timedelta
from typing import Any

import pytest
from tests.civic.test_sending import EVENING, State, asked, dispatched, mail_server, told
from tests.town import Town

from gezhi.civic.notices.channels import EMail
from gezhi.civic.notices.models import Delivery, Kind
from gezhi.civic.notices.sending import SendRound, forget_old

__all__ = ["mail_server"]


def test_what_was_settled_long_ago_is_forgotten(town: Town) -> None:
    dispatched(town)
    told()
    SendRound()(at=EVENING)
    assert forget_old(at=EVENING + timedelta(days=89)) == 0
    assert forget_old(at=EVENING + timedelta(days=91)) == 1


def test_an_error_is_kept_without_the_address(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from smtplib import SMTPRecipientsRefused

    from django.core.mail import EmailMultiAlternatives

    def refuse(self: EmailMultiAlternatives) -> int:
        raise SMTPRecipientsRefused({"jia@example.org": (550, b"<jia@example.org>: no such user")})

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    asked(town)
    told()
    SendRound()(at=EVENING)
    stuck = Delivery.objects.get()
    assert (stuck.state, stuck.error) == (State.FAILED, "550 … no such user")


# -- several workers


def test_every_kind_is_told_by_default_inside() -> None:
    from gezhi.civic.notices.rules import default_channels

    assert all("in_app" in default_channels(kind) for kind in Kind)


def test_the_mail_channel_is_ready_when_a_server_is_named(settings: Any) -> None:
    assert EMail().ready()
    settings.EMAIL_ON = False
    assert not EMail().ready()
