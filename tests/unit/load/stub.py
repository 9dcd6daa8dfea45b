"""A stand-in for the ticket service on loopback that counts what really reaches it."""

from __future__ import annotations

import base64
import itertools
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def token(kind: str, number: int, lifetime: float) -> str:
    """An unsigned JWT that was issued at 1,000 s and is good for `lifetime` seconds."""
    claims = {"token_type": kind, "jti": number, "iat": 1000, "exp": 1000 + lifetime}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.none"


class Stub(ThreadingHTTPServer):
    """Answers as the service does. Change the attributes to have it misbehave."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.connections = 0
        self.requests: Counter[str] = Counter()  # by "METHOD /path", without the query
        self.dropped = 0
        self.logged_in: Counter[str] = Counter()  # by username
        self.sources: Counter[str] = Counter()  # connections by the address that they came from
        self.hosts: Counter[str] = Counter()  # requests by their Host header
        self.issued = itertools.count(1)
        self.access_tokens: set[str] = set()

        self.token_lifetime = 300.0
        self.delay = 0.0  # seconds that each answer to a GET takes
        self.drop_every = 0  # close the connection of each n-th GET instead of answering
        self.broken = False  # answer 500 to all but logins
        self.headers: dict[str, str] = {}  # of each answer
        self.gone = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def arrived(self) -> int:
        return sum(self.requests.values())

    def stop(self) -> None:
        """Go away: accept no connection any more, and answer on none."""
        self.gone = True
        self.shutdown()
        self.server_close()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection = super().get_request()
        with self.lock:
            self.connections += 1
            self.sources[connection[1][0]] += 1
        return connection

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Stub

    def do_GET(self) -> None:
        with self.server.lock:
            path = self._count()
            gets = sum(count for key, count in self.server.requests.items() if key.startswith("GET "))
            drop = self.server.drop_every and gets % self.server.drop_every == 0
            self.server.dropped += bool(drop)
        time.sleep(self.server.delay)
        if drop or self.server.gone:
            self.close_connection = True
        elif self.headers["Authorization"] not in self.server.access_tokens:
            self._answer(401, {"error": {"status": 401, "code": "not_authenticated", "message": "Log in."}})
        elif self.server.broken:
            self._answer(500, {"error": {"status": 500, "code": "broken", "message": "Told to."}})
        elif path in {"/api/tickets/", "/api/departments/"}:
            self._answer(200, {"count": 3, "next": None, "previous": None, "results": [{"id": 1}, {"id": 2}]})
        else:
            self._answer(200, {"id": 1})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            path = self._count()
        if path == "/api/tickets/":
            self._answer(500 if self.server.broken else 201, {"id": 3})
        elif path == "/api/token/":
            with self.server.lock:
                self.server.logged_in[body["username"]] += 1
            self._answer(200, {"access": self._issue(), "refresh": "a refresh token"})
        else:
            self._answer(200, {"access": self._issue()})

    def _count(self) -> str:
        path = self.path.partition("?")[0]
        self.server.requests[f"{self.command} {path}"] += 1
        self.server.hosts[self.headers["Host"]] += 1
        return path

    def _issue(self) -> str:
        with self.server.lock:
            access = token("access", next(self.server.issued), self.server.token_lifetime)
            self.server.access_tokens.add(f"Bearer {access}")
        return access

    def _answer(self, status: int, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serving() -> Iterator[Stub]:
    """A stub that serves on a port of its own, until the end of the block."""
    with Stub() as stub:
        thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield stub
        finally:
            stub.shutdown()
            thread.join()
