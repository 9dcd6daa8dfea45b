"""The end of a run in numbers: a table that keeps the tenths of a millisecond, and the verdict."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


def fine_bucket(milliseconds: float) -> float:
    """Round a response time to the histogram's resolution: three significant digits, at finest 0.1 ms.

    Locust's own buckets are 1 ms wide below 100 ms, 10 ms below 1 s and 100 ms above: on a LAN the whole
    answer is one bucket, and a satellite's 600 ms are known to ±5 ms. These make at most 1,000 buckets
    up to 100 ms and 900 for each tenfold beyond.
    """
    if milliseconds < 100:
        return round(milliseconds, 1)
    if milliseconds < 1_000:
        return round(milliseconds, 0)
    return round(milliseconds, -1 if milliseconds < 10_000 else -2)


@dataclass(frozen=True, slots=True)
class Row:
    """The statistics of one kind of request; times in milliseconds."""

    method: str
    name: str
    requests: int
    failures: int
    rate: float  # requests per second
    median: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Error:
    """A kind of failure, and how often it happened."""

    occurrences: int
    text: str


def table(rows: Iterable[Row], total: Row, errors: Iterable[Error]) -> Iterator[str]:
    """Yield the lines of the summary, 80 columns wide for names of up to 28 characters."""
    yield f"{'request':35} {'requests':>8} {'failed':>6} {'per s':>7}  {'median':>6} {'p95':>6} {'p99':>6} ms"
    for row in (*rows, total):
        yield (
            f"{row.method:6} {row.name:28} {row.requests:8} {row.failures:6} {row.rate:7.1f}"
            f"  {_ms(row.median)} {_ms(row.p95)} {_ms(row.p99)}"
        )
    for error in errors:
        yield f"{error.occurrences:6} x {error.text}"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:6.1f}" if milliseconds < 100 else f"{milliseconds:6.0f}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, as far as its verdict depends on it."""

    requests: int
    failures: int
    exceptions: int  # raised by the scenario itself
    unproducible: str = ""  # that the rate asked for is more than the generators can do, as a sentence
    strain: str = ""  # what kept a load generator from being on time, as the end of a sentence
    workers_lost: int = 0
    unwritten: str = ""  # what became of the run's files, if they could not be written


def reasons_to_fail(outcome: Outcome) -> list[str]:
    """Return what speaks against the run; nothing if it passed."""
    reasons = [outcome.unproducible] if outcome.unproducible else []
    if not outcome.requests:
        reasons.append("no request was completed, so nothing was measured")
    if outcome.failures:
        reasons.append(f"{outcome.failures} of {outcome.requests} requests failed")
    if outcome.exceptions:
        reasons.append(f"exceptions raised by the scenario itself: {outcome.exceptions} (see the log above)")
    if outcome.strain and not outcome.unproducible:
        reasons.append(
            f"a load generator {outcome.strain}, so the times are its own and not the network's "
            f"(use fewer users, more workers, or a machine with less to do)"
        )
    if outcome.workers_lost:
        reasons.append(
            f"workers lost during the run: {outcome.workers_lost} (and with them their last figures)"
        )
    if outcome.unwritten:
        reasons.append(outcome.unwritten)
    return reasons


def exit_code(outcome: Outcome) -> int:
    """Return 0 if the run passed, 1 if it failed, 2 if it asked more than its generators can do."""
    if outcome.unproducible:
        return 2
    return 1 if reasons_to_fail(outcome) else 0


def verdict(outcome: Outcome) -> str:
    """Return the last line of a run."""
    reasons = reasons_to_fail(outcome)
    return f"FAILED: {'; '.join(reasons)}" if reasons else f"PASSED: {outcome.requests} requests, none failed"
