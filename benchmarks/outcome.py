"""One line for each promise: what was measured, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Outcome:
    """One promise."""

    what: str
    measured: str
    bound: str
    kept: bool


def show(outcomes: Iterable[Outcome]) -> int:
    """Print the table, and return the exit code: 1 if a promise is not kept."""
    outcomes = list(outcomes)
    table = Table("what", "measured", "bound", "")
    for outcome in outcomes:
        table.add_row(outcome.what, outcome.measured, outcome.bound, "kept" if outcome.kept else "NOT KEPT")
    Console(highlight=False, width=140).print(table)
    return 0 if all(outcome.kept for outcome in outcomes) else 1
