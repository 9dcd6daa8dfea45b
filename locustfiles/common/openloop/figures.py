"""What the generators of an open loop did, and whether they could do what was asked of them."""

import math
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

# A run asked for a rate that the generators cannot produce if one of them did all it could (the share of its
# time, see Effort), and yet fewer than this share of the arrivals were started, or one in a hundred began
# this many milliseconds late although a user was free.
ALL_IT_COULD = 0.9
ENOUGH_STARTED = 0.95
LATE_MS = 50.0


@dataclass(slots=True)
class Figures:
    """Counts of one process, or of several together."""

    started: int = 0
    unstarted: int = 0  # due, but no user had taken them when the run ended
    exhausted: bool = False  # an arrival found all users busy
    effort: float = 0.0  # the share of its time that the busiest process needed the processor for
    lags: Counter[float] = field(default_factory=Counter)  # by milliseconds

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.started + other.started,
            self.unstarted + other.unstarted,
            self.exhausted or other.exhausted,
            max(self.effort, other.effort),
            self.lags + other.lags,
        )

    @property
    def planned(self) -> int:
        """How many arrivals came due."""
        return self.started + self.unstarted

    def lag(self, share: float) -> float | None:
        """Return the milliseconds that this share of the arrivals began late at most; None without any."""
        return quantile(self.lags, share)

    def report(self) -> dict[str, Any]:
        """Return them as a worker sends them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, report: dict[str, Any]) -> "Figures":
        """Read what a worker sent, whose counters come as dictionaries."""
        return cls(**{**report, "lags": Counter(report["lags"])})

    def outcome(self) -> dict[str, Any]:
        """Return what a run's record says of them."""
        return {
            "planned": self.planned,
            "started": self.started,
            "unstarted": self.unstarted,
            "lag_p50_ms": self.lag(0.5),
            "lag_p99_ms": self.lag(0.99),
            "users_exhausted": self.exhausted,
        }


def quantile(counts: Counter[float], share: float) -> float | None:
    """Return the smallest of the counted values that at least this share of them does not exceed."""
    missing = max(1, math.ceil(share * counts.total()))
    for value in sorted(counts):
        missing -= counts[value]
        if missing <= 0:
            return value
    return None


def shortfall(figures: Figures, seconds: float, generators: int) -> str | None:
    """Say that the rate was more than the generators can produce; None if it was not.

    `seconds` is how long they had for it.
    """
    late = figures.lag(0.99) or 0.0
    enough = figures.started >= ENOUGH_STARTED * figures.planned and late <= LATE_MS
    if enough or figures.effort <= ALL_IT_COULD:
        return None
    workers = max(generators + 1, math.ceil(generators * figures.planned / max(1, figures.started)))
    asked, produced = figures.planned / seconds, figures.started / seconds
    return (
        f"asked for {asked:.0f}/s, the generators produced {produced:.0f}/s, and one in a hundred began "
        f"more than {late:.0f} ms late, so the times are their own and not the network's; "
        f"use more workers: WORKERS={workers}"
    )
