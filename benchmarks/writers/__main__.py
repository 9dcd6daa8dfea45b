"""Sixteen writers for 30 s at two Gunicorns on one SQLite file; exit code 1 if one ticket is lost.

As in `make dev`: two replicas with four threads each, on loopback, without Nginx, which would only take the
blame for a 5xx. Every acknowledged ticket must be in the database once, with one event of its creation.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.outcome import Outcome, show
from benchmarks.writers import WRITERS, Tally, write


def judge(tally: Tally) -> Iterator[Outcome]:
    """Every promise."""
    failed = sum(number for status, number in tally.statuses.items() if status != 201)
    filed = len(tally.acknowledged)
    what = f"{WRITERS} writers, {tally.seconds:.0f} s"
    measured = f"{filed:,} filed, {filed / tally.seconds:.0f} a second; by status {dict(tally.statuses)}"
    yield Outcome(what, measured, "every answer 201", filed > 0 and not failed)
    yield Outcome(
        "acknowledged, but not stored once with its event", str(len(tally.lost)), "0", not tally.lost
    )


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def main() -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description="File tickets from sixteen clients at once.")
    parser.add_argument("--seconds", type=float, default=30, help="for how long (default: 30)")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as directory:
        return show(judge(write(Path(directory), _free_ports(), seconds)))


if __name__ == "__main__":
    sys.exit(main())
