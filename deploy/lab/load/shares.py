"""Where the time went: each request's service time, divided among what it waited for."""

from __future__ import annotations

import numpy as np

from lab.load.percentiles import Column
from lab.load.records import Records

# In the order of time, outside in; the keys stand in summary.json.
PARTS = {
    "connect": "connecting (TCP, TLS)",
    "network": "network, there and back",
    "nginx": "waiting at Nginx",
    "app": "application",
    "database": "database",
    "untold": "not told",
}


def split(rows: Records) -> dict[str, Column]:
    """The parts of each request's service time in ms, by the keys of PARTS; they add up to service_ms.

    With each clamped to what it is a part of, so that two clocks cannot make a part negative:

        connect  = connect_ms + tls_ms (0 on a kept-alive connection)
        rest     = service_ms - connect
        wait     = min(first_byte_ms, rest): from the request written to the answer's headers
        held     = min(max(edge_ms, app_ms), wait): by the servers, as Server-Timing tells
        network  = (rest - wait) + (wait - held): the answer's body, and the round trip
        nginx    = held - app_ms: no thread of a replica was free, or the way to the replica
        app      = app_ms - db_ms
        database = db_ms

    A direct request (no edge_ms) has no wait at Nginx. Of an answer without Server-Timing the wait is
    `untold`, and so is all but the connection of a request without an answer. edge_ms is a whole number
    (Nginx's clock), so `network` and `nginx` of a single request are within 1 ms.
    """
    connect = np.minimum(_known(rows.connect_ms) + _known(rows.tls_ms), rows.service_ms)
    rest = rows.service_ms - connect
    wait = np.minimum(_known(rows.first_byte_ms), rest)
    told = ~np.isnan(rows.first_byte_ms) & ~(np.isnan(rows.edge_ms) & np.isnan(rows.app_ms))
    held = np.where(told, np.minimum(np.fmax(_known(rows.edge_ms), _known(rows.app_ms)), wait), 0.0)
    app = np.minimum(_known(rows.app_ms), held)
    database = np.minimum(_known(rows.db_ms), app)
    body = np.where(np.isnan(rows.first_byte_ms), 0.0, rest - wait)
    return {
        "connect": connect,
        "network": np.where(told, rest - held, body),
        "nginx": held - app,
        "app": app - database,
        "database": database,
        "untold": np.where(told, 0.0, rest - body),
    }


def means(rows: Records) -> dict[str, float]:
    """The mean of each part in ms; their sum is the mean service time. 0 without requests."""
    return {part: float(times.mean()) if len(rows) else 0.0 for part, times in split(rows).items()}


def _known(times: Column) -> Column:
    return np.nan_to_num(times, nan=0.0)
