"""Photos: what is taken, what is read from them and taken out, what is refused, and how they are kept."""

import hashlib
import io
import os
import struct
import time
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from gezhi.foundation.actors.scope import Actor
from gezhi.foundation.audit.errors import Invalid
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.files import photos, services
from gezhi.foundation.files.models import File
from gezhi.foundation.files.queries import path_of
from gezhi.foundation.files.services import store_photo, sweep

# Pillow warns of what it skips in broken metadata; in production that is a line in the log.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

AT = datetime(2025, 11, 21, 7, tzinfo=UTC)
ASKER = Actor(kind="asker", ident="7", label="居民")


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """A picture whose left upper quarter is red, so that one sees which way is up."""
    image = Image.new("RGB", (width, height), (30, 90, 160))
    image.paste((220, 30, 30), (0, 0, width // 2, height // 2))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_exif(
    *,
    taken: str | None = "2025:11:21 14:05:00",
    offset: str | None = None,
    gps: dict[int, object] | None = None,
    orientation: int | None = None,
) -> bytes:
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if offset:
        exif.get_ifd(0x8769)[0x9011] = offset
    if gps:
        exif.get_ifd(0x8825).update(gps)
    return encoded(scene(), exif=exif)


PLACE = {1: "N", 2: (39.0, 59.0, 35.38), 3: "E", 4: (116.0, 18.0, 45.37)}


@pytest.fixture
def store(db, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"

    def keep(upload: bytes, name: str = "照片.jpg", at: datetime = AT) -> File:
        return store_photo(actor=ASKER, upload=upload, name=name, at=at)

    return keep


def kept_files(settings) -> list[str]:
    return sorted(p.name for p in settings.FILES_DIR.rglob("*") if p.is_file())


class TestWhatIsTaken:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_photo_of_each_kind_becomes_a_jpeg_of_its_size(self, store, kind):
        file = store(encoded(scene(), kind))
        with Image.open(path_of(file, "full")) as full:
            assert (full.format, full.size) == ("JPEG", (400, 300))
        assert (file.media_type, file.width, file.height) == ("image/jpeg", 400, 300)
        assert file.size == path_of(file, "full").stat().st_size

    def test_a_large_photo_is_shrunk_and_gets_a_thumb(self, store):
        file = store(encoded(scene(4000, 3000)))
        assert (file.width, file.height) == (1920, 1440)
        with Image.open(path_of(file, "thumb")) as thumb:
            assert thumb.size == (320, 240)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
    def test_pixels_of_any_mode_are_kept_as_one_sees_them(self, store, mode):
        grey = Image.new("L", (60, 40), 255)
        image = (
            grey.convert("I").point(lambda v: v * 256).convert("I;16")
            if mode == "I;16"
            else grey.convert(mode)
        )
        file = store(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
        with Image.open(path_of(file, "full")) as full:
            assert min(full.getpixel((30, 20))) > 250

    def test_what_is_transparent_becomes_white(self, store):
        file = store(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
        with Image.open(path_of(file, "full")) as full:
            assert full.getpixel((25, 25)) == (255, 255, 255)

    def test_the_type_is_told_from_the_content_whatever_the_name_says(self, store):
        assert store(encoded(scene(), "PNG"), name="x.svg").media_type == "image/jpeg"

    def test_an_open_file_is_taken_too(self, store):
        file = store_photo(actor=ASKER, upload=io.BytesIO(encoded(scene())), name="a.jpg", at=AT)
        assert file == store(encoded(scene()))

    def test_a_name_keeps_its_last_part_and_loses_what_cannot_be_printed(self, store):
        file = store(encoded(scene()), name="C:\\相册\\../\x00井盖\u202e破损" + "长" * 200)
        assert file.name == ("井盖破损" + "长" * 200)[:120]


class TestWhatTheCameraWrote:
    def test_time_and_place_are_read(self, store):
        file = store(with_exif(gps=PLACE))
        assert file.taken_at == datetime(
            2025, 11, 21, 6, 5, tzinfo=UTC
        )  # no zone written: that of the district
        assert (file.lon, file.lat) == pytest.approx((116.3126028, 39.9931611), abs=1e-6)

    def test_a_written_zone_counts(self, store):
        assert store(with_exif(offset="+00:00", taken="2025:11:21 06:00:00")).taken_at == datetime(
            2025, 11, 21, 6, tzinfo=UTC
        )

    def test_south_and_west_are_below_zero(self, store):
        file = store(with_exif(gps={1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 36.0, 0.0)}))
        assert (file.lon, file.lat) == pytest.approx((-70.6, -33.5))

    def test_nothing_of_it_is_left_in_the_bytes(self, store):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        exif = Image.Exif()
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825).update(PLACE)
        sent = encoded(
            scene(), exif=exif, comment=b"SecretNote", xmp=b"<x>SecretPacket</x>", icc_profile=profile
        )
        assert b"SecretCamera" in sent and b"SecretNote" in sent and b"SecretPacket" in sent
        file = store(sent)
        for variant in ("full", "thumb"):
            content = path_of(file, variant).read_bytes()
            assert b"Secret" not in content
            with Image.open(io.BytesIO(content)) as image:
                assert not image.getexif()
                assert set(image.info) <= {
                    "jfif",
                    "jfif_version",
                    "jfif_unit",
                    "jfif_density",
                    "progressive",
                    "progression",
                }

    def test_text_in_a_png_is_left_behind(self, store):
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "SecretAuthor")
        assert (
            b"SecretAuthor" not in path_of(store(encoded(scene(), "PNG", pnginfo=info)), "full").read_bytes()
        )

    @pytest.mark.parametrize(
        ("orientation", "red_corner"),
        [(1, "upper left"), (2, "upper right"), (3, "lower right"), (4, "lower left"),
         (5, "upper left"), (6, "upper right"), (7, "lower right"), (8, "lower left")],
    )  # fmt: skip
    def test_a_photo_held_sideways_is_turned_upright(self, store, orientation, red_corner):
        file = store(with_exif(orientation=orientation))
        with Image.open(path_of(file, "full")) as full:
            assert full.size == ((300, 400) if orientation > 4 else (400, 300))
            x = 20 if "left" in red_corner else full.width - 20
            y = 20 if "upper" in red_corner else full.height - 20
            red, _green, blue = full.getpixel((x, y))
            assert red > blue

    @pytest.mark.parametrize(
        "taken",
        [
            "1970:01:01 00:00:00",
            "2025:11:22 14:05:00",
            "0000:00:00 00:00:00",
            "yesterday",
            "2025:13:45 99:99:99",
        ],
    )
    def test_a_time_that_cannot_be_is_left_out(self, store, taken):
        assert store(with_exif(taken=taken)).taken_at is None

    @pytest.mark.parametrize(
        "gps",
        [
            {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
            {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (116.0, 0.0, 0.0)},
            {1: "N", 2: (39.0, 61.0, 0.0), 3: "E", 4: (116.0, 0.0, 0.0)},
            {1: "Q", 2: (39.0, 1.0, 0.0), 3: "E", 4: (116.0, 0.0, 0.0)},
            {1: "N", 2: (39.0, 1.0, 0.0)},
        ],
    )
    def test_a_place_that_cannot_be_is_left_out(self, store, gps):
        file = store(with_exif(gps=gps))
        assert (file.lon, file.lat) == (None, None)

    def test_a_place_with_a_zero_denominator_is_left_out(self, store):
        sent = with_exif(gps=PLACE)
        # 39/1, 59/1 … are stored as pairs of 32-bit numbers; the first pair becomes 39/0.
        hostile = sent.replace(struct.pack(">II", 39, 1), struct.pack(">II", 39, 0)).replace(
            struct.pack("<II", 39, 1), struct.pack("<II", 39, 0)
        )
        assert hostile != sent
        assert store(hostile).lat is None

    def test_broken_metadata_does_not_cost_the_picture(self, store):
        sent = encoded(scene(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40)
        assert store(sent).taken_at is None


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would unfold into an immense picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


def png_with_inflating_text() -> bytes:
    text = b"Comment\0\0" + zlib.compress(b"A" * 100_000_000, 9)
    head, tail = (content := encoded(scene(), "PNG"))[:33], content[33:]
    return head + png_chunk(b"zTXt", text) + tail


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "code", "words"),
        [
            (b"", "photo_empty", "重新选择"),
            (b"\xff\xd8\xff" + b"0" * (12 * 1024 * 1024), "photo_too_large", "照片太大"),
            (b"hello, I am a text", "photo_unknown", "不是照片"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo_unknown", "不是照片"),
            (b"%PDF-1.7 ...", "photo_unknown", "不是照片"),
            (b"PK\x03\x04" + b"\0" * 50, "photo_unknown", "不是照片"),
            (encoded(scene(), "GIF"), "photo_unknown", "JPEG"),
            (encoded(scene(), "TIFF"), "photo_unknown", "JPEG"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo_heic", "兼容性最佳"),
            (b"\xff\xd8\xff\xe0 and then only text", "photo_broken", "重新上传"),
            (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "photo_broken", "重新上传"),
            (b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20, "photo_broken", "重新上传"),
            (png_that_claims(60_000, 60_000), "photo_too_many_pixels", "像素太多"),
            (png_that_claims(10_000, 9_500), "photo_too_many_pixels", "像素太多"),
            (png_that_claims(7_100, 7_100), "photo_too_many_pixels", "像素太多"),
            (png_that_claims(5_000, 5_000), "photo_broken", "重新上传"),
            (png_with_inflating_text(), "photo_broken", "重新上传"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_it_is_sent_back_with_what_to_do_and_nothing_is_kept(self, store, settings, content, code, words):
        with pytest.raises(Invalid) as refusal:
            store(content)
        assert refusal.value.code == code
        with translation.override("zh-hans"):
            assert words in str(refusal.value.fields["photo"])
        assert not File.objects.exists()
        assert not settings.FILES_DIR.exists()

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
    def test_a_photo_that_did_not_arrive_whole_is_sent_back(self, store, kind, part):
        noise = Image.effect_noise((300, 200), 80).convert("RGB")
        content = encoded(noise, kind)
        with pytest.raises(Invalid) as refusal:
            store(content[: int(len(content) * part)])
        assert refusal.value.code in ("photo_broken", "photo_unknown")

    def test_a_stream_is_read_no_further_than_the_limit(self, store):
        class Endless(io.RawIOBase):
            taken = 0

            def read(self, size: int = -1) -> bytes:
                assert size >= 0
                self.taken += size
                return b"\xff\xd8\xff" + b"0" * (size - 3)

        endless = Endless()
        with pytest.raises(Invalid):
            store_photo(actor=ASKER, upload=endless, name="a.jpg", at=AT)
        assert endless.taken == photos.MAX_BYTES + 1

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(
            [
                with_exif(gps=PLACE, orientation=6),
                encoded(scene(64, 48), "PNG"),
                encoded(scene(64, 48), "WEBP"),
            ]
        ),
        st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    )
    def test_spoilt_bytes_give_a_photo_or_a_refusal_and_never_anything_else(self, content, spots):
        spoilt = bytearray(content)
        for where, value in spots:
            spoilt[int(where * len(spoilt))] = value
        try:
            photo = photos.prepare(bytes(spoilt), at=AT, tz=UTC)
        except Invalid:
            return
        assert photo.full.startswith(b"\xff\xd8\xff")
        assert max(photo.width, photo.height) <= photos.LONG_EDGE


class TestHowItIsKept:
    def test_the_same_photo_twice_is_one_row_one_record_and_two_files(self, store, settings):
        first, second = (
            store(encoded(scene())),
            store(encoded(scene()), name="again.jpg", at=AT + timedelta(days=1)),
        )
        assert first == second
        assert (second.name, second.created_at) == ("照片.jpg", AT)
        assert AuditEntry.objects.filter(act="file.store").count() == 1
        assert kept_files(settings) == sorted([first.sha256[2:] + ".jpg", first.sha256[2:] + ".thumb.jpg"])

    def test_it_lies_under_the_hash_of_its_own_bytes(self, store, settings):
        file = store(encoded(scene()))
        path = path_of(file, "full")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
        assert path == settings.FILES_DIR / file.sha256[:2] / f"{file.sha256[2:]}.jpg"

    def test_lost_bytes_come_back_when_the_photo_is_sent_again(self, store):
        file = store(encoded(scene()))
        path_of(file, "full").unlink()
        assert store(encoded(scene())) == file
        assert path_of(file, "full").exists()

    def test_a_failing_disk_leaves_neither_row_nor_half_a_file(self, store, settings, monkeypatch):
        def full_disk(handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(services.os, "fsync", full_disk)
        with pytest.raises(OSError, match="No space"):
            store(encoded(scene()))
        assert not File.objects.exists()
        assert kept_files(settings) == []

    def test_the_sweep_takes_old_files_without_a_row_and_nothing_else(self, store, settings):
        kept = store(encoded(scene()))
        with pytest.raises(RuntimeError), transaction.atomic():
            orphan = store(encoded(scene(90, 90)))
            raise RuntimeError
        leftover = path_of(kept, "full").parent / ".new-crashed"
        leftover.write_bytes(b"half")
        assert sweep(at=datetime.now(UTC)) == 0  # still young: perhaps an upload on its way
        two_days_ago = time.time() - 2 * 86400
        for path in settings.FILES_DIR.rglob("*.*"):
            os.utime(path, (two_days_ago, two_days_ago))
        assert sweep(at=datetime.now(UTC)) == 3
        assert path_of(kept, "full").exists() and path_of(kept, "thumb").exists()
        assert not path_of(orphan, "full").exists()

    def test_the_sweep_goes_on_when_a_file_is_gone_before_it_looks(self, store, settings):
        folder = path_of(store(encoded(scene())), "full").parent
        (folder / ".new-gone").symlink_to(folder / "nowhere")  # listed, but not there to be looked at
        old = folder / ".new-crashed"
        old.write_bytes(b"half")
        os.utime(old, (0, 0))
        assert sweep(at=datetime.now(UTC)) == 1

    @pytest.mark.parametrize(("lon", "lat"), [(116.3, None), (None, 39.9), (181.0, 0.0), (0.0, 91.0)])
    def test_the_database_takes_no_half_place(self, db, lon, lat):
        with pytest.raises(IntegrityError), transaction.atomic():
            File.objects.create(
                sha256="0" * 64,
                media_type="image/jpeg",
                size=1,
                width=1,
                height=1,
                lon=lon,
                lat=lat,
                created_at=AT,
            )
