"""What stands in for the app: one JSON text of the size in ORIGIN_BYTES, made with no work at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FRAME = b'{"text": ""}'
TEXT = _FRAME[:-2] + b"x" * (int(os.environ["ORIGIN_BYTES"]) - len(_FRAME)) + _FRAME[-2:]


def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the text."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(TEXT)))])
    return [TEXT]
