"""What makes a photo fit to keep: pure, from bytes to bytes. Every refusal is an `Invalid` for the sender.

The bytes come from strangers. The type is told from the content, the dimensions are looked at before anything
is decoded, and only freshly encoded pixels leave this module.
"""

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from io import BytesIO
from math import isfinite
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from gezhi.foundation.audit.errors import Invalid

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONG_EDGE = 1920
THUMB_EDGE = 320
SMOOTH = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr")  # modes whose pixels can be averaged as they are
QUALITY = 82

# What Pillow and the libraries under it raise on broken or hostile bytes.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    struct.error,
    zlib.error,
)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

ORIENTATION = 0x0112
EXIF_IFD, TAKEN, TAKEN_OFFSET = 0x8769, 0x9003, 0x9011
GPS_IFD, LAT_REF, LAT, LON_REF, LON = 0x8825, 1, 2, 3, 4
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # a camera that says less has lost its clock
SKEW = timedelta(hours=1)  # how far a phone's clock may run ahead


@dataclass(frozen=True)
class Photo:
    """A photo ready to keep: two JPEGs without metadata, and what the metadata said."""

    full: bytes
    thumb: bytes
    width: int
    height: int
    taken_at: datetime | None
    place: tuple[float, float] | None  # lon, lat


def prepare(content: bytes, *, at: datetime, tz: tzinfo) -> Photo:
    """Check, read, turn upright, shrink and re-encode; `tz` is meant where the camera names no zone."""
    if not content:
        raise _refusal("photo_empty", _("The photo is empty. Please choose it again."))
    if len(content) > MAX_BYTES:
        raise _refusal(
            "photo_too_large",
            _(
                "The photo is too large (over 12 MB). "
                "Please choose a smaller one or lower the camera's quality."
            ),
        )
    kind = sniff(content)
    if kind == "HEIC":
        raise _refusal(
            "photo_heic",
            _(
                "This photo is in HEIC format, which cannot be opened here. "
                "Please set the camera to JPEG (most compatible) and take it again, or send it as JPEG."
            ),
        )
    if not kind:
        raise _refusal("photo_unknown", _("This is not a photo. Please send a JPEG, PNG or WebP picture."))
    try:
        return _prepare(content, kind, at, tz)
    except BOMB as error:
        raise _too_many_pixels() from error
    except BROKEN as error:
        raise _refusal(
            "photo_broken", _("The photo is damaged or did not arrive whole. Please send it again.")
        ) from error


def sniff(content: bytes) -> str:
    """JPEG, PNG, WEBP or HEIC by the first bytes; "" for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    heif = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
    if content[4:8] == b"ftyp" and content[8:12] in heif:
        return "HEIC"
    return ""


def _prepare(content: bytes, kind: str, at: datetime, tz: tzinfo) -> Photo:
    with Image.open(BytesIO(content), formats=[kind]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        orientation, taken_at, place = _metadata(image, at, tz)
        if image.mode in SMOOTH:  # shrunk first, a large JPEG is not even decoded in full
            _shrink(image, LONG_EDGE)
        clean = _on_white(image)
        _shrink(clean, LONG_EDGE)
    if orientation in UPRIGHT:
        clean = clean.transpose(UPRIGHT[orientation])
    small = clean.copy()
    _shrink(small, THUMB_EDGE)
    return Photo(_jpeg(clean), _jpeg(small), clean.width, clean.height, taken_at, place)


def _shrink(image: Image.Image, edge: int) -> None:
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _on_white(image: Image.Image) -> Image.Image:
    """The pixels alone on a fresh white sheet: no comment, profile or packet comes along."""
    if image.mode.startswith("I"):  # 16 and 32 bits of grey: keep the upper eight of sixteen
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    clean = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        clean.paste(image, mask=image)
    else:
        clean.paste(image.convert("RGB"))
    return clean


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


Metadata = tuple[int, datetime | None, tuple[float, float] | None]


def _metadata(image: Image.Image, at: datetime, tz: tzinfo) -> Metadata:
    """Orientation, time and place. What cannot be read or believed is left out: the picture may be good."""
    try:
        exif = image.getexif()
        orientation = exif.get(ORIENTATION)
        taken_at = _taken_at(exif.get_ifd(EXIF_IFD), at, tz)
        place = _place(exif.get_ifd(GPS_IFD))
    except BROKEN:
        return 1, None, None
    return orientation if isinstance(orientation, int) else 1, taken_at, place


def _taken_at(exif: dict[int, Any], at: datetime, tz: tzinfo) -> datetime | None:
    written, offset = exif.get(TAKEN), exif.get(TAKEN_OFFSET)
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.strptime(written.strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=tz)
        if isinstance(offset, str) and offset.strip("\0 "):
            moment = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{offset.strip(chr(0) + ' ')}")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment <= at + SKEW else None


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    lat = _degrees(gps.get(LAT), gps.get(LAT_REF), "N", "S", 90)
    lon = _degrees(gps.get(LON), gps.get(LON_REF), "E", "W", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):  # a receiver without a fix writes zeros
        return None
    return lon, lat


def _degrees(parts: Any, side: Any, plus: str, minus: str, most: int) -> float | None:
    """Degrees, minutes and seconds with a letter as one number, or None when they are no such thing."""
    if not isinstance(parts, tuple) or len(parts) != 3 or not isinstance(side, str):
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    letter = side.strip("\0 ").upper()
    value = degrees + minutes / 60 + seconds / 3600
    if letter not in (plus, minus) or not isfinite(value) or min(degrees, minutes, seconds) < 0:
        return None
    if value > most or minutes > 60 or seconds > 60:
        return None
    return round(-value if letter == minus else value, 7)


def _too_many_pixels() -> Invalid:
    return _refusal(
        "photo_too_many_pixels",
        _("The photo has too many pixels (over 50 million). Please send a smaller one."),
    )


def _refusal(code: str, message: Promise) -> Invalid:
    return Invalid({"photo": message}, code=code)
