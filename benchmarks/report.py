"""What every benchmark ends with: a table of what was measured beside what was promised, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from lab.errors import ExitCode, LabError


@dataclass(frozen=True)
class Result:
    """One line of the table: `seen` has a text for each of the benchmark's own columns."""

    what: str
    seen: tuple[str, ...]
    bound: str
    kept: bool


def progress(text: str) -> None:
    """A line about what is being done, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


def tell(title: str, columns: Sequence[str], results: Iterable[Result]) -> ExitCode:
    """Print each result as it comes and all of them as a table.

    A LabError while they are measured ends it with its sentence, and what there is by then is shown all the
    same. The exit code says whether all are kept; UNMEASURED after such an end.
    """
    console = Console(highlight=False, width=150)
    table = Table("what", *columns, "bound", "", title=title, title_justify="left")
    outcome = ExitCode.PASSED
    try:
        for result in results:
            table.add_row(result.what, *result.seen, result.bound, "kept" if result.kept else "NOT KEPT")
            progress(f"{result.what}: {', '.join(result.seen)}")
            outcome = outcome if result.kept else ExitCode.FAILED
    except LabError as error:
        progress(f"ticketlab: {error}")
        outcome = ExitCode.UNMEASURED
    console.print(table)
    return outcome
