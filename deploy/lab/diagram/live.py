"""Facts from the running lab: each host's own routes and sockets, and the router's counters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lab.diagram.model import ROUTER, Counter, HostPicture, Picture, router_addresses, zone_picture
from lab.engine import containers, docker, docker_argv
from lab.errors import ExitCode, LabError
from lab.process import output
from lab.settings import Settings
from lab.topology import ONE_SHOT, Topology

ENGINE_DNS = "127.0.0.11"  # the engine's own resolver inside each container, no service of the lab
FACTS = "ip -j -4 route show default && ss -Hlntu"  # a line of JSON, then a line for each socket


@dataclass(frozen=True)
class Container:
    """What the engine says of one container."""

    id: str
    service: str
    number: int
    status: str
    addresses: dict[str, str]


def picture(settings: Settings, plan: Topology, links: Mapping[str, str]) -> Picture:
    """The lab as it is now; `links` maps a zone to the condition of its link, in words.

    Raises LabError (exit code 3) when there is no running lab.
    """
    found = [one for one in _containers(settings.project, plan) if one.service != ONE_SHOT]
    if not any(one.service == ROUTER and one.status == "running" for one in found):
        raise LabError("the lab's router is not running, so there is no live topology; run: make up, or ask "
                       "for the planned one with PLANNED=1 (lab topology --planned)",
                       ExitCode.UNMEASURED)  # fmt: skip
    several = {one.service for one in found if one.number > 1}
    with ThreadPoolExecutor(max_workers=4) as pool:
        hosts = tuple(pool.map(lambda one: _host(one, plan, numbered=one.service in several), found))
        router = next(one for one in found if one.service == ROUTER)
        listed = output(docker_argv("exec", router.id, "nft", "-j", "list", "table", "inet", "lab"), "router")
    zones = tuple(zone_picture(zone, links.get(name)) for name, zone in plan.zones.items())
    return Picture(live=True, zones=zones, hosts=hosts, counters=counters(json.loads(listed)))


def _containers(project: str, plan: Topology) -> list[Container]:
    ids = containers(project)
    if not ids:
        return []
    found = [_container(body) for body in json.loads(docker("inspect", *ids))]
    order = list(plan.hosts)
    known = [one for one in found if one.service in order]
    return sorted(known, key=lambda one: (order.index(one.service), one.number))


def _container(body: dict[str, Any]) -> Container:
    labels, networks = body["Config"]["Labels"], body["NetworkSettings"]["Networks"]
    return Container(
        id=body["Id"],
        service=labels["com.docker.compose.service"],
        number=int(labels.get("com.docker.compose.container-number", 1)),
        status=body["State"]["Status"],
        addresses={name.split("_")[-1]: found["IPAddress"] for name, found in networks.items()},
    )


def _host(one: Container, plan: Topology, *, numbered: bool) -> HostPicture:
    name = f"{one.service}-{one.number}" if numbered else one.service
    addresses = router_addresses(plan) if one.service == ROUTER else one.addresses
    published = plan.hosts[one.service].published
    if one.status != "running":
        return HostPicture(name, addresses, None, (), published, one.status)
    routes, *sockets = output(docker_argv("exec", one.id, "sh", "-c", FACTS), f"host {name}").splitlines()
    return HostPicture(name, addresses, default_route(routes), listening(sockets), published, None)


def default_route(listed: str) -> str | None:
    """The default route's next hop, from `ip -j -4 route show default`."""
    return next((str(route["gateway"]) for route in json.loads(listed) if "gateway" in route), None)


def listening(lines: list[str]) -> tuple[str, ...]:
    """Sockets as 'tcp/80', from `ss -Hlntu`; those that only the host itself can reach say so."""
    found = set()
    for line in lines:
        protocol, _, _, _, local = line.split()[:5]
        address, _, port = local.rpartition(":")
        if address == ENGINE_DNS:
            continue
        inner = " (loopback)" if address.startswith(("127.", "[::1]")) else ""
        found.add((int(port), f"{protocol}/{port}{inner}"))
    return tuple(text for _, text in sorted(found))


def counters(document: dict[str, Any]) -> tuple[Counter, ...]:
    """The named counters with their verdicts, from `nft -j list table`.

    A rule that counts and does not decide leaves the packet to its chain's policy.
    """
    items = document["nftables"]
    policies = {one["chain"]["name"]: one["chain"].get("policy", "return") for one in items if "chain" in one}
    verdicts: dict[str, str] = {}
    for rule in (one["rule"] for one in items if "rule" in one):
        words = {word for expression in rule["expr"] for word in expression}
        decided = next((word for word in ("accept", "drop", "reject") if word in words), None)
        for expression in rule["expr"]:
            if isinstance(expression.get("counter"), str):
                verdicts[expression["counter"]] = decided or policies[rule["chain"]]
    return tuple(
        Counter(one["name"], verdicts.get(one["name"], "unused"), one["packets"], one["bytes"])
        for one in (item["counter"] for item in items if "counter" in item)
    )
