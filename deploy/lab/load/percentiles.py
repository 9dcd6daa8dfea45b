"""Exact percentiles of measured times: values that were really seen, not the edges of buckets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
NAN = float("nan")
PERCENTS = (50, 90, 95, 99, 99.9, 100)  # the maximum is the hundredth


@dataclass(frozen=True)
class Percentiles:
    """What times came to, in ms; all NaN if there were none."""

    p50: float
    p90: float
    p95: float
    p99: float
    p99_9: float
    max: float
    mean: float

    @classmethod
    def of(cls, times: Column) -> Percentiles:
        """Those of these times in ms."""
        if not len(times):
            return cls(*[NAN] * 7)
        ordered = np.sort(times)
        return cls(*[*(_ranked(ordered, percent) for percent in PERCENTS), float(times.mean())])


def at(times: Column, percent: float) -> float:
    """The least of the times that so many per cent of them do not exceed; NaN if there are none.

    By nearest rank (Hyndman and Fan 1996, type 1): not interpolated, so it is a time that was seen.
    """
    return _ranked(np.sort(times), percent) if len(times) else NAN


def _ranked(ordered: Column, percent: float) -> float:
    # The tiny bit less undoes the rounding of, say, 99.9 / 100 * 1000 = 999.0000000000001.
    rank = math.ceil(percent / 100 * len(ordered) - 1e-9)
    return float(ordered[max(rank, 1) - 1])


def shown(milliseconds: float) -> str:
    """A time as people read it: 8.4 ms, 123 ms, 2.35 s; "none" for NaN."""
    if np.isnan(milliseconds):
        return "none"
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.1f} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"
