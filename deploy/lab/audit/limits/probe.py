"""Rude clients, one of each kind: what happens to them is printed as JSON.

Runs on a host of the lab (`python3 - ADDRESS PORT NAME FILINGS [tls]`), so it needs the standard library
alone. It files no ticket: a body that says nothing is refused, but counted all the same.
"""

from __future__ import annotations

import http.client
import json
import resource
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field

LOG_INS = 180  # at once, which is more than Nginx lets pass
CONNECTIONS = 2100  # more than one address may have requests in progress
SLOW_BODIES = 60  # more than the app servers have threads
LARGE = 6 * 1024 * 1024 + 1
CROWD_TIME = 9.0  # seconds; then Nginx begins to cut the crowd off, which is an end of it and not a limit
# Whether the certificate is good is not for these clients to say.
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE
PATIENCE = 20.0  # seconds after which a slow client counts as let be


@dataclass(frozen=True)
class Server:
    """Where the service is, and the name to ask for."""

    address: str
    port: int
    name: str
    tls: bool = False

    def connect(self) -> socket.socket:
        """A connection of one's own."""
        plain = socket.create_connection((self.address, self.port), PATIENCE)
        return CONTEXT.wrap_socket(plain) if self.tls else plain

    def head(self, line: str, *headers: str) -> bytes:
        """A request's first lines, with the empty one that ends them."""
        return "\r\n".join((line, f"Host: {self.name}", *headers, "", "")).encode()


@dataclass
class Seen:
    """Statuses by how often they were seen; seconds until a slow client was cut off (None: it was not)."""

    log_ins: dict[int, int] = field(default_factory=dict)
    filings: dict[int, int] = field(default_factory=dict)
    retry_after: list[str] = field(default_factory=list)  # of each 429
    header: float | None = None
    idle: float | None = None
    body: float | None = None
    beside_slow_bodies: int = 0  # the status that another client got meanwhile, 0 for none in time
    large: int = 0
    chunked: int = 0
    line: int = 0
    headers: int = 0
    beside_crowd: int = 0  # the status that one more request got from an address with very many


def run(server: Server, filings: int) -> Seen:
    """All of them; `filings` is how many tickets may be filed in a window."""
    seen = Seen()
    with ThreadPoolExecutor() as pool:
        header = pool.submit(slow_header, server)
        idle = pool.submit(silent, server, b"")
        body = pool.submit(silent, server, announced(server, 1000))
        seen.log_ins = at_once(server, "/api/token/", LOG_INS, seen.retry_after)
        seen.filings = repeated(server, "/api/tickets/", 2 * filings + 2, seen.retry_after)
        seen.large = status_of(server, announced(server, LARGE))
        seen.chunked = chunked(server)
        seen.line = status_of(server, server.head(f"GET /{'a' * 40_000} HTTP/1.1"))
        seen.headers = status_of(
            server, server.head("GET / HTTP/1.1", *[f"X-{n}: {'a' * 4000}" for n in range(20)])
        )
        seen.beside_slow_bodies = beside_slow_bodies(server)
        seen.header, seen.idle, seen.body = header.result(), idle.result(), body.result()
    seen.beside_crowd = beside_crowd(server)
    return seen


def announced(server: Server, length: int, path: str = "/api/tickets/") -> bytes:
    """The head of a POST whose body is not sent."""
    return server.head(f"POST {path} HTTP/1.1", "Content-Type: application/json", f"Content-Length: {length}")


def repeated(server: Server, path: str, times: int, retry_after: list[str]) -> dict[int, int]:
    """Post nothing there so many times, or until a 429."""
    counts: dict[int, int] = {}
    connection = http.client.HTTPConnection(server.address)
    connection.sock = server.connect()
    for _ in range(times):
        connection.request("POST", path, b"{}", {"Host": server.name, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        counts[answer.status] = counts.get(answer.status, 0) + 1
        if answer.status == http.client.TOO_MANY_REQUESTS:
            retry_after.append(answer.headers.get("Retry-After", ""))
            break
    connection.close()
    return counts


def at_once(server: Server, path: str, times: int, retry_after: list[str]) -> dict[int, int]:
    """Post nothing there so many times, each on a connection of its own, before the first answer is read.

    However busy the machine is, they meet the limit together.
    """
    counts: dict[int, int] = {}
    request = server.head(f"POST {path} HTTP/1.1", "Connection: close", "Content-Length: 0")
    with held(server, times, request) as connections:
        for connection in connections:
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            counts[answer.status] = counts.get(answer.status, 0) + 1
            if answer.status == http.client.TOO_MANY_REQUESTS:
                retry_after.append(answer.headers.get("Retry-After", ""))
    return counts


def slow_header(server: Server) -> float | None:
    """Slowloris: a byte of a header every half second, so that no time-out between two reads ever fires."""
    with server.connect() as connection:
        connection.settimeout(0.5)
        begin = time.monotonic()
        connection.sendall(server.head("GET / HTTP/1.1", "X-Slow: ")[:-4])
        while (passed := time.monotonic() - begin) < PATIENCE:
            try:
                if connection.recv(100) == b"":
                    return passed
                connection.sendall(b"a")
            except TimeoutError:
                connection.sendall(b"a")
            except OSError:
                return passed
    return None


def silent(server: Server, first: bytes) -> float | None:
    """Say this much and then no more."""
    begin = time.monotonic()
    with server.connect() as connection:
        connection.sendall(first)
        try:
            connection.recv(1000)
        except TimeoutError:
            return None
        except OSError:
            pass
    return time.monotonic() - begin


def status_of(server: Server, request: bytes) -> int:
    """The answer's status; 0 if the connection was closed without one."""
    with server.connect() as connection:
        with suppress(OSError):  # refused before it was all sent: the answer is there all the same
            connection.sendall(request)
        return _status(connection)


def chunked(server: Server) -> int:
    """A large body whose length is not announced."""
    head = server.head(
        "POST /api/tickets/ HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    return status_of(server, head + chunk * (LARGE // 0x10000 + 1) + b"0\r\n\r\n")


def beside_slow_bodies(server: Server) -> int:
    """What another request gets while many slow bodies are on their way past every throttle."""
    first = announced(server, 1000, "/api/token/refresh/") + b'{"refresh": "'
    with held(server, SLOW_BODIES, first):
        time.sleep(0.5)  # for the app to wait for them, if it is the app that waits
        try:
            return status_of(server, server.head("GET /api/whoami/ HTTP/1.1", "Connection: close"))
        except OSError:
            return 0


def beside_crowd(server: Server) -> int:
    """What one more request gets while this address has very many in progress."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * CONNECTIONS)), hard))
    status, end = 0, time.monotonic() + CROWD_TIME
    with held(server, CONNECTIONS, announced(server, 1000)):
        while status != http.client.TOO_MANY_REQUESTS and time.monotonic() < end:
            status = status_of(server, server.head("GET /api/whoami/ HTTP/1.1", "Connection: close"))
            time.sleep(0.2)  # for Nginx to read what was sent before
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return status


@contextmanager
def held(server: Server, number: int, first: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have said this much."""
    with ExitStack() as stack:
        connections = []
        for _ in range(number):
            connection = stack.enter_context(server.connect())
            connection.sendall(first)
            connections.append(connection)
        yield connections


def _status(connection: socket.socket) -> int:
    try:
        words = connection.recv(100).split()
    except OSError:
        return 0
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else 0


if __name__ == "__main__":
    _, address, port, name, filings, *tls = sys.argv
    print(json.dumps(asdict(run(Server(address, int(port), name, bool(tls)), int(filings)))))
