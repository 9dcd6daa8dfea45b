"""What may be traced: the lab's own addresses and names, and nothing beyond."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lab.errors import ExitCode, LabError
from lab.settings import Settings
from lab.topology import Topology


@dataclass(frozen=True)
class Target:
    """Where a URL leads: `resolve` is curl's HOST:PORT:ADDRESS for a name that only Nginx knows."""

    url: str
    scheme: str
    name: str
    port: int
    address: str
    resolve: str | None

    @property
    def origin(self) -> str:
        """Scheme, name and port, as in the URL."""
        return f"{self.scheme}://{self.name}:{self.port}"


def read(url: str, settings: Settings, plan: Topology) -> Target:
    """The target of a URL; raises LabError (exit code 2) for what is no URL or not the lab's."""
    scheme, name, port = _split(url, plan)
    if name in ("localhost", "127.0.0.1"):
        raise _refusal(f"'{name}' is each host's own self; trace http://{plan.address('edge')}/ instead")
    if name in plan.hosts:
        return Target(url, scheme, name, port, plan.address(name), None)
    if name in settings["ALLOWED_HOSTS"].split(",") and not _is_address(name):
        edge = plan.address("edge")
        return Target(url, scheme, name, port, edge, f"{name}:{port}:{edge}")
    if name not in _addresses(plan):
        hosts = ", ".join(f"{host} {body.address}" for host, body in plan.hosts.items() if body.address)
        raise _refusal(f"'{name}' is not in the lab, and nothing else is traced; its hosts are {hosts}")
    return Target(url, scheme, name, port, name, None)


def _split(url: str, plan: Topology) -> tuple[str, str, int]:
    example = f"such as http://{plan.address('edge')}/api/tickets/"
    if any(character <= " " or character in '\\@"' for character in url):
        raise _refusal(f"the URL has a space, quote, backslash or @ in it; give a plain one, {example}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refusal(f"'{url}' is no URL ({error}); give one {example}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refusal(f"'{url}' is no http or https URL; give one {example}")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _addresses(plan: Topology) -> set[str]:
    hosts = {str(address) for host in plan.hosts.values() for address in host.addresses.values() if address}
    routers = {str(zone.router) for zone in plan.zones.values()}
    return hosts | routers | {str(zone.vm_address) for zone in plan.zones.values() if zone.vm_address}


def _refusal(message: str) -> LabError:
    return LabError(message, ExitCode.USAGE)
