"""What benchmarks conclude from what they measured."""

from __future__ import annotations

import pytest

from benchmarks.service import million, speed
from benchmarks.service.speed import Sample

STEADY = [Sample(rate=1000.0, cpu=0.001)] * 5


def times(rate: float, cpu: float) -> list[Sample]:
    """A peer with so many times the service's rate and CPU time a request."""
    return [Sample(rate * one.rate, cpu * one.cpu) for one in STEADY]


def test_a_slow_round_changes_no_ratio() -> None:
    slowed = [Sample(500.0, 0.001), *STEADY[1:]]
    peers = [Sample(250.0, 0.002), *times(0.5, 2.0)[1:]]
    assert speed.compare(slowed, peers) == speed.Comparison(faster=2.0, cheaper=2.0)


def test_one_odd_round_does_not_decide() -> None:
    odd = [Sample(1.0, 1.0), *times(0.5, 2.0)[1:]]
    assert speed.compare(STEADY, odd) == speed.Comparison(faster=2.0, cheaper=2.0)


@pytest.mark.parametrize(
    ("request_", "peer", "rate", "cpu", "kept"),
    [
        ("list of 50", "guide", 0.2, 1.0, True),
        ("list of 50", "guide", 0.21, 9.0, False),
        ("detail", "guide", 0.21, 9.0, False),
        ("create", "guide", 0.33, 1.0, True),
        ("create", "guide", 0.34, 9.0, False),
        ("detail", "ninja", 0.9, 1.1, True),
        ("detail", "ninja", 1.1, 1.1, False),
        ("list of 50", "fastapi", 0.9, 0.9, False),
        ("list of 50", "floor", 2.0, 0.67, True),
        ("list of 50", "floor", 2.0, 0.66, False),
        ("list of 50", "stock", 9.0, 0.1, True),
        ("create", "fastapi", 9.0, 0.1, True),
    ],
)
def test_a_promise_is_kept_or_not(request_: str, peer: str, rate: float, cpu: float, kept: bool) -> None:
    seen = {"service": STEADY, peer: times(rate, cpu)}
    assert speed.judge(request_, peer, seen).kept is kept


def test_the_table_shows_what_was_seen() -> None:
    line = speed.judge("detail", "floor", {"service": STEADY, "floor": times(2.0, 0.8)})
    assert line.what == "detail, floor"
    assert line.seen == ("1,000/s, 1.00 ms", "2,000/s, 0.80 ms", "rate x 0.50, CPU x 1.25")


def test_a_million_tickets_may_take_a_third_longer_and_no_more() -> None:
    few = [0.002, 0.001, 0.003]
    assert million.judge("first page", [0.0025, 0.0026, 9.0], few).kept
    assert not million.judge("first page", [0.0027, 0.0027, 0.0], few).kept
