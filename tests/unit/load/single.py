"""A server on loopback that serves one request at a time, each for the same time, and may stall once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Told to be JSON in UTF-8, since Locust would otherwise guess the encoding, which takes it milliseconds.
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Single:
    """First come, first served. It keeps its own time, so that late wake-ups do not add up.

    All in one thread, so that its clients have the processor.
    """

    def __init__(self, service: float, stall_at: int = -1, stall: float = 0.0) -> None:
        self.service = service  # seconds
        self.stall_at = stall_at  # the number, from 0, of the request that takes `stall` seconds longer
        self.stall = stall
        self.connections = 0
        self.came: list[float] = []  # when each request came, in seconds of the loop's clock
        self.url = ""
        self.loop = asyncio.new_event_loop()
        self._free_at = 0.0

    @property
    def served(self) -> int:
        return len(self.came)

    def done_at(self) -> float:
        """Take a request that has come now; return when it is served."""
        extra = self.stall if self.served == self.stall_at else 0.0
        self.came.append(self.loop.time())
        self._free_at = max(self._free_at, self.came[-1]) + self.service + extra
        return self._free_at


class Connection(asyncio.Protocol):
    def __init__(self, server: Single) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections += 1

    def data_received(self, data: bytes) -> None:
        assert data.endswith(b"\r\n\r\n")  # a GET on loopback comes in one piece
        self._server.loop.call_at(self._server.done_at(), self._transport.write, ANSWER)


@contextmanager
def serving(server: Single) -> Iterator[Single]:
    """Serve until the end of the block."""
    loop = server.loop
    listener = loop.run_until_complete(loop.create_server(lambda: Connection(server), "127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listener.close()
        loop.close()
