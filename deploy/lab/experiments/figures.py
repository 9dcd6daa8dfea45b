"""Figures and sentences that several experiments need. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lab.errors import ExitCode, LabError
from lab.experiments.model import Done, Point
from lab.load.percentiles import Column

FEWEST = 8  # requests under which a median tells little


def median(times: Column, what: str) -> float:
    """The median; raises LabError (exit code 3) if there are too few for one."""
    if len(times) < FEWEST:
        raise LabError(f"only {len(times)} requests {what}, too few for a median", ExitCode.UNMEASURED)
    return float(np.median(times))


def opened(done: Done) -> Column:
    """The service times, in ms, of the requests that opened a connection for themselves."""
    rows = done.rows
    return rows.service_ms[~rows.failed & ~np.isnan(rows.connect_ms)]


def kept_alive(done: Done) -> Column:
    """The service times, in ms, of the requests on a connection that was there already."""
    rows = done.rows
    return rows.service_ms[~rows.failed & np.isnan(rows.connect_ms)]


def answered(done: Done) -> Column:
    """The service times, in ms, of all requests that succeeded."""
    return done.rows.service_ms[~done.rows.failed]


def of(series: str, points: Iterable[Point]) -> list[Point]:
    """The points of one series, by x."""
    return sorted((point for point in points if point.series == series), key=lambda point: point.x)


def names(points: Iterable[Point]) -> list[str]:
    """The series, in their order."""
    return list(dict.fromkeys(point.series for point in points))


def slope(points: Sequence[Point]) -> float:
    """How much the measured value grows with x, by least squares."""
    xs = np.array([point.x for point in points])
    ys = np.array([point.measured for point in points])
    return float(np.polyfit(xs, ys, 1)[0])


def kept(points: Sequence[Point]) -> str:
    """How many of the predictions hold, as part of a sentence."""
    judged = [point for point in points if point.predicted is not None]
    agreeing = sum(point.agrees for point in judged)
    return f"{agreeing} of {len(judged)} predictions hold"


def listed(words: Sequence[str]) -> str:
    """'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
