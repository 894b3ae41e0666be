"""Where the bytes of a stored file lie."""

from pathlib import Path
from typing import Literal

from django.conf import settings

from gezhi.foundation.files.models import File

Variant = Literal["full", "thumb"]
SUFFIX: dict[Variant, str] = {"full": ".jpg", "thumb": ".thumb.jpg"}


def path_of(file: File, variant: Variant) -> Path:
    """The path of the full picture (long edge 1920) or its thumb (320). Who may see it is asked before."""
    return path_for(file.sha256, variant)


def path_for(sha256: str, variant: Variant) -> Path:
    """The path of the picture with this hash."""
    return Path(settings.FILES_DIR) / sha256[:2] / (sha256[2:] + SUFFIX[variant])
