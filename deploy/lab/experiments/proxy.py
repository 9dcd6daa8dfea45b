"""direct-vs-proxy: what the reverse proxy costs a request, and whether that depends on the client's link."""

from __future__ import annotations

from collections.abc import Sequence

from lab import theory
from lab.experiments import figures
from lab.experiments.latency import SHARE, TOLERANCE, link
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope, within
from lab.load.plan import Plan

RTTS = (0, 40, 100, 200)  # ms
FEW_RTTS = (0, 40)
WAYS = {"through the edge": "edge", "straight to app1": "app1"}


def _cells(scope: Scope) -> list[Cell]:
    rtts = FEW_RTTS if scope.quick else RTTS
    return [Cell(f"{via}-rtt-{rtt}ms", rtt, _plan(via, rtt, scope)) for rtt in rtts for via in WAYS.values()]


def _plan(via: str, rtt: float, scope: Scope) -> Plan:
    seconds = 5.0 if scope.quick else 8.0 + rtt / 50
    return Plan("health", users=4, seconds=seconds, think_time=0.1, link=link(rtt), via=via)


def _points(done: Sequence[Done], _: Scope) -> list[Point]:
    """The median times in ms: each way's own without a link, and one round trip more with it."""
    return [point for name, via in WAYS.items() for point in _series(name, via, done)]


def _series(name: str, via: str, done: Sequence[Done]) -> list[Point]:
    of_way = [one for one in done if one.cell.plan.via == via]
    found = [(one.cell, figures.median(figures.kept_alive(one), name)) for one in of_way]
    base = next(measured for cell, measured in found if not cell.x)
    return [_point(name, cell, measured, base) for cell, measured in found]


def _point(name: str, cell: Cell, measured: float, base: float) -> Point:
    if not cell.x:
        return Point(name, cell.x, measured, cell.name)
    predicted = theory.latency(base, cell.x, theory.round_trips(new=False))
    return Point(name, cell.x, measured, cell.name, predicted, *within(predicted, TOLERANCE, SHARE))


def _conclusion(points: Sequence[Point], _: Sequence[Done], __: Scope) -> str:
    edge, direct = (figures.of(name, points) for name in WAYS)
    alone, far = (edge[at].measured - direct[at].measured for at in (0, -1))
    rtt = edge[-1].x
    return (
        f"The way through the reverse proxy takes a request {alone:+.1f} ms without a link "
        f"({edge[0].measured:.1f} against {direct[0].measured:.1f} ms) and {far:+.1f} ms at a round trip of "
        f"{rtt:g} ms, which is {(far - alone) / rtt:+z.2f} of a round trip more; {figures.kept(points)}."
    )


DIRECT_VS_PROXY = Experiment(
    name="direct-vs-proxy",
    question="What does the reverse proxy cost a request?",
    theory="the same on any link: Nginx keeps its connections to the app servers, so it adds its own time "
    f"and no round trip of the client's; within {TOLERANCE:g} ms or {SHARE:.0%}",
    x=Axis("round trip that the link adds, ms"),
    y=Axis("median time of a request, ms"),
    cells=_cells,
    points=_points,
    conclusion=_conclusion,
)
