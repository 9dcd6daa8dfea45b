"""intent.toml: which flows must pass the router, and which must not."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lab import paths
from lab.errors import ExitCode, LabError
from lab.topology import Topology

FILE = paths.ROOT / "deploy/firewall/intent.toml"
EXPECTATIONS = ("accept", "reject", "drop")
PROTOCOLS = ("tcp", "udp", "icmp")
TEXTS = {"from", "to", "protocol", "expect", "counter", "source"}
LISTENER = {True: True, False: False, "maybe": None}
KEYS = TEXTS | {"port", "listener"}


@dataclass(frozen=True)
class Flow:
    """One kind of packet from one host to another, and what must become of it.

    `source` is the host in whose name the packet is forged, if it is; `listener` says whether something on
    the target answers at the port, None if that depends.
    """

    origin: str
    target: str
    protocol: str
    port: int | None
    expect: str
    counter: str
    source: str | None = None
    listener: bool | None = True

    @property
    def words(self) -> str:
        """The flow in a few words: client → edge tcp/80."""
        service = self.protocol if self.port is None else f"{self.protocol}/{self.port}"
        forged = f" as {self.source}" if self.source else ""
        return f"{self.origin}{forged} → {self.target} {service}"


def read(plan: Topology, counters: Collection[str], file: Path = FILE) -> list[Flow]:
    """The flows of the file; raises LabError (exit code 2) that names entry, key and mend if one is wrong."""
    try:
        document = tomllib.loads(file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{file.name} cannot be read: {error}", ExitCode.USAGE) from error
    entries = document.get("flow")
    if not isinstance(entries, list) or not entries:
        raise LabError(f"{file.name} names no [[flow]], so nothing would be proved", ExitCode.USAGE)
    return [
        _flow(entry, f"{file.name}, flow {number}", plan, counters) for number, entry in enumerate(entries, 1)
    ]


def among(flows: Iterable[Flow], hosts: Collection[str]) -> list[Flow]:
    """The flows between these hosts: an optional one that does not run can neither send nor be reached."""
    return [flow for flow in flows if {flow.origin, flow.target} <= set(hosts)]


def _flow(entry: dict[str, Any], where: str, plan: Topology, counters: Collection[str]) -> Flow:
    _check_keys(entry, where)
    for key in ("from", "to", "source"):
        if key in entry and entry[key] not in plan.hosts:
            _refuse(where, f"{key} = '{entry[key]}' is no host; the hosts are {', '.join(plan.hosts)}")
    _one_of(where, "protocol", entry["protocol"], PROTOCOLS)
    _one_of(where, "expect", entry["expect"], EXPECTATIONS)
    _one_of(where, "counter", entry["counter"], sorted(counters))
    port = entry.get("port")
    if (port is None) is not (entry["protocol"] == "icmp"):
        _refuse(where, "tcp and udp need a port, and icmp has none")
    if port is not None and not (type(port) is int and 1 <= port <= 65535):
        _refuse(where, f"port = {port!r} is no port; ports go from 1 to 65535")
    return Flow(
        origin=entry["from"],
        target=entry["to"],
        protocol=entry["protocol"],
        port=port,
        expect=entry["expect"],
        counter=entry["counter"],
        source=entry.get("source"),
        listener=LISTENER[entry.get("listener", True)],
    )


def _check_keys(entry: dict[str, Any], where: str) -> None:
    for key in entry.keys() - KEYS:
        _refuse(where, f"'{key}' is no key; the keys are {', '.join(sorted(KEYS))}")
    for key in ("from", "to", "protocol", "expect", "counter"):
        if key not in entry:
            _refuse(where, f"'{key}' is missing")
    for key in entry.keys() & TEXTS:
        if not isinstance(entry[key], str):
            _refuse(where, f"{key} = {entry[key]!r} must be one text in quotes")
    listener = entry.get("listener", True)
    if not isinstance(listener, bool) and listener != "maybe":
        _refuse(where, f"listener = {listener!r} must be true, false or 'maybe'")


def _one_of(where: str, key: str, value: object, allowed: Collection[str]) -> None:
    if value not in allowed:
        _refuse(where, f"{key} = '{value}' is none of {', '.join(allowed)}")


def _refuse(where: str, why: str) -> NoReturn:
    raise LabError(f"{where}: {why}", ExitCode.USAGE)
