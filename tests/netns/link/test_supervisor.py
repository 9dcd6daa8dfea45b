"""The supervisor: what it leaves alone, what it replaces, what it reverts."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable

import pytest

from link.condition import Condition, Link, to_json
from tests.netns.link.wire import PYTHONPATH, SERVER, Wire, both

MS = 1e-3


def trace(wire: Wire) -> tuple[str, str, str]:
    """What the engine leaves in the router: devices, rules, nftables."""
    devices = wire.on("router", "ip", "-o", "link")
    links = "".join(line for line in devices.splitlines() if "lk-" in line)
    return links, wire.on("router", "ip", "rule"), wire.on("router", "nft", "list", "ruleset")


def near(milliseconds: float) -> object:
    """Near enough to tell conditions apart on a busy machine; how exact they are is for test_conditions."""
    return pytest.approx(milliseconds * MS, abs=3 * MS)


def round_trip(wire: Wire) -> float:
    return statistics.median(wire.ping(7).round_trips)


def eventually(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_without_a_condition_there_is_no_trace_of_the_engine(wire: Wire) -> None:
    untouched = trace(wire)
    assert untouched[0] == ""
    assert untouched[1].split()[0] == "0:"
    wire.set(both(delay=5 * MS))
    assert "lk-clients-up" in trace(wire)[0]
    wire.clear()
    assert trace(wire) == untouched
    assert wire.relays() == []


def test_set_replaces_the_whole_link(wire: Wire) -> None:
    wire.set(both(delay=20 * MS, loss=1.0))
    wire.set(Link(up=Condition(delay=10 * MS)))
    assert round_trip(wire) == near(10)
    link = wire.ask(verb="show")["zones"]["clients"]["link"]
    assert link["down"] is None
    assert link["up"]["loss"] == 0


def test_a_condition_for_a_while_reverts_to_what_was_before(wire: Wire) -> None:
    wire.set(both(delay=5 * MS))
    wire.set(both(delay=40 * MS), seconds=1)
    assert round_trip(wire) == near(80)
    assert 0 < wire.ask(verb="show")["zones"]["clients"]["seconds_left"] < 1
    eventually(lambda: round_trip(wire) < 20 * MS, 3)
    assert round_trip(wire) == near(10)
    assert wire.ask(verb="show")["journal"][-1]["what"].startswith("its time is over")


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"verb": "set", "zone": "moon", "link": to_json(both(delay=1))}, "the zones are clients, lab"),
        ({"verb": "set", "zone": "clients", "link": {"up": {"delay": -1}, "down": None}}, "write less"),
        ({"verb": "set", "zone": "clients", "link": {"sideways": {}}}, "not a link condition"),
        ({"verb": "dance"}, "not a request that the link daemon knows"),
    ],
)  # fmt: skip
def test_a_bad_request_leaves_the_old_condition(
    wire: Wire, request_: dict[str, object], sentence: str
) -> None:
    wire.set(both(delay=10 * MS))
    assert sentence in wire.ask(**request_)["error"]
    assert round_trip(wire) == near(20)


def test_the_engine_killed_during_a_transfer_is_replaced_and_the_connection_survives(wire: Wire) -> None:
    wire.set(both(delay=10 * MS))
    words = wire.argv("client", "iperf3", "--client", SERVER, "--json", "--time", "4")
    with (
        wire.iperf3_server(),
        subprocess.Popen(words, stdout=subprocess.PIPE, env=PYTHONPATH, text=True) as transfer,
    ):
        time.sleep(1.5)
        (relay,) = wire.relays()
        os.kill(relay, signal.SIGKILL)
        killed = time.monotonic()
        eventually(lambda: wire.relays() not in ([], [relay]), 2)
        eventually(
            lambda: wire.ask(verb="show")["journal"][-1]["what"].startswith("the condition is restored"), 2
        )
        assert time.monotonic() - killed < 2
        report = json.loads(transfer.communicate()[0])
    assert "error" not in report
    last = report["intervals"][-1]["sum"]
    assert last["bits_per_second"] > 10e6
    assert round_trip(wire) == near(20)
    (died, restored) = wire.ask(verb="show")["journal"][-2:]
    assert "died (signal 9)" in died["what"]
    assert float(restored["what"].split()[-2]) < 1


def test_an_engine_that_hangs_is_replaced(wire: Wire) -> None:
    wire.set(both(delay=5 * MS))
    time.sleep(1.1)  # older than the second within which a death counts as a failed start
    (relay,) = wire.relays()
    os.kill(relay, signal.SIGSTOP)
    eventually(lambda: wire.relays() not in ([], [relay]), 5)
    eventually(lambda: wire.ping(1).received == 1 and round_trip(wire) > 9 * MS, 2)
    assert "did not answer" in wire.ask(verb="show")["journal"][-2]["what"]


def test_a_supervisor_that_dies_leaves_packets_flowing_and_its_successor_restores(wire: Wire) -> None:
    wire.set(both(delay=15 * MS))
    assert wire.daemon
    wire.daemon.kill()
    wire.daemon.wait()
    wire.daemon = None
    eventually(lambda: wire.relays() == [], 2)
    eventually(lambda: wire.ping(5).received == 5, 2)
    wire.start()
    assert round_trip(wire) == near(30)
