"""What clients saw of a failure, and how long it took until all was as before; out of the load's records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby
from math import isnan

import numpy as np

from lab.load.percentiles import NAN, Column, at
from lab.load.records import Records

SPAN = 5.0  # seconds of requests that one p99 is of
STEP = 0.5  # seconds from one such span to the next
FEWEST = 100  # requests of which a p99 says something
SLOWER = 1.5  # how much more than before still counts as normal
BEFORE = 8.0  # seconds before the failure that tell what is normal
READS = ("GET", "HEAD")
FILING = "/api/tickets/"


@dataclass(frozen=True)
class Kind:
    """Failed requests of one kind; first and last: when they ended, in seconds since the failure."""

    method: str
    name: str
    status: int
    error: str
    count: int
    first: float
    last: float


@dataclass(frozen=True)
class Seen:
    """What clients saw. Times are seconds since the failure, p99s are milliseconds.

    back: when the first request that was sent after the last failed one had its answer; 0 if none failed.
    normal: the p99 that still counts as normal. p99_back: when the p99 was normal from then on for a span;
    NaN if that was not seen.
    """

    reads: int
    reads_failed: int
    writes: int
    writes_failed: int
    kinds: tuple[Kind, ...]
    back: float
    before: float
    normal: float
    p99_back: float

    @property
    def share(self) -> float:
        """The share of failed reads; NaN if there were none."""
        return self.reads_failed / self.reads if self.reads else NAN

    def document(self) -> dict[str, object]:
        """As JSON values; NaN is null."""
        found = {**asdict(self), "share": self.share}
        return {
            name: None if isinstance(value, float) and isnan(value) else value
            for name, value in found.items()
        }


def seen(rows: Records, failed_at: float) -> Seen:
    """What clients saw of what failed so many seconds after the run began."""
    reads = rows.where(np.isin(rows.method.astype(str), READS))
    writes = rows.where((rows.method == "POST") & (rows.name == FILING))
    before, normal = _normal(reads, failed_at)
    return Seen(
        reads=len(reads),
        reads_failed=int(reads.failed.sum()),
        writes=len(writes),
        writes_failed=int(writes.failed.sum()),
        kinds=tuple(_kinds(rows.where(rows.failed), failed_at)),
        back=_back(rows, failed_at),
        before=before,
        normal=normal,
        p99_back=_p99_back(reads, failed_at, normal),
    )


def _kinds(failed: Records, failed_at: float) -> list[Kind]:
    columns = (failed.method, failed.name, failed.status, failed.error, failed.ended - failed_at)
    lines = sorted(zip(*columns, strict=True))
    found = []
    for kind, group in groupby(lines, key=lambda line: line[:4]):
        method, name, status, error = kind
        ends = [float(line[4]) for line in group]
        found.append(Kind(method, name, int(status), error, len(ends), min(ends), max(ends)))
    return sorted(found, key=lambda one: one.first)


def _back(rows: Records, failed_at: float) -> float:
    later = rows.sent >= failed_at - SPAN  # a request may have been under way
    failed = later & rows.failed & (rows.ended >= failed_at)
    if not failed.any():
        return 0.0
    good = later & ~rows.failed & (rows.sent > rows.sent[failed].max())
    return float(rows.ended[good].min() - failed_at) if good.any() else NAN


def _normal(reads: Records, failed_at: float) -> tuple[float, float]:
    """The p99 before the failure, and what still counts as normal: 1.5 times the highest of a span there."""
    begin = failed_at - BEFORE
    before = reads.between(begin, failed_at - 0.2)  # those under way at the failure are not of before
    spans = [_p99(reads, start) for start in np.arange(begin, failed_at - 0.2 - SPAN, STEP)]
    known = [p99 for p99 in spans if not isnan(p99)]
    return at(before.response_ms, 99), SLOWER * max(known) if known else NAN


def _p99_back(reads: Records, failed_at: float, normal: float) -> float:
    last = float(reads.sent.max()) - SPAN if len(reads) else 0.0
    for start in np.arange(failed_at, last, STEP):
        if _p99(reads, start) <= normal:
            return float(start - failed_at)
    return NAN


def _p99(reads: Records, start: float) -> float:
    """Of the reads sent in a span, a failed one counted as endless; NaN if there are too few."""
    there = (reads.sent >= start) & (reads.sent < start + SPAN)
    if there.sum() < FEWEST:
        return NAN
    times: Column = np.where(reads.failed[there], np.inf, reads.response_ms[there])
    return at(times, 99)
