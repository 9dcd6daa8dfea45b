"""The kernel's engine, measured. Bounds are wide, since software emulation is slow."""

from __future__ import annotations

import re
import statistics

import pytest

from lab.link.bounds import binomial
from link.condition import Condition, Link
from link.gilbert import Gilbert
from tests.netns.link.wire import SERVER, Wire, both

MS = 1e-3


def round_trip(wire: Wire) -> float:
    return sorted(wire.ping(20, 0.05).round_trips)[2]


def test_the_kernels_engine_is_chosen_and_says_so(wire: Wire) -> None:
    answer = wire.ask(verb="show")
    assert answer["engine"] == "netem"
    assert answer["reason"] == "this kernel has netem"


@pytest.mark.parametrize(
    ("link", "milliseconds"),
    [
        (both(delay=50 * MS), 100),
        (Link(up=Condition(delay=50 * MS)), 50),
        (Link(down=Condition(delay=50 * MS)), 50),
        (Link(up=Condition(delay=80 * MS), down=Condition(delay=20 * MS)), 100),
    ],
)
def test_delay_in_each_direction(wire: Wire, link: Link, milliseconds: float) -> None:
    wire.set(link)
    assert round_trip(wire) == pytest.approx(milliseconds * MS, abs=8 * MS)


def test_the_commands_that_were_run_are_shown_and_are_what_tc_has(wire: Wire) -> None:
    link = both(delay=40 * MS, jitter=5 * MS, loss=0.01, rate=10e6)
    commands = [" ".join(words) for words in wire.set(link)["zones"]["clients"]["commands"]]
    assert any(command.startswith("tc qdisc add dev to-clients root netem") for command in commands)
    for device in ("to-clients", "ifb-clients"):
        shown = wire.on("router", "tc", "qdisc", "show", "dev", device)
        assert re.search(r"netem .*limit 133 delay 40ms +5ms loss 1% rate 10Mbit", shown), shown


def test_every_value_is_taken_by_tc(wire: Wire) -> None:
    for distribution in ("normal", "uniform", "pareto"):
        wire.set(both(delay=40 * MS, jitter=5 * MS, distribution=distribution, correlation=0.25))
    wire.set(both(delay=40 * MS, gilbert=Gilbert(0.01, 0.2, 0.9, 0.001), duplicate=0.01, reorder=0.1))
    wire.set(both(rate=1e6, limit=30))


def test_jitter(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=60 * MS, jitter=15 * MS)))
    times = wire.ping(300, 0.01).round_trips
    assert statistics.stdev(times) == pytest.approx(15 * MS, rel=0.35)


def test_loss(wire: Wire) -> None:
    wire.set(Link(up=Condition(loss=0.1)))
    pings = wire.ping(600, 0.01)
    low, high = binomial(600, 0.1, confidence=0.9999)
    assert low <= 1 - pings.received / pings.sent <= high


def test_duplication_and_reordering(wire: Wire) -> None:
    wire.set(Link(up=Condition(delay=50 * MS, duplicate=0.3)))
    assert 20 < wire.on("client", "ping", "-n", "-c", "150", "-i", "0.01", SERVER).count("DUP!") < 75
    wire.set(Link(up=Condition(delay=50 * MS, reorder=0.3)))
    answers = wire.on("client", "ping", "-n", "-c", "150", "-i", "0.01", SERVER)
    order = [int(number) for number in re.findall(r"icmp_seq=(\d+)", answers)]
    assert order != sorted(order)


def test_rate(wire: Wire) -> None:
    wire.set(both(rate=2e6))
    with wire.iperf3_server():
        assert wire.goodput(6) == pytest.approx(2e6 * 1448 / 1514, rel=0.05)


def test_a_long_fast_link_drops_nothing(wire: Wire) -> None:
    """1,000 packets, netem's default, would overflow here: 2,000 packets are under way at once."""
    wire.set(Link(up=Condition(delay=2.0)))
    wire.run("client", ["ping", "-q", "-l", "2000", "-c", "2000", "-W", "5", SERVER], 60)
    counters = wire.ask(verb="show")["zones"]["clients"]["counters"]["up"]
    assert counters["drops"] == 0
    assert counters["packets"] >= 2000


def test_clear_leaves_nothing(wire: Wire) -> None:
    untouched = wire.on("router", "tc", "qdisc", "show"), wire.on("router", "ip", "-o", "link").count("\n")
    wire.set(both(delay=20 * MS))
    assert "ifb-clients" in wire.on("router", "ip", "-o", "link")
    wire.clear()
    assert (
        wire.on("router", "tc", "qdisc", "show"),
        wire.on("router", "ip", "-o", "link").count("\n"),
    ) == untouched
    assert round_trip(wire) < 15 * MS


def test_a_supervisor_that_was_killed_leaves_the_link_and_its_successor_takes_it_over(wire: Wire) -> None:
    wire.set(both(delay=40 * MS))
    assert wire.daemon
    wire.daemon.kill()
    wire.daemon.wait()
    assert round_trip(wire) == pytest.approx(80 * MS, abs=8 * MS)
    wire.start()
    assert round_trip(wire) == pytest.approx(80 * MS, abs=8 * MS)
    wire.clear()
    assert round_trip(wire) < 15 * MS


def test_what_tc_refuses_leaves_the_old_link(wire: Wire) -> None:
    wire.set(both(delay=40 * MS))
    assert "there is no zone" in wire.ask(verb="set", zone="moon", link={}, seconds=None)["error"]
    assert round_trip(wire) == pytest.approx(80 * MS, abs=8 * MS)
