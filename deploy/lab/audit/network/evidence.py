"""What can be reached in the lab, and from where."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab import health
from lab.audit import stage
from lab.audit.model import Site, UnmeasuredError
from lab.audit.network import ports, scan
from lab.audit.network.ports import Listed
from lab.audit.network.sockets import FILES, Socket, listening
from lab.firewall.site import Containers
from lab.health import HostState
from lab.topology import Topology

VM = "the VM"
Reached = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Evidence:
    """What was open from one host of each zone, what is listed, and who listens where (the VM too)."""

    sources: Mapping[str, str]
    scanned: Mapping[str, Reached | UnmeasuredError]
    listed: tuple[Listed, ...]
    tcp: Mapping[str, tuple[Socket, ...]]
    udp: Mapping[str, tuple[Socket, ...]]
    published: tuple[int, ...]
    vm_addresses: tuple[ipaddress.IPv4Address, ...]

    def reached(self, zone: str) -> Reached:
        """Host and port of what was open from a zone; raises UnmeasuredError if that is not known."""
        found = self.scanned[zone]
        if isinstance(found, UnmeasuredError):
            raise found
        return found

    @property
    def hosts(self) -> set[str]:
        """The hosts that run."""
        return self.tcp.keys() - {VM}


def gather(site: Site) -> Evidence:
    """Ask every host's kernel who listens, then scan from one host of each zone, all at once."""
    where = Containers(site.settings)
    states = health.states(site.settings.project)
    running = {
        name: states[name] for name in site.plan.hosts if name in states and states[name].status == "running"
    }
    listed = _listed(site)
    tcp, udp = _sockets(where, running, "tcp"), _sockets(where, running, "udp")
    sources = _sources(site.plan, running)
    asked = {entry.port for entry in listed} | {one.port for host in tcp.values() for one in host}

    def look(zone: str) -> Reached | UnmeasuredError:
        try:
            targets = _targets(site.plan, running, zone, sources[zone])
            return frozenset(scan.scan(where, sources[zone], targets, asked))
        except UnmeasuredError as error:
            return error

    with ThreadPoolExecutor(max_workers=len(sources)) as pool:
        scanned = dict(zip(sources, pool.map(look, sources), strict=True))
    return Evidence(
        sources=sources,
        scanned=scanned,
        listed=listed,
        tcp={**tcp, VM: _vm("tcp")},
        udp=udp,
        published=tuple(port for host in site.plan.hosts.values() for port in host.published),
        vm_addresses=tuple(zone.vm_address for zone in site.plan.zones.values() if zone.vm_address),
    )


def _listed(site: Site) -> tuple[Listed, ...]:
    """What ports.toml lists. With a webhook on the real internet the router lets nobody to the stand-in."""
    elsewhere = bool(site.settings["DISCORD_WEBHOOK_URL"])
    return tuple(
        dataclasses.replace(entry, optional=True) if elsewhere and entry.host == "discord" else entry
        for entry in ports.read(site.plan)
    )


def _sources(plan: Topology, running: Mapping[str, HostState]) -> dict[str, str]:
    """A host of each zone that runs; raises UnmeasuredError for a zone without one."""
    found = {}
    for zone in plan.zones:
        inside = [name for name, host in plan.hosts.items() if zone in host.addresses and name in running]
        inside = [name for name in inside if name != "router"]
        if not inside:
            raise UnmeasuredError(f"no host runs in the zone {zone} from which to look; run: make up")
        found[zone] = inside[0]
    return found


def _targets(plan: Topology, running: Mapping[str, HostState], zone: str, source: str) -> dict[str, str]:
    """Every other host that runs, and its address; of the router the one in this zone."""
    found = {name: next(iter(state.addresses.values())) for name, state in running.items()}
    found["router"] = str(plan.zones[zone].router)
    del found[source]
    return found


def _sockets(where: Containers, running: Iterable[str], protocol: str) -> dict[str, tuple[Socket, ...]]:
    files = [f"/proc/net/{name}" for name in FILES[protocol]]
    # A kernel without IPv6 has no second file, of which cat complains.
    found = {host: listening(where.run(host, ["cat", *files]).stdout, protocol) for host in running}
    # Other families of this audit may have an edge of their own beside the edge just now.
    return {host: tuple(one for one in there if one.port not in stage.PORTS) for host, there in found.items()}


def _vm(protocol: str) -> tuple[Socket, ...]:
    there = [path for name in FILES[protocol] if (path := Path("/proc/net", name)).exists()]
    return tuple(one for path in there for one in listening(path.read_text(), protocol))
