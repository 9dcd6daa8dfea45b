"""Where the time of one request went, told by the connection and by the answer's headers."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

# `app;dur=4.2, db;dur=1.1;desc="2 queries", edge;dur=5` (Server Timing, W3C, 3.1). A description may hold
# anything but a quote that is not escaped, so it is passed over whole.
METRIC = re.compile(r'(\w+)(?:;desc="[^"]*")?;dur=(\d+(?:\.\d+)?)(?![\d.])(?:;desc="[^"]*")?')


@dataclass(slots=True)
class Phases:
    """What the wire tells of one request."""

    connect_ms: float | None = None  # none on a connection that was kept alive
    tls_ms: float | None = None
    source: str = ""  # the address that the connection comes from
    written_at: float = 0.0  # on the process's performance counter, in seconds; 0 if that never happened
    headers_at: float = 0.0
    late_ms: float = 0.0  # how long after its intended start the request was begun

    @property
    def first_byte_ms(self) -> float | None:
        """From when the request was written to the end of the answer's headers; None without an answer."""
        return (self.headers_at - self.written_at) * 1000 if self.headers_at else None


@dataclass(slots=True)
class Trace:
    """What a user's connections tell: the phases of the request under way, or of the last one that ended."""

    phases: Phases = field(default_factory=Phases)

    def restart(self) -> Phases:
        """Begin with a new request; its connection, and so its source, may be that of the one before."""
        self.phases = Phases(source=self.phases.source)
        return self.phases


class ServerTiming(NamedTuple):
    """The metrics of the header Server-Timing in milliseconds, None if absent."""

    edge: float | None = None  # at Nginx, until the answer's headers went out
    app: float | None = None
    db: float | None = None


UNTOLD = ServerTiming()


def server_timing(header: str) -> ServerTiming:
    """Read the header; metrics that are not known here are passed over."""
    if not header:
        return UNTOLD
    told = dict(METRIC.findall(header))
    edge, app, db = told.get("edge"), told.get("app"), told.get("db")
    return ServerTiming(edge and float(edge), app and float(app), db and float(db))


class Parts(NamedTuple):
    """One request's service time in milliseconds, cut into parts that add up to it."""

    connect: float  # TCP and TLS
    network: float  # there and back, and the generator itself
    queue: float  # at Nginx before the application had it
    app: float  # without the database
    db: float
    untold: float  # all but connect, app and db, when Nginx did not say how long it had the request


def parts(service: float, connect: float, told: ServerTiming) -> Parts:
    """Cut a service time up.

    Nginx counts whole milliseconds, so that the application may seem to have taken longer than Nginx; what
    is inside is then the longer of the two. No part is negative, and none is longer than what is left.
    """
    edge, app, db = told
    connect = min(connect, service)
    app = min(app, service - connect) if app else 0.0
    db = min(db, app) if db else 0.0
    rest = service - connect - app
    if edge is None:
        return Parts(connect, 0.0, 0.0, app - db, db, rest)
    queue = min(edge - app, rest) if edge > app else 0.0
    return Parts(connect, rest - queue, queue, app - db, db, 0.0)
