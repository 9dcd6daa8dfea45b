"""One request to the feed: what it asks, and what every answer to it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import orjson
from rest_framework.exceptions import APIException

from drf_jwt_backend.context import request_id, sound_id
from drf_jwt_backend.diagnostics import Stopwatch
from drf_jwt_backend.errors import exception_handler

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

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
        self.stopwatch = Stopwatch()
        request_id.set(sound_id(self.headers.get("x-request-id", "")))

    def answer(self, status: int, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """The answer's headers, with those by which a request can be followed; and a line in the log."""
        times, host = self.stopwatch.read(), self.headers.get("host")
        # The fields of the API's own lines. Never the query string: there may be a ticket in it.
        times.log({"method": self.method, "path": self.path, "status": status, "host": host})
        every = {**headers, **times.headers()}
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
