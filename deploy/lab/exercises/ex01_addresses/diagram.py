"""The student's diagram held against the lab: hosts, zones, wires, who asks whom, what they remark. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lab.exercises.ex01_addresses.mermaid import Drawing, Node, read
from lab.exercises.model import Judgement

ROUTER = "router"
APPS = ("app1", "app2", "app3")
# Who opens connections to whom across zones; the firewall lets no others pass: deploy/firewall/intent.toml.
ASKS = {
    "client": {"edge"},
    "locust": {"edge"},
    "worker": {"edge"},
    "edge": {*APPS, "live"},
    **{app: {"discord"} for app in (*APPS, "notifier")},
}
HELP = {"risk": "risk edge: what may happen", "better": "better app1: what would help"}


@dataclass(frozen=True)
class Lab:
    """What there is to draw: each host's zone and address, and which app servers the edge asks; the router
    stands in every zone."""

    zones: tuple[str, ...]
    hosts: Mapping[str, tuple[str, str]]
    apps: tuple[str, ...]

    def zone(self, host: str) -> str:
        """A host's zone; '' for the router and what is none."""
        return self.hosts[host][0] if host in self.hosts else ""


@dataclass(frozen=True)
class Meant:
    """A drawing with each box taken for the host or zone that it means; other boxes are left out."""

    boxes: Mapping[str, Node]
    places: Mapping[str, str]  # a host's zone, by its subgraph or a wire
    wires: frozenset[frozenset[str]]
    arrows: frozenset[tuple[str, str]]


def judge(text: str | None, lab: Lab, where: str) -> list[Judgement]:
    """A line for each thing that is looked at, with the first fault as its hint."""
    if text is None:
        hint = f"there is no {where}; make start EX=1 writes one to begin with"
        return [Judgement("the diagram is there", False, hint)]
    drawing = read(text)
    if drawing.unread:
        number, line = drawing.unread[0]
        hint = f"{where}, line {number}: '{line}' is neither a box nor a wire; write a --- b or a --> b"
        return [Judgement("the diagram can be read", False, hint)]
    meant = understand(drawing, lab)
    faults: dict[str, Iterator[str]] = {
        "every host is drawn, with its address": _hosts(meant, lab),
        "every host is wired to the router through its zone": _wires(meant, lab),
        "arrows show who asks whom": _arrows(meant, lab),
        "risks and improvements are marked": _remarks(drawing, meant),
    }
    return [_line(f"diagram: {what}", next(found, "")) for what, found in faults.items()]


def _line(what: str, hint: str) -> Judgement:
    return Judgement(what, not hint, hint)


def understand(drawing: Drawing, lab: Lab) -> Meant:
    """Take each box for the host or zone whose name its label or id has."""
    known = {*lab.hosts, *lab.zones, ROUTER}

    def meaning(*texts: str) -> str:
        words = (word for text in texts for word in re.findall(r"[a-z0-9]+", text.casefold()))
        return next((word for word in words if word in known), "")

    groups = {name: meaning(title, name) for name, title in drawing.groups.items()}
    names = {node.id: groups.get(node.id) or meaning(node.label, node.id) for node in drawing.nodes.values()}
    boxes = {names[node.id]: node for node in drawing.nodes.values() if names[node.id]}
    wires = _pairs(drawing.wires, names.get)
    places = {names[node.id]: groups.get(node.inside, "") for node in drawing.nodes.values()}
    for wire in wires:
        for host in wire & lab.hosts.keys():
            for zone in wire & set(lab.zones):
                places[host] = zone
    arrows = frozenset((names[a], names[b]) for a, b in drawing.arrows if names[a] and names[b])
    return Meant(boxes, places, wires, arrows)


def _pairs(links: list[tuple[str, str]], name: Callable[[str], str | None]) -> frozenset[frozenset[str]]:
    pairs = (frozenset(filter(None, map(name, link))) for link in links)
    return frozenset(pair for pair in pairs if len(pair) == 2)


def _hosts(meant: Meant, lab: Lab) -> Iterator[str]:
    for host, (zone, address) in lab.hosts.items():
        if host not in meant.boxes:
            yield f'{host} (zone {zone}) is missing; a box of it: {host}["{host} its-address"]'
        elif meant.boxes[host].address != address:
            found = meant.boxes[host].address or "no address"
            yield f"{host} has {found} in its box, and answers elsewhere: see make topology, and your sweep"
    if ROUTER not in meant.boxes:
        yield "the router is missing; all zones meet there"


def _wires(meant: Meant, lab: Lab) -> Iterator[str]:
    for wire in meant.wires:
        zones = {lab.zone(host) for host in wire if host in lab.hosts}
        if len(zones) == 2:
            a, b = sorted(wire)
            yield f"{a} and {b} are in different zones: no wire joins them but through the router"
    for host, (zone, _) in lab.hosts.items():
        if host not in meant.boxes or frozenset((host, ROUTER)) in meant.wires:
            continue
        place = meant.places.get(host, "")
        if place != zone:
            yield f"{host} stands in {f'zone {place}' if place else 'no zone'}; its address is of zone {zone}"
        elif frozenset((zone, ROUTER)) not in meant.wires:
            yield f"the wire between zone {zone} and the router is missing"


def _arrows(meant: Meant, lab: Lab) -> Iterator[str]:
    for a, b in (("client", "edge"), *(("edge", app) for app in lab.apps), (lab.apps[0], "discord")):
        if (a, b) not in meant.arrows:
            yield f"an arrow is missing: who opens a connection to {b}, or whom does {a} ask?"
    for a, b in sorted(meant.arrows):
        if ROUTER in (a, b):
            yield "draw an arrow from who asks to who answers; the router only passes it on"
        elif a in lab.hosts and b in lab.hosts and lab.zone(a) != lab.zone(b) and b not in ASKS.get(a, set()):
            yield f"no connection is opened from {a} to {b}: the router's rules let none through"


def _remarks(drawing: Drawing, meant: Meant) -> Iterator[str]:
    for kind, example in HELP.items():
        about = [name for which, name, _ in drawing.remarks if which == kind]
        if not about:
            yield f"no line says {kind}; write one that begins with %% such as: %% {example}"
        unknown = [name for name in about if name not in meant.boxes]
        if unknown:
            yield f"the line '{kind} {unknown[0]}' names no host or zone that you drew"
