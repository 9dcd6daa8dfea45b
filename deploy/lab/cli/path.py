"""Verbs that show the path: the topology, one request hop by hop, and the packets themselves."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from lab import lifecycle, settings
from lab import topology as topology_
from lab.capture import record, summary
from lab.capture import view as capture_view
from lab.cli.terminal import console, say
from lab.diagram import live, mermaid, model, svg
from lab.diagram import terminal as diagram_terminal
from lab.link import control
from lab.link.report import both_ways
from lab.trace import follow
from lab.trace import view as trace_view

app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]


@app.command()
def topology(
    svg_file: Annotated[Path | None, typer.Option("--svg", help="Also draw it into this file.")] = None,
    mermaid_file: Annotated[Path | None, typer.Option("--mermaid", help="Also write Mermaid text.")] = None,
    planned: bool = typer.Option(False, help="What docker-compose.yml says, whether the lab runs or not."),
    as_json: Json = False,
) -> None:
    """Show zones, hosts, addresses, routes, listening ports, links and the firewall's counters."""
    if planned:
        picture = model.planned(topology_.read(settings.defaults()))
    else:
        loaded, plan = lifecycle.current()
        links = control.show(loaded.project).zones
        words = {zone: both_ways(link) for zone, link in links.items() if link}
        picture = live.picture(loaded, plan, links=words)
    if as_json:
        print(json.dumps(dataclasses.asdict(picture), indent=2))
    else:
        console.print(diagram_terminal.render(picture))
    for file, draw in ((svg_file, svg.render), (mermaid_file, mermaid.render)):
        if file:
            file.write_text(draw(picture))
            say(f"wrote {file}")


@app.command()
def trace(
    url: Annotated[str, typer.Argument(help="Such as http://10.10.10.1/api/tickets/")],
    host: Annotated[str, typer.Option("--from", help="The host that sends the request.")] = "client",
    token_of: Annotated[str | None, typer.Option(help="Log in as this user first, such as student1.")] = None,
    as_json: Json = False,
) -> None:
    """Follow one request hop by hop: where its time went, beside what theory expects."""
    followed = follow.follow(*lifecycle.current(), url, host, token_of)
    if as_json:
        print(json.dumps(trace_view.document(followed), indent=2))
    else:
        console.print(trace_view.render(followed), soft_wrap=False)


@app.command()
def capture(
    host: Annotated[str, typer.Argument(help="The host whose packets to capture.")],
    expression: Annotated[str, typer.Option("--filter", help="tcpdump's filter; none captures all.")] = "",
    length: Annotated[str, typer.Option("--for", help="How long, such as 10s or 2min.")] = "10s",
    zone: Annotated[
        str | None, typer.Option(help="Which of the router's zones; its first is clients.")
    ] = None,
    payload: bool = typer.Option(False, help="Keep what is inside the packets, secrets too."),
    as_json: Json = False,
) -> None:
    """Capture a host's packets into captures/ and sum them up; headers only, unless told otherwise."""
    for_seconds = record.seconds(length)
    loaded, plan = lifecycle.current()
    device = record.interface(loaded, plan, host, zone)
    say(f"capturing on {host} ({device}) for {for_seconds:g} s; Ctrl-C ends it early")

    def warn(secret: str) -> None:
        fate = "goes into the file, so keep that to yourself" if payload else "stays out of the file"
        say(f"[yellow]in clear on the wire:[/yellow] {secret}. It {fate}; make tls and https would hide it.")

    done = record.record(loaded, host, device, expression, for_seconds, payload=payload, warn=warn)
    summed = summary.summarise(done.file)
    if as_json:
        print(json.dumps(capture_view.document(done, summed), indent=2))
    else:
        console.print(capture_view.render(done, summed))
