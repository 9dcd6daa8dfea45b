"""Requests and pings timed where they are sent, in seconds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.link import probes

REPEATS = 7
FORM = "%{num_connects} %{time_starttransfer}\\n"
# The same address twice: the second request goes over the first one's connection.
TWICE = """for turn in $(seq "$1"); do
    curl -s -k -m 20 -o /dev/null -o /dev/null -w "$2" "$3" "$3" || exit 1
done"""


@dataclass(frozen=True)
class Times:
    """Seconds until the first byte of an answer, on a new connection and on a kept-alive one.

    Each the quickest of several: what else a VM does can only add to what the wire takes.
    """

    new: float
    kept_alive: float


def requests(lab: RunningLab, url: str, host: str = "client", repeats: int = REPEATS) -> Times:
    """Time requests for a URL from a host; raises LabError (exit code 3) if they are not answered.

    Certificates are not verified here: trust costs no round trip, and an exercise about time needs none.
    """
    printed = lab.run(host, "sh", "-c", TWICE, "sh", str(repeats), FORM, url, patience=60)
    rows = [line.split() for line in printed.splitlines()]
    new, kept = ([float(first) for connects, first in rows if connects == wanted] for wanted in "10")
    if not new or not kept:
        raise LabError(f"{url} keeps no connection open, so kept-alive cannot be timed", ExitCode.UNMEASURED)
    return Times(min(new), min(kept))


def round_trip(lab: RunningLab, target: str, host: str = "client", count: int = 20) -> float:
    """The median round trip of pings from a host to an address, in seconds."""
    found = probes.ping(lab.probing, host, target, count, interval=0.05, patience=2)
    if found.received < count // 2:
        raise LabError(f"{target} answered {found.received} of {count} pings", ExitCode.UNMEASURED)
    return statistics.median(found.round_trips)
