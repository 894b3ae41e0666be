"""The ways a notice leaves the system, each behind the same interface.

To add one (SMS, an app, WeCom, DingTalk): write a class with the members of `Channel` and put it into
`CHANNELS`. Preferences, quiet hours, retries and the page of what was sent then know it. Notices shown
inside the system are no channel: they are rows of their own, written with the change they tell of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext, override, pgettext_lazy

from gezhi.civic.notices.rules import EMAIL
from gezhi.foundation.actors.models import User
from gezhi.work.cases.models import Asker
from gezhi.work.cases.services import email_of

ADDRESS = re.compile(r"\S+@\S+")
SAID = 200


@dataclass(frozen=True)
class Line:
    """One paragraph, and where it leads."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Message:
    """What one recipient is told. `key` stays the same for the same delivery, so that a transport that
    keeps keys may drop what it has seen."""

    key: str
    to: str
    subject: str
    lines: tuple[Line, ...]
    foot: str
    language: str


@dataclass(frozen=True)
class Sent:
    """The transport has taken it over."""


@dataclass(frozen=True)
class Failed:
    """It certainly did not go out. `retry`: another attempt may succeed; `down`: nothing goes out now."""

    error: str
    retry: bool
    down: bool = False


@dataclass(frozen=True)
class Unsure:
    """Nobody knows whether it went out: it is not tried again by itself."""

    error: str


class Channel(Protocol):
    """One way out of the system. An address of "" means this recipient cannot be reached by it."""

    code: str
    label: Promise

    def ready(self) -> bool:
        """Whether the site has set it up."""

    def staff_address(self, user: User) -> str: ...

    def asker_address(self, asker: Asker) -> str: ...

    def send(self, message: Message) -> Sent | Failed | Unsure: ...


class EMail:
    """Plain text and simple HTML over SMTP (GEZHI_EMAIL_URL)."""

    code = EMAIL
    label: Promise = pgettext_lazy("channel", "E-mail")

    def ready(self) -> bool:
        return bool(settings.EMAIL_ON)

    def staff_address(self, user: User) -> str:
        return user.email

    def asker_address(self, asker: Asker) -> str:
        return email_of(asker)

    def send(self, message: Message) -> Sent | Failed | Unsure:
        connection = get_connection()
        try:
            connection.open()
        except (OSError, SMTPException) as error:
            return Failed(_words(error), retry=True, down=True)
        mail = _mail(message)
        mail.connection = connection
        try:
            mail.send()
        except ValueError as error:  # nothing was sent: no mail can be made of this address
            return Failed(_words(error), retry=False)
        except SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return Failed(_reply(code, said), retry=code < 500)
        except SMTPResponseException as error:  # the server said no
            return Failed(_reply(error.smtp_code, error.smtp_error), retry=error.smtp_code < 500)
        except (OSError, SMTPException) as error:  # gone in the middle: it may have taken the message
            return Unsure(_words(error))
        finally:
            _close(connection)
        return Sent()


def _mail(message: Message) -> EmailMultiAlternatives:
    text = "\n\n".join(f"{line.text}\n{line.link}" if line.link else line.text for line in message.lines)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=f"{text}\n\n--\n{message.foot}\n",
        to=[message.to],
        headers={"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    with override(message.language):
        html = render_to_string("notices/mail.html", {"message": message, "open": gettext("Open")})
    mail.attach_alternative(html, "text/html")
    return mail


def _close(connection: object) -> None:
    """Say good-bye; what goes wrong then changes nothing about the message."""
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, SMTPException):
        return


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _short(f"{code} {text}")


def _words(error: Exception) -> str:
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    """Fit to be kept and shown: no address in it."""
    return ADDRESS.sub("…", " ".join(text.split()))[:SAID]


CHANNELS: Mapping[str, Channel] = {channel.code: channel for channel in (EMail(),)}


def ready_channels() -> list[Channel]:
    """The ways out this site has set up."""
    return [channel for channel in CHANNELS.values() if channel.ready()]
