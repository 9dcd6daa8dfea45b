"""By what a request can be followed hop by hop: three headers, and a line in the log.

The headers are X-Request-ID, X-Served-By and Server-Timing; docs/log-fields.md says what is in the line.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from drf_jwt_backend.context import request_id as current_id
from drf_jwt_backend.context import sound_id

_log = logging.getLogger("request")
HOSTNAME = socket.gethostname()


class QueryClock:
    """Counts the queries of one request and the seconds that they took."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., object], *query: object) -> object:
        """Run one query, as Django's `connection.execute_wrapper` asks for it."""
        start = perf_counter()
        try:
            return execute(*query)
        finally:
            self.seconds += perf_counter() - start
            self.count += 1


class DiagnosticsMiddleware:
    """Times each request and its queries, says who served it under which id, and logs a line about it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and add the three headers."""
        start = perf_counter()
        request_id = sound_id(request.headers.get("X-Request-ID", ""))
        # Not reset afterwards: Django logs failures after the last middleware, and each thread's next
        # request sets its own id.
        current_id.set(request_id)
        clock = QueryClock()
        with connection.execute_wrapper(clock):
            response = self.get_response(request)
        app_ms, db_ms = (perf_counter() - start) * 1000, clock.seconds * 1000
        response["X-Request-ID"] = request_id
        response["X-Served-By"] = HOSTNAME
        response["Server-Timing"] = f'app;dur={app_ms:.1f}, db;dur={db_ms:.1f};desc="{clock.count} queries"'
        if _log.isEnabledFor(logging.INFO):
            times = {"app_ms": round(app_ms, 2), "db_ms": round(db_ms, 2), "queries": clock.count}
            _log.info("", extra={"fields": _exchange(request, response) | times | {"served_by": HOSTNAME}})
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
