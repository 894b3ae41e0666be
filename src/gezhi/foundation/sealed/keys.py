"""The key files: 32 random bytes in hexadecimal each, readable by the owner alone.

`sealing-0001.key`, `sealing-0002.key` … seal fields, the highest being current; `sealing-index.key` makes
blind indexes and stays the same when the others rotate. They are made on first use, by a hard link to a
finished file: of two processes that start at once, one wins and both use its key.
"""

import os
import re
import secrets
import tempfile
from pathlib import Path

from django.conf import settings

from gezhi.foundation.sealed.errors import KeyDamagedError, KeyMissingError

INDEX_NAME = "sealing-index.key"
NUMBERED = re.compile(r"sealing-(\d{4}|[1-9]\d{4})\.key")
KEY_BYTES = 32
LAST = 0xFFFF  # a token has two bytes for the number


def current() -> tuple[int, bytes]:
    """The number and bytes of the key that seals now; the first one is made when there is none."""
    found = _numbers()
    if not found:
        _make(INDEX_NAME)  # before the first sealing key: where that exists, a missing index key is a loss
        _make(_name(1))
        found = _numbers()
    return found[-1], load(found[-1])


def load(number: int) -> bytes:
    """The key of this number."""
    return _read(_name(number))


def index_key() -> bytes:
    """The key of the blind indexes."""
    if not _numbers():
        current()
    return _read(INDEX_NAME)


def add() -> int:
    """Make the next sealing key, which is current from now on, and return its number."""
    current()
    number = _numbers()[-1] + 1
    if number > LAST:
        raise KeyMissingError("There are no key numbers left.")
    _make(_name(number))
    return number


def _folder() -> Path:
    return Path(settings.SEALING_KEYS_DIR)


def _name(number: int) -> str:
    return f"sealing-{number:04d}.key"


def _numbers() -> list[int]:
    folder = _folder()
    if not folder.is_dir():
        return []
    return sorted(int(match[1]) for path in folder.iterdir() if (match := NUMBERED.fullmatch(path.name)))


def _read(name: str) -> bytes:
    path = _folder() / name
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise KeyMissingError(
            f"The key file {path} is missing. Restore it from the backup of the keys folder; "
            "without it what it sealed stays closed."
        ) from error
    except ValueError as error:
        raise KeyDamagedError(f"The key file {path} holds no key. Restore it from the backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyDamagedError(f"The key file {path} holds no key of {KEY_BYTES} bytes. Restore it.")
    return key


def _make(name: str) -> None:
    """Make a key unless there is one of this name by now."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(temporary, folder / name)
        except FileExistsError:
            return
        held = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(held)  # or a power cut could lose the key and keep what it sealed
        finally:
            os.close(held)
    finally:
        Path(temporary).unlink()
