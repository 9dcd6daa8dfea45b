"""Curves of the formulas, as they stand in `lab.theory`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab import theory
from lab.diagram.shapes import text
from lab.docs.pictures.canvas import BLUE, ORANGE, TEAL, sheet

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 96, 690, 80, 340  # the field of the curves; what they are called is right of it
POINTS = 240
MBIT = 1e6 / 8  # bytes per second


@dataclass(frozen=True)
class Axis:
    """From 0 to `most`, with these marks on it."""

    name: str
    most: float
    marks: Sequence[float]


@dataclass(frozen=True)
class Curve:
    """A function of x, from where it begins to where it ends."""

    name: str
    colour: str
    height: Callable[[float], float]
    begin: float
    end: float


def chart(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> str:
    """Curves with their names beside them; a curve that leaves the field ends there."""
    parts = [text(24, 34, title, "bold"), *_axes(x, y)]
    for number, curve in enumerate(curves):
        step = (curve.end - curve.begin) / POINTS
        points = [(at, curve.height(at)) for at in (curve.begin + step * n for n in range(POINTS + 1))]
        inside = [(_across(at, x), _up(value, y)) for at, value in points if value <= y.most * 1.0001]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in inside)
        parts.append(f'<polyline points="{path}" class="line" stroke="{curve.colour}"/>')
        level = TOP + 16 + 26 * number
        parts.append(
            f'<line x1="{RIGHT + 16}" y1="{level - 5}" x2="{RIGHT + 40}" y2="{level - 5}" class="line" '
            f'stroke="{curve.colour}"/>'
        )
        parts.append(text(RIGHT + 48, level, curve.name, "note"))
    return sheet(WIDTH, HEIGHT, f"{title}: {', '.join(curve.name for curve in curves)}", parts)


def _axes(x: Axis, y: Axis) -> list[str]:
    parts = []
    for mark in y.marks:
        level = _up(mark, y)
        parts.append(f'<line x1="{LEFT}" y1="{level:.1f}" x2="{RIGHT}" y2="{level:.1f}" class="grid"/>')
        parts.append(text(LEFT - 10, level + 5, f"{mark:g}", "note", anchor="end"))
    for mark in x.marks:
        parts.append(text(_across(mark, x), BOTTOM + 22, f"{mark:g}", "note", anchor="middle"))
    parts.append(f'<polyline points="{LEFT},{TOP} {LEFT},{BOTTOM} {RIGHT},{BOTTOM}" class="axis"/>')
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 46, x.name, "note", anchor="middle"))
    return [*parts, text(24, TOP - 20, y.name, "note")]


def _across(value: float, axis: Axis) -> float:
    return LEFT + value / axis.most * (RIGHT - LEFT)


def _up(value: float, axis: Axis) -> float:
    return BOTTOM - value / axis.most * (BOTTOM - TOP)


def window() -> str:
    """Throughput against round trip: the link's rate, or a window each round trip, whichever is less."""
    rate = 100.0
    x = Axis("round trip, ms", 200, (0, 50, 100, 150, 200))
    y = Axis("Mbit/s", 120, (0, 20, 40, 60, 80, 100))

    def limited(size: int) -> Callable[[float], float]:
        return lambda ms: min(rate, theory.window_limit(size, ms / 1000) / MBIT)

    curves = [
        Curve("window of 1 MiB", TEAL, limited(1 << 20), 1, 200),
        Curve("window of 256 KiB", BLUE, limited(1 << 18), 1, 200),
        Curve("window of 64 KiB", ORANGE, limited(1 << 16), 1, 200),
    ]
    return chart("One connection over a link of 100 Mbit/s", x, y, curves)


def loss() -> str:
    """Mathis' bound on what a Reno sender can have, for two round trips."""
    x, y = Axis("packets lost, %", 5, (0, 1, 2, 3, 4, 5)), Axis("Mbit/s", 25, (0, 5, 10, 15, 20, 25))

    def bound(rtt: float) -> Callable[[float], float]:
        return lambda percent: theory.mathis(rtt, percent / 100) / MBIT

    curves = [
        Curve("round trip of 20 ms", BLUE, bound(0.020), 0.05, 5),
        Curve("round trip of 80 ms", ORANGE, bound(0.080), 0.05, 5),
    ]
    return chart("What loss leaves of a TCP connection (Mathis)", x, y, curves)


def bucket() -> str:
    """What a token bucket lets through, of requests that come faster than its rate."""
    asked, rate, burst = 20.0, 5.0, 100.0  # the edge's bucket for log-ins: nginx/nginx.conf
    x = Axis("seconds", 16, (0, 4, 8, 12, 16))
    y = Axis("log-ins", 320, (0, 80, 160, 240, 320))
    curves = [
        Curve("asked: 20/s", ORANGE, lambda t: asked * t, 0, 16),
        Curve("let through: 100 + 5/s", BLUE, lambda t: min(asked * t, burst + rate * t), 0, 16),
    ]
    return chart("A token bucket: a burst at once, then the rate", x, y, curves)


def queue() -> str:
    """Response time against utilisation, for one, two and four servers of the same speed each."""
    service = 0.020
    x, y = Axis("utilisation, %", 100, (0, 20, 40, 60, 80, 100)), Axis("ms", 200, (0, 40, 80, 120, 160, 200))

    def response(servers: int) -> Callable[[float], float]:
        return lambda percent: (
            1000 * (service + theory.waiting_time(servers, percent / 100 * servers / service, service))
        )

    named = ((1, "one server", ORANGE), (2, "two servers", BLUE), (4, "four servers", TEAL))
    curves = [Curve(name, colour, response(servers), 0.5, 99) for servers, name, colour in named]
    return chart("Response time of requests that need 20 ms (M/M/c)", x, y, curves)
