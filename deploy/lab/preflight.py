"""What would keep the lab from starting on this VM: looked for before anything is started."""

from __future__ import annotations

import ipaddress
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from lab import vm
from lab.engine import answers, docker
from lab.errors import LabError
from lab.process import run
from lab.settings import PORTS, Settings
from lab.topology import Topology

DISK_NEEDED = 3 * 2**30  # bytes: images, build cache and database take about two thirds of it
PREFIXES = ("10.77", "10.99", "10.123", "10.201", "172.20")
# Nobody on the internet has these: the documentation networks of RFC 5737, and one of RFC 2544's.
INTERNETS = ("203.0.113", "198.51.100", "192.0.2", "198.18.113")
MEMORY_NEEDED = 15 * 2**27  # bytes, 1.9 GiB: a VM said to have 2 GiB shows a little less

Use = tuple[ipaddress.IPv4Network, str]  # a network, and what uses it


@dataclass(frozen=True)
class Finding:
    """A clash with what is on the VM already, and what mends it; a `warning` does not stop the lab."""

    what: str
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.what}; {self.mend}"


def check(settings: Settings, topology: Topology) -> None:
    """Raise a LabError for the first thing that would keep the lab from starting."""
    for finding in findings(settings, topology):
        if not finding.warning:
            raise LabError(str(finding))


def findings(settings: Settings, topology: Topology) -> Iterator[Finding]:
    """Everything in the way: subnets in use, ports taken, little disk or memory.

    Without an engine the VM's own networks and ports are still looked at, and the engine is a finding.
    """
    yield from _subnets(topology)
    yield from _ports(settings)
    if answers():
        yield from _resources()
    else:
        yield Finding("no container engine answers", "make up installs and starts one", warning=True)


def free_internet() -> str:
    """A value for LAB_INTERNET that clashes with nothing here: some sites use the documentation networks."""
    taken = [net for net, _ in _taken(set())]
    return next((net for net in INTERNETS if not _overlaps(f"{net}.0/24", taken)), INTERNETS[0])


def _subnets(topology: Topology) -> Iterator[Finding]:
    taken = _taken({zone.bridge for zone in topology.zones.values()})
    for zone in topology.zones.values():
        for subnet, where in taken:
            if zone.subnet.overlaps(subnet):
                setting = "LAB_INTERNET" if zone.name == "internet" else "LAB_PREFIX"
                yield Finding(
                    f"{zone.subnet} (zone {zone.name}) is in use on this VM already: {subnet}, {where}",
                    f"choose another {setting} in .env ({_free(setting, taken)}), then run make up",
                )
                break


def _taken(ours: set[str]) -> list[Use]:
    """The networks that this VM uses, and for what; the lab's own bridges left out."""
    return [
        *((net, f"route on {device}") for net, device in _routes() if device not in ours),
        *(
            (net, f"container network {name}")
            for net, name, bridge in _engine_networks()
            if bridge not in ours
        ),
        *((ipaddress.IPv4Network(address), purpose) for address, purpose in vm.addresses_in_use()),
    ]


def _routes() -> list[tuple[ipaddress.IPv4Network, str]]:
    listed = json.loads(run(["ip", "-json", "-4", "route", "show", "table", "main"]).stdout or "[]")
    return [
        (ipaddress.IPv4Network(route["dst"]), route.get("dev", "no interface"))
        for route in listed
        if route["dst"] != "default"
    ]


def _engine_networks() -> Iterator[tuple[ipaddress.IPv4Network, str, str]]:
    if not answers():
        return
    for network in json.loads(docker("network", "inspect", *docker("network", "ls", "--quiet").split())):
        options = network.get("Options") or {}
        for plan in network["IPAM"].get("Config") or []:
            subnet = ipaddress.ip_network(plan["Subnet"])
            if isinstance(subnet, ipaddress.IPv4Network):
                yield subnet, network["Name"], options.get("com.docker.network.bridge.name", "")


def _free(setting: str, taken: list[Use]) -> str:
    """A value for the setting whose networks nothing here overlaps."""
    used = [net for net, _ in taken]
    if setting == "LAB_INTERNET":
        free = [net for net in INTERNETS if not _overlaps(f"{net}.0/24", used)]
    else:
        free = [net for net in PREFIXES if not _overlaps(f"{net}.0.0/18", used)]
    if not free:
        return "any that is free"
    also = f" and {free[0]}.10.1 in ALLOWED_HOSTS" if setting == "LAB_PREFIX" else ""
    return f"{setting}={free[0]}{also} is free"


def _overlaps(subnet: str, taken: list[ipaddress.IPv4Network]) -> bool:
    return any(ipaddress.IPv4Network(subnet).overlaps(net) for net in taken)


def _ports(settings: Settings) -> Iterator[Finding]:
    ours = ("ps", "--filter", f"label=com.docker.compose.project={settings.project}")
    held = docker(*ours, "--format", "{{.Ports}}") if answers() else ""
    for name in PORTS:
        port = int(settings[name])
        if f"127.0.0.1:{port}->" in held:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                yield Finding(
                    f"port 127.0.0.1:{port} ({name}) cannot be used: {error.strerror}",
                    f"choose another {name} in .env, or end what holds it (ss -tlnp 'sport = :{port}')",
                )


def _resources() -> Iterator[Finding]:
    root = docker("info", "--format", "{{.DockerRootDir}}").strip()
    free = shutil.disk_usage(root).free
    if free < DISK_NEEDED:
        yield Finding(
            f"{root} has {free / 2**30:.1f} GiB free, and the lab may need {DISK_NEEDED / 2**30:.0f}",
            "make room, for instance with: docker image prune",
            warning=True,
        )
    memory = int(docker("info", "--format", "{{.MemTotal}}"))
    if memory < MEMORY_NEEDED:
        yield Finding(
            f"the VM has {memory / 2**30:.1f} GiB of memory, and the lab wants 2",
            "give the VM more, or set WEB_WORKERS=1 in .env",
            warning=True,
        )
