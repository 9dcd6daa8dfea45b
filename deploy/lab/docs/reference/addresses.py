"""Hosts, networks and flows, from docker-compose.yml and from what the firewall is held to."""

from __future__ import annotations

from collections.abc import Iterable

from lab.diagram.model import SWITCHES
from lab.docs.facts import Facts
from lab.docs.reference.markdown import code, table

FATE = {"accept": "passes", "reject": "is refused, and its sender told", "drop": "is dropped in silence"}


def networks(facts: Facts) -> str:
    """A row for each network."""
    rows = [
        (
            zone.name,
            code(str(zone.subnet)),
            code(str(zone.router)),
            code(str(zone.vm_address or "")) or "none",
            code(zone.bridge),
        )
        for zone in facts.plan.zones.values()
    ]
    return table(("network", "addresses", "router", "the VM", "bridge on the VM"), rows)


def hosts(facts: Facts) -> str:
    """A row for each host and network; listening ports are those of the running lab."""
    rows = [
        (host.name, zone, code(address) or "any free one", _codes(host.ports), _codes(host.published))
        for host in facts.picture.hosts
        for zone, address in host.addresses.items()
    ]
    always = table(("host", "network", "address", "listens at", "on the VM's loopback"), rows)
    notes = [
        f"- {name} runs with `{SWITCHES[host.profile]}`."
        for name, host in facts.plan.hosts.items()
        if host.profile
    ]
    return always + "\n" + "\n".join(notes) + "\n"


def flows(facts: Facts) -> str:
    """A row for each flow that the firewall is held to."""
    rows = [(flow.words, FATE[flow.expect], code(flow.counter)) for flow in facts.flows]
    return table(("packet", "what becomes of it", "counter that counts it"), rows)


def _codes(items: Iterable[object]) -> str:
    return ", ".join(code(str(item)) for item in items)
