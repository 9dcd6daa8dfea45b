"""The verbs that audit the lab, and tell what its images are made of."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from lab import lifecycle, paths
from lab.audit import families, runner, view, waivers
from lab.audit.model import Level, Site
from lab.cli.terminal import console, say
from lab.engine import containers
from lab.errors import ExitCode, LabError

app = typer.Typer()


@app.command()
def audit(
    family: Annotated[list[str] | None, typer.Option(help="One family of checks; none: all.")] = None,
    fail_on: Annotated[str, typer.Option(help="The lowest level that makes the audit fail.")] = "LOW",
    verbose: bool = typer.Option(False, "--verbose", help="Of every check why it is there, fix and command."),
    as_json: bool = typer.Option(False, "--json", help="As JSON, for a script."),
) -> None:
    """Look whether the lab keeps what it promises about its own security; exit code 1 if it does not."""
    level = _level(fail_on)
    known, chosen = families.load(), families.load(family or ())
    borne = waivers.read()
    settings, plan = lifecycle.current()
    if not containers(settings.project):
        raise LabError("the lab is not there to be audited; run: make up", ExitCode.UNMEASURED)
    say(f"{sum(len(one.checks) for one in chosen)} checks; most of a minute")
    report = runner.run(Site(settings, plan), chosen, borne, known, datetime.date.today())
    if as_json:
        print(json.dumps(view.document(report), indent=2))
    else:
        for line in view.lines(report, verbose=verbose):
            console.print(line, soft_wrap=True)
    sys.exit(report.code(level))


def _level(name: str) -> Level:
    if name not in Level.__members__:
        said = f"there is no level '{name}'; the levels are {', '.join(Level.__members__)}"
        raise LabError(said, ExitCode.USAGE)
    return Level[name]


@app.command()
def sbom(
    folder: Annotated[Path, typer.Option(help="Where the documents go.")] = paths.ROOT / "sbom",
) -> None:
    """Write a bill of materials for each image that is built, as CycloneDX JSON."""
    try:
        from lab.sbom import document, inventory, lock
    except ModuleNotFoundError as error:
        said = f"that needs the package {error.name}; run make sbom, which installs it"
        raise LabError(said, ExitCode.UNMEASURED) from error
    locked = lock.files()
    folder.mkdir(parents=True, exist_ok=True)
    for target in inventory.built():
        found = inventory.of(target)
        file = folder / f"{target}.cdx.json"
        file.write_text(document.render(found, locked))
        counted = f"{len(found.debian)} packages of Debian, {len(found.python)} of Python"
        console.print(f"{file}: {counted}", soft_wrap=True, markup=False)
