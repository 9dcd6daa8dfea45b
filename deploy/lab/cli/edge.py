"""Verbs of the edge: HTTPS, who trusts it, and the VM's second card on its network."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import lan, lifecycle
from lab.cli.terminal import console, say
from lab.errors import ExitCode, LabError
from lab.tls import authority, files, switch, vm_trust

app = typer.Typer()
tls = typer.Typer(no_args_is_help=True, help="HTTPS at the edge.")
app.add_typer(tls, name="tls")
Card = Annotated[str, typer.Argument(metavar="CARD", help="The VM's second network card, such as eth1.")]


@tls.command()
def on(
    redirect: bool = typer.Option(False, help="Send clients of HTTP to HTTPS (307)."),
    hsts: bool = typer.Option(False, help="Tell browsers to come by HTTPS only, for an hour."),
    tls12: bool = typer.Option(True, help="Accept TLS 1.2 beside TLS 1.3."),
) -> None:
    """Give the edge a certificate: HTTPS at port 443 beside HTTP at port 80."""
    settings, plan = lifecycle.current()
    chosen = dict(zip(files.OPTIONS, (redirect, hsts, not tls12), strict=True))
    made, agreed = switch.turn_on(settings, plan, [word for word, wanted in chosen.items() if wanted])
    for thing in made:
        say(f"made {thing}")
    console.print(f"https://{plan.address('edge')}/ answers: {agreed}")
    if not files.trusting():
        console.print("No client trusts the lab's authority yet; make trust-ca changes that.")


@tls.command()
def off() -> None:
    """Back to HTTP alone; the lab's authority stays for the next time."""
    settings, plan = lifecycle.current()
    switch.turn_off(settings, plan)
    console.print("HTTPS is off; HTTP goes on at port 80")


@tls.command()
def status() -> None:
    """Say whether HTTPS is on, for which names and how long, and who trusts it. Exit code 3 if it fails."""
    settings, plan = lifecycle.current()
    if not files.is_on():
        console.print("HTTPS is off; make tls switches it on")
        return
    edge, ca = files.certificate("edge/edge.crt"), files.certificate("ca.crt")
    trusting = [*files.trusting(), *(["this VM"] if vm_trust.anchor(settings.project).exists() else [])]
    _row("names", ", ".join(authority.names_of(edge)))
    _row("ends", f"{edge.not_valid_after_utc:%Y-%m-%d}")
    _row("options", ", ".join(files.options()) or "none")
    _row("authority", authority.fingerprint(ca))
    _row("trusted by", ", ".join(trusting) or "nobody yet (make trust-ca)")
    address = plan.address("edge")
    try:
        _row("handshake", str(switch.handshake(address, files.ca_file())))
    except OSError as error:
        raise LabError(
            f"{address}:443 gives no good TLS handshake ({error.strerror or error}); run: make up",
            ExitCode.UNMEASURED,
        ) from None


@app.command("trust-ca")
def trust_ca(
    host: Annotated[str, typer.Option(help="One client host instead of all.")] = "",
    vm: bool = typer.Option(False, "--vm", help="This VM itself, whose browser and curl then trust it."),
    remove: bool = typer.Option(False, "--remove", help="Trust it no longer."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before changing the VM."),
) -> None:
    """Let client hosts, or this VM, trust the lab's certificate authority."""
    settings, _ = lifecycle.current()
    if host and host not in files.TRUSTING:
        hosts = ", ".join(files.TRUSTING)
        raise LabError(f"'{host}' is no client host; those that can trust are {hosts}", ExitCode.USAGE)
    if not remove:
        files.ca_file()
    if vm:
        _trust_on_vm(settings.project, remove=remove, yes=yes)
        return
    hosts_meant = [host] if host else list(files.TRUSTING)
    for each in hosts_meant:
        (files.distrust if remove else files.trust)(each)
    verb = "no longer trust" if remove else "trust"
    console.print(f"{', '.join(hosts_meant)}: {verb} the lab's authority, from the next connection on")


def _trust_on_vm(project: str, *, remove: bool, yes: bool) -> None:
    path = vm_trust.anchor(project)
    say(f"{'removes' if remove else 'writes'} {path}, then runs update-ca-certificates")
    if not remove:
        say("programs on this VM then accept the lab's certificates, which can be for the lab's names only")
    if not yes and not typer.confirm("Change this VM?"):
        raise LabError("nothing was changed")
    (vm_trust.distrust if remove else vm_trust.trust)(project)
    console.print(f"this VM {'no longer trusts' if remove else 'trusts'} the lab's authority")


@app.command("join-lan")
def join_lan(
    card: Card,
    take_addresses: bool = typer.Option(
        False, help="Take the card's IPv4 addresses off while it is joined; leave-lan puts them back."
    ),
) -> None:
    """Put the VM's second card on the lab's network, so that other VMs reach the edge on the wire."""
    settings, plan = lifecycle.current()
    for line in lan.join(card, plan.zones["lab"].bridge, take_addresses=take_addresses):
        say(line)
    console.print(lan.neighbours_guide(card, plan, lan.dynamic_range(settings)), markup=False, soft_wrap=True)


@app.command("leave-lan")
def leave_lan(card: Card) -> None:
    """Take the card off the lab's network again and give it back what it had."""
    for line in lan.leave(card):
        say(line)


def _row(name: str, value: str) -> None:
    console.print(f"[bold]{name:>10}[/bold]  {value}", soft_wrap=True)
