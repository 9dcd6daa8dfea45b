"""latency-sweep: how many round trips a request costs, on a new connection and on one that is kept alive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lab import theory
from lab.experiments import figures
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope, within
from lab.load.percentiles import Column
from lab.load.plan import Plan
from link.condition import Condition, Link

RTTS = (0, 20, 80, 200, 400, 600)  # ms; the last is a satellite's
FEW_RTTS = (0, 40, 80)
TOLERANCE, SHARE = 3.0, 0.05  # ms, or this share of what is predicted: whichever is more


@dataclass(frozen=True)
class Kind:
    """Requests that cost the same number of round trips: which they are, of which cells."""

    https: bool
    times: Callable[[Done], Column]
    trips: int


KINDS = {
    "new connection": Kind(False, figures.opened, theory.round_trips(new=True)),
    "kept-alive connection": Kind(False, figures.kept_alive, theory.round_trips(new=False)),
    "new connection with TLS 1.3": Kind(True, figures.opened, theory.round_trips(new=True, tls="TLSv1.3")),
    "kept-alive connection with TLS 1.3": Kind(True, figures.kept_alive, theory.round_trips(new=False)),
}


def link(rtt: float) -> Link:
    """A link that adds `rtt` ms to each round trip, half of it each way; none for 0."""
    delay = Condition(delay=rtt / 2000)
    return Link(delay, delay) if rtt else Link()


def _cells(scope: Scope) -> list[Cell]:
    """A cell for each round trip: some users open a connection for each request, others keep theirs."""
    rtts = FEW_RTTS if scope.quick else RTTS
    plain = [Cell(f"rtt-{rtt}ms", rtt, _plan(rtt, None, scope)) for rtt in rtts]
    if scope.https is None:
        return plain
    return plain + [Cell(f"https-rtt-{rtt}ms", rtt, _plan(rtt, scope.https, scope)) for rtt in rtts]


def _plan(rtt: float, host: str | None, scope: Scope) -> Plan:
    # A user sends few requests where each takes long, and a median needs some dozens.
    seconds = 5.0 if scope.quick else 8.0 + rtt / 50
    return Plan("connections", users=8, seconds=seconds, think_time=0.1, link=link(rtt), host=host)


def _points(done: Sequence[Done], _: Scope) -> list[Point]:
    """The medians in ms, and what the cell without a link and the round trips make of them."""
    return [point for name, kind in KINDS.items() for point in _series(name, kind, done)]


def _series(name: str, kind: Kind, done: Sequence[Done]) -> list[Point]:
    of_kind = [one for one in done if (one.cell.plan.host is not None) == kind.https]
    found = [(one.cell, figures.median(kind.times(one), f"on a {name}")) for one in of_kind]
    base = next((measured for cell, measured in found if not cell.x), np.nan)
    return [_point(name, cell, measured, base, kind.trips) for cell, measured in found]


def _point(name: str, cell: Cell, measured: float, base: float, trips: int) -> Point:
    if not cell.x:
        return Point(name, cell.x, measured, cell.name)
    predicted = theory.latency(base, cell.x, trips)
    return Point(name, cell.x, measured, cell.name, predicted, *within(predicted, TOLERANCE, SHARE))


def _conclusion(points: Sequence[Point], _: Sequence[Done], __: Scope) -> str:
    costs = [
        f"{figures.slope(figures.of(name, points)):.2f} ms on a {name} (theory: {KINDS[name].trips})"
        for name in figures.names(points)
    ]
    return f"Each millisecond of round trip costs a request {figures.listed(costs)}; {figures.kept(points)}."


LATENCY_SWEEP = Experiment(
    name="latency-sweep",
    question="How many round trips does a request cost?",
    theory="time = base + round trips · RTT: 1 on a kept-alive connection, 2 on a new one, 3 with TLS 1.3; "
    f"within {TOLERANCE:g} ms or {SHARE:.0%}",
    x=Axis("round trip that the link adds, ms"),
    y=Axis("median time of a request, ms"),
    cells=_cells,
    points=_points,
    conclusion=_conclusion,
)
