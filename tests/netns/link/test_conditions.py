"""What packets meet on a link of the userspace engine, measured with ping and iperf3."""

from __future__ import annotations

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


def quickest(times: Sequence[float]) -> float:
    """The first decile: a busy machine makes some packets late, but a link makes none early."""
    return sorted(times)[len(times) // 10]


@pytest.mark.parametrize("delay", [1 * MS, 25 * MS, 100 * MS])
def test_a_delay_adds_twice_itself_to_the_round_trip(wire: Wire, delay: float) -> None:
    wire.set(both(delay=delay))
    times = wire.ping(40, patience=2).round_trips
    assert len(times) == 40
    assert quickest(times) == pytest.approx(2 * delay, abs=1 * MS)


def test_each_direction_has_its_own_delay(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=20 * MS)))
    assert quickest(wire.ping(20).round_trips) == pytest.approx(20 * MS, abs=1 * MS)
    wire.set(Link(up=Condition(delay=20 * MS), down=Condition(delay=5 * MS)))
    assert quickest(wire.ping(20).round_trips) == pytest.approx(25 * MS, abs=1 * MS)


def test_two_zones_links_add_up(wire: Wire) -> None:
    wire.set(both(delay=10 * MS))
    wire.set(both(delay=20 * MS), zone="lab")
    assert quickest(wire.ping(30).round_trips) == pytest.approx(60 * MS, abs=1.5 * MS)


def test_jitter_has_the_deviation_that_was_set(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=30 * MS, jitter=5 * MS)))
    times = wire.ping(250, 0.004).round_trips
    assert statistics.median(times) == pytest.approx(30 * MS, abs=2 * MS)
    twentieths = statistics.quantiles(times, n=20)
    low, high = twentieths[2], twentieths[16]  # 15 and 85 %: 1.04 deviations from the mean
    assert (high - low) / 2 == pytest.approx(1.04 * 5 * MS, rel=0.25)


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
        assert wire.goodput(2) == pytest.approx(10e6 * 1448 / 1514, rel=0.03)
        assert wire.goodput(2, reverse=True) == pytest.approx(10e6 * 1448 / 1514, rel=0.03)


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
    assert max(times) <= whole + 5 * MS
    assert max(times) >= 0.9 * whole
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
        assert wire.goodput(1) > 100e6
    dropped = wire.on("server", "nstat", "-az", "TcpInCsumErrors").split()[-2]
    assert int(dropped) == 0
    assert not math.isnan(wire.ping(3).round_trips[0])


def packet_size(wire: Wire) -> float:
    """Bytes per packet that the engine saw of a second of TCP."""
    with wire.iperf3_server():
        goodput = wire.goodput(1)
    packets = wire.ask(verb="show")["zones"]["clients"]["counters"]["up"]["received"]
    return goodput * 2 / 8 / float(packets)  # iperf3 sends for two seconds and leaves out the first


def test_packets_are_split_as_on_a_wire_whenever_they_count(wire: Wire) -> None:
    """Else 1 % loss would lose 1 % of 64 KB packets; for mere delay splitting is work for nothing."""
    wire.set(both(delay=2 * MS, loss=1e-9))
    assert packet_size(wire) < 3000
    wire.clear()
    wire.set(both(delay=2 * MS))
    assert packet_size(wire) > 6000
