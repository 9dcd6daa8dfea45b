"""How far two runs' figures would differ by chance: bootstrap intervals over one-second blocks.

Requests that are near in time are not independent (they queue behind each other), so whole seconds are drawn
again instead of requests, and where a side has several runs, the runs first: Davison and Hinkley, Bootstrap
Methods and their Application (1997), 3.8 and 8.2.3. The interval is the percentile interval, expanded for the
few blocks that there are as in Hesterberg, The American Statistician 69 (2015), 371-386, section 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lab.load import shares
from lab.load.percentiles import Column, at
from lab.load.records import Records

DRAWS = 2000
CONFIDENCE = 0.95
FINEST = 4096  # different times that are told apart when percentiles are drawn again
QUANTILES = {"median": 50.0, "p95": 95.0, "p99": 99.0}
SUMS = ("requests", "failures", "response", *shares.PARTS)
SEED = 1  # the same runs give the same interval


@dataclass(frozen=True)
class Measured:
    """The measured part of a run: its requests, when it began in the run, and its length in seconds."""

    rows: Records
    begin: float
    seconds: float


@dataclass(frozen=True)
class Blocks:
    """A run in one-second blocks: `sums` of SUMS in each, and how many times of each bin `counts` has."""

    sums: Column
    counts: Column

    @property
    def number(self) -> int:
        """How many seconds there are."""
        return len(self.sums)


@dataclass(frozen=True)
class Drawn:
    """DRAWS times the sums, bins and seconds of what was drawn."""

    sums: Column
    counts: Column
    seconds: Column


@dataclass(frozen=True)
class Interval:
    """A figure of both sides, and where 95 % of the differences (B minus A) lie that chance allows."""

    a: float
    b: float
    low: float
    high: float

    @property
    def noise(self) -> bool:
        """Whether there may be no difference at all."""
        return not (self.low > 0 or self.high < 0)


def intervals(a: Sequence[Measured], b: Sequence[Measured]) -> dict[str, Interval]:
    """Each figure of two sides of one or more runs: times in ms, rate per second, failures as a fraction."""
    bins = _bins(a, b)
    sides = [[_blocks(run, bins) for run in side] for side in (a, b)]
    generator = np.random.default_rng(SEED)
    drawn = [_figures(_draw(side, generator), bins) for side in sides]
    told = [_figures_of(side) for side in (a, b)]
    tail = _tail(min(_independent(side) for side in sides))
    found = {}
    for name in told[0]:
        low, high = _percentiles(drawn[1][name] - drawn[0][name], tail)
        found[name] = Interval(told[0][name], told[1][name], low, high)
    return found


def _bins(*sides: Sequence[Measured]) -> Column:
    """The upper ends of the bins: every time that was seen, or of very many those at equal ranks."""
    seen = np.unique(np.concatenate([run.rows.response_ms for side in sides for run in side]))
    if len(seen) > FINEST:
        everything = np.concatenate([run.rows.response_ms for side in sides for run in side])
        seen = np.unique(np.quantile(everything, np.linspace(0, 1, FINEST), method="inverted_cdf"))
    return seen


def _blocks(run: Measured, bins: Column) -> Blocks:
    number = max(1, math.ceil(run.seconds))
    place = np.clip((run.rows.sent - run.begin).astype(int), 0, number - 1)
    values = [np.ones(len(place)), run.rows.failed, run.rows.response_ms, *shares.split(run.rows).values()]
    sums = np.stack([np.bincount(place, value, minlength=number) for value in values], axis=1).astype(float)
    counts = np.zeros((number, len(bins)))
    np.add.at(counts, (place, np.searchsorted(bins, run.rows.response_ms)), 1)
    return Blocks(sums, counts)


def _draw(side: Sequence[Blocks], generator: np.random.Generator) -> Drawn:
    """DRAWS times the side's sums, bins and seconds, of runs and then blocks drawn with repetition."""
    times = generator.multinomial(len(side), [1 / len(side)] * len(side), size=DRAWS)
    parts = [_draw_run(run, times[:, number] * run.number, generator) for number, run in enumerate(side)]
    return Drawn(
        *(np.sum([getattr(part, name) for part in parts], axis=0) for name in ("sums", "counts", "seconds"))
    )


def _draw_run(run: Blocks, blocks: NDArray[np.int64], generator: np.random.Generator) -> Drawn:
    """So many of the run's blocks in each draw."""
    weights = generator.multinomial(blocks, [1 / run.number] * run.number).astype(float)
    return Drawn(weights @ run.sums, weights @ run.counts, blocks.astype(float))


def _figures(drawn: Drawn, bins: Column) -> dict[str, Column]:
    """The figures of each draw; NaN where no request was drawn."""
    sums, cumulative = drawn.sums, np.cumsum(drawn.counts, axis=1)
    requests = np.where(sums[:, 0] > 0, sums[:, 0], np.nan)
    return {
        **{name: _quantile(cumulative, percent, bins) for name, percent in QUANTILES.items()},
        "mean": sums[:, 2] / requests,
        "rate": sums[:, 0] / drawn.seconds,
        "failures": sums[:, 1] / requests,
        **{part: sums[:, 3 + number] / requests for number, part in enumerate(shares.PARTS)},
    }


def _quantile(cumulative: Column, percent: float, bins: Column) -> Column:
    wanted = np.ceil(percent / 100 * cumulative[:, -1:] - 1e-9)
    return np.where(cumulative[:, -1] > 0, bins[np.argmax(cumulative >= wanted, axis=1)], np.nan)


def _figures_of(side: Sequence[Measured]) -> dict[str, float]:
    """The figures themselves, exact: those of all the side's requests together."""
    times = np.concatenate([run.rows.response_ms for run in side])
    failed = np.concatenate([run.rows.failed for run in side])
    parts = [shares.split(run.rows) for run in side]
    return {
        **{name: at(times, percent) for name, percent in QUANTILES.items()},
        "mean": float(times.mean()),
        "rate": len(times) / sum(run.seconds for run in side),
        "failures": float(failed.mean()),
        **{part: float(np.concatenate([one[part] for one in parts]).mean()) for part in shares.PARTS},
    }


def _independent(side: Sequence[Blocks]) -> int:
    """How many independent things a side's spread is seen in."""
    return len(side) if len(side) > 1 else side[0].number


def _tail(number: int) -> float:
    """The share of draws beyond each end of the interval: under 2.5 % where few blocks hide their spread."""
    if number < 2:
        return 0.0
    normal = NormalDist()
    return normal.cdf(
        -math.sqrt(number / (number - 1)) * _t(normal.inv_cdf((1 + CONFIDENCE) / 2), number - 1)
    )


def _t(z: float, freedom: int) -> float:
    """Student's quantile from the normal one z: Abramowitz and Stegun, 26.7.5, to the second order."""
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _percentiles(differences: Column, tail: float) -> tuple[float, float]:
    if np.isnan(differences).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(differences, [tail, 1 - tail])
    return float(low), float(high)
