"""A run in the terminal: one row for each kind of request, and the verdict last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from lab.load.percentiles import NAN, shown
from lab.load.summary import verdict_line

COLUMNS = ("request", "requests", "failed", "per s", "median", "p95", "p99")


def table(summary: Mapping[str, Any]) -> Table:
    """The measured part of the run, by name and over all; times are response times."""
    found = Table(box=None, pad_edge=False)
    for number, name in enumerate(COLUMNS):
        found.add_column(name, justify="right" if number else "left", no_wrap=not number)
    for row in summary["by_name"]:
        found.add_row(escape(f"{row['method']} {row['name']}"), *_cells(row))
    found.add_row("all", *_cells(summary["measured"]), style="bold")
    return found


def lines(summary: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """What is to be said below the table: of which part it is, what it is worth, where the report is."""
    yield f"The table is of {summary['measured_part']['why']}."
    if summary["little"]:
        broken = "" if summary["little"]["holds"] else "Little's law does not hold: "
        yield f"{broken}{summary['little']['says']}"
    if summary["interactive"]:
        yield str(summary["interactive"]["says"])
    for event in summary["events"] or []:
        yield f"at {event['at']:.0f} s: {event['what']}"
    yield f"report: {folder / 'report.html'}"
    yield verdict_line(summary)


def _cells(row: Mapping[str, Any]) -> list[str]:
    times = (row["response_ms"][key] for key in ("p50", "p95", "p99"))
    return [
        f"{row['requests']:,}",
        f"{row['failures']:,}",
        f"{row['rate']:.1f}",
        *(shown(NAN if time is None else time) for time in times),
    ]
