"""The supervisor: what it leaves alone, what it replaces, what it reverts."""

from __future__ import annotations

import json
import os
import re
import signal
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


def round_trip(wire: Wire) -> float:
    """The least of seven pings, s: a busy machine makes packets late, and a link makes none early."""
    return min(wire.ping(7).round_trips, default=0.0)


def is_near(wire: Wire, milliseconds: float) -> bool:
    """Near enough to tell conditions apart on a busy machine; how exact they are is for test_conditions."""
    return abs(round_trip(wire) - milliseconds * MS) < 3 * MS


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for it with patience; what must be quick is measured by `make bench-link`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def journal(wire: Wire) -> list[str]:
    return [entry["what"] for entry in wire.ask(verb="show")["journal"]]


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
    eventually(lambda: is_near(wire, 10))
    link = wire.ask(verb="show")["zones"]["clients"]["link"]
    assert link["down"] is None
    assert link["up"]["loss"] == 0


def test_a_condition_for_a_while_reverts_to_what_was_before(wire: Wire) -> None:
    wire.set(both(delay=5 * MS))
    answer = wire.set(both(delay=40 * MS), seconds=5)
    assert 0 < answer["zones"]["clients"]["seconds_left"] <= 5
    assert round_trip(wire) >= 80 * MS
    eventually(lambda: is_near(wire, 10), 20)
    assert journal(wire)[-1].startswith("its time is over")


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
    eventually(lambda: is_near(wire, 20))


def test_the_engine_killed_during_a_transfer_is_replaced_and_the_connection_survives(wire: Wire) -> None:
    wire.set(both(delay=10 * MS))
    words = wire.argv("client", "iperf3", "--client", SERVER, "--json", "--time", "6")
    with (
        wire.iperf3_server(),
        subprocess.Popen(words, stdout=subprocess.PIPE, env=PYTHONPATH, text=True) as transfer,
    ):
        eventually(lambda: under_way(wire) > 100)
        (relay,) = wire.relays()
        os.kill(relay, signal.SIGKILL)
        eventually(lambda: wire.relays() not in ([], [relay]))
        eventually(lambda: journal(wire)[-1].startswith("the condition is restored"))
        report = json.loads(transfer.communicate()[0])
    assert "error" not in report
    assert report["intervals"][-1]["sum"]["bits_per_second"] > 1e6
    eventually(lambda: is_near(wire, 20))
    (died, restored) = journal(wire)[-2:]
    assert "died (signal 9)" in died
    assert re.fullmatch(r"the condition is restored after \d+\.\d\d s", restored)


def under_way(wire: Wire) -> int:
    """Packets from the client that the engine has seen, as of its last report."""
    received: int = wire.ask(verb="show")["zones"]["clients"]["counters"]["up"]["received"]
    return received


def test_an_engine_that_hangs_is_replaced(wire: Wire) -> None:
    wire.set(both(delay=5 * MS))
    (relay,) = wire.relays()
    os.kill(relay, signal.SIGSTOP)
    eventually(lambda: wire.relays() not in ([], [relay]), 20)
    eventually(lambda: is_near(wire, 10))
    eventually(lambda: journal(wire)[-1].startswith("the condition is restored"))
    assert "did not answer" in journal(wire)[-2]


def test_a_supervisor_that_dies_leaves_packets_flowing_and_its_successor_restores(wire: Wire) -> None:
    wire.set(both(delay=15 * MS))
    assert wire.daemon
    wire.daemon.kill()
    wire.daemon.wait()
    wire.daemon = None
    eventually(lambda: wire.relays() == [])
    eventually(lambda: wire.ping(5).received == 5)
    wire.start()
    eventually(lambda: is_near(wire, 30))
