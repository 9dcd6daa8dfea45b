"""The app as Gunicorn runs it, and beside it one line in RECORD_FILE about each request that reached it.

Nothing is done to the request: what the app reads of the body is noted as it passes, and what it leaves
unread is Gunicorn's to skip, as always. The answer says in X-Recorded whose it is, so that Nginx's log can
tell an answer that was given to somebody else's request.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from drf_jwt_backend.wsgi import application

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIEnvironment

_records = os.open(os.environ["RECORD_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


class _Noted:
    """A request's body, with a note of what was read."""

    def __init__(self, stream: InputStream) -> None:
        self.stream, self.read_so_far = stream, b""

    def _note(self, data: bytes) -> bytes:
        self.read_so_far += data
        return data

    def read(self, size: int = -1, /) -> bytes:
        return self._note(self.stream.read(size) if size >= 0 else self.stream.read())

    def readline(self, size: int = -1, /) -> bytes:
        return self._note(self.stream.readline(size) if size >= 0 else self.stream.readline())

    def readlines(self, hint: int = -1, /) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Pass the request on, and write its line when the answer has left."""
    body = environ["wsgi.input"] = _Noted(environ["wsgi.input"])
    identity = environ.get("HTTP_X_REQUEST_ID", "")

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:  # noqa: ANN401 - WSGI's own
        return start_response(status, [*headers, ("X-Recorded", identity)], error)

    record = {
        "id": identity,
        "method": environ["REQUEST_METHOD"],
        "uri": environ["RAW_URI"],
        "length": environ.get("CONTENT_LENGTH", ""),
        "coding": environ.get("HTTP_TRANSFER_ENCODING", ""),
    }
    answer = application(environ, start)
    try:
        yield from answer
    finally:
        answer.close()
        line = {**record, "read": body.read_so_far.decode("latin-1")}
        os.write(_records, json.dumps(line).encode() + b"\n")
