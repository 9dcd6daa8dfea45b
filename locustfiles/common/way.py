"""The way a user's requests go: through the edge or straight to a replica, and from which address."""

import ipaddress
import itertools
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]

from common import targets

OFF = "off"  # of --keep-alive, which is on by itself
SPREAD = "spread"  # of --sources, which is one by itself


@dataclass(frozen=True, slots=True)
class Way:
    """How a user gets to the service; the URL and the Host header are the same on each way."""

    via: tuple[str, int] | None = None  # where to connect to instead of the URL's host
    source: str = ""  # the address to connect from; empty lets the kernel choose
    keeps_alive: bool = True


class Ways:
    """Gives each new user of this process a way, as the run's options say."""

    def __init__(self) -> None:
        self._sources: dict[str, Iterator[str]] = {}

    def next(self, options: Mapping[str, Any], host: str, runner: object) -> Way:
        """Return the way of the next user, to the service at the URL `host`."""
        address = targets.replica(options.get("via") or targets.EDGE)
        keeps_alive = options.get("keep_alive") != OFF
        if options.get("sources") != SPREAD:
            return Way(address, keeps_alive=keeps_alive)
        target = address[0] if address else host
        if target not in self._sources:
            self._sources[target] = sources(target, getattr(runner, "worker_index", 0))
        return Way(address, next(self._sources[target]), keeps_alive)


def sources(target: str, first: int = 0) -> Iterator[str]:
    """Take turns over this host's own addresses in the network from which it reaches `target`, a URL or host.

    `first` says with which of them to begin, so that several processes on a host share them evenly.
    """
    own = own_addresses(target)
    return itertools.cycle(own[first % len(own) :] + own[: first % len(own)])


def own_addresses(target: str) -> list[str]:
    """Return the address that this host reaches `target` from, and its others in the same network."""
    preferred = _preferred(urlsplit(target).hostname or target)
    entries = [
        ipaddress.IPv4Interface(f"{entry.address}/{entry.netmask}")
        for entries in psutil.net_if_addrs().values()
        for entry in entries
        if entry.family == socket.AF_INET and entry.netmask
    ]
    network = next(entry.network for entry in entries if str(entry.ip) == preferred)
    others = sorted({entry.ip for entry in entries if entry.ip in network and str(entry.ip) != preferred})
    return [preferred, *map(str, others)]


def _preferred(host: str) -> str:
    # Connecting a UDP socket sends nothing: it only asks the routing table.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        address: str = probe.getsockname()[0]
        return address
