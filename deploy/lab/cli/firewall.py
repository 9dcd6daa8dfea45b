"""Verbs of the router's firewall."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Annotated, cast

import typer

from lab import lifecycle
from lab.cli.terminal import console, errors, say
from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.firewall import intent, loader, table, view
from lab.firewall import log as log_
from lab.firewall import matrix as matrix_
from lab.firewall.matrix import Result, Verdict
from lab.firewall.site import Containers

app = typer.Typer(no_args_is_help=True, help="The router's firewall.")


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="An nftables file.")] = loader.FILE,
    confirm_within: int = typer.Option(30, min=2, max=600, help="Seconds until the router takes it back."),
    ask: bool = typer.Option(False, help="Ask you to confirm, besides the client's own try."),
) -> None:
    """Check router.nft (or another file), load it, and take it back if it locks the clients out."""
    settings, plan = lifecycle.current()
    question = _question(confirm_within) if ask else None
    loader.load(Containers(settings), plan, within=confirm_within, file=file, ask=question)
    say(f"{file.name} is in force; the client reaches the edge, and the counters go on")


@app.command()
def show(json_: bool = typer.Option(False, "--json")) -> None:
    """Show the rules in force, in words, with what each has counted."""
    settings, _ = lifecycle.current()
    site = Containers(settings)
    listed, counted = table.rules(site), table.counters(site)
    if json_:
        rows = [{**dataclasses.asdict(rule), **dataclasses.asdict(counted[rule.counter])} for rule in listed]
        console.print_json(json.dumps(rows))
    else:
        console.print(view.rules(listed, counted))


@app.command()
def log() -> None:
    """Show live what the router drops and refuses, until Ctrl-C."""
    settings, _ = lifecycle.current()
    say("what the router turns away, at most ten packets a second and reason; Ctrl-C ends it")
    argv = exec_argv(settings.project, "router", log_.CAPTURE, options=["--interactive"])
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        for entry in log_.entries(cast("IO[bytes]", process.stdout)):
            console.print(str(entry), markup=False, soft_wrap=True)
        said = cast("IO[bytes]", process.stderr).read().decode(errors="replace")
    raise LabError(f"the log ended: {log_.why_it_ended(said)}", ExitCode.UNMEASURED)


@app.command(name="test")
def prove(json_: bool = typer.Option(False, "--json")) -> None:
    """Send real packets along every flow of intent.toml. Exit code 1 if one is wrong, 3 on errors."""
    settings, plan = lifecycle.current()
    site = Containers(settings)
    flows = intent.among(intent.read(plan, table.counters(site)), lifecycle.services(settings, plan))
    if not json_:
        say(f"sending packets along {len(flows)} flows, about half a second each")
    results = matrix_.run(site, plan, flows)
    if json_:
        console.print_json(json.dumps([_as_json(result) for result in results]))
    else:
        console.print(view.matrix(results))
        for result in results:
            if result.reason:
                errors.print(f"{result.verdict.value}: {result.reason}", markup=False, soft_wrap=True)
    sys.exit(_exit_code({result.verdict for result in results}))


def _exit_code(verdicts: set[Verdict]) -> ExitCode:
    if Verdict.ERROR in verdicts:
        return ExitCode.UNMEASURED
    return ExitCode.FAILED if Verdict.FAILED in verdicts else ExitCode.PASSED


def _as_json(result: Result) -> dict[str, object]:
    return {
        "flow": result.flow.words,
        "expect": result.flow.expect,
        "outcome": result.outcome,
        "counter": result.flow.counter,
        "moved": list(result.moved),
        "rule": result.rule,
        "verdict": result.verdict.value,
        "reason": result.reason,
    }


def _question(seconds: int) -> Callable[[], bool]:
    return lambda: typer.confirm(f"Keep the new rules? (the router takes them back in {seconds} s)")
