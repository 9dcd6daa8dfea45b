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
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.cache.measurements import PAIRS, SECONDS, SIZES, Result, measured
from lab.dev.supervisor import Supervisor

PROMISE = 0.8

console = Console(highlight=False, width=150)


def main() -> int:
    """Measure, tell, and return the exit code."""
    if shutil.which("wrk") is None:
        print("benchmarks.cache: wrk is not installed; run: sudo apt-get install wrk", file=sys.stderr)
        return 3
    console.print(f"Linux {platform.release()}, {PAIRS} alternating pairs of {SECONDS} s, medians")
    table = Table("body", "cached/s", "static/s", "ratio (lowest, highest)", "CPU µs a request", "bound", "")
    kept = True
    for size in SIZES:
        with tempfile.TemporaryDirectory() as here, Supervisor() as supervisor:
            result = measured(supervisor, Path(here), size)
        kept = kept and result.ratio >= PROMISE
        table.add_row(*_row(size, result))
    console.print(table)
    return 0 if kept else 1


def _row(size: int, result: Result) -> list[str]:
    return [
        f"{size:,} bytes",
        f"{result.cached:,.0f}",
        f"{result.static:,.0f}",
        f"{result.ratio:.2f} ({min(result.ratios):.2f}, {max(result.ratios):.2f})",
        f"{result.cached_cpu:.1f} against {result.static_cpu:.1f}",
        f"≥ {PROMISE}",
        "kept" if result.ratio >= PROMISE else "NOT KEPT",
    ]


if __name__ == "__main__":
    sys.exit(main())
