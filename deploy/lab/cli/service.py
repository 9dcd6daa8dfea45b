"""Verbs of the service: the guide's three jobs, and where Locust is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lab import generators, lifecycle, moving, service
from lab.cli.terminal import console, say
from lab.engine import container

app = typer.Typer()


@app.command()
def seed(count: int = typer.Option(1300, min=1), seed_: int = typer.Option(10, "--seed", min=0)) -> None:
    """Write a fixture of tickets into the lab."""
    settings, _ = lifecycle.current()
    sys.exit(service.seed(settings, count, seed_))


@app.command()
def load(file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Load the seeded tickets, or those of a JSON file, into the database."""
    settings, _ = lifecycle.current()
    sys.exit(service.load(settings, file))


@app.command(context_settings={"ignore_unknown_options": True})
def notify(options: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Post the tickets to Discord; options are notify_discord's own, such as --dry-run."""
    settings, _ = lifecycle.current()
    sys.exit(service.manage(settings, "notify_discord", *(options or [])))


@app.command("db-copy")
def db_copy(
    to: Annotated[str, typer.Argument(help="sqlite or postgres.")],
    force: bool = typer.Option(False, help="Replace the data that the target holds."),
) -> None:
    """Move all data into the other database, compared after writing, and run on that one from now on."""
    settings, _ = moving.move(to, say, force=force)
    console.print(f"the lab runs on {to} now, with {service.ticket_count(settings):,} tickets")


@app.command()
def locust(
    workers: Annotated[int | None, typer.Option(min=1, max=59, help="Hosts that make load.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, max=99, help="Processes on each.")] = None,
    addresses: Annotated[
        int | None, typer.Option(min=1, max=99, help="Addresses that each sends from.")
    ] = None,
) -> None:
    """Say where Locust's web UI is; with options, change its generators until the next `up`."""
    settings, plan = lifecycle.current()
    container(settings.project, "locust")
    if (workers, processes, addresses) != (None, None, None):
        changed = generators.settings_for(settings, workers, processes, addresses)
        there = generators.start(changed, plan, say)
        console.print(f"Locust has {there}, until the next make up", soft_wrap=True)
    console.print(f"Locust's web UI: http://localhost:{settings['LOCUST_PORT']} (on the VM's loopback)")
    console.print(
        f"From your own computer: ssh -L {settings['LOCUST_PORT']}:localhost:{settings['LOCUST_PORT']} VM"
    )
