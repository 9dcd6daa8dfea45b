"""What every benchmark ends with: a table of what was measured beside what was promised, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    what: str
    method: str
    measured: str
    bound: str
    kept: bool


def tell(title: str, results: Iterable[Result]) -> int:
    """Print each result as it comes and all of them as a table; the exit code is 1 if one is not kept."""
    console = Console(highlight=False, width=150)
    console.print(title)
    table = Table("what", "method", "measured", "bound", "")
    kept = True
    for result in results:
        kept = kept and result.kept
        verdict = "kept" if result.kept else "NOT KEPT"
        table.add_row(result.what, result.method, result.measured, result.bound, verdict)
        print(f"{result.what}: {result.measured}", file=sys.stderr, flush=True)
    console.print(table)
    return 0 if kept else 1
