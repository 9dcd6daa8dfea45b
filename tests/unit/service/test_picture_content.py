from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from tests.unit.service.drawing import drawn
from ticketing.services import pictures
from ticketing.services.pictures import BadPicture, UnknownFormat, clean

ORIENTATION, GPS = 0x0112, 0x8825
KINDS = ["PNG", "JPEG", "WEBP"]


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def png_that_claims(width: int, height: int) -> bytes:
    """A sound PNG of black pixels, a bit each, made without ever having them all."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def _media_root(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


# --- What is taken, and what becomes of it -------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_stays_what_it_is(kind: str) -> None:
    kept = clean(drawn(kind))
    assert opened(kept.content).format == kind
    assert opened(kept.content).size == (8, 4)
    assert kept.suffix == pictures.SUFFIXES[kind]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_mode_of_png_can_be_kept(mode: str) -> None:
    assert opened(clean(drawn(mode=mode)).content).size == (8, 4)


def test_a_jpeg_for_print_becomes_one_for_screens() -> None:
    assert opened(clean(drawn("JPEG", mode="CMYK")).content).mode == "RGB"


def test_transparency_of_a_palette_stays() -> None:
    assert opened(clean(drawn(mode="P", transparency=0)).content).info["transparency"] in (0, b"\x00")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_pixels_is_kept(kind: str) -> None:
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (50.0, 5.0, 0.0)}
    exif[0x010E] = "a secret description"
    sent = drawn(kind, exif=exif, icc_profile=b"a secret profile" * 9) + b"<script>secret</script>"
    kept = clean(sent).content
    assert b"secret" in sent
    assert b"secret" not in kept
    assert not opened(kept).getexif()
    assert "icc_profile" not in opened(kept).info


def test_a_comment_in_a_jpeg_is_not_kept() -> None:
    assert b"secret" not in clean(drawn("JPEG", comment="a secret comment")).content


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    assert opened(clean(drawn(kind, exif=exif)).content).size == (4, 8)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "EPS", "PDF", "ICO", "PPM"])
def test_other_kinds_are_not_even_tried(kind: str) -> None:
    with pytest.raises(UnknownFormat):
        clean(drawn(kind))


@pytest.mark.parametrize("content", [b"x", b"<svg xmlns='http://www.w3.org/'/>", b"\x89PNG\r\n\x1a\n"])
def test_no_picture_at_all(content: bytes) -> None:
    with pytest.raises(UnknownFormat):
        clean(content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_breaks_off_is_refused(kind: str) -> None:
    content = drawn(kind, size=(200, 200))
    with pytest.raises((BadPicture, UnknownFormat)):
        clean(content[: len(content) * 2 // 3])


@pytest.mark.parametrize("kind", KINDS)
@examples(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_is_refused_or_survived_but_never_a_fault(kind: str, data: st.DataObject) -> None:
    content = bytearray(drawn(kind, size=(16, 16)))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    with suppress(BadPicture, UnknownFormat):
        clean(bytes(content))


def test_the_largest_size_is_taken_and_one_row_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 32)
    assert clean(drawn(size=(8, 4)))
    with pytest.raises(BadPicture, match="8 x 5 pixels; at most 32"):
        clean(drawn(size=(8, 5)))


# Refuses, or decodes, what comes on standard input, with 100 MB of memory more than it has at the start.
STARVED = """
import resource, sys
from django.conf import settings
settings.configure(MEDIA_ROOT=sys.argv[1])
from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from ticketing.services import pictures
pictures.MOST_PIXELS = int(sys.argv[2])
with open("/proc/self/statm") as file:
    most = int(file.read().split()[0]) * resource.getpagesize() + 10**8
resource.setrlimit(resource.RLIMIT_AS, (most, most))
pictures.clean(sys.stdin.buffer.read())
"""


def starved(content: bytes, most_pixels: int, directory: Path) -> str:
    argv = [sys.executable, "-c", STARVED, str(directory), str(most_pixels)]
    app = Path(__file__).parents[3] / "app"
    return subprocess.run(argv, cwd=app, input=content, capture_output=True, check=False).stderr.decode()


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    bomb = png_that_claims(12_000, 12_000)
    assert len(bomb) < 20_000
    refused = starved(bomb, pictures.MOST_PIXELS, tmp_path)
    assert "BadPicture: The picture has 12000 x 12000 pixels" in refused
    assert "MemoryError" in starved(bomb, 10**9, tmp_path), "the limit off, the same bytes want 144 MB"


def test_one_picture_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_WAITING", 0.1)
    with pictures._one_at_a_time(), pytest.raises(pictures.Busy):
        clean(drawn())
    assert clean(drawn())
