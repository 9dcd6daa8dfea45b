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

from rich.console import Console
from rich.table import Table

from benchmarks.link import measurements
from benchmarks.link.measurements import Result
from tests.netns.link.wire import Wire

console = Console(highlight=False, width=150)


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
    console.print(f"Linux {platform.release()}, {os.cpu_count()} cores, TCP {congestion}, userspace engine")
    table = Table("what", "method", "measured", "bound", "")
    kept = True
    for result in results():
        kept = kept and result.kept
        table.add_row(
            result.what, result.method, result.measured, result.bound, "kept" if result.kept else "NOT KEPT"
        )
        print(f"{result.what}: {result.measured}", file=sys.stderr, flush=True)
    console.print(table)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
