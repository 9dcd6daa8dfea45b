"""Diagrams: the one that a student begins with, and the whole one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lab.exercises import sheet
from lab.exercises.ex01_addresses.diagram import ROUTER, Lab
from lab.topology import Topology

NUMBER = 1
SOLUTION = "%% A solution, not a student's own drawing."
BEGINNING = """\
flowchart LR
  %% Your diagram of the lab. What begins with two per cent signs is a remark.
  %% A zone with its hosts, each with its address, and the wire from the zone to the router:
  subgraph zone_clients["clients {subnet}"]
    client["client {address}"]
  end
  router["router"]
  zone_clients --- router
  %% Who opens connections to whom, across however many zones, is an arrow: a --> b
"""


def path() -> Path:
    """Where the student's diagram is, beside the answers."""
    return sheet.path(NUMBER).with_suffix(".mmd")


def beginning(plan: Topology) -> str:
    """The diagram to begin with: one zone, one host."""
    return BEGINNING.format(subnet=plan.zones["clients"].subnet, address=plan.address("client"))


def begin(plan: Topology) -> None:
    """Write the file to begin with, unless there is one."""
    path().parent.mkdir(exist_ok=True)
    if not path().exists():
        path().write_text(beginning(plan))


def write(text: str, plan: Topology) -> None:
    """Put a solution in the student's place; a diagram that somebody drew is kept beside it."""
    path().parent.mkdir(exist_ok=True)
    there = path().read_text(errors="replace") if path().exists() else ""
    if there not in ("", beginning(plan)) and SOLUTION not in there:
        path().replace(path().with_suffix(".own.mmd"))
    path().write_text(text)


def whole(lab: Lab, *, without: str = "") -> str:
    """The diagram of a lab; `without` a zone's wire."""
    return (
        "\n".join(["flowchart LR", f"  {SOLUTION}", *_zones(lab, without), *_arrows(lab), *_remarks()]) + "\n"
    )


def _zones(lab: Lab, without: str) -> Iterator[str]:
    yield f'  {ROUTER}{{{{"{ROUTER}"}}}}'
    for zone in lab.zones:
        yield f'  subgraph zone_{zone}["{zone}"]'
        for host, (place, address) in lab.hosts.items():
            if place == zone:
                yield f'    {host}["{host}<br/>{address}"]'
        yield "  end"
        if zone != without:
            yield f"  zone_{zone} --- {ROUTER}"


def _arrows(lab: Lab) -> Iterator[str]:
    apps = " & ".join(lab.apps)
    yield "  client --> edge"
    yield f"  edge -->|port 8000| {apps}"
    yield f"  {lab.apps[0]} -->|webhook| discord"


def _remarks() -> Iterator[str]:
    yield "  %% risk edge: there is one of it, and it speaks HTTP, which anybody on the way can read"
    yield "  %% better edge: HTTPS, and a second one"
