"""How much of a run's peak each shape asks for: pure functions of the share of the run that is over.

Both are from 0 to 1. The shapes themselves, with what each of them shows, are in locustfiles/shapes.
"""

import math
from collections.abc import Callable

Level = Callable[[float], float]

STAIRS = 5
BASELINE = 0.2  # of the peak: what spike and wave go back to
BURST_FROM, BURST_TO = 0.45, 0.55
WAVES = 2
RISE = 0.05  # the share of a soak that it takes to reach its level


def steady(share: float) -> float:  # noqa: ARG001 (a level like the others)
    """All of it, all the time."""
    return 1.0


def ramp(share: float) -> float:
    """A straight rise from nothing to the peak."""
    return share


def step(share: float) -> float:
    """Stairs of equal height and length."""
    return min(int(share * STAIRS) + 1, STAIRS) / STAIRS


def spike(share: float) -> float:
    """A baseline, and once in the middle the peak."""
    return 1.0 if BURST_FROM <= share < BURST_TO else BASELINE


def wave(share: float) -> float:
    """A sine between the baseline and the peak, from trough to trough."""
    height = (1 - math.cos(2 * math.pi * WAVES * share)) / 2
    return BASELINE + (1 - BASELINE) * height


def soak(share: float) -> float:
    """A quick rise, then a long plateau."""
    return min(share / RISE, 1.0)


LEVELS: dict[str, Level] = {level.__name__: level for level in (steady, ramp, step, spike, wave, soak)}
