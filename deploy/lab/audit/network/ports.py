"""ports.toml: which TCP ports answer to whom."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lab import paths
from lab.errors import ExitCode, LabError
from lab.topology import Topology

FILE = paths.ROOT / "deploy/audit/ports.toml"
KEYS = {"from", "to", "ports", "optional"}


@dataclass(frozen=True)
class Listed:
    """A port of a host that answers to the hosts of a zone; an optional one does at times."""

    zone: str
    host: str
    port: int
    optional: bool


def read(plan: Topology, file: Path = FILE) -> list[Listed]:
    """What the file lists, a port at a time; raises LabError (exit code 2) naming entry, key and mend."""
    try:
        document = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{file.name} cannot be read: {error}; mend it there", ExitCode.USAGE) from error
    entries = document.get("open")
    if not isinstance(entries, list):
        _refuse(file.name, "it lists nothing; each entry is an [[open]]")
    return [
        listed
        for number, entry in enumerate(entries, 1)
        for listed in _entry(entry, f"{file.name}, entry {number}", plan)
    ]


def _entry(entry: dict[str, Any], where: str, plan: Topology) -> Iterator[Listed]:
    for key in entry.keys() - KEYS:
        _refuse(where, f"'{key}' is no key; the keys are {', '.join(sorted(KEYS))}")
    zones, hosts = _names(entry, "from", where, plan.zones), _names(entry, "to", where, plan.hosts)
    ports = entry.get("ports")
    if not isinstance(ports, list) or not ports:
        _refuse(where, f"ports = {ports!r} must be a list of ports, such as [80]")
    for port in ports:
        if type(port) is not int or not 1 <= port <= 65535:
            _refuse(where, f"{port!r} is no port; ports go from 1 to 65535")
    optional = entry.get("optional", False)
    if not isinstance(optional, bool):
        _refuse(where, f"optional = {optional!r} must be true or false")
    for zone in zones:
        for host in hosts:
            yield from (Listed(zone, host, port, optional) for port in ports)


def _names(entry: dict[str, Any], key: str, where: str, known: Collection[str]) -> list[str]:
    names = entry.get(key)
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not names:
        _refuse(where, f"'{key}' must name one of {', '.join(known)}, or several in a list")
    for name in names:
        if name not in known:
            _refuse(where, f"{key} = '{name}' is none of {', '.join(known)}")
    return names


def _refuse(where: str, why: str) -> NoReturn:
    raise LabError(f"{where}: {why}", ExitCode.USAGE)
