"""Store photos, and sweep away what a crash or a rolled-back change left on the disk."""

import hashlib
import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gezhi.foundation.audit.services import Who, record
from gezhi.foundation.files.models import File
from gezhi.foundation.files.photos import MAX_BYTES, prepare
from gezhi.foundation.files.queries import path_for

ORPHAN_AGE = timedelta(days=1)  # no change takes this long from its photo to its commit


class Sender(Who, Protocol):
    """An actor, with the user behind it if there is one."""

    @property
    def user_id(self) -> int | None: ...


def store_photo(*, actor: Sender, upload: bytes | BinaryIO, name: str, at: datetime) -> File:
    """Keep a photo and return its row; the same photo again returns the same row, as first sent.

    The bytes are on the disk before the row is written, so no row is ever without its bytes. Anyone may send
    a photo; whether it may hang on a case is decided there. Raises Invalid with what the sender should do.
    """
    content = upload if isinstance(upload, bytes) else upload.read(MAX_BYTES + 1)
    photo = prepare(content, at=at, tz=timezone.get_default_timezone())
    digest = hashlib.sha256(photo.full).hexdigest()
    _write(path_for(digest, "full"), photo.full)
    _write(path_for(digest, "thumb"), photo.thumb)
    lon, lat = photo.place or (None, None)
    with transaction.atomic():
        file, fresh = File.objects.get_or_create(
            sha256=digest,
            defaults={
                "media_type": "image/jpeg",
                "size": len(photo.full),
                "width": photo.width,
                "height": photo.height,
                "taken_at": photo.taken_at,
                "lon": lon,
                "lat": lat,
                "name": _clean(name),
                "uploaded_by_id": actor.user_id,
                "created_at": at,
            },
        )
        if fresh:
            record(actor=actor, act="file.store", subject=file, at=at, detail={"sha256": digest})
    return file


def sweep(*, at: datetime) -> int:
    """Remove files older than a day that no row knows; return how many. Safe beside running uploads,
    which write their bytes anew and so make them young."""
    root = Path(settings.FILES_DIR)
    oldest = at - ORPHAN_AGE
    removed = 0
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        known = set(File.objects.filter(sha256__startswith=folder.name).values_list("sha256", flat=True))
        for path in folder.iterdir():
            digest = folder.name + path.name.partition(".")[0]
            if digest in known:
                continue
            with suppress(FileNotFoundError):  # another sweep was first, or an upload gave it its own name
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest:
                    path.unlink()
                    removed += 1
    return removed


def _clean(name: str) -> str:
    """The last part of a name, printable and of a length the column takes."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:120]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
