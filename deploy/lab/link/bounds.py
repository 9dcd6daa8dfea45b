"""How far a measured share may be from the true one by chance. Pure."""

from __future__ import annotations

import math

CONFIDENCE = 0.99


def binomial(trials: int, chance: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The shares between which `trials` independent tries fall with this confidence: exact, equal tails."""
    if chance <= 0 or chance >= 1:
        return chance, chance
    tail = (1 - confidence) / 2
    cumulative, low = 0.0, None
    for successes in range(trials + 1):
        cumulative += _probability(trials, successes, chance)
        if low is None and cumulative > tail:
            low = successes
        if cumulative >= 1 - tail:
            return (low or 0) / trials, successes / trials
    return (low or 0) / trials, 1.0


def _probability(trials: int, successes: int, chance: float) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return math.exp(ways + successes * math.log(chance) + (trials - successes) * math.log1p(-chance))
