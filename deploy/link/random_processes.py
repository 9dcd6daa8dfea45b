"""The two random processes of a link: each packet's jitter, and which packets are lost."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from link.condition import Condition

PARETO_SHAPE = 3.0
PARETO_MEAN = PARETO_SHAPE / (PARETO_SHAPE - 1)
PARETO_DEVIATION = math.sqrt(PARETO_SHAPE / ((PARETO_SHAPE - 1) ** 2 * (PARETO_SHAPE - 2)))
EXTREME = 4.0  # deviations; netem's tables end there too, so that a rare packet does not wait for ever


def _normal(z: float) -> float:
    return z


def _uniform(z: float) -> float:
    return math.erf(z / math.sqrt(2))  # from -1 to 1: twice the normal's probability, less 1


def _pareto(z: float) -> float:
    beyond = max(math.erfc(z / math.sqrt(2)) / 2, 1e-12)
    return (math.pow(beyond, -1 / PARETO_SHAPE) - PARETO_MEAN) / PARETO_DEVIATION


SHAPES: dict[str, Callable[[float], float]] = {"normal": _normal, "uniform": _uniform, "pareto": _pareto}


def delays(condition: Condition, random: Random) -> Callable[[], int]:
    """A function that gives each packet's delay in nanoseconds, never negative.

    Correlation c: the underlying normal deviate follows z' = c·z + √(1 - c²)·e, so neighbours correlate by c
    while the distribution stays what it says. (netem mixes uniform numbers instead, which narrows it.)
    """
    mean, spread = condition.delay * 1e9, condition.jitter * 1e9
    if not spread:
        constant = round(mean)
        return lambda: constant
    shape, keep = SHAPES[condition.distribution], condition.correlation
    fresh = math.sqrt(1 - keep * keep)
    last = random.gauss(0, 1)

    def draw() -> int:
        nonlocal last
        last = keep * last + fresh * random.gauss(0, 1)
        deviation = max(-EXTREME, min(EXTREME, shape(last)))
        return max(0, round(mean + spread * deviation))

    return draw


def losses(condition: Condition, random: Random) -> Callable[[], bool]:
    """A function that says of each packet whether it is lost."""
    if condition.gilbert is None:
        share = condition.loss
        return (lambda: random.random() < share) if share else (lambda: False)
    model = condition.gilbert
    bad = random.random() < model.bad_share

    def draw() -> bool:
        nonlocal bad
        bad = random.random() >= model.leave if bad else random.random() < model.enter
        return random.random() < (model.loss_bad if bad else model.loss_good)

    return draw
