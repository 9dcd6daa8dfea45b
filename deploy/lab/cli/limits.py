"""The verb of limits: what may come how fast, shown and changed for a while."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer
from rich.table import Table

from lab import lifecycle
from lab import limits as limits_
from lab.cli.terminal import console

app = typer.Typer()
LIMITED = (
    "log-ins from one address",
    "messages to the webhook",
    "messages to its channel",
    "requests to /healthz",
)


@app.command()
def limits(
    rate: Annotated[int | None, typer.Option(help="Log-ins per second from one address.")] = None,
    burst: Annotated[int | None, typer.Option(help="Log-ins beyond them at once.")] = None,
    webhook: Annotated[str | None, typer.Option(help="The webhook's messages/seconds, such as 5/2.")] = None,
    channel: Annotated[str | None, typer.Option(help="The channel's messages/seconds.")] = None,
    pace: Annotated[int | None, typer.Option(help="Requests per second to /healthz; others wait.")] = None,
    clear: Annotated[bool, typer.Option(help="Back to the lab's own.")] = False,
) -> None:
    """Show the limits at the edge and at Discord's stand-in; with options, change them for a while."""
    settings, _ = lifecycle.current()
    if clear:
        limits_.clear(settings)
    given = {"rate": rate, "burst": burst, "webhook": webhook, "channel": channel, "pace": pace}
    wanted = {name: value for name, value in given.items() if value is not None}
    if wanted:
        limits_.change(settings, dataclasses.replace(limits_.in_force(settings), **wanted))  # type: ignore[arg-type]
    console.print(_table(limits_.in_force(settings), limits_.own(settings)))


def _table(now: limits_.Limits, own: limits_.Limits) -> Table:
    table = Table("limit", "in force", "the lab's own", box=None, pad_edge=False)
    for row in zip(LIMITED, _in_words(now), _in_words(own), strict=True):
        table.add_row(*row)
    return table


def _in_words(one: limits_.Limits) -> tuple[str, ...]:
    pace = f"{one.pace} a second, others wait" if one.pace else "any"
    return f"{one.rate} a second, burst {one.burst}", _window(one.webhook), _window(one.channel), pace


def _window(text: str) -> str:
    requests, _, seconds = text.partition("/")
    return f"{requests} in {seconds} s"
