"""Verbs of the link: set, show, clear, profiles; each change is measured at once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.table import Table

from lab import lifecycle
from lab.cli.terminal import console, say
from lab.errors import ExitCode, LabError
from lab.link import control, report, request
from lab.link.control import Links
from lab.link.measure import Check
from lab.link.session import Session
from lab.topology import Topology
from link import profiles as profiles_

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Impair a zone's link: delay, loss, rate and more.")
app.add_typer(group, name="link")

Json = Annotated[bool, typer.Option("--json", help="As JSON, for a script.")]
MEASURING = 60.0  # seconds that measuring a link surely takes less than


@group.command("set")
def set_(
    zone: Annotated[str, typer.Argument(help="clients, lab, backend or internet")],
    delay: Annotated[str | None, typer.Option(help="One way, such as 40ms.")] = None,
    jitter: Annotated[str | None, typer.Option(help="How much the delay varies, such as 5ms.")] = None,
    distribution: Annotated[
        str | None, typer.Option(help="Of the jitter: normal, uniform or pareto.")
    ] = None,
    correlation: Annotated[str | None, typer.Option(help="Of a packet's jitter with the last one's.")] = None,
    loss: Annotated[str | None, typer.Option(help="Share of packets, such as 1%.")] = None,
    burst: Annotated[str | None, typer.Option(help="Mean packets lost in a row, with --loss.")] = None,
    loss_model: Annotated[str | None, typer.Option(help="gilbert(ENTER,LEAVE[,BAD[,GOOD]])")] = None,
    rate: Annotated[str | None, typer.Option(help="On the wire, such as 10mbit.")] = None,
    limit: Annotated[str | None, typer.Option(help="The rate's queue: 100p, 64kb or 50ms.")] = None,
    duplicate: Annotated[str | None, typer.Option(help="Share of packets that come twice.")] = None,
    reorder: Annotated[str | None, typer.Option(help="Share of packets that overtake.")] = None,
    direction: Annotated[str, typer.Option(help="both, up (from the zone) or down.")] = "both",
    profile: Annotated[str | None, typer.Option(help="A ready-made link: see lab link profiles.")] = None,
    modify: Annotated[bool, typer.Option(help="Change these values, keep the others.")] = False,
    lasts: Annotated[str | None, typer.Option("--for", help="Revert after this time, such as 60s.")] = None,
    as_json: Json = False,
) -> None:
    """Say what a zone's link shall be like (what is left out is cleared), and measure that it is."""
    given = {
        "delay": delay, "jitter": jitter, "distribution": distribution, "correlation": correlation,
        "loss": loss, "burst": burst, "loss_model": loss_model, "rate": rate, "limit": limit,
        "duplicate": duplicate, "reorder": reorder,
    }  # fmt: skip
    texts = {name: text for name, text in given.items() if text is not None}
    wish = request.Request(texts, direction, profile, modify, lasts)
    settings, plan = lifecycle.current()
    _known(plan, zone)
    seconds = request.duration(wish)
    before = control.show(settings.project)
    link = request.wanted(wish, before.zones[zone])
    # Its time begins when it has been measured; should we die before that, it still ends.
    links = control.change(settings.project, zone, link, seconds and seconds + MEASURING)
    if not as_json:
        _print_engine(links)
        _print_link(links, zone)
        _print_source(profile)
    try:
        checks, failure = _measured(Session(settings, plan), zone, links)
    finally:
        if seconds is not None:
            links = control.end_in(settings.project, zone, seconds)
    _tell(links, zone, checks, as_json=as_json)
    if failure is not None:
        raise failure


@group.command()
def show(as_json: Json = False) -> None:
    """Show every zone's link, the engine, its tc commands, and what happened to links."""
    settings, _ = lifecycle.current()
    links = control.show(settings.project)
    if as_json:
        typer.echo(json.dumps(links.document, indent=2))
        return
    _print_engine(links)
    for zone in links.zones:
        _print_link(links, zone)
        _print_lasts(links, zone)
    for entry in links.journal:
        console.print(f"{entry['at']}  {entry['zone']}: {entry['what']}", markup=False, soft_wrap=True)


@group.command()
def clear(zone: Annotated[str | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Take a zone's condition away, or all of them."""
    settings, plan = lifecycle.current()
    if zone is not None:
        _known(plan, zone)
    links = control.clear(settings.project, zone)
    if as_json:
        typer.echo(json.dumps(links.document, indent=2))
        return
    _print_engine(links)
    for name in [zone] if zone else links.zones:
        console.print(report.line(links, name), markup=False, soft_wrap=True)


@group.command()
def profiles(as_json: Json = False) -> None:
    """List the ready-made links, each with its source and what to look for."""
    known = request.known_profiles()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(profile) for profile in known.values()], indent=2))
        return
    for profile in known.values():
        console.print(report.profile(profile), markup=False, soft_wrap=True)


def _known(plan: Topology, zone: str) -> None:
    if zone not in plan.zones:
        raise LabError(f"there is no zone '{zone}'; the zones are {', '.join(plan.zones)}", ExitCode.USAGE)


def _print_link(links: Links, zone: str) -> None:
    console.print(report.line(links, zone), markup=False, soft_wrap=True)
    for command in report.commands(links, zone):
        console.print(f"  {command}", style="dim", markup=False, soft_wrap=True)


def _print_lasts(links: Links, zone: str) -> None:
    if told := report.lasts(links, zone):
        console.print(told, markup=False, soft_wrap=True)


def _print_engine(links: Links) -> None:
    console.print(f"engine {links.engine}: {links.reason}", markup=False, soft_wrap=True)


def _print_source(profile: str | None) -> None:
    if profile:
        one = request.known_profiles()[profiles_.canonical(profile)]
        console.print(f"source: {one.source}\n{one.see}", markup=False, soft_wrap=True)


def _measured(session: Session, zone: str, links: Links) -> tuple[list[Check], LabError | None]:
    """The checks, as far as they could be made, and what is wrong, if anything is."""
    say("measuring what packets see")
    checks: list[Check] = []
    try:
        checks += session.compare(zone, links)
    except LabError as error:
        return checks, error
    wrong = [str(check) for check in checks if not check.agrees]
    said = f"the link is set, but differs from that in: {', '.join(wrong)}; see whether the VM is busy"
    return checks, LabError(said, ExitCode.UNMEASURED) if wrong else None


def _tell(links: Links, zone: str, checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        body = {**links.document["zones"][zone], "zone": zone, "engine": links.engine, "reason": links.reason}
        typer.echo(json.dumps({**body, "checks": [dataclasses.asdict(check) for check in checks]}, indent=2))
        return
    console.print(_table(checks))
    expectation = report.expectation(links.zones[zone], checks)
    if expectation:
        console.print(expectation, markup=False, soft_wrap=True)
    _print_lasts(links, zone)


def _table(checks: Iterable[Check]) -> Table:
    table = Table("", "set", "measured", "tolerance", "", box=None, pad_edge=False)
    for check in checks:
        verdict = "[green]agrees[/green]" if check.agrees else "[red]differs[/red]"
        table.add_row(check.what, check.set, check.measured, check.tolerance, verdict)
    return table
