"""The verb of the failure drills."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lab import lifecycle
from lab.cli.terminal import console, say

if TYPE_CHECKING:
    from lab.drills.report import Report

app = typer.Typer()


@app.command()
def drill(
    name: Annotated[str, typer.Argument(help="Which one, all or random; none lists them.")] = "",
    kills: Annotated[int, typer.Option(help="With random: how many.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="With random: which row of victims.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Less time and load: no p99 is judged.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a script.")] = False,
) -> None:
    """Break a part of the lab under load; exit code 1 if an acknowledged ticket is missing or there twice.

    What was seen stays in runs/<time>-drill-<name>/: page.html, drill.json, ledger.jsonl, requests.csv.
    """
    # Here, since numpy and matplotlib take a second to load, for which no other verb shall wait.
    from lab.drills import catalogue, report, spree
    from lab.drills.site import Site
    from lab.load.session import RUNS

    if not name:
        for one in catalogue.DRILLS.values():
            console.print(f"{one.name:15} {one.sentence}", soft_wrap=True, markup=False)
        console.print(f"{catalogue.RANDOM:15} KILLS=20 of them at random, the ledger held against each")
        return
    settings, plan = lifecycle.current()
    site = Site(settings, plan, say)
    if name == catalogue.RANDOM:
        reports = [spree.run(site, kills, seed, RUNS)]
    else:
        reports = [
            report.run(one.quick() if quick else one, site, RUNS) for one in catalogue.chosen(name, site)
        ]
    if as_json:
        typer.echo(json.dumps([one.document for one in reports], indent=2, ensure_ascii=False))
    else:
        for done in reports:
            _tell(done)
    sys.exit(max(done.verdict.code for done in reports))


def _tell(done: Report) -> None:
    for line in done.lines:
        console.print(line, soft_wrap=True, markup=False)
