"""What is true of the lab just now: hosts and their zones, next hops, the TTL of an answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from lab import database, health, stage
from lab.errors import ExitCode, LabError
from lab.exercises.bench import RunningLab
from lab.exercises.ex01_addresses.diagram import ROUTER, Lab
from lab.exercises.ex01_addresses.plot import Plot
from lab.exercises.ex01_addresses.stranger import SERVICE
from lab.topology import ONE_SHOT

HOST = "client"
DIRECT = "direct"


@dataclass(frozen=True)
class Facts:
    """next hops (near, far: 'direct' or 'router'), the client's default route, the TTL with which the edge's
    answers arrive at the client, and the hosts on a request's way that nobody stands in for."""

    near: str
    far: str
    gateway: str
    ttl: int
    single: tuple[str, ...]


def gather(lab: RunningLab, plot: Plot) -> Facts:
    """Ask the client; raises LabError (exit code 3)."""
    zone, last = plot.far
    return Facts(
        near=_next_hop(lab, str(lab.plan.zones["clients"].subnet[plot.near])),
        far=_next_hop(lab, str(lab.plan.zones[zone].subnet[last])),
        gateway=str(_ip(lab, "route", "show", "default")["gateway"]),
        ttl=_ttl(lab),
        single=_single(lab),
    )


def hosts(lab: RunningLab, plot: Plot) -> Lab:
    """What a diagram must show: the hosts that run, and the stranger."""
    states = health.states(lab.settings.project)
    there = {
        name: (zone, str(address or states[name].addresses.get(zone) or _first(states[name].addresses)))
        for name, host in lab.plan.hosts.items()
        if name in states and name not in (ROUTER, ONE_SHOT) and states[name].status == "running"
        for zone, address in host.addresses.items()
    }
    stranger = {SERVICE: (plot.zone, plot.address(lab.plan))}
    return Lab(tuple(lab.plan.zones), {**there, **stranger}, tuple(stage.replicas(lab.settings)))


def _single(lab: RunningLab) -> tuple[str, ...]:
    apps = stage.replicas(lab.settings)
    return (
        "edge",
        ROUTER,
        *(apps if len(apps) == 1 else ()),
        *([database.HOST] if lab.settings.postgres else []),
    )


def _first(addresses: dict[str, str]) -> str:
    return next(iter(addresses.values()))


def _ip(lab: RunningLab, *words: str) -> dict[str, str]:
    listed = json.loads(lab.run(HOST, "ip", "-json", "-4", *words))
    if not listed:
        raise LabError(f"ip {' '.join(words)} on {HOST} shows nothing; run: make up", ExitCode.UNMEASURED)
    return dict(listed[0])


def _next_hop(lab: RunningLab, address: str) -> str:
    return ROUTER if "gateway" in _ip(lab, "route", "get", address) else DIRECT


def _ttl(lab: RunningLab) -> int:
    printed = lab.run(HOST, "ping", "-c", "3", "-i", "0.2", "-W", "2", lab.address("edge"))
    found = re.search(r"ttl=(\d+)", printed)
    if not found:
        raise LabError(f"ping on {HOST} shows no TTL: {printed[:80]!r}", ExitCode.UNMEASURED)
    return int(found[1])
