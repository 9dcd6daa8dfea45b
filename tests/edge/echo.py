"""A stand-in for the app that shows what reached it, so that tests see what Nginx passed on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the request as Gunicorn saw it; a few paths misbehave."""
    environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/drop":
        # The request has arrived, and the connection breaks without an answer.
        environ["gunicorn.socket"].shutdown(socket.SHUT_RDWR)
        return []
    status = "503 Service Unavailable" if environ["PATH_INFO"] == "/readyz" else "200 OK"
    seen = {
        "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_")},
        "connection": environ["REMOTE_PORT"],
    }
    headers = [
        ("Content-Type", "application/json"),
        ("X-Request-ID", "made-by-the-app"),
        ("X-Served-By", "echo"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, headers)
    return [json.dumps(seen).encode()]
