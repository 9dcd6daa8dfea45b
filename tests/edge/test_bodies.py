"""How many bodies may come in at once: some are slow on purpose, and each takes room while it does."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.edge.client import Edge
from tests.edge.conftest import Site, wait_until

LENGTH = "Content-Length: {}"
LARGE, CHUNKED = LENGTH.format(1_000_000), "Transfer-Encoding: chunked"


@contextmanager
def begun(edge: Edge, line: str, count: int, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """So many requests whose bodies have begun and do not end; Nginx has read and counted each of them."""
    with ExitStack() as stack:
        held = []
        for _ in range(count):
            connection = stack.enter_context(_connect(edge, source))
            connection.sendall(_head(line) + b"1\r\nx\r\n")
            held.append(connection)
        wait_until(lambda: not _unread(edge.port), seconds=9)
        yield held


def _unread(port: int) -> bool:
    """Whether the kernel still keeps connections to a port, or bytes of one.

    Another request could overtake them, by another of Nginx's processes, and be counted in their place.
    """
    sockets = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(
        int(local.partition(":")[2], 16) == port and int(queues.partition(":")[2], 16) > 0
        for _, local, _, _, queues, *_ in sockets
    )


def status(edge: Edge, line: str, source: str = "127.0.0.1") -> int | None:
    """Nginx's refusal of a request whose body does not end; None if it waits for the body."""
    with _connect(edge, source) as connection:
        connection.sendall(_head(line))
        connection.settimeout(1.5)
        try:
            return int(connection.recv(65536).split()[1])
        except TimeoutError:
            return None


def _connect(edge: Edge, source: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", edge.port), timeout=10, source_address=(source, 0))


def _head(line: str) -> bytes:
    return f"POST /api/tickets/ HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("line", "most"),
    [(LARGE, 4), (LENGTH.format(6291456), 4), (CHUNKED, 4), (LENGTH.format(200_000), 32)],
    ids=["large", "largest", "chunked", "picture"],
)
def test_bodies_of_one_address_are_bounded(own_edge: Edge, line: str, most: int) -> None:
    with begun(own_edge, line, most) as held:
        assert status(own_edge, line) == 429
        assert select.select(held, [], [], 0)[0] == [], "one that was within the bound was refused"
        assert status(own_edge, line, "127.0.0.2") is None
        assert own_edge.ask("/", "POST", body=b"x" * 9999).status == 200


@pytest.mark.parametrize(("line", "each", "most"), [(LARGE, 4, 10), (LENGTH.format(999_999), 32, 100)])
def test_bodies_of_all_together_are_bounded(own_edge: Edge, line: str, each: int, most: int) -> None:
    with ExitStack() as stack:
        for number, begin in enumerate(range(0, most, each)):
            stack.enter_context(begun(own_edge, line, min(each, most - begin), f"127.0.1.{number + 1}"))
        assert status(own_edge, line) == 429
        assert own_edge.ask("/", "POST", body=b"x" * 9999).status == 200


def test_a_body_that_has_ended_counts_no_more(own_edge: Edge) -> None:
    for _ in range(6):
        assert own_edge.ask("/", "POST", body=b"x" * 1_000_000).status == 200


def test_a_large_body_that_the_app_does_not_want_is_refused_by_the_app(site: Site) -> None:
    """And not by Nginx with 502, which would count against the replica."""
    for _ in range(6):
        assert site.ask("/nowhere/", "POST", body=b"x" * 6_000_000).status == 404
