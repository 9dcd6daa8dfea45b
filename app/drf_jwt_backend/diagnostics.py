"""Headers by which a request can be followed hop by hop: X-Request-ID, X-Served-By, Server-Timing."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from time import perf_counter

from django.db import connection
from django.http import HttpRequest, HttpResponse

from drf_jwt_backend.context import request_id as current_id
from drf_jwt_backend.context import sound_id

_log = logging.getLogger("request")
_HOSTNAME = socket.gethostname()


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
        response["X-Served-By"] = _HOSTNAME
        response["Server-Timing"] = f'app;dur={app_ms:.1f}, db;dur={db_ms:.1f};desc="{clock.count} queries"'
        # get_full_path is percent-encoded, so it cannot break out of its line.
        _log.info(
            "%s %s %d app=%.1fms db=%.1fms queries=%d",
            request.method,
            request.get_full_path(),
            response.status_code,
            app_ms,
            db_ms,
            clock.count,
        )
        return response


class RequestIdFilter(logging.Filter):
    """Gives each log record the id of the request that it belongs to, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.request_id = current_id.get()
        return True
