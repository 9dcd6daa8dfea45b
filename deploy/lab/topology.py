"""The lab's zones and hosts, read from docker-compose.yml: everyone else asks here for addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from lab import paths
from lab.errors import ExitCode, LabError

ONE_SHOT = "migrate"  # prepares the database at `make up`, and ends: no place on a map
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True)
class Zone:
    """One network: its subnet, its bridge on the VM, and the VM's address on it (None on `backend`)."""

    name: str
    subnet: ipaddress.IPv4Network
    bridge: str
    vm_address: ipaddress.IPv4Address | None

    @property
    def router(self) -> ipaddress.IPv4Address:
        """The router's address here: every host's default route."""
        return self.subnet[253]


@dataclass(frozen=True)
class Host:
    """One service of the compose file; `addresses` maps zone to address, None where any will do."""

    name: str
    addresses: dict[str, ipaddress.IPv4Address | None]
    health: tuple[str, ...]
    published: tuple[int, ...]
    profile: str | None
    asks_database: bool = False  # the app's hosts do, whichever database it is

    @property
    def address(self) -> ipaddress.IPv4Address | None:
        """Its first fixed address."""
        return next((address for address in self.addresses.values() if address), None)


@dataclass(frozen=True)
class Topology:
    """Zones and hosts by name, in the order of the file."""

    zones: dict[str, Zone]
    hosts: dict[str, Host]

    def address(self, host: str) -> str:
        """A host's fixed address as text; raises LabError for a host that has none."""
        found = self.hosts[self.known(host)].address
        if found is None:
            raise LabError(f"host {host} has no fixed address", ExitCode.USAGE)
        return str(found)

    def known(self, host: str) -> str:
        """The host's name, if there is such a host; raises LabError naming those that there are."""
        if host not in self.hosts:
            raise LabError(
                f"there is no host '{host}'; the hosts are {', '.join(self.hosts)}", ExitCode.USAGE
            )
        return host


def read(values: Mapping[str, str]) -> Topology:
    """The topology, with the compose file's variables taken from `values`.

    Raises LabError for a compose file that is not YAML, or that lacks what makes it a topology.
    """
    name = paths.COMPOSE_FILE.name
    try:
        document = expand(yaml.safe_load(paths.COMPOSE_FILE.read_text()), values)
        return Topology(
            zones={name: _zone(name, body) for name, body in document["networks"].items()},
            hosts={name: _host(name, body) for name, body in document["services"].items()},
        )
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise LabError(f"{name} is not YAML: {where}; mend it there", ExitCode.USAGE) from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        said = f"{name} is not a topology that the lab can read ({error!r}); compare with git diff {name}"
        raise LabError(said, ExitCode.USAGE) from error


def expand(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401  # YAML's own types
    """`node` with each ${NAME:-default} replaced as Compose does it."""
    if isinstance(node, str):
        return VARIABLE.sub(lambda found: values.get(found["name"]) or found["default"] or "", node)
    if isinstance(node, dict):
        return {key: expand(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [expand(value, values) for value in node]
    return node


def _zone(name: str, body: dict[str, Any]) -> Zone:
    plan = body["ipam"]["config"][0]
    options = body["driver_opts"]
    hidden = options.get("com.docker.network.bridge.inhibit_ipv4") == "true"
    return Zone(
        name=name,
        subnet=ipaddress.IPv4Network(plan["subnet"]),
        bridge=options["com.docker.network.bridge.name"],
        vm_address=None if hidden else ipaddress.IPv4Address(plan["gateway"]),
    )


def _host(name: str, body: dict[str, Any]) -> Host:
    networks = body["networks"]
    if isinstance(networks, list):
        networks = dict.fromkeys(networks)
    health = body.get("healthcheck", {}).get("test", [])
    return Host(
        name=name,
        addresses={zone: _address(options) for zone, options in networks.items()},
        health=tuple(health[1:]),
        published=tuple(int(port.split(":")[1]) for port in body.get("ports", [])),
        profile=next(iter(body.get("profiles", [])), None),
        asks_database="DATABASE_URL" in body.get("environment", {}),
    )


def _address(options: dict[str, str] | None) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(options["ipv4_address"]) if options else None
