"""Sixteen writers for 30 s at two Gunicorns on one SQLite file; exit code 1 if one ticket is lost.

As in `make dev`: two replicas with four threads each, on loopback, without Nginx, which would only take the
blame for a 5xx. Every acknowledged ticket must be in the database once, with one event of its creation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Result, tell
from benchmarks.site import free_ports
from benchmarks.writers import WRITERS, Tally, write


def judge(tally: Tally) -> Iterator[Result]:
    """Every promise."""
    failed = sum(number for status, number in tally.statuses.items() if status != 201)
    filed = len(tally.acknowledged)
    what = f"{WRITERS} writers, {tally.seconds:.0f} s"
    measured = f"{filed:,} filed, {filed / tally.seconds:.0f} a second; by status {dict(tally.statuses)}"
    yield Result(what, (measured,), "every answer 201", filed > 0 and not failed)
    lost = (str(len(tally.lost)),)
    yield Result("acknowledged, but not stored once with its event", lost, "0", not tally.lost)


def results(seconds: float) -> Iterator[Result]:
    """Measure, and judge."""
    with tempfile.TemporaryDirectory() as directory:
        yield from judge(write(Path(directory), free_ports(2), seconds))


def main() -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description="File tickets from sixteen clients at once.")
    parser.add_argument("--seconds", type=float, default=30, help="for how long (default: 30)")
    seconds = parser.parse_args().seconds
    return tell("many clients that file tickets at once", ("measured",), results(seconds))


if __name__ == "__main__":
    sys.exit(main())
