"""The mail channel against a small server on a real socket: what it takes, refuses, or drops half-way."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gezhi.civic.notices.channels import EMail, Failed, Line, Message, Sent, Unsure

MESSAGE = Message(
    key="gezhi-email-7",
    to="jia@example.org",
    subject="你的反映已受理（2026-03-0001）",
    lines=(Line("你的反映已受理。"), Line("请到进度页查看", "https://grid.example.org/track/")),
    foot="请勿回复本邮件。",
    language="zh-hans",
)


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as one message needs. `mood`: take, unknown, full, or drop."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mood = "take"
        self.got: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 small server")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "RCPT" and self.server.mood == "unknown":
                self.say("550 <jia@example.org> no such user")
            elif verb == "DATA":
                self.say("354 go on")
                self.take_data()
                if self.server.mood == "drop":
                    return
                self.say("452 mailbox full" if self.server.mood == "full" else "250 taken")
            elif verb == "QUIT":
                self.say("221 good-bye")
                return
            else:
                self.say("250 small")

    def take_data(self) -> None:
        lines: list[str] = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        self.server.got.append("".join(lines))

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "grid@example.org"
        yield server
        server.shutdown()


def test_a_message_arrives_with_its_key_in_text_and_html(server: MailServer) -> None:
    assert EMail().send(MESSAGE) == Sent()
    [got] = server.got
    assert "Message-ID: <gezhi-email-7@example.org>" in got
    assert "Auto-Submitted: auto-generated" in got
    assert "Content-Type: text/plain" in got
    assert "Content-Type: text/html" in got


def test_a_recipient_the_server_does_not_know_is_not_tried_again(server: MailServer) -> None:
    server.mood = "unknown"
    assert EMail().send(MESSAGE) == Failed("550 … no such user", retry=False)


def test_an_address_no_mail_can_be_made_of_is_given_up(server: MailServer) -> None:
    answer = EMail().send(replace(MESSAGE, to=f"jia@{'é' * 60}.cn"))  # kept from before it was refused
    assert isinstance(answer, Failed)
    assert (answer.retry, answer.down) == (False, False)
    assert server.got == []


def test_a_full_mailbox_is_tried_again(server: MailServer) -> None:
    server.mood = "full"
    assert EMail().send(MESSAGE) == Failed("452 mailbox full", retry=True)


def test_a_line_that_breaks_after_the_message_leaves_it_unknown(server: MailServer) -> None:
    server.mood = "drop"
    assert isinstance(EMail().send(MESSAGE), Unsure)
    assert len(server.got) == 1


def test_no_server_there_means_nothing_goes_out_now(server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    answer = EMail().send(MESSAGE)
    assert isinstance(answer, Failed)
    assert (answer.retry, answer.down) == (True, True)
