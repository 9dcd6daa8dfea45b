"""Packets between two hosts, time downwards: what has to wait for what."""

from __future__ import annotations

from lab import theory
from lab.diagram.shapes import text
from lab.docs.facts import Facts
from lab.docs.pictures.canvas import BLUE, ORANGE, TEAL, arrow, sheet

WIDTH, LEFT, RIGHT, TOP = 960, 200, 640, 100
FLIGHT = 34  # how far down an arrow goes: a one-way delay
# What goes to and fro on a new connection with TLS 1.3, a round trip a line.
TRIPS = (
    ("SYN", "SYN, ACK", "TCP: is anybody there?", TEAL),
    ("ACK, ClientHello", "ServerHello, certificate", "TLS 1.3: are you who you say?", ORANGE),
    ("Finished, GET /healthz", "200 OK, first byte", "HTTP: the request itself", BLUE),
)


def round_trips(facts: Facts) -> str:
    """The handshakes of a new HTTPS connection and its first request."""
    trips = theory.round_trips(new=True, tls="TLSv1.3")
    height = TOP + 2 * FLIGHT * trips + 60
    told = f"{trips} round trips before the first byte: TCP's handshake, TLS 1.3's, and the request's own"
    parts = [text(24, 36, f"New connection with TLS 1.3: {trips} round trips before the first byte", "bold")]
    for x, name in ((LEFT, "client"), (RIGHT, "edge")):
        parts.append(text(x, TOP - 30, name, "bold", anchor="middle"))
        parts.append(text(x, TOP - 12, facts.plan.address(name), "mono", anchor="middle"))
        parts.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{height - 40}" class="axis"/>')
    for number, (there, back, meaning, colour) in enumerate(TRIPS):
        top = TOP + 2 * FLIGHT * number
        middle, bottom = top + FLIGHT, top + 2 * FLIGHT
        parts.append(arrow((LEFT, top), (RIGHT, middle), colour))
        parts.append(arrow((RIGHT, middle), (LEFT, bottom), colour))
        parts.append(text(LEFT - 14, top + 38, f"{number + 1} RTT", "bold", anchor="end"))
        parts.append(text(LEFT + 150, top + 5, there, "note"))
        parts.append(text(RIGHT + 14, middle - 8, meaning, "note"))
        parts.append(text(RIGHT + 14, middle + 12, f"← {back}", "note"))
    kept = theory.round_trips(new=False)
    note = f"Kept alive, the next request takes {kept} RTT: the handshakes are done already."
    parts.append(f'<line x1="24" y1="{height - 40}" x2="{WIDTH - 24}" y2="{height - 40}" class="grid"/>')
    parts.append(text(24, height - 15, note, "note"))
    return sheet(WIDTH, height, told, parts)


assert len(TRIPS) == theory.round_trips(new=True, tls="TLSv1.3")  # noqa: S101  # the drawing is the formula's
