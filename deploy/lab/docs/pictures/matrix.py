"""From which network to which the router lets what through, by what it is held to."""

from __future__ import annotations

from itertools import zip_longest

from lab.diagram.model import ROUTER
from lab.diagram.shapes import Box, text
from lab.docs.facts import Facts
from lab.docs.pictures.canvas import GREY, TEAL, card, sheet

CELL_WIDTH, CELL_HEIGHT, LEFT, TOP, GAP = 196, 104, 150, 108, 8


def passing(facts: Facts) -> dict[tuple[str, str], list[str]]:
    """What passes from one network to another, such as 'tcp/80', in the file's order."""
    home = {name: next(iter(host.addresses)) for name, host in facts.plan.hosts.items() if name != ROUTER}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for flow in facts.flows:
        if flow.expect == "accept" and ROUTER not in (flow.origin, flow.target):
            service = flow.protocol if flow.port is None else f"{flow.protocol}/{flow.port}"
            found.setdefault((home[flow.origin], home[flow.target]), {})[service] = None
    return {pair: list(services) for pair, services in found.items()}


def firewall(facts: Facts) -> str:
    """A grid: networks as sources downwards, and as destinations across."""
    zones, passes = list(facts.plan.zones), passing(facts)
    parts = [
        text(24, 36, "New connections that the router lets through; all others it refuses", "bold"),
        text(24, 62, "from ↓   to →", "note"),
    ]
    for across, name in enumerate(zones):
        parts.append(
            text(LEFT + across * (CELL_WIDTH + GAP) + CELL_WIDTH / 2, TOP - 16, name, "bold", anchor="middle")
        )
    for down, source in enumerate(zones):
        y = TOP + down * (CELL_HEIGHT + GAP)
        parts.append(text(LEFT - 16, y + CELL_HEIGHT / 2 + 5, source, "bold", anchor="end"))
        for across, target in enumerate(zones):
            box = Box(LEFT + across * (CELL_WIDTH + GAP), y, CELL_WIDTH, CELL_HEIGHT)
            parts += _cell(box, source == target, passes.get((source, target), []))
    width = LEFT + len(zones) * (CELL_WIDTH + GAP) + 16
    told = "; ".join(f"from {a} to {b}: {', '.join(services)}" for (a, b), services in passes.items())
    return sheet(width, TOP + len(zones) * (CELL_HEIGHT + GAP) + 16, f"What passes the router: {told}", parts)


def _cell(box: Box, same: bool, services: list[str]) -> list[str]:
    if same:
        return card(box, ["", "not routed"], "#d1d5db", "note")
    if not services:
        return card(box, ["", "nothing"], GREY, "note")
    lines = [", ".join(pair) for pair in zip_longest(services[::2], services[1::2], fillvalue="")]
    return card(box, [f"{len(services)} pass", *(line.removesuffix(", ") for line in lines)], TEAL)
