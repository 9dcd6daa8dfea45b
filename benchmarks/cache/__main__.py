"""Cached reads through Nginx against a static file of the same size; exit 1 if the promise is not kept.

Nginx runs with the lab's own configuration on loopback, before two replicas of the app's own Gunicorn that
answer with a fixed JSON text (benchmarks/cache/origin.py). wrk, on 16 connections, reads that text at
/api/stats/ (cached for a second) and as a static file, in turn: PAIRS pairs of SECONDS each, the order
swapped from pair to pair. What counts is the ratio of the rates within a pair, and its median. Nginx's CPU
time per request is shown beside, since wrk shares the machine's cores with it. A run in which an answer was
no 2xx, or the replicas were asked more often than once a second, ends the measurement: it measured something
else.

wrk is needed (apt-get install wrk). Takes about a minute.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cache.measurements import PAIRS, SECONDS, SIZES, Pairs, measured
from benchmarks.report import Result, tell
from lab.dev.supervisor import Supervisor

PROMISE = 0.8
COLUMNS = ("cached/s", "static/s", "ratio (lowest, highest)", "CPU µs a request")


def judge(size: int, pairs: Pairs) -> Result:
    """The ratio of the rates within each pair, and its median."""
    ratios = [cached.rate / static.rate for cached, static in pairs]
    ratio = statistics.median(ratios)
    rates = [statistics.median(run.rate for run in runs) for runs in zip(*pairs, strict=True)]
    costs = [statistics.median(run.cpu for run in runs) for runs in zip(*pairs, strict=True)]
    seen = (
        *(f"{rate:,.0f}" for rate in rates),
        f"{ratio:.2f} ({min(ratios):.2f}, {max(ratios):.2f})",
        " against ".join(f"{cost:.1f}" for cost in costs),
    )
    return Result(f"{size:,} bytes", seen, f"≥ {PROMISE}", ratio >= PROMISE)


def results() -> Iterator[Result]:
    """A fresh edge for each size."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as here, Supervisor() as supervisor:
            yield judge(size, measured(supervisor, Path(here), size))


def main() -> int:
    """Measure, tell, and return the exit code."""
    title = f"Linux {platform.release()}, {PAIRS} alternating pairs of {SECONDS} s, medians"
    return tell(title, COLUMNS, results())


if __name__ == "__main__":
    sys.exit(main())
