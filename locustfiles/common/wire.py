"""What FastHttpUser puts on the wire, made honest: one request sent for each one counted, its phases timed.

As it comes (Locust 2.47, geventhttpclient 2.6) it has three habits that falsify a measurement:

- it sends a GET, PUT or DELETE again when the server closes the connection, and counts one request;
- it asks `select.select` whether a kept-alive connection still lives, which fails for every file
  descriptor from 1024 up, so with many users it silently opens a new connection for each request;
- it leaves Nagle's algorithm on, which costs a new HTTPS connection one round trip too many.
"""

import select
import socket
from time import perf_counter
from typing import Any

import geventhttpclient.client
from gevent import monkey  # type: ignore[import-untyped]
from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPSocketPoolResponse
from geventhttpclient.url import URL
from locust.contrib.fasthttp import FastRequest

from common import targets
from common.recording.phases import Trace
from common.refusal import RefusedError
from common.way import Way

# Locust replaces select.poll by gevent's, which goes through the event loop. A poll that never waits
# needs no event loop.
poll = monkey.get_original("select", "poll")
# Linux: choose the port of a bound socket when it connects, so that one port can serve for several servers.
IP_BIND_ADDRESS_NO_PORT = 24
_look_for_chunks = geventhttpclient.client._uses_chunked_transfer
_look_for_expect = geventhttpclient.client._requests_100_continue


class HonestPool(ConnectionPool):
    """A user's connections to one host, which must be one of the lab's."""

    way: Way = Way()

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*arguments, **options)
        self.trace = Trace()  # a LabUser puts its own here

    def get_socket(self) -> socket.socket:
        """Return a connection, kept alive or new, to which the request is then written at once."""
        phases = self.trace.restart()
        sock: socket.socket = super().get_socket()
        phases.written_at = perf_counter()
        return sock

    def return_socket(self, sock: socket.socket) -> None:
        """Take a connection back after an answer, for the next request."""
        if self.way.keeps_alive:
            super().return_socket(sock)
        else:  # the server was asked to close it, but need not have said that it will
            self.release_socket(sock)

    def _create_socket(self) -> socket.socket:
        # Checked for --host already; but redirects, and absolute URLs in a scenario, only come past here.
        try:
            targets.check_host(self._request_host)
        except RefusedError as refused:
            raise PermissionError(str(refused)) from None  # an OSError, which Locust counts as a failure
        sock: socket.socket = super()._create_socket()
        return sock

    def _create_tcp_socket(self, family: int, socktype: int, protocol: int) -> socket.socket:
        sock: socket.socket = super()._create_tcp_socket(family, socktype, protocol)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.way.source and family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((self.way.source, 0))
        return sock

    def _connect_socket(self, sock: socket.socket, address: Any) -> socket.socket:  # noqa: ANN401 - as in the base class
        begun = perf_counter()
        connected: socket.socket = super()._connect_socket(sock, address)
        phases = self.trace.phases
        phases.connect_ms = (perf_counter() - begun) * 1000
        phases.source = connected.getsockname()[0]
        return connected

    def _is_socket_alive(self, sock: socket.socket | None) -> bool:
        # An idle connection has nothing to read; if it has, the server closed it or broke the protocol.
        if sock is None or sock.fileno() < 0:
            return False
        poller = poll()
        poller.register(sock.fileno(), select.POLLIN)
        return not poller.poll(0)


class HonestSSLPool(SSLConnectionPool, HonestPool):
    """The same over TLS."""

    def _connect_socket(self, sock: socket.socket, address: Any) -> socket.socket:  # noqa: ANN401 - as in the base class
        begun = perf_counter()
        connected: socket.socket = super()._connect_socket(sock, address)  # TCP as above, and then TLS
        both = (perf_counter() - begun) * 1000
        phases = self.trace.phases
        phases.tls_ms = both - (phases.connect_ms or 0.0)
        return connected


class HonestClient(HTTPClient):
    """A user's client for one host, which notes when an answer's headers are complete."""

    _connection_pool: HonestPool

    def go(self, trace: Trace, way: Way) -> None:
        """Have requests go the given way, and leave their trace."""
        pool = self._connection_pool
        pool.trace, pool.way = trace, way
        if way.via:
            pool._connection_host, pool._connection_port = way.via

    def request(self, *arguments: Any, **options: Any) -> HTTPSocketPoolResponse:  # noqa: ANN401 - passed on
        """Send a request and read the headers of its answer; the body is read later."""
        response = super().request(*arguments, **options)
        self._connection_pool.trace.phases.headers_at = perf_counter()
        return response


class QuickHeaders(Headers):
    """Headers that take over others as a whole and not one by one, which happens four times in a request."""

    def update(self, *others: Any, **more: str) -> None:  # type: ignore[override] # noqa: ANN401 - as its base
        """Overwrite with those of another mapping, or with (field, value) pairs."""
        if len(others) == 1 and isinstance(others[0], Headers) and not more:
            dict.update(self, others[0])
        else:
            super().update(*others, **more)


class PlainRequest(FastRequest):
    """A request that is never redirected, and so need not know the origin that it was for at first."""

    def __init__(
        self,
        url: str | URL,
        method: str = "GET",
        headers: Headers | None = None,
        payload: Any = None,  # noqa: ANN401 - as in the base class
        params: Any = None,  # noqa: ANN401 - as in the base class
    ) -> None:
        self.url = str(url)
        self.url_split = URL(self.url, params=params)
        self.method = method
        self.headers = QuickHeaders() if headers is None else headers
        self.payload = payload


class HonestClients(HTTPClientPool):
    """All the clients of one user, who goes the given way; `options` are those of `HTTPClient`."""

    def __init__(self, trace: Trace, way: Way, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(**options, headers_type=QuickHeaders)
        self._trace = trace
        self._way = way
        self._by_origin: dict[tuple[str, str], HTTPClient] = {}

    def get_client(self, url: str | URL) -> HTTPClient:
        """Return the client for the URL's scheme, host and port."""
        parsed = url if isinstance(url, URL) else URL(url)
        origin = parsed.scheme, parsed.netloc  # to read the host and the port from it takes ten times as long
        return self._by_origin.get(origin) or self._new_client(parsed, origin)

    def _new_client(self, url: URL, origin: tuple[str, str]) -> HTTPClient:
        client = HonestClient.from_url(url, **self.client_args)
        assert isinstance(client, HonestClient)  # noqa: S101 (it is declared as its base class)
        client.go(self._trace, self._way)
        self._by_origin[origin] = self.clients[url.host, url.port] = client
        return client


def _never_resend(_method: str) -> bool:
    return False


def _is_chunked(headers: Headers, body: Any) -> bool:  # noqa: ANN401 - whatever may be sent
    """Say whether a body must be sent in chunks: quickly no for what nearly every request is."""
    return ("Transfer-Encoding" in headers or not isinstance(body, bytes)) and _look_for_chunks(headers, body)


def _awaits_continue(headers: Headers) -> bool:
    """Say whether the body is to wait for the server's 100 Continue."""
    return "Expect" in headers and _look_for_expect(headers)


def make_honest() -> None:
    """Have geventhttpclient use the pools above and never send a request twice; for the whole process."""
    client: Any = geventhttpclient.client  # which offers no setting for any of this
    client.ConnectionPool = HonestPool
    client.SSLConnectionPool = HonestSSLPool
    client._may_retry_after_send_error = _never_resend
    # Its own go through all headers, each twice for a request.
    client._uses_chunked_transfer = _is_chunked
    client._requests_100_continue = _awaits_continue
