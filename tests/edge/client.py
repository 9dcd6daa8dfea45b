"""HTTP as the tests speak it: one request, everything that came back, and what the access log says of it."""

from __future__ import annotations

import http.client
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header: more than one element if it was sent more than once."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        return json.loads(self.body)


@dataclass(frozen=True)
class Edge:
    """A running edge: its port, its log, and its replicas' process ids by port."""

    port: int
    log: Path
    replicas: dict[int, int]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            return ask_on(connection, path, method, headers, body)
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """Send bytes, return all that comes back until Nginx closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received

    def log_line(self, request_id: str) -> dict[str, Any]:
        """The access log's line on a request; Nginx writes it just after the answer has left."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if line.startswith("{") and request_id in line:
                    found: dict[str, Any] = json.loads(line)
                    return found
            time.sleep(0.01)
        raise AssertionError(f"no line on {request_id} in {self.log}")


def ask_on(
    connection: http.client.HTTPConnection,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One request on a connection that may be used again."""
    connection.request(method, path, body=body, headers=headers or {})
    return answer_on(connection)


def answer_on(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    return Answer(response.status, response.getheaders(), response.read())
