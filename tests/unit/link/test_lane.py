"""The release-time queue, with a clock that the tests move."""

from __future__ import annotations

import statistics
from random import Random

import pytest

from link.condition import Condition
from link.gilbert import Gilbert
from link.lane import MAX_WAITING, Lane
from link.random_processes import delays, losses

MS = 1_000_000
SIZE = 1514


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311


def lane(seed: int = 1, **values: object) -> Lane:
    made = Lane(seeded(seed))
    made.configure(Condition(**values))  # type: ignore[arg-type]
    return made


def releases(of: Lane) -> list[tuple[int, bytes]]:
    """Every packet under way with its release time, in order."""
    found = []
    while (at := of.next_release) is not None:
        found += [(at, packet) for packet in of.release(at)]
    return found


def test_a_packet_waits_exactly_its_delay() -> None:
    one = lane(delay=0.025)
    one.admit(100, b"a", SIZE)
    assert one.next_release == 100 + 25 * MS
    assert one.release(99 + 25 * MS) == []
    assert one.release(100 + 25 * MS) == [b"a"]
    assert one.next_release is None


def test_packets_with_the_same_time_keep_their_order() -> None:
    one = lane(delay=0.001)
    for name in (b"a", b"b", b"c"):
        one.admit(0, name, SIZE)
    assert one.release(MS) == [b"a", b"b", b"c"]


def test_a_new_condition_leaves_those_under_way_alone() -> None:
    one = lane(delay=0.3)
    one.admit(0, b"old", SIZE)
    one.configure(Condition(delay=0.005))
    one.admit(0, b"new", SIZE)
    assert releases(one) == [(5 * MS, b"new"), (300 * MS, b"old")]


def test_rate_spaces_packets_by_their_time_on_the_wire() -> None:
    one = lane(rate=SIZE * 8 * 100.0)  # 100 full packets a second
    for name in (b"a", b"b"):
        one.admit(0, name, SIZE)
    one.admit(50 * MS, b"c", SIZE // 2)
    assert releases(one) == [(10 * MS, b"a"), (20 * MS, b"b"), (55 * MS, b"c")]


def test_a_full_queue_drops_the_newcomer_and_takes_the_next_when_one_has_left() -> None:
    one = lane(rate=SIZE * 8 * 100.0, limit=2)
    for name in (b"a", b"b", b"dropped"):
        one.admit(0, name, SIZE)
    one.admit(10 * MS, b"c", SIZE)
    assert [name for _, name in releases(one)] == [b"a", b"b", b"c"]
    assert one.counters.queue_full == 1


def test_with_a_rate_jitter_keeps_the_order_and_without_one_it_need_not() -> None:
    for rate, ordered in ((1e9, True), (None, False)):
        one = lane(delay=0.02, jitter=0.02, rate=rate)
        for number in range(200):
            one.admit(number * MS, bytes([number]), SIZE)
        names = [name for _, name in releases(one)]
        assert (names == sorted(names)) is ordered


def test_loss_duplication_and_reordering_happen_as_often_as_asked() -> None:
    one = lane(delay=0.01, loss=0.2, duplicate=0.1, reorder=0.25)
    for number in range(20_000):
        one.admit(number, b"x", SIZE)
    counters = one.counters
    assert counters.lost == pytest.approx(4000, rel=0.06)
    assert counters.duplicated == pytest.approx(1600, rel=0.1)
    assert counters.reordered == pytest.approx((16_000 + 1600) * 0.25, rel=0.06)
    assert counters.received == 20_000
    assert one.snapshot()["waiting"] == 20_000 - counters.lost + counters.duplicated
    assert len(releases(one)) == counters.delivered


def test_memory_is_bounded() -> None:
    one = lane(delay=10.0)
    packet = bytes(2**20)
    for _ in range(MAX_WAITING // 2**20 + 5):
        one.admit(0, packet, SIZE)
    assert one.counters.queue_full == 5
    one.release(10_000 * MS)
    one.admit(0, packet, SIZE)
    assert one.counters.queue_full == 5


@pytest.mark.parametrize(
    ("distribution", "deviation"), [("normal", 5.0), ("uniform", 5 / 3**0.5), ("pareto", 3.65)]
)
def test_jitter_has_the_mean_and_deviation_that_it_says(distribution: str, deviation: float) -> None:
    draw = delays(Condition(delay=0.05, jitter=0.005, distribution=distribution), seeded(7))
    sample = [draw() / MS for _ in range(40_000)]
    assert statistics.fmean(sample) == pytest.approx(50, abs=0.2)
    assert statistics.stdev(sample) == pytest.approx(deviation, rel=0.03)
    assert min(sample) >= 50 - 20


def test_correlation_ties_neighbours_and_leaves_the_deviation() -> None:
    draw = delays(Condition(delay=0.05, jitter=0.005, correlation=0.8), seeded(7))
    sample = [float(draw()) for _ in range(40_000)]
    assert statistics.correlation(sample[:-1], sample[1:]) == pytest.approx(0.8, abs=0.02)
    assert statistics.stdev(sample) / MS == pytest.approx(5, rel=0.05)


def test_a_delay_is_never_negative() -> None:
    draw = delays(Condition(delay=0.005, jitter=0.005), seeded(7))
    assert min(draw() for _ in range(10_000)) == 0


def test_gilbert_elliott_loses_its_mean_in_bursts_of_its_length() -> None:
    draw = losses(Condition(gilbert=Gilbert.of(0.05, 4)), seeded(3))
    lost = [draw() for _ in range(200_000)]
    bursts = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert sum(lost) / len(lost) == pytest.approx(0.05, rel=0.08)
    assert sum(lost) / bursts == pytest.approx(4, rel=0.08)
