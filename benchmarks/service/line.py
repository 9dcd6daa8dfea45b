"""One kept-alive connection to a server, with as little between the clock and the wire as Python allows."""

from __future__ import annotations

import socket
import time
from types import TracebackType

from lab.dev.supervisor import LOOPBACK
from lab.errors import LabError


class Line:
    """A connection on which one GET is asked again and again."""

    def __init__(self, port: int, path: str, token: str) -> None:
        head = f"GET {path} HTTP/1.1", f"Host: {LOOPBACK}:{port}", f"Authorization: Bearer {token}"
        self._request = "\r\n".join([*head, "", ""]).encode()
        self._path = path
        self._socket = socket.create_connection((LOOPBACK, port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self) -> float:
        """Seconds from the request to the answer's last byte. Raises LabError unless it is 200."""
        start = time.perf_counter()
        self._socket.sendall(self._request)
        received = self._receive()
        while (head := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        missing = head + 4 + _length(received[:head]) - len(received)
        while missing > 0:
            missing -= len(self._receive())
        taken = time.perf_counter() - start
        if not received.startswith(b"HTTP/1.1 200"):
            raise LabError(f"GET {self._path} answered {received[9:12].decode()}")
        return taken

    def _receive(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise LabError(f"The server hung up on GET {self._path}")
        return received


def _length(head: bytes) -> int:
    """The Content-Length that an answer's header names; the service sends one with every answer."""
    return int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
