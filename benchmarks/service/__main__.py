"""Measure the service beside its peers and beside itself, print tables, exit 1 if a promise is not kept.

Everything runs on loopback from scratch data in a temporary directory. Needs wrk. Takes about eight minutes.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Result, progress, tell
from benchmarks.service import data, million, sameness, servers, speed
from lab.errors import ExitCode


def beside_peers() -> Iterator[Result]:
    """The service and its peers, which first are shown to answer the same."""
    with tempfile.TemporaryDirectory(prefix="ticketlab-bench-") as here:
        scratch = Path(here)
        settings, few = servers.shared_settings(scratch), data.make(scratch / "few.sqlite3", million.FEW)
        everyone = {name: (name, few) for name in (servers.SERVICE, *servers.PEERS)}
        with servers.running(everyone, settings, scratch) as up:
            sameness.check(up[servers.SERVICE], [up[name] for name in servers.PEERS])
            progress("every peer answers as the service does")
            yield from speed.results(up)


def beside_itself() -> Iterator[Result]:
    """The service with a million tickets, and with 1,300."""
    with tempfile.TemporaryDirectory(prefix="ticketlab-bench-") as here:
        scratch = Path(here)
        progress(f"making {million.MANY:,} tickets")
        many = data.make(scratch / "many.sqlite3", million.MANY)
        few = data.make(scratch / "few.sqlite3", million.FEW)
        both = {"big": (servers.SERVICE, many), "small": (servers.SERVICE, few)}
        with servers.running(both, servers.shared_settings(scratch), scratch) as up:
            yield from million.results(million.Tickets(up["big"], many), million.Tickets(up["small"], few))


def main() -> ExitCode:
    """Measure, tell, and return the exit code: 0 all kept, 1 not all, 3 could not be measured."""
    machine = f"Python {platform.python_version()}, Linux {platform.release()}, {os.cpu_count()} cores"
    beside = ("service", "peer", "service beside peer")
    alone = (f"{million.MANY:,} tickets", f"{million.FEW:,} tickets", "ratio")
    peers = tell(f"The service beside its peers. {machine}", beside, beside_peers())
    itself = tell(f"The service with a million tickets. {machine}", alone, beside_itself())
    return max(peers, itself)


if __name__ == "__main__":
    sys.exit(main())
