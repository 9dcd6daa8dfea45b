"""Clients of the live feed, and the application that they talk to, in one event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import User
from rest_framework_simplejwt.tokens import AccessToken

from tests.unit.sequences import renew
from ticketing.live.application import LiveApplication
from ticketing.models import Department, TicketEvent

FEED, WEBSOCKET = "/api/live/", "/api/live/ws/"
WAIT = 10.0  # seconds until a test that waits for a message has failed


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test so that the feed asks the test's own database, in the test's own transaction."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        async_to_sync(test)(*args, **kwargs)

    return run


def bearer(user: User) -> dict[str, str]:
    return {"authorization": f"Bearer {AccessToken.for_user(user)}"}


class Client:
    """One request, and what comes back."""

    def __init__(self, application: LiveApplication, scope: Mapping[str, Any]) -> None:
        self.room = asyncio.Event()  # cleared: the client does not read
        self.room.set()
        self.left: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.last_id: int | None = None
        if scope["type"] == "websocket":
            self.say(type="websocket.connect")
        self.task = asyncio.create_task(application(dict(scope), self.left.get, self._send))

    async def _send(self, message: dict[str, Any]) -> None:
        await self.room.wait()
        self._sent.put_nowait(message)

    def say(self, **message: object) -> None:
        self.left.put_nowait(message)

    async def raw(self) -> dict[str, Any]:
        """The next ASGI message."""
        async with asyncio.timeout(WAIT):
            return await self._sent.get()

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        """A whole answer: status, headers, JSON."""
        start, body = await self.raw(), await self.raw()
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        await asyncio.wait_for(self.task, WAIT)
        return start["status"], headers, json.loads(body["body"])

    async def next(self) -> tuple[str, int | None, Any]:
        """The next message of the stream: event (or comment), id, data."""
        message = await self.raw()
        if "text" in message:
            frame = json.loads(message["text"])
            return frame["event"], frame.get("id"), frame.get("data")
        fields = dict(line.split(": ", 1) for line in message["body"].decode().strip().splitlines())
        if "id" in fields:
            self.last_id = int(fields["id"])
        data = json.loads(fields["data"]) if "data" in fields else None
        return fields.get("event") or fields.get("", "retry"), self.last_id if "id" in fields else None, data

    async def event(self, name: str = "ticket") -> tuple[int | None, Any]:
        """The next event but heartbeats: id and data."""
        while (heard := await self.next())[0] in ("heartbeat", "retry"):
            pass
        assert heard[0] == name, heard
        return heard[1], heard[2]

    async def ids(self, count: int) -> list[int]:
        """The ids in the data of so many events."""
        return [(await self.event())[1]["id"] for _ in range(count)]

    async def ids_until(self, last: int) -> list[int]:
        """The ids in the data of all events up to one."""
        ids = await self.ids(1)
        while ids[-1] != last:
            ids += await self.ids(1)
        return ids


@asynccontextmanager
async def request(
    application: LiveApplication,
    headers: Mapping[str, str] | None = None,
    *,
    path: str = FEED,
    query: str = "",
    method: str = "GET",
) -> AsyncIterator[Client]:
    """A request; at the end the client goes, and the application must be done with it."""
    every = {"host": "localhost", **(headers or {})}
    scope = {
        "type": "websocket" if path == WEBSOCKET else "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in every.items()],
    }
    client = Client(application, scope)
    try:
        yield client
    finally:
        client.room.set()
        kind = "websocket" if path == WEBSOCKET else "http"
        client.say(type=f"{kind}.disconnect")
        await asyncio.wait_for(client.task, WAIT)


@asynccontextmanager
async def listen(
    application: LiveApplication, user: User, last: int | None = None, *, path: str = FEED
) -> AsyncIterator[Client]:
    """A stream that has begun."""
    headers = await sync_to_async(bearer)(user)
    if last is not None:
        headers["last-event-id"] = str(last)
    async with request(application, headers, path=path) as client:
        assert (await client.raw()).get("status", 101) in (200, 101)
        yield client


@sync_to_async
def happen(department: Department, owner: User | None = None, **fields: object) -> int:
    """An event of some ticket; its id."""
    values: dict[str, object] = {"action": "created", "ticket_id": 1, "request_id": "-", **fields}
    event = TicketEvent.objects.create(department=department, owner_id=owner.pk if owner else None, **values)
    if "id" in fields:
        renew(TicketEvent)
    return event.pk


def everything() -> list[int]:
    return list(TicketEvent.objects.order_by("id").values_list("pk", flat=True))
