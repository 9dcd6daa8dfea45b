"""Pictures to send."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def drawn(kind: str = "PNG", size: tuple[int, int] = (8, 4), mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, kind, **options)
    return out.getvalue()
