"""Verbs that start, stop and look at the lab."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Annotated

import typer

from lab import disk, health, lifecycle, panel, service
from lab import doctor as doctor_
from lab.cli.terminal import become, console, say
from lab.engine import container, docker_argv, exec_argv
from lab.errors import ExitCode, LabError
from lab.settings import passwords_shown, passwords_to_show

app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="As JSON, for a script.")]
HostName = Annotated[str, typer.Argument(help="A host of the lab, such as client, router, edge, app1.")]


@app.command()
def up(
    db: Annotated[str | None, typer.Option(help="The database from now on: sqlite or postgres.")] = None,
) -> None:
    """Start the lab, or bring it up to date with .env and the checkout."""
    settings, plan = lifecycle.up(say, db)
    tickets = service.ticket_count(settings)
    console.print(panel.welcome(settings, plan, tickets, show_passwords=passwords_to_show()))
    passwords_shown()


@app.command()
def down() -> None:
    """Remove the lab's containers and networks; the database stays."""
    lifecycle.down()
    say("the lab is down; its database stays for the next make up")


@app.command()
def restart(host: Annotated[str, typer.Argument()] = "") -> None:
    """Restart one host, or all."""
    lifecycle.restart(host or None, say)


@app.command()
def status(as_json: Json = False) -> None:
    """Show every host: where it is and how it is. Exit code 3 if the lab is not whole."""
    settings, plan = lifecycle.current()
    states = health.states(settings.project)
    if as_json:
        typer.echo(json.dumps({name: dataclasses.asdict(state) for name, state in states.items()}, indent=2))
    else:
        console.print(panel.status(plan, states))
        if full := disk.nearly_full(settings.project):
            console.print("[yellow]warning[/yellow]", str(full), soft_wrap=True)
    absent = [
        name
        for name in lifecycle.services(settings, plan)
        if name not in states or states[name].status != "running"
    ]
    if absent:
        raise LabError(f"not running: {', '.join(absent)}; make up brings them back", ExitCode.UNMEASURED)


@app.command()
def logs(host: HostName, follow: bool = typer.Option(False, help="Go on until Ctrl-C.")) -> None:
    """Show a host's log."""
    settings, plan = lifecycle.current()
    found = health.states(settings.project).get(plan.known(host))
    if found is None:
        raise LabError(f"host {host} is not there; make up brings it up", ExitCode.UNMEASURED)
    become(docker_argv("logs", "--tail", "200", *(["--follow"] if follow else []), found.id))


@app.command()
def shell(host: HostName, command: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Open a shell on a host, or run one command there."""
    settings, plan = lifecycle.current()
    container(settings.project, plan.known(host))
    terminal = ["--interactive", "--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else ["--interactive"]
    become(exec_argv(settings.project, host, command or ["bash"], options=terminal))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this VM is, what the kit picked on it, and what is in the way of the lab."""
    facts, found = dict(doctor_.facts()), list(doctor_.findings())
    if as_json:
        findings = [dataclasses.asdict(finding) for finding in found]
        typer.echo(json.dumps({"facts": facts, "findings": findings}, indent=2))
        sys.exit(ExitCode.FAILED if any(not finding.warning for finding in found) else ExitCode.PASSED)
    for name, value in facts.items():
        console.print(f"[bold]{name:>12}[/bold]  {value}")
    for finding in found:
        console.print("[yellow]warning[/yellow]" if finding.warning else "[red]problem[/red]", str(finding))
    if any(not finding.warning for finding in found):
        sys.exit(ExitCode.FAILED)
    console.print("[green]nothing is in the way of the lab")


@app.command()
def dev() -> None:
    """Run Nginx, Gunicorn and the Discord stand-in on loopback, without containers."""
    from lab.dev import run_dev

    run_dev()
