"""By what a request can be followed hop by hop: three headers, and a line in the log.

The headers are X-Request-ID, X-Served-By and Server-Timing; docs/log-fields.md says what is in the line.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from drf_jwt_backend.context import request_id as current_id
from drf_jwt_backend.context import sound_id

_log = logging.getLogger("request")
HOSTNAME = socket.gethostname()


class Times(NamedTuple):
    """How long a request took so far, in milliseconds; in the database, for so many queries."""

    app: float
    db: float
    queries: int

    def headers(self) -> dict[str, str]:
        """By what the answer can be followed."""
        return {
            "X-Request-ID": current_id.get(),
            "X-Served-By": HOSTNAME,
            "Server-Timing": f'app;dur={self.app:.1f}, db;dur={self.db:.1f};desc="{self.queries} queries"',
        }

    def log(self, exchange: dict[str, Any]) -> None:
        """Write the line about the request, of which `exchange` says who asked for what."""
        times = {"app_ms": round(self.app, 2), "db_ms": round(self.db, 2), "queries": self.queries}
        _log.info("", extra={"fields": exchange | times | {"served_by": HOSTNAME}})


class Stopwatch:
    """Times one request, which begins when it is made, and its queries."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._count = 0
        self._seconds = 0.0

    def __call__(self, execute: Callable[..., object], *query: object) -> object:
        """Run one query, as Django's `connection.execute_wrapper` asks for it."""
        start = perf_counter()
        try:
            return execute(*query)
        finally:
            self._seconds += perf_counter() - start
            self._count += 1

    def read(self) -> Times:
        """The times until now."""
        return Times((perf_counter() - self._start) * 1000, self._seconds * 1000, self._count)


class DiagnosticsMiddleware:
    """Times each request and its queries, says who served it under which id, and logs a line about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and add the three headers."""
        stopwatch = Stopwatch()
        # Not reset afterwards: Django logs failures after the last middleware, and each thread's next
        # request sets its own id.
        current_id.set(sound_id(request.headers.get("X-Request-ID", "")))
        with connection.execute_wrapper(stopwatch):
            response = self.get_response(request)
        times = stopwatch.read()
        for name, value in times.headers().items():
            response[name] = value
        if _log.isEnabledFor(logging.INFO):
            times.log(_exchange(request, response))
        return response


def forwarded_client(request: HttpRequest) -> str | None:
    """The client's address as the outermost of our own proxies saw it; None if there is no proxy.

    What stands further left in X-Forwarded-For is what a client wrote there itself.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies: int = settings.NUM_PROXIES
    return hops[-proxies].strip() or None if 0 < proxies <= len(hops) else None


def _exchange(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Who asked for what and got how much. Never the query string, which may carry a token."""
    return {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "peer": request.META.get("REMOTE_ADDR"),
        "client": forwarded_client(request),
        "host": request.META.get("HTTP_HOST"),
        "user": _user_id(request),
        "bytes_in": count(request.META.get("CONTENT_LENGTH")) or 0,
        "bytes_out": count(response.get("Content-Length")) if response.streaming else len(response.content),
    }


def _user_id(request: HttpRequest) -> int | None:
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):  # nobody asked who it is, and asking may cost a query
        user = vars(request).get("_cached_user")
    return getattr(user, "pk", None)


def count(header: str | None) -> int | None:
    """The number in a header (a length, a port); None if there is none in it."""
    return int(header) if header and re.fullmatch(r"[0-9]{1,18}", header) else None
