"""Requests that no HTTP client would send: a user with a bare connection, whose doings count all the same."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from urllib.parse import urlsplit

import gevent  # type: ignore[import-untyped]
from geventhttpclient.url import URL
from locust.exception import RescheduleTask

from common.answers import AnswerError
from common.user import LabUser


class Dribble:
    """A body for `data=` that is sent at `pace` bytes a second, since it can be read no faster."""

    def __init__(self, body: bytes, pace: float) -> None:
        self._length = len(body)
        self._rest = BytesIO(body)
        self._pace = pace

    def __len__(self) -> int:
        return self._length

    def read(self, _size: int = -1) -> bytes:
        """Return a quarter of a second's worth, after a quarter of a second; nothing at the end."""
        piece = self._rest.read(max(1, int(self._pace / 4)))
        gevent.sleep(len(piece) / self._pace)
        return piece


def seconds_until_cut(connection: socket.socket, most: float) -> float:
    """Send a byte a second; return when the other side closed the connection, or `most` if it did not."""
    start = time.monotonic()
    connection.settimeout(1)
    while time.monotonic() - start < most:
        try:
            connection.sendall(b"x")
            if not connection.recv(1024):
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - start


class RawUser(LabUser):
    """A user who may also speak bytes to the lab, on a connection of its own for each conversation."""

    abstract = True

    def head(self, path: str) -> bytes:
        """Return the beginning of a GET, up to the headers that a scenario may want to add."""
        return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(str(self.host)).netloc}\r\n".encode()

    def converse(self, method: str, name: str, talk: Callable[[socket.socket], int]) -> None:
        """Connect, have `talk` use the connection, and count it as one request.

        `talk` returns how many bytes it got, and raises AnswerError for what should not have come. That, or
        a connection that breaks (OSError), counts as a failure and raises RescheduleTask, as `send` does.
        """
        began, start = time.time(), time.perf_counter()
        received, failure = 0, None
        try:
            with self.gauge, self._connection() as connection:
                received = talk(connection)
        except (AnswerError, OSError) as error:
            failure = error
        self.environment.events.request.fire(
            request_type=method,
            name=name,
            response_time=(time.perf_counter() - start) * 1000,
            response_length=received,
            exception=failure,
            context=self.context(),
            response=None,
            start_time=began,
            url=self.host,
        )
        if failure:
            raise RescheduleTask

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        # From the pool of the user's HTTP client, where the target is checked, and TLS spoken if need be.
        pool = self.client.client.clientpool.get_client(URL(str(self.host)))._connection_pool
        connection = pool.get_socket()
        try:
            yield connection
        finally:
            pool.release_socket(connection)
