"""Each formula beside values that are known: from textbooks and RFCs, or by reasoning to the end of it."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import theory
from link.condition import FRAME


def test_a_frame_is_the_links_own() -> None:
    assert (theory.FRAME, theory.OVERHEAD) == (FRAME, 66)


@pytest.mark.parametrize(
    ("new", "tls", "trips"),
    [(False, None, 1), (True, None, 2), (True, "TLSv1.3", 3), (True, "TLSv1.2", 4)],
)
def test_round_trips(new: bool, tls: str | None, trips: int) -> None:
    assert theory.round_trips(new=new, tls=tls) == trips


def test_slow_start_as_it_was_seen_on_a_real_link() -> None:
    # The rounds that Reno took for these sizes through a link of 50 ms, in KiB.
    seen = {13: 0, 40: 1, 90: 2, 100: 3, 200: 3}
    assert {size: theory.slow_start_rounds(size * 1024) for size in seen} == seen


def test_ten_megabits_carry_9_56_of_payload() -> None:
    whole = 1000 * theory.MSS
    assert 8 * whole / theory.transfer_time(whole, 10e6 / 8) == pytest.approx(9.56e6, rel=1e-3)


def test_one_byte_needs_a_packet_of_its_own() -> None:
    assert theory.on_the_wire(1) == 67
    assert theory.on_the_wire(theory.MSS + 1) == theory.FRAME + 67


def test_a_file_on_a_new_connection_by_hand() -> None:
    # 10 Mbit/s and 120 ms: 208 packets are 10, 20, 40 and 80, each in a round trip that does not keep the
    # link busy, and 58 that follow each other.
    each = theory.FRAME / 1.25e6
    assert theory.fetch_time(300_000, 1.25e6, 0.12) == pytest.approx(2 * 0.12 + 4 * (0.12 + each) + 58 * each)


def test_a_file_of_one_packet_takes_two_round_trips_and_the_packet() -> None:
    assert theory.fetch_time(1, 1.25e6, 0.12) == pytest.approx(0.24 + theory.FRAME / 1.25e6)


def test_without_distance_a_file_takes_its_bytes_alone() -> None:
    assert theory.fetch_time(theory.MSS * 100, 1.25e6, 0) == pytest.approx(100 * theory.FRAME / 1.25e6)


def test_the_bandwidth_delay_product_is_where_the_window_stops_limiting() -> None:
    # RFC 7323's point: 64 KiB without window scaling fill 5.24 Mbit/s at 100 ms.
    rate = theory.window_limit(65535, 0.1)
    assert 8 * rate == pytest.approx(5.24e6, rel=1e-3)
    assert theory.bandwidth_delay_product(rate, 0.1) == pytest.approx(65535)


def test_mathis() -> None:
    # 1.22 · MSS / RTT at 1 in 10,000: 100 times 1.22 windows' worth, halved where the round trip doubles.
    assert theory.mathis(0.1, 1e-4) == pytest.approx(122.5 * theory.MSS / 0.1, rel=1e-3)
    assert theory.mathis(0.2, 1e-4) == pytest.approx(theory.mathis(0.1, 1e-4) / 2)


def test_who_is_hit_by_a_loss() -> None:
    assert theory.hit_by_loss(0, 5) == 0
    assert theory.hit_by_loss(0.5, 2) == pytest.approx(0.75)
    assert theory.hit_by_loss(0.01, 2) == pytest.approx(0.0199)


@pytest.mark.parametrize(
    # Every teletraffic table's: one server makes as many wait as it is busy, two at 1 Erlang a third.
    ("servers", "offered", "waits"),
    [(1, 0.8, 0.8), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 4.0, 0.5541), (10, 8.0, 0.4092), (2, 2.0, 1.0)],
)
def test_erlang_c(servers: int, offered: float, waits: float) -> None:
    assert theory.erlang_c(servers, offered) == pytest.approx(waits, abs=1e-4)


def test_waiting_in_m_m_1_is_the_textbooks() -> None:
    # Nine requests wait where the server is busy 0.9 of the time: 9 times the 10 ms that each takes.
    assert theory.waiting_time(1, 90, 0.01) == pytest.approx(0.09)
    assert theory.waiting_time(4, 400, 0.01) == inf


@given(st.integers(1, 200), st.floats(0.01, 0.99))
def test_more_servers_at_the_same_utilisation_wait_less(servers: int, utilisation: float) -> None:
    rate = utilisation * servers
    assert theory.waiting_time(servers + 1, rate + utilisation, 1) <= theory.waiting_time(servers, rate, 1)


def test_the_bounds_of_a_closed_loop_meet_at_the_knee() -> None:
    most = theory.capacity(2, 0.010)
    assert most == pytest.approx(200)
    knee = theory.knee(0.010, 0.990, most)
    assert knee == pytest.approx(200)
    assert theory.closed_bound(knee / 2, 0.010, 0.990, most) == pytest.approx(100)
    assert theory.closed_bound(knee * 2, 0.010, 0.990, most) == 200


@given(st.floats(1, 1e3), st.floats(1e-3, 10), st.floats(0, 10))
def test_little_and_the_interactive_law_agree(users: float, time: float, think: float) -> None:
    rate = theory.interactive_rate(users, time, think)
    assert theory.little(rate, time) + theory.little(rate, think) == pytest.approx(users)


def test_a_cache_of_a_second_takes_all_but_about_one_a_second() -> None:
    for rate in (10, 100, 1000):
        fetched = rate * (1 - theory.cache_hits(rate, 1.0))
        assert fetched == pytest.approx(1, rel=0.1)
    assert theory.cache_hits(1, 1) == 0.5


def test_latency_is_linear_in_the_round_trip() -> None:
    assert theory.latency(0.002, 0.08, theory.round_trips(new=True, tls="TLSv1.3")) == pytest.approx(0.242)
