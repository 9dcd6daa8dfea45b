"""A stand-in for the app that shows what reached it, so that tests see what Nginx passed on."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_answers = itertools.count()


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the request as Gunicorn saw it; a few paths misbehave.

    X-Echo names a header to answer with, X-Echo-Status a status; with X-Echo-Slow it takes half a second.
    """
    environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/drop":
        # The request has arrived, and the connection breaks without an answer.
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
        return []
    if environ["PATH_INFO"] == "/long":
        time.sleep(3.5)  # longer than Nginx waits for a read's answer at first
    status = "503 Service Unavailable" if environ["PATH_INFO"] == "/readyz" else "200 OK"
    status = environ.get("HTTP_X_ECHO_STATUS", status)
    time.sleep(0.5 if "HTTP_X_ECHO_SLOW" in environ else 0)
    seen = {
        "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_")},
        "connection": environ["REMOTE_PORT"],
        "answer": next(_answers),
    }
    headers = [
        ("Content-Type", "application/json"),
        ("X-Request-ID", "made-by-the-app"),
        ("X-Served-By", "echo"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if "HTTP_X_ECHO" in environ:
        name, _, value = environ["HTTP_X_ECHO"].partition(": ")
        headers.append((name, value))
    start_response(status, headers)
    return [json.dumps(seen).encode()]
