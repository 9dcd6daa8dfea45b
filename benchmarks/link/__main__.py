"""Measure every promise about links in network namespaces, print a table, exit 1 if one is not kept.

Client, router and server are namespaces on veth cables; the supervisor runs in the router as in the lab. Root
is needed, and iproute2, iperf3, nftables and ping. Takes about four minutes. (ping shows round trips from
100 ms up in whole milliseconds.)
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.link import measurements
from benchmarks.report import Result, tell
from tests.netns.link.wire import Wire


def results() -> Iterator[Result]:
    """Every measurement; a fresh wire for each kind."""
    with tempfile.TemporaryDirectory() as here:
        with Wire(Path(here), engine="userspace") as wire:
            wire.start()
            yield from measurements.delays(wire)
            yield from measurements.losses(wire)
            with wire.iperf3_server():
                yield from measurements.rates(wire)
                yield from measurements.throughputs(wire)
            yield measurements.killing(wire)
        yield measurements.unimpaired(Path(here))


def main() -> int:
    """Measure, tell, and return the exit code."""
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    title = f"Linux {platform.release()}, {os.cpu_count()} cores, TCP {congestion}, userspace engine"
    return tell(title, ("method", "measured"), results())


if __name__ == "__main__":
    sys.exit(main())
