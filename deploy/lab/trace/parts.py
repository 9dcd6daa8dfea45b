"""The arithmetic of a trace: the client's total, taken apart into parts that add up to it again.

The client's own clock (curl, microseconds) gives the cuts between looking up, connecting, waiting and
transfer, so those add up by themselves. The wait for the first byte is then divided by what the servers say
of themselves, from the inside out: database within application within Nginx's wait for it within Nginx.
Nginx counts whole milliseconds, so where its figure is smaller than what it contains, or larger than the
client's whole wait, the finer clock wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.theory import INITIAL_WINDOW, MSS, TLS_ROUND_TRIPS, slow_start_rounds


@dataclass(frozen=True)
class ClientTimes:
    """curl's clock, seconds from the start; `tls` is 0 without TLS. `received` counts bytes, headers too."""

    lookup: float
    connect: float
    tls: float
    ready: float
    first_byte: float
    total: float
    received: int


@dataclass(frozen=True)
class EdgeTimes:
    """Nginx's log line, seconds in steps of 1 ms; upstream times are None if no replica was asked."""

    request: float
    upstream_header: float | None
    upstream_response: float | None


@dataclass(frozen=True)
class AppTimes:
    """The application's Server-Timing header: seconds in all, seconds in the database, and its queries."""

    total: float
    database: float
    queries: int


@dataclass(frozen=True)
class Part:
    """One bar of the waterfall: seconds from the start, and how long.

    `expected` is what theory says of it, in seconds; `theory` says so in words.
    """

    name: str
    where: str
    start: float
    seconds: float
    expected: float | None = None
    theory: str = ""


def split(
    client: ClientTimes, edge: EdgeTimes | None, app: AppTimes | None, rtt: float | None, tls: str | None
) -> list[Part]:
    """The parts in order of time; their seconds add up to `client.total`.

    `rtt` is in seconds, None where ping got no answer (then theory stays silent); `tls` is the version.
    """
    secured = client.tls or client.connect
    rounds = TLS_ROUND_TRIPS.get(tls or "", 1)
    parts = [
        Part("name lookup", "client", 0.0, client.lookup, 0.0, "0: /etc/hosts"),
        _after(client.lookup, client.connect, "TCP connect", "network", rtt, 1),
    ]
    if client.tls:
        parts.append(_after(client.connect, client.tls, f"{tls or 'TLS'} handshake", "network", rtt, rounds))
    parts.append(Part("preparing the request", "client", secured, client.ready - secured))
    parts += _waiting(client, edge, app, rtt)
    extra = slow_start_rounds(client.received)
    parts.append(_after(client.first_byte, client.total, "transfer", "network", rtt, extra))
    return parts


def _after(start: float, end: float, name: str, where: str, rtt: float | None, rounds: int) -> Part:
    words = f"{rounds} RTT" if rounds else "0 RTT"
    return Part(name, where, start, end - start, None if rtt is None else rtt * rounds, words)


def _waiting(
    client: ClientTimes, edge: EdgeTimes | None, app: AppTimes | None, rtt: float | None
) -> list[Part]:
    """The wait for the first byte, as nested durations made disjoint; bars are laid end to end, inwards."""
    wait = client.first_byte - client.ready
    held, replica, own, database = _nested(client, edge, app, wait)
    if not _server_is_known(client, edge, app):
        return [Part("network and server", "network", client.ready, wait, None, "1 RTT + server")]
    durations: list[tuple[str, str, float, float | None, str]] = [
        ("network, there and back", "network", wait - held, rtt, "1 RTT")
    ]
    if edge is not None:
        durations.append(("Nginx itself", "edge", held - replica, None, ""))
    if app is not None:
        between = "Nginx to the app and back" if edge is not None else "the app's web server"
        durations += [
            (between, "backend", replica - own, None, ""),
            ("the app's own code", "app", own - database, None, ""),
            (f"database, {app.queries} queries", "app", database, None, ""),
        ]
    elif replica:
        durations.append(("the replica", "backend", replica, None, ""))
    start, parts = client.ready, []
    for name, where, seconds, expected, theory in durations:
        parts.append(Part(name, where, start, seconds, expected, theory))
        start += seconds
    return parts


def _server_is_known(client: ClientTimes, edge: EdgeTimes | None, app: AppTimes | None) -> bool:
    """Whether any server said what it did before the first byte left."""
    if app is not None:
        return True
    return edge is not None and (_fits_first_window(client) or edge.upstream_header is not None)


def _nested(
    client: ClientTimes, edge: EdgeTimes | None, app: AppTimes | None, wait: float
) -> tuple[float, float, float, float]:
    """Seconds of the wait spent in: Nginx with all behind it, the replica, the app, the database."""
    own = min(app.total, wait) if app else 0.0
    database = min(app.database, own) if app else 0.0
    replica = min(max(_replica_seconds(client, edge), own), wait)
    # A response within the first window has left Nginx at once. Of a longer one Nginx was still sending
    # parts when the client had the first byte: its request time is then no part of the wait.
    whole = edge.request if edge and _fits_first_window(client) else 0.0
    return min(max(whole, replica), wait), replica, own, database


def _replica_seconds(client: ClientTimes, edge: EdgeTimes | None) -> float:
    if edge is None:
        return 0.0
    found = edge.upstream_response if _fits_first_window(client) else edge.upstream_header
    return found or 0.0


def _fits_first_window(client: ClientTimes) -> bool:
    return client.received <= INITIAL_WINDOW * MSS
