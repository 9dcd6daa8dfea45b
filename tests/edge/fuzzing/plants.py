"""The recorded app with a weakness planted in it, each of which the fuzzer must find."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.edge.fuzzing import recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def dying(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A worker that cannot stand an address which is not ASCII."""
    if not environ["PATH_INFO"].isascii():
        os._exit(1)
    return recorder.app(environ, start_response)


def failing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A 500 for a body that says it is UTF-16."""
    if environ.get("CONTENT_TYPE", "").endswith("charset=utf-16"):
        start_response("500 Internal Server Error", [("X-Recorded", environ["HTTP_X_REQUEST_ID"])])
        return []
    return recorder.app(environ, start_response)


def confusing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """An answer signed as somebody else's after each OPTIONS, as if answers had slipped by one."""
    if environ["REQUEST_METHOD"] != "OPTIONS":
        return recorder.app(environ, start_response)

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:  # noqa: ANN401 - WSGI's own
        slipped = [(name, "the-one-before" if name == "X-Recorded" else value) for name, value in headers]
        return start_response(status, slipped, error)

    return recorder.app(environ, start)
