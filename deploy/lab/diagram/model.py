"""What a picture of the lab shows; every view draws this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from lab.topology import ONE_SHOT, Host, Topology, Zone

ROUTER = "router"
# By the profile of an optional host: the setting that has it run.
SWITCHES = {"app3": "REPLICAS=3", "notifier": "NOTIFIER=on", "postgres": "DB=postgres"}


@dataclass(frozen=True)
class ZonePicture:
    """A network. `vm` is the VM's own address there, `link` the condition of its access link in words,
    None where nobody asked."""

    name: str
    subnet: str
    bridge: str
    router: str
    vm: str | None
    link: str | None


@dataclass(frozen=True)
class HostPicture:
    """A host.

    `addresses` maps zone to address (empty where the engine will choose); `ports` are listening sockets such
    as 'tcp/80'; `published` are ports on the VM's loopback; `note` says why a host differs from the others.
    """

    name: str
    addresses: dict[str, str]
    route: str | None
    ports: tuple[str, ...]
    published: tuple[int, ...]
    note: str | None


@dataclass(frozen=True)
class Counter:
    """A named counter of the firewall, and the verdict of the rule that counts."""

    name: str
    verdict: str
    packets: int
    bytes: int


@dataclass(frozen=True)
class Picture:
    """All of it; `live` tells a running lab from the plan of one."""

    live: bool
    zones: tuple[ZonePicture, ...]
    hosts: tuple[HostPicture, ...]
    counters: tuple[Counter, ...] = ()

    @property
    def router(self) -> HostPicture:
        """The host between the zones."""
        return next(host for host in self.hosts if host.name == ROUTER)

    def in_zone(self, zone: str) -> list[HostPicture]:
        """The zone's hosts but for the router, which belongs to all."""
        return [host for host in self.hosts if zone in host.addresses and host.name != ROUTER]


def zone_picture(zone: Zone, link: str | None) -> ZonePicture:
    """A zone as the compose file has it, with the condition that its link is in."""
    vm = str(zone.vm_address) if zone.vm_address else None
    return ZonePicture(zone.name, str(zone.subnet), zone.bridge, str(zone.router), vm, link)


def planned(plan: Topology) -> Picture:
    """The lab as the compose file alone describes it."""
    hosts = (_planned_host(host, plan) for host in plan.hosts.values() if host.name != ONE_SHOT)
    return Picture(
        live=False, zones=tuple(zone_picture(zone, None) for zone in plan.zones.values()), hosts=tuple(hosts)
    )


def _planned_host(host: Host, plan: Topology) -> HostPicture:
    if host.name == ROUTER:
        addresses, route = router_addresses(plan), None
    else:
        addresses = {zone: str(address or "") for zone, address in host.addresses.items()}
        route = str(plan.zones[next(iter(host.addresses))].router)
    note = f"with {SWITCHES[host.profile]}" if host.profile else None
    return HostPicture(host.name, addresses, route, (), host.published, note)


def router_addresses(plan: Topology) -> dict[str, str]:
    """The router is known by .253, which it adds by itself; the engine knows only its .252."""
    return {name: str(zone.router) for name, zone in plan.zones.items()}
