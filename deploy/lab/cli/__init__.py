"""The `lab` command: every verb of the Makefile that does more than call one program, a module a group."""

from __future__ import annotations

import os
import re
import sys

import typer

from lab.cli import (
    audit,
    backup,
    bundle,
    deploy,
    docs,
    drill,
    edge,
    exercises,
    experiment,
    firewall,
    images,
    lifecycle,
    limits,
    link,
    load,
    outage,
    path,
    results,
    service,
)
from lab.cli.terminal import errors
from lab.errors import LabError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
for group in (
    lifecycle,
    deploy,
    images,
    backup,
    bundle,
    service,
    load,
    experiment,
    exercises,
    link,
    limits,
    edge,
    path,
    results,
    audit,
    drill,
    docs,
    outage,
):
    app.add_typer(group.app)
app.add_typer(firewall.app, name="firewall")


def in_makes_words(text: str) -> str:
    """An error in the words of whoever typed a make verb: DELAY=10ms for --delay 10ms."""
    return re.sub(r"--([a-z][a-z0-9-]+) ?", lambda found: found[1].upper().replace("-", "_") + "=", text)


def main() -> None:
    """Run the command; a LabError is told in one sentence, and its exit code is ours."""
    try:
        app()
    except LabError as error:
        text = in_makes_words(str(error)) if "MAKELEVEL" in os.environ else str(error)
        errors.print(f"ticketlab: {text}", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except OSError as error:
        errors.print(f"ticketlab: {error.filename}: {error.strerror}; is it yours to write?", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
