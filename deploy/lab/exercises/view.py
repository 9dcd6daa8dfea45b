"""Exercises in the terminal: the list, a check line by line, and theory beside measurement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from lab.exercises.catalogue import EXERCISES
from lab.exercises.model import Compared, Judgement
from lab.exercises.progress import Progress, Record
from lab.exercises.sitting import Checked, shown

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
    """Theory beside measurement, of one check."""
    return beside([shown(one) for one in rows])


def last_compared(kept: Progress) -> list[dict[str, Any]]:
    """Theory beside measurement as the last check of each exercise saw it, with the exercise's number."""
    return [
        {"exercise": number, **row}
        for number, record in sorted(kept.records.items())
        for row in record.results.get("compared", ())
    ]


def beside(rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table of rows as `sitting.shown` makes them; with the exercise's number where they have one."""
    numbered = any("exercise" in row for row in rows)
    heads = ["", "predicted", "measured", "within", ""]
    table = Table(*(["exercise"] if numbered else []), *heads, box=None, pad_edge=False)
    for row in rows:
        verdict = "[green]agrees[/green]" if row["agrees"] else "[red]differs[/red]"
        number = [str(row["exercise"])] if numbered else []
        table.add_row(
            *number, row["what"], row["predicted"], row["measured"], f"± {row['tolerance']}", verdict
        )
    return table
