"""One request to the feed: what it asks, and what every answer to it says."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import orjson
from rest_framework.exceptions import APIException

from drf_jwt_backend.context import request_id, sound_id
from drf_jwt_backend.diagnostics import HOSTNAME, QueryClock
from drf_jwt_backend.errors import exception_handler

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_log = logging.getLogger("request")
# What HTTP wants beside a status (RFC 9110, 15.5).
_HEADERS: Mapping[int, dict[str, str]] = {405: {"Allow": "GET"}, 426: {"Upgrade": "websocket"}}
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Exchange:
    """A request in ASGI's form, read once; it is logged, and carries an id, as the API's requests do."""

    def __init__(self, scope: Scope) -> None:
        self.websocket = scope["type"] == "websocket"
        self.method = "GET" if self.websocket else str(scope["method"])
        self.path = str(scope["path"])
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.clock = QueryClock()
        self._start = perf_counter()
        request_id.set(sound_id(self.headers.get("x-request-id", "")))

    def answer(self, status: int, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """The answer's headers, with those by which a request can be followed; and a line in the log."""
        app_ms, db_ms = (perf_counter() - self._start) * 1000, self.clock.seconds * 1000
        # The fields of the API's own lines. Never the query string: there may be a ticket in it.
        fields = {
            "method": self.method,
            "path": self.path,
            "status": status,
            "host": self.headers.get("host"),
        }
        times = {"app_ms": round(app_ms, 2), "db_ms": round(db_ms, 2), "queries": self.clock.count}
        _log.info("", extra={"fields": {**fields, **times, "served_by": HOSTNAME}})
        every = {
            **headers,
            "X-Request-ID": request_id.get(),
            "X-Served-By": HOSTNAME,
            "Server-Timing": f'app;dur={app_ms:.1f}, db;dur={db_ms:.1f};desc="{self.clock.count} queries"',
        }
        return [(name.lower().encode(), value.encode()) for name, value in every.items()]


async def send_json(
    exchange: Exchange, send: Send, status: int, body: object, headers: Mapping[str, str] = NO_HEADERS
) -> None:
    """A whole answer; to a WebSocket's handshake, one instead of the WebSocket (a refusal)."""
    content = orjson.dumps(body)
    every = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        **headers,
    }
    kind = "websocket.http.response" if exchange.websocket else "http.response"
    await send({"type": f"{kind}.start", "status": status, "headers": exchange.answer(status, every)})
    await send({"type": f"{kind}.body", "body": content})


async def refuse(exchange: Exchange, send: Send, error: APIException) -> None:
    """Answer with an error, in the shape and with the headers that it has in the API."""
    response = exception_handler(error, {})
    if response is None:
        raise error
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    await send_json(
        exchange, send, error.status_code, response.data, headers | _HEADERS.get(error.status_code, {})
    )
