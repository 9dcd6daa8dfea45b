"""What FastHttpUser puts on the wire, made honest: one request sent for each one counted.

As it comes (Locust 2.47, geventhttpclient 2.6) it has three habits that falsify a measurement:

- it sends a GET, PUT or DELETE again when the server closes the connection, and counts one request;
- it asks `select.select` whether a kept-alive connection still lives, which fails for every file
  descriptor from 1024 up, so with many users it silently opens a new connection for each request;
- it leaves Nagle's algorithm on, which costs a new HTTPS connection one round trip too many.
"""

import select
import socket
from typing import Any

import geventhttpclient.client
from gevent import monkey  # type: ignore[import-untyped]
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool

from common import targets
from common.refusal import RefusedError

# Locust replaces select.poll by gevent's, which goes through the event loop. A poll that never waits
# needs no event loop.
poll = monkey.get_original("select", "poll")


class HonestPool(ConnectionPool):
    """A user's connections to one host, which must be one of the lab's."""

    def _create_socket(self) -> socket.socket:
        # Checked for --host already; but redirects, and absolute URLs in a scenario, only come past here.
        try:
            targets.check_host(self._connection_host)
        except RefusedError as refused:
            raise PermissionError(str(refused)) from None  # an OSError, which Locust counts as a failure
        sock: socket.socket = super()._create_socket()
        return sock

    def _create_tcp_socket(self, family: int, socktype: int, protocol: int) -> socket.socket:
        sock: socket.socket = super()._create_tcp_socket(family, socktype, protocol)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _is_socket_alive(self, sock: socket.socket | None) -> bool:
        # An idle connection has nothing to read; if it has, the server closed it or broke the protocol.
        if sock is None or sock.fileno() < 0:
            return False
        poller = poll()
        poller.register(sock.fileno(), select.POLLIN)
        return not poller.poll(0)


class HonestSSLPool(HonestPool, SSLConnectionPool):
    """The same over TLS."""


def _never_resend(_method: str) -> bool:
    return False


def make_honest() -> None:
    """Have geventhttpclient use the pools above and never send a request twice; for the whole process."""
    client: Any = geventhttpclient.client  # which offers no setting for any of this
    client.ConnectionPool = HonestPool
    client.SSLConnectionPool = HonestSSLPool
    client._may_retry_after_send_error = _never_resend
