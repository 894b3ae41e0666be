"""Which mail server: none by default, then nothing is sent; one by GEZHI_EMAIL_URL."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True)
class Mail:
    """Django's settings of e-mail. `starttls` and `tls` are two ways to the same end."""

    on: bool = False
    backend: str = "django.core.mail.backends.dummy.EmailBackend"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = "gezhi@localhost"


def mail_config(url: str, *, sender: str = "") -> Mail:
    """From a URL such as smtp://user:password@host:587, with everything reserved in it percent-encoded.

    smtp:// asks for STARTTLS, smtps:// speaks TLS from the start, smtp+plain:// is for a relay on the same
    machine. Without a sender the user is it, where that is an address.
    """
    if not url:
        return Mail()
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"GEZHI_EMAIL_URL must begin with one of {', '.join(PORTS)} and name a host")
    user = unquote(parts.username or "")
    return Mail(
        on=True,
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=user,
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp",
        tls=parts.scheme == "smtps",
        sender=sender or (user if "@" in user else f"gezhi@{parts.hostname}"),
    )
