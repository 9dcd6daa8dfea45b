"""Verbs of the load: a run with a verdict, and runs side by side."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from lab import lifecycle
from lab.cli.terminal import console, say
from lab.errors import ExitCode, LabError
from lab.link import request
from lab.load import plan as plan_
from lab.load import thresholds
from lab.load.plan import Plan
from link.condition import Link
from link.units import ConditionError, seconds

app = typer.Typer()


@app.command()
def loadtest(
    fail_more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    scenario: Annotated[str, typer.Option(help="A file in locustfiles/, such as browse.")] = "browse",
    shape: Annotated[str | None, typer.Option(help="How the load moves, such as ramp or spike.")] = None,
    users: Annotated[int, typer.Option(help="How many users at most.")] = 20,
    rate: Annotated[float | None, typer.Option(help="Arrivals per second (open loop).")] = None,
    arrivals: Annotated[str, typer.Option(help="With --rate: poisson or even.")] = "poisson",
    time: Annotated[str, typer.Option(help="How long, such as 30s or 5m.")] = "30s",
    profile: Annotated[str | None, typer.Option(help="A ready-made link for the clients.")] = None,
    delay: Annotated[str | None, typer.Option(help="The clients' one-way delay, such as 40ms.")] = None,
    loss: Annotated[str | None, typer.Option(help="Share of the clients' packets, such as 1%.")] = None,
    fail_if: Annotated[list[str] | None, typer.Option(help="Such as 'p95>300ms' or 'failures>0.1%'.")] = None,
    workers: Annotated[int, typer.Option(help="Processes that make the load; 0 for one alone.")] = 0,
    via: Annotated[str, typer.Option(help="edge, or straight to app1, app2 or app3.")] = "edge",
    keep_alive: Annotated[bool, typer.Option(help="Keep connections, or open one per request.")] = True,
    sources: Annotated[str, typer.Option(help="one, or spread over all addresses of a generator.")] = "one",
    think_time: Annotated[str | None, typer.Option(help="Mean pause of a user, such as 1s.")] = None,
    label: Annotated[str, typer.Option(help="A word of your own for the report.")] = "",
) -> None:
    """Put load on the service from the clients network; exit code 1 if the run fails.

    The clients' link is set for the run, measured, and put back. Everything that was measured stays in
    runs/<time>-<scenario>/: report.html, summary.json, requests.csv.
    """
    plan = Plan(
        scenario=scenario,
        shape=shape,
        users=users,
        rate=rate,
        arrivals=arrivals,
        seconds=plan_.duration(time),
        link=_link(profile, delay, loss),
        workers=workers,
        via=via,
        keep_alive=keep_alive,
        sources=sources,
        think_time=_think_time(think_time),
        fail_if=tuple(
            one for text in [*(fail_if or []), *(fail_more or [])] for one in thresholds.split(text)
        ),
        label=label,
    )
    plan.check()
    from lab.load import session, summary, view  # numpy's import is slow, and other verbs need none

    settings, topology = lifecycle.current()
    folder = session.run(settings, topology, plan, say)
    found = summary.load(folder)
    console.print(view.table(found), soft_wrap=False)
    for line in view.lines(found, folder):
        console.print(line, markup=False, soft_wrap=True)
    sys.exit(found["verdict"]["code"])


def _link(profile: str | None, delay: str | None, loss: str | None) -> Link | None:
    """The link that is asked for; None leaves the clients' link as it is."""
    texts = {name: text for name, text in (("delay", delay), ("loss", loss)) if text is not None}
    if not texts and profile is None:
        return None
    return request.wanted(request.Request(texts, profile=profile), Link())


def _think_time(text: str | None) -> float | None:
    try:
        return None if text is None else seconds(text, "--think-time")
    except ConditionError as error:
        raise LabError(str(error), ExitCode.USAGE) from error


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A run in runs/, several with commas, latest or previous.")],
    b: Annotated[str, typer.Argument(help="The other side.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a script.")] = False,
) -> None:
    """Put two runs side by side: what differs, with 95 % intervals, and what is within the noise."""
    from lab.load import compare as compare_
    from lab.load import compare_view, session, sides

    found = compare_.compare(*sides.named(a, b))
    if as_json:
        typer.echo(json.dumps(compare_.document(found), indent=2))
        return
    for line in compare_view.lines(found):
        console.print(line, markup=False, soft_wrap=True)
    console.print(compare_view.table(found))
    for line in (found.caution, f"page: {compare_view.write(found, session.RUNS)}", compare_.sentence(found)):
        if line:
            console.print(line, markup=False, soft_wrap=True)
