"""Measure the service beside its peers and beside itself, print tables, exit 1 if a promise is not kept.

Everything runs on loopback from scratch data in a temporary directory. Needs wrk. Takes about eight minutes.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.service import data, million, sameness, servers, speed
from benchmarks.service.results import Result
from lab.errors import ExitCode, LabError

console = Console(highlight=False, width=150)


def tell(text: str) -> None:
    """Progress, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


def beside_peers(settings: Mapping[str, str], few: Path) -> Iterator[Result]:
    """The service and its peers, which first are shown to answer the same."""
    everyone = {name: (name, few) for name in (servers.SERVICE, *servers.PEERS)}
    with servers.running(everyone, settings, few.parent) as up:
        sameness.check(up[servers.SERVICE], [up[name] for name in servers.PEERS])
        tell("every peer answers as the service does")
        yield from speed.results(up, tell)


def beside_itself(settings: Mapping[str, str], few: Path) -> Iterator[Result]:
    """The service with a million tickets, and with 1,300."""
    many = few.with_name("many.sqlite3")
    tell(f"making {million.MANY:,} tickets")
    data.make(many, million.MANY, settings)
    both = {"big": (servers.SERVICE, many), "small": (servers.SERVICE, few)}
    with servers.running(both, settings, few.parent) as up:
        yield from million.results(million.Tickets(up["big"], many), million.Tickets(up["small"], few), tell)


def show(title: str, columns: tuple[str, ...], results: Iterator[Result]) -> bool:
    """Print results as they are promised; whether all promises are kept."""
    table, kept = Table(*columns, title=title, title_justify="left"), True
    for one in results:
        verdict = "kept" if one.kept else "NOT KEPT"
        table.add_row(one.what, one.service, one.other, one.ratio, one.bound, verdict)
        kept = kept and one.kept
        tell(f"{one.what}: {one.service} beside {one.other}, {one.ratio}")
    console.print(table)
    return kept


def main() -> int:
    """Measure, tell, and return the exit code: 0 all kept, 1 not all, 3 could not be measured."""
    console.print(f"Python {platform.python_version()}, Linux {platform.release()}, {os.cpu_count()} cores")
    try:
        with tempfile.TemporaryDirectory(prefix="ticketlab-bench-") as here:
            settings, few = servers.shared_settings(Path(here)), Path(here) / "few.sqlite3"
            data.make(few, million.FEW, settings)
            beside = ("request, peer", "service", "peer", "service beside peer", "bound", "")
            alone = ("page", "1,000,000 tickets", "1,300 tickets", "ratio", "bound", "")
            kept = [
                show("The service beside its peers", beside, beside_peers(settings, few)),
                show("The service with a million tickets", alone, beside_itself(settings, few)),
            ]
    except LabError as error:
        print(f"ticketlab: {error}", file=sys.stderr)
        return int(ExitCode.UNMEASURED)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
