"""What packets meet on a link of the userspace engine, measured with ping and iperf3."""

from __future__ import annotations

import json
import math
import re
import statistics
import subprocess
from collections.abc import Sequence
from itertools import pairwise

import pytest

from lab.link.bounds import binomial
from link.condition import Condition, Link
from tests.netns.link.wire import PYTHONPATH, SERVER, Wire, both

MS = 1e-3
MTU = 1500


TAKES = 5
EARLY = 1.1 * MS  # ping shows round trips from 100 ms up in whole milliseconds


def assert_adds(wire: Wire, expected: float, count: int, within: float = 1 * MS) -> None:
    """Every round trip takes at least so many seconds, and the first decile of the best take hardly more.

    A busy machine makes packets late, and a link makes none early.
    """
    best = math.inf
    for _ in range(TAKES):
        times = sorted(wire.ping(count, patience=5).round_trips)
        assert len(times) == count
        assert times[0] >= expected - EARLY
        best = min(best, times[count // 10])
        if best <= expected + within:
            return
    pytest.fail(f"{expected / MS:g} ms were set, and the best of {TAKES} takes was {best / MS:.2f} ms")


@pytest.mark.parametrize("delay", [1 * MS, 25 * MS, 100 * MS])
def test_a_delay_adds_twice_itself_to_the_round_trip(wire: Wire, delay: float) -> None:
    wire.set(both(delay=delay))
    assert_adds(wire, 2 * delay, 40)


def test_each_direction_has_its_own_delay(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=20 * MS)))
    assert_adds(wire, 20 * MS, 20)
    wire.set(Link(up=Condition(delay=20 * MS), down=Condition(delay=5 * MS)))
    assert_adds(wire, 25 * MS, 20)


def test_two_zones_links_add_up(wire: Wire) -> None:
    wire.set(both(delay=10 * MS))
    wire.set(both(delay=20 * MS), zone="lab")
    assert_adds(wire, 60 * MS, 30, within=3 * MS)


def test_jitter_has_the_deviation_that_was_set(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=30 * MS, jitter=5 * MS)))
    # A busy machine widens the spread, so the narrowest take counts; only chance makes it narrower.
    spreads = [spread(wire.ping(250, 0.004).round_trips) for _ in range(3)]
    assert min(spreads) == pytest.approx(1.04 * 5 * MS, rel=0.25)


def spread(times: Sequence[float]) -> float:
    """Half of what lies between 15 and 85 % of the values: 1.04 deviations of a normal distribution."""
    twentieths = statistics.quantiles(times, n=20)
    return (twentieths[16] - twentieths[2]) / 2


def test_loss_is_within_the_bounds_of_its_sample(wire: Wire) -> None:
    wire.set(Link(down=Condition(loss=0.1)))
    pings = wire.ping(600, 0.002)
    low, high = binomial(600, 0.1, confidence=0.9999)
    assert low <= 1 - pings.received / pings.sent <= high


def test_duplication_makes_second_answers(wire: Wire) -> None:
    wire.set(Link(up=Condition(duplicate=0.25)))
    answers = wire.on("client", "ping", "-n", "-c", "400", "-i", "0.002", SERVER)
    low, high = binomial(400, 0.25, confidence=0.9999)
    assert low * 400 <= answers.count("DUP!") <= high * 400


def test_reordered_packets_overtake(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=20 * MS, reorder=0.25)))
    answers = wire.on("client", "ping", "-n", "-c", "200", "-i", "0.005", SERVER)
    order = [int(number) for number in re.findall(r"icmp_seq=(\d+)", answers)]
    assert sorted(order) == list(range(1, 201))
    assert sum(later < earlier for earlier, later in pairwise(order)) > 10


def test_rate_gives_the_goodput_that_theory_says(wire: Wire) -> None:
    wire.set(both(rate=10e6, delay=5 * MS))
    with wire.iperf3_server():
        for reverse in (False, True):
            assert_goodput(wire, 10e6 * 1448 / 1514, reverse=reverse)


def assert_goodput(wire: Wire, expected: float, *, reverse: bool) -> None:
    """Never more than so many bit/s, and hardly less in the best take."""
    found = []
    for _ in range(3):
        found.append(wire.goodput(2, reverse=reverse))
        assert found[-1] <= 1.01 * expected
        if found[-1] >= 0.97 * expected:
            return
    pytest.fail(f"{expected:.0f} bit/s were set, and the best of 3 takes was {max(found):.0f}")


def test_a_full_queue_delays_by_its_length_and_drops_the_rest(wire: Wire) -> None:
    wire.set(Link(up=Condition(rate=10e6, limit=50)))
    flood = ["iperf3", "--client", SERVER, "--udp", "--bitrate", "20M", "--length", "1472", "--time", "2"]
    with (
        wire.iperf3_server(),
        subprocess.Popen(wire.argv("client", *flood), stdout=subprocess.DEVNULL, env=PYTHONPATH) as process,
    ):
        times = wire.ping(150, 0.01).round_trips
        process.wait()
    whole = 50 * 1514 * 8 / 10e6
    # The flood keeps the queue full: most pings wait for all of it; a busy machine makes some wait longer.
    assert statistics.median(times) <= whole + 5 * MS
    assert statistics.quantiles(times, n=10)[-1] >= 0.9 * whole
    counters = wire.ask(verb="show")["zones"]["clients"]["counters"]["up"]
    assert counters["queue_full"] > 100


@pytest.mark.parametrize("zones", [("clients",), ("clients", "lab")])
def test_the_router_stays_one_hop(wire: Wire, zones: tuple[str, ...]) -> None:
    for zone in zones:
        wire.set(both(delay=1 * MS), zone=zone)
    one = subprocess.run(
        wire.argv("client", "ping", "-c1", "-W1", "-t1", SERVER), capture_output=True, text=True
    )
    assert "Time to live exceeded" in one.stdout
    wire.on("client", "ping", "-c1", "-W1", "-t2", SERVER)


def test_offloaded_tcp_is_not_corrupted(wire: Wire) -> None:
    """A big transfer through a mere delay: the kernel hands over packets of up to 64 KB, unsplit."""
    wire.set(both(delay=2 * MS))
    with wire.iperf3_server():
        assert wire.goodput(1) > 1e6
    dropped = wire.on("server", "nstat", "-az", "TcpInCsumErrors").split()[-2]
    assert int(dropped) == 0
    assert not math.isnan(wire.ping(3).round_trips[0])


def packet_size(wire: Wire) -> float:
    """Bytes per packet that the kernel handed to the engine in two seconds of TCP."""
    with wire.iperf3_server():
        wire.goodput(1)
    (device,) = json.loads(wire.on("router", "ip", "-json", "-s", "link", "show", "dev", "lk-clients-up"))
    sent: dict[str, int] = device["stats64"]["tx"]
    return sent["bytes"] / sent["packets"]


def test_packets_are_split_as_on_a_wire_whenever_they_count(wire: Wire) -> None:
    """Else 1 % loss would lose 1 % of 64 KB packets; for mere delay splitting is work for nothing."""
    wire.set(both(delay=2 * MS, loss=1e-9))
    assert packet_size(wire) <= MTU
    wire.clear()
    wire.set(both(delay=2 * MS))
    assert packet_size(wire) > 2 * MTU
