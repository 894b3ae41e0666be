"""Seal, unseal, index, rotate.

A token is: version (1 byte), key number (2), key fingerprint (4), nonce (12), then AES-256-GCM's ciphertext
and tag. The AES key is derived by HKDF for the purpose, so one field's token does not open as another's. Head
and purpose are authenticated with it. The fingerprint tells a lost key from a changed token.
"""

import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gezhi.foundation.sealed import keys
from gezhi.foundation.sealed.errors import KeyMissingError, TokenError

VERSION = 1
HEAD = struct.Struct(">BH4s12s")
TAG_BYTES = 16


def seal(*, value: str, purpose: str) -> bytes:
    """Close a text for a purpose such as "case.reporter"; the same text twice gives two different tokens."""
    number, key = keys.current()
    head = HEAD.pack(VERSION, number, _fingerprint(key), nonce := os.urandom(12))
    return head + _cipher(key, purpose).encrypt(nonce, value.encode(), head + purpose.encode())


def unseal(*, token: bytes, purpose: str) -> str:
    """The text of a token. Raises TokenError or KeyMissingError (see errors)."""
    token = bytes(token)  # databases hand out memoryviews
    if len(token) < HEAD.size + TAG_BYTES or token[0] != VERSION:
        raise TokenError("This is no sealed value.")
    head = token[: HEAD.size]
    _version, number, fingerprint, nonce = HEAD.unpack(head)
    key = keys.load(number)
    if not hmac.compare_digest(fingerprint, _fingerprint(key)):
        raise KeyMissingError(
            f"Key {number} is not the one this value was sealed with. Restore the keys folder that belongs "
            "to this database (or the value was changed)."
        )
    try:
        plain = _cipher(key, purpose).decrypt(nonce, token[HEAD.size :], head + purpose.encode())
    except InvalidTag as error:
        raise TokenError("The sealed value was changed, or was sealed for another purpose.") from error
    return plain.decode()


def blind_index(*, value: str, purpose: str) -> bytes:
    """32 bytes that are equal for equal texts of a purpose and say nothing else; rotation leaves them alone.

    The caller brings the text into one form first (no blanks in a telephone number, for instance).
    """
    return hmac.digest(_derive(keys.index_key(), "index", purpose), value.encode(), "sha256")


def rotate() -> int:
    """Make a new current key and return its number. What older keys sealed opens while they are kept."""
    return keys.add()


def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derive(key, "seal", purpose))


def _fingerprint(key: bytes) -> bytes:
    return _derive(key, "fingerprint", "")[:4]


def _derive(key: bytes, use: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"gezhi {use} {purpose}".encode()).derive(key)
