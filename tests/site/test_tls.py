"""Certificates of our own making."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gezhi.site.tls import names_of_this_machine, own_certificate

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1", "::1", "office.example"]


def leaf(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_browser_that_trusts_the_authority_trusts_the_server(tmp_path: Path) -> None:
    made = own_certificate(folder=tmp_path / "tls", names=NAMES, at=datetime.now(UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    browser = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
    for name in NAMES:
        shake_hands(browser, server, name)


def shake_hands(browser: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """A handshake in memory: raises SSLCertVerificationError when the browser would warn."""
    to_server, to_browser = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = browser.wrap_bio(to_browser, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_browser, server_side=True)
    waiting = [asking, answering]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    own_certificate(folder=tmp_path, names=NAMES, at=NOW)
    for key in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / key).stat().st_mode) == 0o600


def test_the_certificate_stays_until_it_runs_out_and_the_authority_stays_longer(tmp_path: Path) -> None:
    first = leaf(own_certificate(folder=tmp_path, names=NAMES, at=NOW).certificate)
    authority = leaf(tmp_path / "ca.pem")
    month = NOW + timedelta(days=30)
    assert leaf(own_certificate(folder=tmp_path, names=NAMES, at=month).certificate) == first
    year = NOW + timedelta(days=380)
    renewed = leaf(own_certificate(folder=tmp_path, names=NAMES, at=year).certificate)
    assert renewed.not_valid_after_utc == year + timedelta(days=397)
    assert leaf(tmp_path / "ca.pem") == authority


def test_a_new_name_is_taken_into_a_new_certificate(tmp_path: Path) -> None:
    first = leaf(own_certificate(folder=tmp_path, names=NAMES, at=NOW).certificate)
    second = leaf(own_certificate(folder=tmp_path, names=[*NAMES, "10.0.0.7"], at=NOW).certificate)
    assert first != second
    # A name less is no reason to change what phones have seen.
    assert leaf(own_certificate(folder=tmp_path, names=NAMES, at=NOW).certificate) == second


def test_this_machine_is_known_by_its_local_names() -> None:
    assert {"localhost", "127.0.0.1", "::1"} <= set(names_of_this_machine())
