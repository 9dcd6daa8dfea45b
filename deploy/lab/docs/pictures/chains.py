"""Hosts in a row, and what goes from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lab.diagram.shapes import Box, text
from lab.docs.facts import Facts
from lab.docs.pictures.canvas import BLUE, GREY, LINE_HEIGHT, ORANGE, RED, TEAL, arrow, card, sheet

WIDTH, MARGIN, TOP = 960, 24, 70


def row(hosts: Sequence[Sequence[str]], gap: float, colours: Sequence[str]) -> list[tuple[Box, list[str]]]:
    """Boxes of one size side by side, each with what draws it."""
    width = (WIDTH - 2 * MARGIN - gap * (len(hosts) - 1)) / len(hosts)
    height = 20 + LINE_HEIGHT * max(len(lines) for lines in hosts)
    boxes = [Box(MARGIN + number * (width + gap), TOP, width, height) for number in range(len(hosts))]
    return [(box, card(box, lines, colour)) for box, lines, colour in zip(boxes, hosts, colours, strict=True)]


def between(row_: Sequence[tuple[Box, list[str]]], colour: str) -> Iterator[str]:
    """An arrow from each box to the next."""
    for (left, _), (right, _) in pairwise(row_):
        level = left.y + left.height / 2
        yield arrow((left.right + 4, level), (right.x - 4, level), colour)


def routes(facts: Facts) -> str:
    """The hops of a request, with the addresses that each has on its networks."""
    zones, address = facts.plan.zones, facts.plan.address
    router = [("router", str(zones[a].router), str(zones[b].router)) for a, b in PAIRS]
    hosts = [("client", address("client")), router[0], ("edge", address("edge")), router[1]]
    drawn = row([*hosts, ("app1", address("app1"))], 38, (TEAL, GREY, BLUE, GREY, ORANGE))
    nets = ", then ".join(f"{name} {zones[name].subnet}" for name in ("clients", "lab", "backend"))
    told = (
        f"A request goes from the client through the router to the edge, and through it again to app1: {nets}"
    )
    notes = [
        text(MARGIN, 36, "Each arrow is one hop. Only the router has an address on every network.", "bold"),
        text(MARGIN, 190, nets, "note"),
    ]
    parts = [part for _, lines in drawn for part in lines]
    return sheet(WIDTH, 210, told, [*notes, *parts, *between(drawn, GREY)])


PAIRS = (("clients", "lab"), ("lab", "backend"))


def ports(facts: Facts) -> str:
    """Who refuses a wrong Host header, and how."""
    edge, app = facts.plan.address("edge"), facts.plan.address("app1")
    hosts = [
        ("a request", "with a Host header"),
        ("Nginx on edge", f"{edge}:80"),
        ("Django on app1", f"{app}:8000"),
    ]
    drawn = row(hosts, 130, (TEAL, BLUE, ORANGE))
    boxes = [box for box, _ in drawn]
    below = boxes[0].bottom + 44
    verdicts = (
        (boxes[1], "no server_name of that name:", "444, closed without an answer"),
        (boxes[2], "not in ALLOWED_HOSTS:", "400, Bad Request"),
    )
    parts = [part for _, lines in drawn for part in lines]
    parts += between(drawn, GREY)
    for box, why, what in verdicts:
        parts.append(arrow((box.centre, box.bottom + 4), (box.centre, below), RED))
        parts.append(text(box.centre, below + 22, why, "note", anchor="middle"))
        parts.append(text(box.centre, below + 43, what, "bold", anchor="middle"))
    parts.append(
        text(
            MARGIN,
            36,
            "An address and a port lead to a program; the Host header says whom you want there.",
            "bold",
        )
    )
    told = "Nginx closes a request with an unknown Host header (444); Django answers it with 400"
    return sheet(WIDTH, below + 66, told, parts)


def proxy(facts: Facts) -> str:
    """The two connections of one request, and what the proxy adds."""
    client, edge, app = (facts.plan.address(name) for name in ("client", "edge", "app1"))
    drawn = row([("client", client), ("edge", edge), ("app1", app)], 240, (TEAL, BLUE, ORANGE))
    boxes = [box for box, _ in drawn]
    parts = [part for _, lines in drawn for part in lines]
    said = (
        ("first connection", f"to {edge}:80", "Host, Authorization"),
        ("second connection", f"to {app}:8000", f"X-Forwarded-For: {client}"),
    )
    for left, right, (what, where, headers) in zip(boxes, boxes[1:], said, strict=False):
        level, middle = left.y + left.height / 2, (left.right + right.x) / 2
        parts.append(arrow((left.right + 4, level), (right.x - 4, level), GREY))
        parts.append(text(middle, level - 32, what, "bold", anchor="middle"))
        parts.append(text(middle, level - 11, where, "note", anchor="middle"))
        parts.append(text(middle, level + 24, headers, "note", anchor="middle"))
        parts.append(text(middle, level + 45, "X-Request-ID", "note", anchor="middle"))
    note = "The app's connection comes from the edge: the client's address is in a header, or nowhere."
    parts.append(text(MARGIN, 36, note, "bold"))
    told = "One request is two TCP connections: client to edge, and edge to app1 with X-Forwarded-For"
    return sheet(WIDTH, 190, told, parts)


def walls(facts: Facts) -> str:
    """What a request must get through before it can touch the data."""
    hosts = (
        ("router", "nftables:", "address, port, rate"),
        ("edge", "Nginx: name, size,", "how many at once"),
        ("app1", "Django: who you are,", "what you may do"),
        ("database", "a file or a host that", "only the app reaches"),
    )
    drawn = row(hosts, 42, (GREY, BLUE, ORANGE, TEAL))
    parts = [part for _, lines in drawn for part in lines]
    for box, _ in drawn[:3]:
        parts.append(arrow((box.centre, box.bottom + 4), (box.centre, box.bottom + 34), RED))
    refusals = ("silence", "444, 413, 429", "400, 401, 403, 429")
    for (box, _), refusal in zip(drawn, refusals, strict=False):
        parts.append(text(box.centre, box.bottom + 54, refusal, "bold", anchor="middle"))
    parts.append(
        text(
            MARGIN,
            36,
            f"To {facts.plan.address('edge')} and beyond: each wall stops what the one before cannot see.",
            "bold",
        )
    )
    told = "A request passes the firewall, Nginx, Django and the database; each refuses in its own way"
    return sheet(WIDTH, 230, told, [*parts, *between(drawn, GREY)])
