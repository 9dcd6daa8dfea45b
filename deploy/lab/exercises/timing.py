"""Requests from the client host, timed by curl where they are sent: medians of several, in seconds."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.link import probes

REPEATS = 7
FORM = "%{num_connects} %{time_starttransfer} %header{server-timing}\\n"
AT_THE_EDGE = re.compile(r"edge;dur=([\d.]+)")  # ms
# The same address twice: the second request goes over the first one's connection.
TWICE = """for turn in $(seq "$1"); do
    curl -s -k -m 20 -o /dev/null -o /dev/null -w "$2" "$3" "$3" || exit 1
done"""


@dataclass(frozen=True)
class Times:
    """Seconds until the first byte of an answer, medians: on a new connection and on a kept-alive one.

    `server` is how much of each the edge and what is behind it took, by their own account (Server-Timing).
    """

    new: float
    kept_alive: float
    server: float


@dataclass(frozen=True)
class _Row:
    new: bool
    first: float
    server: float


def requests(lab: RunningLab, url: str, repeats: int = REPEATS) -> Times:
    """Time requests for a URL from the client; raises LabError (exit code 3) if they are not answered.

    Certificates are not verified here: trust costs no round trip, and an exercise about time needs none.
    """
    printed = lab.run("client", "sh", "-c", TWICE, "sh", str(repeats), FORM, url, patience=60)
    rows = [_row(line) for line in printed.splitlines()]
    new, kept = ([row.first for row in rows if row.new is wanted] for wanted in (True, False))
    if not new or not kept:
        raise LabError(f"{url} keeps no connection open, so kept-alive cannot be timed", ExitCode.UNMEASURED)
    server = statistics.median(row.server for row in rows)
    return Times(statistics.median(new), statistics.median(kept), server)


def _row(line: str) -> _Row:
    connects, first, timing = line.split(" ", 2)
    told = AT_THE_EDGE.search(timing)
    if told is None:
        raise LabError(f"the edge does not tell its own time: '{timing}'", ExitCode.UNMEASURED)
    return _Row(connects == "1", float(first), float(told[1]) / 1e3)


def round_trip(lab: RunningLab, target: str, count: int = 20) -> float:
    """The median round trip of pings from the client to an address, in seconds."""
    found = probes.ping(lab.probing, "client", target, count, interval=0.05, patience=2)
    if found.received < count // 2:
        raise LabError(f"{target} answered {found.received} of {count} pings", ExitCode.UNMEASURED)
    return statistics.median(found.round_trips)
