"""*Set* beside *measured*: what theory expects of a path, and what is told when packets disagree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from subprocess import CompletedProcess

import pytest

from lab import settings, topology
from lab.errors import ExitCode, LabError
from lab.link import path, probes
from lab.link.bounds import binomial
from lab.link.measure import RESTS, Check, Instruments, compare
from lab.link.path import Path
from lab.link.probes import Pings
from link.condition import Condition, Link
from link.gilbert import Gilbert

PLAN = topology.read(settings.defaults())


def measured(on: Path, pings: Pings, goodput: float = 0) -> list[Check]:
    return list(compare(on, Instruments(lambda *_: pings, lambda *_: goodput, lambda _: None)))


def steady(round_trip: float, sent: int = 20, received: int = 20) -> Pings:
    return Pings(sent, received, (round_trip,) * received)


def test_a_path_has_the_links_of_both_its_zones() -> None:
    links = {
        "clients": Link(Condition(delay=0.04), Condition(delay=0.01)),
        "lab": Link(down=Condition(delay=0.1)),
    }
    found = path.between(PLAN, "clients", links)
    assert (found.source, found.target) == ("client", "edge")
    assert found.there.delay == pytest.approx(0.14)
    assert found.back.delay == pytest.approx(0.01)
    assert path.between(PLAN, "backend", links).there.delay == 0


@pytest.mark.parametrize("zone", PLAN.zones)
def test_every_zone_has_a_path_that_crosses_its_link(zone: str) -> None:
    found = path.between(PLAN, zone, {zone: Link(Condition(delay=0.1), Condition(delay=0.2))})
    assert found.there.delay + found.back.delay == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("seen", "agrees"), [(0.0803, True), (0.0809, False), (0.0790, False), (0.0004, False)]
)
def test_a_round_trip_must_be_within_one_percent_or_half_a_millisecond(seen: float, agrees: bool) -> None:
    way = path.between(PLAN, "clients", {"clients": Link(Condition(delay=0.04), Condition(delay=0.04))})
    (round_trip, loss) = measured(way, steady(seen))
    assert round_trip.agrees is agrees
    assert loss.agrees


def test_a_busy_moment_is_measured_again_and_the_last_take_counts() -> None:
    way = path.between(PLAN, "clients", {"clients": Link(Condition(delay=0.04), Condition(delay=0.04))})
    for seen, what, agrees in (
        ([0.085, 0.0801], "round trip (median of 100 pings), take 2", True),
        ([0.085, 0.084, 0.083], "round trip (median of 100 pings), take 3", False),
    ):
        takes = iter(seen)
        rests: list[float] = []

        def pings(_: int, count: int, *__: float, takes: Iterator[float] = takes) -> Pings:
            return steady(next(takes), count, count)

        found, _ = compare(way, Instruments(pings, lambda *_: 0, rests.append))
        assert (found.what, found.agrees) == (what, agrees)
        assert next(takes, None) is None
        assert rests == list(RESTS[: len(seen) - 1])


def counted(link: Link) -> tuple[list[int], Check]:
    """The loss check of a perfect path that was to be this link, and how many pings each measurement took."""
    sent: list[int] = []

    def pings(programs: int, count: int, *_: float) -> Pings:
        sent.append(programs * count)
        return steady(link.round_trip + 0.0001, sent[-1], sent[-1])

    way = path.between(PLAN, "clients", {"clients": link})
    return sent, list(compare(way, Instruments(pings, lambda *_: 0)))[1]


@pytest.mark.parametrize("loss", [0.2, 0.01, 0.001])
@pytest.mark.parametrize("delay", [0, 0.04])
def test_no_loss_at_all_never_passes_for_one(loss: float, delay: float) -> None:
    sent, check = counted(Link(up=Condition(loss=loss, delay=delay)))
    assert len(sent) == 2, "a loss is never measured again until chance agrees"
    assert not check.agrees
    assert check.tolerance.endswith("(99% confidence)")


def test_losses_in_bursts_take_more_pings_to_tell() -> None:
    even, _ = counted(Link(up=Condition(loss=0.02, delay=0.04)))
    bursts, check = counted(Link(up=Condition(gilbert=Gilbert.of(0.02, 8), delay=0.04)))
    assert bursts[-1] > 3 * even[-1]
    assert not check.agrees


def test_a_loss_too_rare_to_tell_is_said_to_be_so() -> None:
    _, check = counted(Link(up=Condition(loss=0.00001, delay=0.04)))
    assert not check.agrees
    assert check.tolerance == "too few pings to tell so rare a loss from none"


def test_a_packet_lost_on_a_link_without_loss_is_told() -> None:
    way = path.between(PLAN, "clients", {"clients": Link(Condition(delay=0.04), Condition(delay=0.04))})
    assert not measured(way, steady(0.08, received=19))[1].agrees


@pytest.mark.parametrize(("received", "agrees"), [(1980, True), (1999, False), (1960, False), (2000, False)])
def test_loss_must_be_within_the_bounds_of_its_sample(received: int, agrees: bool) -> None:
    way = path.between(PLAN, "clients", {"clients": Link(up=Condition(loss=0.01))})
    assert measured(way, steady(0.0001, 2000, received))[1].agrees is agrees


def test_bursts_widen_the_bounds() -> None:
    way = path.between(PLAN, "clients", {"clients": Link(up=Condition(gilbert=Gilbert.of(0.01, 10)))})
    assert measured(way, steady(0.0001, 20_000, 19_660))[1].agrees


@pytest.mark.parametrize(("goodput", "agrees"), [(9.5e6, True), (9.2e6, False), (10e6, False), (0, False)])
def test_goodput_must_be_within_two_percent_of_theory(goodput: float, agrees: bool) -> None:
    way = path.between(PLAN, "clients", {"clients": Link(up=Condition(rate=10e6))})
    checks = measured(way, steady(0.0002), goodput)
    assert [check.agrees for check in checks] == [True, True, agrees]


def test_no_answer_at_all_is_no_measurement() -> None:
    way = path.between(PLAN, "clients", {"clients": Link(up=Condition(loss=0.5))})
    with pytest.raises(LabError, match="no answer to 20 pings from client to edge") as caught:
        measured(way, steady(0, 20, 0))
    assert caught.value.exit_code is ExitCode.UNMEASURED


def test_a_dead_line_is_measured_as_dead() -> None:
    way = path.between(PLAN, "clients", {"clients": Link(up=Condition(loss=1.0))})
    assert [check.agrees for check in measured(way, steady(0, 20, 0))] == [True]


def test_binomial_bounds_hold_their_confidence() -> None:
    low, high = binomial(1000, 0.05)
    inside = sum(
        math.comb(1000, k) * 0.05**k * 0.95 ** (1000 - k) for k in range(1001) if low <= k / 1000 <= high
    )
    assert 0.99 <= inside < 0.9999
    assert binomial(10, 0) == (0, 0)
    assert binomial(10, 1) == (1, 1)


def test_ping_counts_answers_without_duplicates() -> None:
    said = (
        "64 bytes from 10.10.10.1: icmp_seq=1 ttl=63 time=40.2 ms\n"
        "64 bytes from 10.10.10.1: icmp_seq=1 ttl=63 time=40.9 ms (DUP!)\n"
        "64 bytes from 10.10.10.1: icmp_seq=2 ttl=63 time=41 ms\n\n"
        "3 packets transmitted, 2 received, +1 duplicates, 33% packet loss, time 2003ms\n"
    )
    found = probes.ping(lambda *_: CompletedProcess([], 0, said, ""), "client", "10.10.10.1", 3, 0.1, 1)
    assert found == Pings(3, 2, (0.0402, 0.041))


@pytest.mark.parametrize("said", ["", "not json", '{"error": "unable to connect"}'])
def test_a_probe_that_fails_is_no_measurement(said: str) -> None:
    def run(host: str, words: Sequence[str], patience: float) -> CompletedProcess[str]:
        return CompletedProcess([], 1, said, "")

    with pytest.raises(LabError) as caught:
        probes.iperf3(run, "client", "10.10.10.1", reverse=False, udp_rate=None, length=1)
    assert caught.value.exit_code is ExitCode.UNMEASURED
    with pytest.raises(LabError, match="ping on client did not work"):
        probes.ping(run, "client", "10.10.10.1", 3, 0.1, 1)


def test_the_next_iperf3_server_waits_until_the_last_one_has_ended() -> None:
    listening = ["LISTEN 0 5 *:5201", "LISTEN 0 5 *:5201", ""]
    told: list[str] = []

    def run(host: str, words: Sequence[str], patience: float) -> CompletedProcess[str]:
        told.append(words[0])
        return CompletedProcess([], 0, listening.pop(0) if words[0] == "ss" else "", "")

    probes.serve_iperf3(run, "edge", sleep=lambda _: None)
    assert told == ["ss", "ss", "ss", "iperf3"]


def test_an_iperf3_server_that_does_not_start_is_told() -> None:
    def run(host: str, words: Sequence[str], patience: float) -> CompletedProcess[str]:
        return CompletedProcess([], 127 if words[0] == "iperf3" else 0, "", "iperf3: not found")

    with pytest.raises(LabError, match="cannot start iperf3 on edge"):
        probes.serve_iperf3(run, "edge")
