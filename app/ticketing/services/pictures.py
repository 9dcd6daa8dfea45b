"""Pictures that people send: looked at before they are decoded, and never kept as they came.

What is kept are the pixels, encoded anew: no camera's position (EXIF), no comment, nothing appended, and no
file that is a picture and something else as well.
"""

from __future__ import annotations

import fcntl
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 20_000_000
MOST_WAITING = 10.0  # seconds

# Format -> file name suffix, and how it is written. All are the quick settings: a picture of 20 megapixels
# takes one to four seconds of CPU.
SUFFIXES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_WRITING: dict[str, dict[str, int]] = {
    "PNG": {"compress_level": 1},
    "JPEG": {"quality": 88},
    "WEBP": {"quality": 88, "method": 1},
}
# What Pillow's decoders raise for bytes that are not what they claim to be.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    zlib.error,
)

# Pillow's own guard warns from this size on and refuses from twice as much. Ours (`_opened`) comes at the
# same moment, before anything is decoded, and is stricter.
Image.MAX_IMAGE_PIXELS = None


class UnknownFormat(Exception):  # noqa: N818 - says what it is
    """The bytes are no PNG, JPEG or WebP."""


class BadPicture(Exception):  # noqa: N818
    """The picture has too many pixels, or breaks off, or cannot be decoded; the text says which."""


class Busy(Exception):  # noqa: N818
    """Other pictures are being worked on, and have been for MOST_WAITING seconds."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    suffix: str


def clean(sent: bytes) -> Picture:
    """The picture in these bytes (at most MOST_BYTES), upright and encoded anew; of several frames the first.

    Raises UnknownFormat, BadPicture and Busy.
    """
    with _one_at_a_time():
        try:
            with _opened(sent) as image:
                return _encoded(image)
        except UnidentifiedImageError as error:
            raise UnknownFormat from error
        except _BROKEN as error:
            raise BadPicture("The picture is damaged or breaks off.") from error


def _opened(sent: bytes) -> Image.Image:
    """Reads the header alone: the size is known, and no memory is taken for it yet."""
    image = Image.open(BytesIO(sent), formats=list(SUFFIXES))
    if image.width * image.height > MOST_PIXELS:
        size = f"{image.width} x {image.height} pixels"
        raise BadPicture(f"The picture has {size}; at most {MOST_PIXELS:,} in all are taken.")
    return image


def _encoded(image: Image.Image) -> Picture:
    # Phones write a JPEG with a second picture behind the first (MPO); the first is what is meant.
    kind = image.format if image.format in SUFFIXES else "JPEG"
    ImageOps.exif_transpose(image, in_place=True)
    pixels = image.convert("RGB") if kind == "JPEG" and image.mode not in ("L", "RGB") else image
    # Writers take comments and colour profiles from here; of the pixels is only which colour is transparent.
    pixels.info = {name: value for name, value in image.info.items() if name == "transparency"}
    out = BytesIO()
    pixels.save(out, kind, **_WRITING[kind])
    return Picture(out.getvalue(), SUFFIXES[kind])


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other thread, process or replica works on a picture: a large one takes 400 MB."""
    path = Path(settings.MEDIA_ROOT) / ".one-picture-at-a-time"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        until = time.monotonic() + MOST_WAITING
        while not _locked(file.fileno()):
            if time.monotonic() > until:
                raise Busy
            time.sleep(0.05)
        yield


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had; the kernel gives it back when the file is closed, even by a kill."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
