"""What can be reached from where: found by nmap from every zone, and held against ports.toml."""

from __future__ import annotations

from collections.abc import Iterable

from lab.audit.model import Check, Family, Finding, Level
from lab.audit.network.evidence import VM, Evidence, gather

LISTENERS = ".venv/bin/lab shell app1 -- ss -Hltn"


def _open(evidence: Evidence) -> Iterable[Finding]:
    allowed = {(entry.zone, entry.host, entry.port) for entry in evidence.listed}
    for zone in evidence.sources:
        for host, port in sorted(evidence.reached(zone)):
            if (zone, host, port) not in allowed:
                yield Finding(f"{zone} → {host}", f"port {port} is open")


def _closed(evidence: Evidence) -> Iterable[Finding]:
    for entry in evidence.listed:
        absent = entry.host not in evidence.hosts or evidence.sources[entry.zone] == entry.host
        if not (entry.optional or absent or (entry.host, entry.port) in evidence.reached(entry.zone)):
            yield Finding(f"{entry.zone} → {entry.host}", f"port {entry.port} does not answer")


def _listening(evidence: Evidence) -> Iterable[Finding]:
    listed = {(entry.host, entry.port) for entry in evidence.listed}
    for host in sorted(evidence.hosts):
        for socket in evidence.tcp[host]:
            if not socket.on_loopback and (host, socket.port) not in listed:
                yield Finding(host, f"something listens on {socket.words}")


def _udp(evidence: Evidence) -> Iterable[Finding]:
    for host, sockets in evidence.udp.items():
        for socket in sockets:
            if not socket.on_loopback:
                yield Finding(host, f"something takes datagrams at {socket.words}")


def _loopback(evidence: Evidence) -> Iterable[Finding]:
    for socket in evidence.tcp[VM]:
        if socket.port in evidence.published and not socket.on_loopback:
            yield Finding(VM, f"{socket.words} is open to others than the VM itself")


def _vm(evidence: Evidence) -> Iterable[Finding]:
    for socket in evidence.tcp[VM]:
        everywhere = socket.address.is_unspecified and socket.port not in evidence.published
        if everywhere or socket.address in evidence.vm_addresses:
            yield Finding(VM, f"{socket.words} listens for the lab's hosts too")


CHECKS: tuple[Check[Evidence], ...] = (
    Check(
        "NET-OPEN",
        Level.HIGH,
        "From every zone only those ports are open that ports.toml lists",
        "A way that nobody meant to open is a way past the reverse proxy, its limits and its logs.",
        "Close it in deploy/firewall/router.nft, make firewall; or list it in deploy/audit/ports.toml.",
        ".venv/bin/lab shell client -- nmap -Pn -p 8000 app1",
        _open,
    ),
    Check(
        "NET-CLOSED",
        Level.MEDIUM,
        "Every port that ports.toml lists is open",
        "A list that is not true hides what changes; and what should answer and does not is broken.",
        "make firewall-test tells whether the router is in the way, make status whether the host serves.",
        "make firewall-test",
        _closed,
    ),
    Check(
        "NET-LISTEN",
        Level.MEDIUM,
        "Hosts listen only on ports that ports.toml lists",
        "Neighbours in a zone reach each other without the router, so what listens is open to them.",
        "Stop it, bind it to 127.0.0.1, or list it in deploy/audit/ports.toml.",
        LISTENERS,
        _listening,
    ),
    Check(
        "NET-UDP",
        Level.LOW,
        "No host takes datagrams from others",
        "The lab's services all speak TCP; a UDP service can be made to answer a forged source.",
        "Stop it, or bind it to 127.0.0.1.",
        LISTENERS.replace("ltn", "lun"),
        _udp,
    ),
    Check(
        "NET-LOOPBACK",
        Level.HIGH,
        "The lab's ports on the VM are on its loopback alone",
        "Locust's page starts load for whoever opens it, and the stand-in shows what was posted.",
        "make up puts the containers back; another program on the port: see the command.",
        "ss -ltnp",
        _loopback,
    ),
    Check(
        "NET-VM",
        Level.INFO,
        "No service of the VM itself listens for the lab's hosts",
        "A host of the lab that was taken meets the VM's services at .254, past the router.",
        "Bind it to other addresses, or close it with the VM's firewall (docs/firewall-on-the-vm.md).",
        "ss -ltnp",
        _vm,
    ),
)

FAMILY = Family(name="network", threat="network", gather=gather, checks=CHECKS)
