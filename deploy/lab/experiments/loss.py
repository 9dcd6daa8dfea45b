"""loss-sweep: how many requests wait for a retransmission, and what that does to the slowest of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lab import theory
from lab.experiments import figures
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope
from lab.link.bounds import CONFIDENCE, binomial
from lab.load import percentiles
from lab.load.percentiles import Column
from lab.load.plan import Plan
from link.condition import Condition, Link

LOSSES = (0.0, 0.005, 0.01, 0.02, 0.05)
FEW_LOSSES = (0.0, 0.05)
# How much more than the usual time tells that a request waited for a retransmission. Nothing is sent again
# before the shortest time-out, and nothing else takes as long: the cell without loss shows whether it is so.
WAITED = 0.75 * theory.MINIMAL_RTO * 1000  # ms
SHARE = 0.1  # of what is predicted, beyond chance


@dataclass(frozen=True)
class Kind:
    """Requests of so many packets whose loss only a time-out notices; nobody misses an acknowledgement."""

    times: Callable[[Done], Column]
    packets: int


KINDS = {
    "kept-alive connection": Kind(figures.kept_alive, 2),  # request, answer
    # SYN, SYN-ACK, request. Behind the answer comes the server's FIN, since it closes the connection, and an
    # acknowledgement of the FIN alone tells at once that the answer is missing (RFC 8985).
    "new connection": Kind(figures.opened, 3),
}
# Of each point, so that all of them together hold with CONFIDENCE.
SURE = 1 - (1 - CONFIDENCE) / (len(KINDS) * (len(LOSSES) - 1))


def _cells(scope: Scope) -> list[Cell]:
    losses = FEW_LOSSES if scope.quick else LOSSES
    return [Cell(f"loss-{loss * 100:g}-percent", loss, _plan(loss, scope)) for loss in losses]


def _plan(loss: float, scope: Scope) -> Plan:
    lossy = Condition(loss=loss)
    link = Link(lossy, lossy) if loss else Link()
    return Plan("connections", users=16, seconds=6.0 if scope.quick else 20.0, think_time=0.05, link=link)


def _points(done: Sequence[Done], _: Scope) -> list[Point]:
    return [point for name, kind in KINDS.items() for point in _series(name, kind, done)]


def _series(name: str, kind: Kind, done: Sequence[Done]) -> list[Point]:
    """The shares of requests that waited; those that did so without any loss are the others' background."""
    base = next(one for one in done if not one.cell.x)
    usual = figures.median(kind.times(base), f"on a {name}")
    background = _waited(kind.times(base), usual)
    return [_point(name, kind, one, usual, background) for one in done]


def _waited(times: Column, usual: float) -> float:
    return float(np.mean(times > usual + WAITED))


def _point(name: str, kind: Kind, one: Done, usual: float, background: float) -> Point:
    times, loss = kind.times(one), one.cell.x
    share = _waited(times, usual)
    if not loss:
        return Point(name, loss, share, one.cell.name)
    predicted = 1 - (1 - background) * (1 - theory.hit_by_loss(loss, kind.packets))
    low, high = binomial(len(times), predicted, SURE)
    more = SHARE * predicted
    return Point(name, loss, share, one.cell.name, predicted, low - more, high + more)


def _conclusion(points: Sequence[Point], done: Sequence[Done], __: Scope) -> str:
    worst = max(done, key=lambda one: one.cell.x)
    shares = [
        f"{point.measured:.1%} of the requests on a {point.series} (theory: {point.predicted:.1%})"
        for point in points
        if point.cell == worst.cell.name
    ]
    return (
        f"With {worst.cell.x:.1%} of the packets lost each way {figures.listed(shares)} waited for a "
        f"retransmission; {_jump(done)}; {figures.kept(points)}."
    )


def _jump(done: Sequence[Done]) -> str:
    """From which loss on the 99th percentile on kept-alive connections is one that waited."""
    tails = [(one.cell.x, percentiles.at(figures.kept_alive(one), 99)) for one in done]
    usual = figures.median(figures.kept_alive(done[0]), "without loss")
    jumped = next(((loss, tail) for loss, tail in tails if tail > usual + WAITED), None)
    if jumped is None:
        return f"p99 on kept-alive ones waited for none (at most {max(tail for _, tail in tails):.0f} ms)"
    loss, tail = jumped
    if not loss:
        return f"p99 on kept-alive ones is {tail:.0f} ms without any loss already, for another reason"
    return f"on kept-alive ones p99 jumps from {tails[0][1]:.0f} ms to {tail:.0f} ms at a loss of {loss:.1%}"


LOSS_SWEEP = Experiment(
    name="loss-sweep",
    question="How many requests does a lost packet delay?",
    theory="share = 1 - (1 - p)ⁿ of n packets whose loss only a time-out of 200 ms or more notices: 2 on a "
    f"kept-alive connection, 3 on a new one; within chance ({CONFIDENCE:.0%} over all) and {SHARE:.0%}",
    x=Axis("loss each way", share=True),
    y=Axis("requests that waited for a retransmission", share=True),
    cells=_cells,
    points=_points,
    conclusion=_conclusion,
    repeatable=False,
)
