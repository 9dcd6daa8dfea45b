"""Exercises in the terminal: the list, a check line by line, and theory beside measurement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.markup import escape
from rich.table import Table

from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Compared, Judgement
from lab.exercises.progress import Progress, Record
from lab.exercises.sitting import Checked

STYLES = {"passed": "green", "under way": "yellow", "begun": "yellow", "open": "dim"}


def listed(kept: Progress) -> Table:
    """All exercises with the student's state in each."""
    table = Table("", "exercise", "what it is about", "time", "state", "hints", box=None, pad_edge=False)
    for number, exercise in EXERCISES.items():
        record = kept.records.get(number, Record())
        state = f"[{STYLES[record.state]}]{record.state}[/]"
        table.add_row(
            f"{number}",
            exercise.title,
            exercise.about,
            f"{exercise.minutes} min",
            state,
            str(record.hints or ""),
        )
    return table


def lines(found: Checked) -> Iterator[str]:
    """A check, a line for each thing looked at; what is wrong has its hint below."""
    for judgement in found.judgements:
        yield from _line(judgement)


def _line(judgement: Judgement) -> Iterator[str]:
    mark = "[green]✔[/green]" if judgement.passed else "[red]✘[/red]"
    told = f": {judgement.found}" if judgement.found else ""
    beside = f" (expected {judgement.expected})" if judgement.expected and judgement.passed else ""
    yield f"{mark} {escape(judgement.what + told + beside)}"
    if not judgement.passed:
        yield f"    {escape(judgement.hint)}"


def compared(rows: Iterable[Compared]) -> Table:
    """Theory beside measurement."""
    table = Table("", "predicted", "measured", "within", "", box=None, pad_edge=False)
    for one in rows:
        shown = (one.dimension.show(value) for value in (one.predicted, one.measured, one.tolerance))
        predicted, measured, tolerance = shown
        verdict = "[green]agrees[/green]" if one.agrees else "[red]differs[/red]"
        table.add_row(one.what, predicted, measured, f"± {tolerance}", verdict)
    return table
