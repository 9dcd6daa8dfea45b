"""Verbs of what became of the exercises: a student's report, and a class of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.terminal import console, errors
from lab.errors import ExitCode

app = typer.Typer()


@app.command()
def report() -> None:
    """Write what you predicted, measured and passed: a page, and a signed file for the instructor."""
    from lab.results import writing

    page, file = writing.student()
    console.print(f"page: {page}", markup=False, soft_wrap=True)
    console.print(f"to hand in: {file}", markup=False, soft_wrap=True)


@app.command()
def collect(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the students' files are.")],
    out: Annotated[Path | None, typer.Option(help="Where the class's page goes; usually DIR.")] = None,
) -> None:
    """Verify the reports in a folder; write class.csv and class.html. Exit code 1 if a file is left out or
    something is odd."""
    from lab.results import writing

    done = writing.collected(folder, out or folder)
    for line in done.found.refused:
        errors.print(f"left out: {line}", markup=False, soft_wrap=True)
    for doubt in done.doubts:
        errors.print(f"to be talked about: {doubt}", markup=False, soft_wrap=True)
    for line in done.found.notices:
        errors.print(f"note: {line}", markup=False, soft_wrap=True)
    count = len(done.found.reports)
    console.print(f"{count} student{'' if count == 1 else 's'}: {done.page} and {done.table}", markup=False)
    sys.exit(ExitCode.FAILED if done.found.refused or done.doubts else ExitCode.PASSED)
