"""The verb of the experiments."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from lab import lifecycle
from lab.cli.terminal import console, say

if TYPE_CHECKING:
    from lab.experiments.runner import Outcome

app = typer.Typer()


@app.command()
def experiment(
    name: Annotated[str, typer.Argument(help="Which one; none lists them.")] = "",
    quick: bool = typer.Option(False, "--quick", help="Fewer cells, and shorter: a look, no measurement."),
    as_json: bool = typer.Option(False, "--json", help="As JSON, for a script."),
) -> None:
    """Measure the lab in a row of conditions beside theory; exit code 1 if a prediction is missed."""
    # Here, since numpy and matplotlib take a second to load, for which no other verb shall wait.
    from lab.experiments import page, runner
    from lab.experiments.catalogue import EXPERIMENTS, named
    from lab.experiments.site import LabSite
    from lab.load.session import RUNS

    if not name:
        for one in EXPERIMENTS.values():
            console.print(f"{one.name:16} {one.question}", soft_wrap=True)
        return
    chosen = named(name)
    settings, plan = lifecycle.current()
    outcome = runner.run(chosen, LabSite(settings, plan), RUNS, say, quick=quick)
    written = page.write(outcome)
    if as_json:
        typer.echo(json.dumps(page.document(outcome), indent=2, ensure_ascii=False))
    else:
        _tell(outcome)
        console.print(f"{page.VERDICTS[outcome.code]}: {outcome.sentence}", soft_wrap=True, markup=False)
        console.print(f"the page: {written}", soft_wrap=True)
    sys.exit(outcome.code)


def _tell(outcome: Outcome) -> None:
    from lab.experiments import page

    x, y = outcome.experiment.x, outcome.experiment.y
    table = Table("", x.label, "predicted", "measured", "", box=None, pad_edge=False)
    for point in outcome.points:
        verdict = "[green]agrees[/green]" if point.agrees else "[red]differs[/red]"
        told = (page.shown(point.x, x), page.expected(point, y), page.shown(point.measured, y))
        table.add_row(point.series, *told, "" if point.predicted is None else verdict)
    console.print(table)
