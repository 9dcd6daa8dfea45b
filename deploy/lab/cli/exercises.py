"""Verbs of the exercises."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from lab import lifecycle
from lab.cli.terminal import console, say
from lab.errors import ExitCode, LabError

app = typer.Typer()
Number = Annotated[int, typer.Argument(metavar="EX", help="The exercise's number.")]


@app.command()
def exercises() -> None:
    """List the exercises, and how far you are."""
    from lab.exercises import progress, view

    kept = progress.load()
    console.print(view.listed(kept))
    whose = f"of {kept.student}" if kept.student else "make start EX=1 STUDENT=s1234567 begins"
    console.print(f"\n{whose}; the pages are in docs/exercises/", markup=False)


@app.command()
def predicted(
    as_json: bool = typer.Option(False, "--json", help="As JSON, for a script."),
) -> None:
    """Show theory beside what the last check of each exercise measured. Exit code 1 where they differ, 3 if
    nothing was compared yet."""
    from lab.exercises import progress, view

    rows = view.last_compared(progress.load())
    if not rows:
        said = (
            "no check has compared theory with the lab yet; exercises 4, 5, 6, 8 and 9 do, once they are done"
        )
        raise LabError(f"{said}: make start EX=4", ExitCode.UNMEASURED)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        console.print(view.beside(rows))
    sys.exit(ExitCode.PASSED if all(row["agrees"] for row in rows) else ExitCode.FAILED)


@app.command()
def start(
    number: Number, student: str = typer.Option("", help="Your student id; your numbers are drawn from it.")
) -> None:
    """Put the lab into an exercise's starting state, and say what must fail now."""
    from lab.exercises import catalogue, sheet, sitting
    from lab.exercises.bench import RunningLab

    exercise = catalogue.numbered(number)
    begun = sitting.begin(exercise, RunningLab(*lifecycle.current(), say), student)
    console.print(f"Exercise {number}, {exercise.title}: {exercise.page}", markup=False)
    if begun.numbers:
        told = ", ".join(f"{name}={value}" for name, value in begun.numbers.items())
        console.print(f"Your numbers: {told}", markup=False)
    where = f"{'now' if begun.new_sheet else 'still'} in answers/{sheet.path(number).name}"
    console.print(f"The questions are {where}.", markup=False)
    console.print(f"make check EX={number} must fail now: {begun.must_fail}.", markup=False, soft_wrap=True)


@app.command()
def check(
    number: Number, as_json: bool = typer.Option(False, "--json", help="As JSON, for a script.")
) -> None:
    """Judge the answers and the lab. Exit code 1 if something is wrong, 3 if nothing could be seen."""
    from lab.exercises import catalogue, sitting, view
    from lab.exercises.bench import RunningLab

    found = sitting.check(catalogue.numbered(number), RunningLab(*lifecycle.current(), say))
    if as_json:
        typer.echo(json.dumps(sitting.results(found), indent=2, ensure_ascii=False))
        sys.exit(ExitCode.PASSED if found.passed else ExitCode.FAILED)
    if found.sealed_now:
        say("your predictions are sealed: the report shows them as they are now")
    for line in view.lines(found):
        console.print(line, soft_wrap=True)
    if found.compared:
        console.print(view.compared(found.compared))
    if not found.passed:
        wrong = sum(not judgement.passed for judgement in found.judgements)
        console.print(
            f"{wrong} of {len(found.judgements)} not right yet; make hint EX={number} helps", markup=False
        )
        sys.exit(ExitCode.FAILED)
    console.print(f"[green]exercise {number} is passed[/green]; make reset EX={number} ends it")


@app.command()
def apply(number: Number) -> None:
    """Put into force what you have edited in answers/, where an exercise has files there."""
    from lab.exercises import catalogue, sitting
    from lab.exercises.bench import RunningLab

    sitting.apply(catalogue.numbered(number), RunningLab(*lifecycle.current(), say))
    say(f"the lab runs with what is in answers/{number:02} now")


@app.command()
def hint(number: Number) -> None:
    """Give one more hint."""
    from lab.exercises import catalogue, sitting

    which, of, text = sitting.hint(catalogue.numbered(number))
    console.print(f"hint {which} of {of}: {text}", markup=False, soft_wrap=True)


@app.command()
def reset(number: Number) -> None:
    """End an exercise: the lab is as shipped again, the answers stay."""
    from lab.exercises import catalogue, sitting
    from lab.exercises.bench import RunningLab

    sitting.reset(catalogue.numbered(number), RunningLab(*lifecycle.current(), say))
    say(f"exercise {number} is ended; the lab is as shipped, and answers/{number:02}.toml stays")


@app.command()
def solve(
    number: Number, key: Annotated[Path, typer.Option(help="The instructor's key.")] = Path("instructor.key")
) -> None:
    """Do what a student should have done, and write the answers: for whoever has the instructor's key."""
    from lab.exercises import catalogue, sheet, sitting
    from lab.exercises import key as key_
    from lab.exercises.bench import RunningLab

    settings, plan = lifecycle.current()
    key_.must_fit(key, settings["CLASS_KEY"])
    kept = sitting.solve(catalogue.numbered(number), RunningLab(settings, plan, say))
    if kept:
        say(f"the student's own answers are in {kept.name} now")
    file = sheet.path(number).name
    say(f"exercise {number} is solved, in the lab and in answers/{file}; make check EX={number}")


@app.command(name="class-key")
def class_key(file: Annotated[Path, typer.Argument(help="Where the private half goes.")]) -> None:
    """Make the instructor's key: a file for the instructor alone, a line for each student's .env."""
    from lab.exercises import key

    console.print(f"CLASS_KEY={key.make(file)}", markup=False, soft_wrap=True)
    say(f"{file} is the instructor's alone; the line goes into .env of each student's VM")
