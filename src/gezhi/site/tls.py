"""Certificates of our own making, for `gezhi serve --tls` in an office that has none.

Phones give a page the camera's place, a service worker and passkeys only over https. The data folder
keeps a small authority (ca.pem, to be installed once on each phone) and a server certificate signed by
it, which is renewed by itself when it runs out or this machine gets another name or address.
"""

import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)  # the longest that browsers accept
RENEW_BEFORE = timedelta(days=30)
AUTHORITY_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gezhi of this office")])


@dataclass(frozen=True)
class Certificate:
    """Where a certificate (with its chain) and its key lie."""

    certificate: Path
    key: Path


def own_certificate(*, folder: Path, names: Iterable[str], at: datetime) -> Certificate:
    """A server certificate for these host names and addresses, made or renewed when there is need."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Certificate(folder / "server.pem", folder / "server.key")
    wanted = _subject(names)
    if not _still_good(server.certificate, wanted, at):
        authority, authority_key = _authority(folder, at)
        key = ec.generate_private_key(ec.SECP256R1())
        signed = (
            _builder(AUTHORITY_NAME, key, SERVER_LIFE, at)
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gezhi")]))
            .add_extension(wanted, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        _keep_key(server.key, key)
        _keep(server.certificate, _pem(signed) + _pem(authority))
    return server


def names_of_this_machine() -> list[str]:
    """The names and addresses others in the office may reach this machine by."""
    names = ["localhost", "127.0.0.1", "::1", socket.gethostname()]
    for family, outside in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((outside, 9))  # sends nothing: it only asks which way a packet would go
            except OSError:
                continue  # no network of this family
            names.append(probe.getsockname()[0])
    return list(dict.fromkeys(names))


def _authority(folder: Path, at: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    kept = Certificate(folder / "ca.pem", folder / "ca.key")
    if kept.certificate.exists():
        certificate = x509.load_pem_x509_certificate(kept.certificate.read_bytes())
        key = serialization.load_pem_private_key(kept.key.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return certificate, key
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(AUTHORITY_NAME, key, AUTHORITY_LIFE, at)
        .subject_name(AUTHORITY_NAME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    _keep_key(kept.key, key)
    _keep(kept.certificate, _pem(certificate))
    return certificate, key


def _builder(
    issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))  # a phone's clock may be behind
        .not_valid_after(at + life)
    )


def _subject(names: Iterable[str]) -> x509.SubjectAlternativeName:
    entries: list[x509.GeneralName] = []
    for name in sorted(set(names)):
        try:
            entries.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            entries.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(entries)


def _still_good(path: Path, wanted: x509.SubjectAlternativeName, at: datetime) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(held) >= set(wanted) and certificate.not_valid_after_utc > at + RENEW_BEFORE


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _keep_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    _keep(path, key.private_bytes(encoding, form, serialization.NoEncryption()), mode=0o600)


def _keep(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=mode)
    fresh.write_bytes(content)
    fresh.replace(path)
