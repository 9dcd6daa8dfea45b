"""Verbs that take one host out of service."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import lifecycle, outage
from lab.cli.terminal import say

app = typer.Typer()
Host = Annotated[str, typer.Argument(help="A host of the lab, such as app2.")]


@app.command()
def kill(host: Host) -> None:
    """Kill a host with signal 9; it stays dead until `restart` or `up`."""
    outage.kill(*lifecycle.current(), host, say)


@app.command()
def freeze(
    host: Host, length: Annotated[str, typer.Option("--for", help="How long, such as 2.5s.")] = "2s"
) -> None:
    """Stop all processes of a host for a while."""
    outage.freeze(*lifecycle.current(), host, length, say)


@app.command()
def drain(host: Host, back: bool = typer.Option(False, help="Ask it again.")) -> None:
    """Have the edge ask a replica nothing more, while the replica runs on."""
    (outage.resume if back else outage.drain)(*lifecycle.current(), host, say)
