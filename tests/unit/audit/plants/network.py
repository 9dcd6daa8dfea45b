"""Who reaches whom in a lab in order, and in one with a way too many or too few."""

from __future__ import annotations

import dataclasses
import ipaddress

from lab.audit.network.evidence import VM, Evidence
from lab.audit.network.ports import Listed
from lab.audit.network.sockets import Socket
from tests.unit.audit.planting import Plant


def sockets(*places: str) -> tuple[Socket, ...]:
    """Sockets that wait at these places (address port)."""
    pairs = (place.split() for place in places)
    return tuple(Socket(ipaddress.ip_address(address), int(port)) for address, port in pairs)


RESOLVER = "127.0.0.11 40001"  # the engine's own, in every host
CLEAN = Evidence(
    sources={"clients": "client", "lab": "edge"},
    scanned={"clients": frozenset({("edge", 80)}), "lab": frozenset({("app1", 8000)})},
    listed=(
        Listed("clients", "edge", 80, False),
        Listed("clients", "edge", 443, True),
        Listed("lab", "app1", 8000, False),
        Listed("lab", "app3", 8000, False),  # does not run
        Listed("lab", "edge", 80, False),  # the scanning host itself
    ),
    tcp={
        "client": sockets(RESOLVER),
        "edge": sockets("0.0.0.0 80", RESOLVER),
        "app1": sockets("0.0.0.0 8000", RESOLVER),
        VM: sockets("127.0.0.1 8080", "::1 8080", "127.0.0.1 22", "192.0.2.1 25"),
    },
    udp={"edge": sockets(RESOLVER)},
    published=(8080,),
    vm_addresses=(ipaddress.IPv4Address("10.10.20.254"),),
)


def scanned(zone: str, *found: tuple[str, int]) -> Evidence:
    """As in order, but for what was open from one zone."""
    return dataclasses.replace(CLEAN, scanned={**CLEAN.scanned, zone: frozenset(found)})


def listening(host: str, *places: str) -> Evidence:
    """As in order, but for what one host listens on as well."""
    return dataclasses.replace(CLEAN, tcp={**CLEAN.tcp, host: CLEAN.tcp[host] + sockets(*places)})


NAME_SERVER = dataclasses.replace(CLEAN, udp={"edge": sockets(RESOLVER, "0.0.0.0 53")})

PLANTS = [
    Plant("NET-OPEN", "past the edge", scanned("clients", ("edge", 80), ("app1", 8000)), "clients → app1"),
    Plant("NET-OPEN", "a port on the router", scanned("lab", ("app1", 8000), ("router", 22)), "lab → router"),
    Plant("NET-CLOSED", "the service is away", scanned("clients"), "clients → edge"),
    Plant("NET-LISTEN", "a debugger", listening("app1", "0.0.0.0 5678"), "app1"),
    Plant("NET-LISTEN", "a debugger on IPv6", listening("app1", ":: 5678"), "app1"),
    Plant("NET-UDP", "a name server", NAME_SERVER, "edge"),
    Plant("NET-LOOPBACK", "published everywhere", listening(VM, "0.0.0.0 8080"), VM),
    Plant("NET-LOOPBACK", "published on IPv6", listening(VM, ":: 8080"), VM),
    Plant("NET-VM", "an SSH server on every address", listening(VM, "0.0.0.0 22"), VM),
    Plant("NET-VM", "a service on the lab's bridge", listening(VM, "10.10.20.254 53"), VM),
]  # fmt: skip
