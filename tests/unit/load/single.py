"""A server on loopback that serves one request at a time, each for the same time, and may stall once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Single(ThreadingHTTPServer):
    """First come, first served. It keeps its own time, so that late wake-ups do not add up."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, service: float, stall_at: int = -1, stall: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = service  # seconds
        self.stall_at = stall_at  # the number, from 0, of the request that takes `stall` seconds longer
        self.stall = stall
        self.served = 0
        self._free_at = 0.0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def serve(self) -> None:
        """Wait for the turn and the service of one request."""
        with self._lock:
            takes = service_time(self.served, self.service, self.stall_at, self.stall)
            self._free_at = until = max(self._free_at, time.monotonic()) + takes
            self.served += 1
        time.sleep(max(0.0, until - time.monotonic()))


def service_time(number: int, service: float, stall_at: int, stall: float) -> float:
    return service + stall if number == stall_at else service


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Single

    def do_GET(self) -> None:
        self.server.serve()
        # In one piece: two would be two segments, the second delayed by Nagle's algorithm.
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serving(server: Single) -> Iterator[Single]:
    """Serve until the end of the block."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
