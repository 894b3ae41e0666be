"""Which mail server the settings name."""

import pytest

from gezhi.site.mail import mail_config


def test_nothing_is_sent_until_a_server_is_named() -> None:
    mail = mail_config("")
    assert (mail.on, mail.backend.endswith("dummy.EmailBackend")) == (False, True)


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://user:pass@mail.example.org", 587, True, False),
        ("smtps://user:pass@mail.example.org", 465, False, True),
        ("smtp+plain://mail.example.org", 25, False, False),
        ("smtp://mail.example.org:2525", 2525, True, False),
    ],
)
def test_the_scheme_says_how_the_line_is_kept_private(url: str, port: int, starttls: bool, tls: bool) -> None:
    mail = mail_config(url)
    assert (mail.on, mail.host, mail.port) == (True, "mail.example.org", port)
    assert (mail.starttls, mail.tls) == (starttls, tls)


def test_what_is_reserved_in_a_url_is_percent_encoded() -> None:
    mail = mail_config("smtp://grid%40example.org:p%3Aw%2Fd@mail.example.org")
    assert (mail.user, mail.password, mail.sender) == ("grid@example.org", "p:w/d", "grid@example.org")


def test_the_sender_may_be_named() -> None:
    named = mail_config("smtp://bot@mail.example.org", sender="云泽区网格 <grid@example.org>")
    assert named.sender == "云泽区网格 <grid@example.org>"
    assert mail_config("smtp://bot@mail.example.org").sender == "gezhi@mail.example.org"


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_another_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="GEZHI_EMAIL_URL"):
        mail_config(url)
