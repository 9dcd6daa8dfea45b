"""A million tickets made and loaded, beside Django's own `loaddata`; exit code 1 if a promise is not kept.

On an SQLite file as in the lab, each load on an empty, migrated database. `loaddata` reads 20,000 tickets of
the same seed before and after our own commands, and the quicker time counts. Rows per second are tickets
divided by the time of the whole command but for the start of Python and Django, which is measured with an
empty list of tickets (it would weigh more on the smaller file). CPU time is shown since other processes
cannot change it as much. Memory is the process's VmHWM; flat means that ten times as many
tickets take at most a tenth more.

Takes two minutes on a quiet machine, and 1.5 GB of disk in TMPDIR.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Result, tell
from benchmarks.site import Cost, cost, environment, manage

FEW = 20_000  # tickets for loaddata
TIMES = 10  # as many rows a second as loaddata
MOST_MEMORY = 200  # MB
FLAT = 1.1
LEAST = 100_000


def _made(directory: Path, count: int) -> tuple[Path, Cost]:
    file = directory / f"{count}.json"
    return file, cost(
        environment(directory), "generate_tickets", "--count", str(count), "--output", str(file)
    )


def _loaded(directory: Path, command: str, file: Path) -> tuple[Cost, Cost]:
    """The costs of loading into an empty database, and of doing it again."""
    with tempfile.TemporaryDirectory(dir=directory) as own:
        settings = environment(Path(own))
        manage(settings, "migrate", "--verbosity", "0")
        return cost(settings, command, str(file)), cost(settings, command, str(file))


def _less(whole: Cost, start: Cost) -> Cost:
    return Cost(whole.seconds - start.seconds, whole.cpu - start.cpu, whole.peak)


def _quicker(name: str, count: int, took: Cost, yardstick: Cost) -> Result:
    rate, usual = count / took.seconds, FEW / yardstick.seconds
    of_cpu = (count / took.cpu) / (FEW / yardstick.cpu)
    measured = (
        f"{rate:,.0f} rows/s, loaddata {usual:,.0f}: {rate / usual:.1f} times, by CPU time {of_cpu:.1f} times"
    )
    return Result(f"{name} {count:,}", (measured,), f"≥ {TIMES} times", rate >= TIMES * usual)


def _flat(name: str, many: Cost, fewer: Cost) -> Result:
    measured = f"{many.peak:.0f} MB, and {fewer.peak:.0f} MB for a tenth: {many.peak / fewer.peak:.2f} times"
    kept = many.peak <= MOST_MEMORY and many.peak <= FLAT * fewer.peak
    return Result(f"peak memory of {name}", (measured,), f"≤ {MOST_MEMORY} MB, ≤ {FLAT} times", kept)


def measure(directory: Path, count: int) -> Iterator[Result]:
    """Every promise, for `count` tickets."""
    nothing = directory / "nothing.json"
    nothing.write_text("[]")
    _, start = _loaded(directory, "load_tickets", nothing)
    few, _ = _made(directory, FEW)
    fewer, made_fewer = _made(directory, count // 10)
    first, _ = _loaded(directory, "loaddata", few)
    many, made = _made(directory, count)
    loaded, again = _loaded(directory, "load_tickets", many)
    loaded_fewer, again_fewer = _loaded(directory, "load_tickets", fewer)
    second, _ = _loaded(directory, "loaddata", few)
    yardstick = _less(min(first, second, key=lambda one: one.seconds), start)
    yield _quicker("generate_tickets", count, _less(made, start), yardstick)
    yield _quicker("load_tickets", count, _less(loaded, start), yardstick)
    yield _quicker("load_tickets again,", count, _less(again, start), yardstick)
    yield _flat("generate_tickets", made, made_fewer)
    yield _flat("load_tickets", loaded, loaded_fewer)
    yield _flat("load_tickets again", again, again_fewer)


def main() -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description="Measure how quickly tickets are made and loaded.")
    parser.add_argument("--count", type=int, default=1_000_000, help="how many tickets (default: 1000000)")
    count = parser.parse_args().count
    if count < LEAST:
        parser.error(f"--count must be {LEAST:,} or more: fewer take no longer than Python's start")
    with tempfile.TemporaryDirectory() as directory:
        title = "tickets made and loaded, SQLite"
        return tell(title, ("measured",), measure(Path(directory), count))


if __name__ == "__main__":
    sys.exit(main())
