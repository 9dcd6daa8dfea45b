"""replicas and workers: how far more servers answer more requests, and what stops them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from math import inf

from lab import theory
from lab.experiments import figures
from lab.experiments.model import Axis, Cell, Done, Experiment, Point, Scope
from lab.load.plan import Plan
from link.condition import Link

USERS = (1, 2, 4, 8, 16)
FEW_USERS = (1, 8)
ABOVE = 0.1  # how far a rate may exceed its bound, since both were measured, and not at the same time
FULL = 0.9  # busy processors, as a share of their time, that can do no more …
NEAR = 0.75  # … and the share of what they allow that shows that these requests kept them so
OTHER_WORK = "so other work took the rest, and what more servers bring is not to be seen on this VM now"
PAYS = 0.1  # what further servers must bring to be called a gain


def _cells(setting: str, counts: Sequence[int], scope: Scope) -> list[Cell]:
    """Users who never think, before so many servers; a server is one process, which fills one processor."""
    users = FEW_USERS if scope.quick else USERS
    alone = {"REPLICAS": "1", "WEB_WORKERS": "1"}
    return [
        Cell(f"{count}-servers-{number}-users", number, _plan(number, scope), {**alone, setting: str(count)})
        for count in (counts[:2] if scope.quick else counts)
        for number in users
    ]


def _plan(users: int, scope: Scope) -> Plan:
    return Plan("health", users=users, seconds=5.0 if scope.quick else 8.0, think_time=0.0, link=Link())


def servers(one: Done) -> int:
    """How many processes answered."""
    return int(one.cell.changes["REPLICAS"]) * int(one.cell.changes["WEB_WORKERS"])


def _name(count: int) -> str:
    return "1 server" if count == 1 else f"{count} servers"


def _points(done: Sequence[Done], scope: Scope) -> list[Point]:
    """Requests per second, and the asymptotic bounds that one server and the processors set."""
    return [_point(one, done, scope) for one in done]


def _point(one: Done, done: Sequence[Done], scope: Scope) -> Point:
    count, users = servers(one), one.cell.x
    point = Point(_name(count), users, one.rate, one.cell.name)
    if count == 1 and users in (1, max(each.cell.x for each in done)):
        return point  # these two calibrate the bounds
    bound = theory.closed_bound(users, _alone(done), 0.0, min(count * _of_one(done), of_cores(done, scope)))
    return Point(point.series, users, one.rate, point.cell, bound, -inf, (1 + ABOVE) * bound)


def _alone(done: Sequence[Done]) -> float:
    """Seconds between one user's requests when nobody else is there."""
    return next(1 / one.rate for one in done if servers(one) == 1 and one.cell.x == 1)


def _of_one(done: Sequence[Done]) -> float:
    """What one server can do, requests per second."""
    return max(one.rate for one in done if servers(one) == 1)


def of_cores(done: Sequence[Done], scope: Scope) -> float:
    """What the VM's processors can do, by the least processor time that a request of one server took in all.

    The least, since in a run that answered few requests the run itself counts for much.
    """
    return theory.capacity(scope.cores, min(demand(one) for one in done if servers(one) == 1))


def demand(one: Done) -> float:
    """Processor seconds per request, over all hosts that were looked at, the load generator among them."""
    return sum(one.cpu.values()) / one.all_requests


def _conclusion(points: Sequence[Point], done: Sequence[Done], scope: Scope) -> str:
    best = {name: max(point.measured for point in figures.of(name, points)) for name in figures.names(points)}
    (first, alone), *others = best.items()
    rates = [f"{name} {rate:.0f}/s ({rate / alone:.2f} times)" for name, rate in others]
    return (
        f"{first} answered at most {alone:.0f} requests per second, {figures.listed(rates)}: {_gain(best)}; "
        f"{_cores(done, scope)}; {figures.kept(points)}."
    )


def _gain(best: Mapping[str, float]) -> str:
    """Up to how many servers one more is a gain."""
    lasting = next(iter(best))
    for (_, before), (name, after) in pairwise(best.items()):
        if after < (1 + PAYS) * before:
            return f"beyond {lasting} more of them bring less than {PAYS:.0%}"
        lasting = name
    return "each step is a gain"


def _cores(done: Sequence[Done], scope: Scope) -> str:
    """What the processors have to do with it, as seen where most requests were answered."""
    best, most = max(done, key=lambda one: one.rate), of_cores(done, scope)
    stops = "so something else stops it"
    if best.busy >= FULL:
        stops = "so they are what stops it" if best.rate > NEAR * most else OTHER_WORK
    return (
        f"a request takes {scope.cores / most * 1000:.2f} ms of processor time over all hosts, of which the "
        f"VM's {scope.cores} have enough for {most:.0f}/s: {best.rate / most:.0%} of that was reached with "
        f"the processors {best.busy:.0%} busy, {stops}"
    )


_THEORY = (
    "requests per second ≤ min(N / R₁, servers / S, processors / D): R₁ is the time of one user alone, S and "
    f"the processor time D are measured with one server; no more than {ABOVE:.0%} above"
)
_X, _Y = Axis("users who never think", logarithmic=True), Axis("requests per second", logarithmic=True)

REPLICAS = Experiment(
    name="replicas",
    question="Do three app servers answer three times as many requests as one?",
    theory=_THEORY,
    x=_X,
    y=_Y,
    cells=partial(_cells, "REPLICAS", (1, 2, 3)),
    points=_points,
    conclusion=_conclusion,
)

WORKERS = Experiment(
    name="workers",
    question="Do four worker processes in one app server answer four times as many requests as one?",
    theory=_THEORY,
    x=_X,
    y=_Y,
    cells=partial(_cells, "WEB_WORKERS", (1, 2, 4)),
    points=_points,
    conclusion=_conclusion,
)
