"""Links in the real topology: set beside measured, packets counted once, bad input that changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.lab.conftest import Lab


@pytest.fixture(autouse=True)
def _cleared(lab: Lab) -> Iterator[None]:
    yield
    assert lab.run("link", "clear").returncode == 0


def set_link(lab: Lab, *words: str) -> str:
    """Set a link and return what was printed; its exit code must be what its own table says.

    On a busy machine a time may differ and the code be 3: how near they come, `make bench-link` measures.
    """
    done = lab.run("link", "set", *words)
    differs = re.search(r"differs *$", done.stdout, re.MULTILINE) is not None
    assert done.returncode == (3 if differs else 0), done
    assert ("differs from that in:" in done.stderr) is differs, done
    return done.stdout


def round_trip(lab: Lab, host: str, address: str) -> float:
    """The least of ten pings, in milliseconds: a busy machine makes packets late, but never early."""
    printed = lab.output(host, "ping", "-n", "-c", "10", "-i", "0.2", address)
    return min(float(time) for time in re.findall(r"time=([\d.]+)", printed))


def test_what_is_set_is_what_packets_see(lab: Lab) -> None:
    without = round_trip(lab, "client", "10.99.10.1")
    printed = set_link(lab, "clients", "--delay", "20ms")
    assert "clients: delay 20 ms" in printed
    assert "expect 40 ms more per round trip" in printed
    assert round_trip(lab, "client", "10.99.10.1") - without == pytest.approx(40, abs=3)


def test_a_delayed_request_is_counted_once_and_still_masqueraded(lab: Lab) -> None:
    for zone in ("clients", "backend", "internet"):
        set_link(lab, zone, "--delay", "5ms")
    before = lab.counters()
    assert lab.fetch("/healthz")[0] == 200
    after = lab.counters()
    assert after["clients_to_edge_http"] == before["clients_to_edge_http"] + 1
    lab.output("app1", "curl", "-sS", "-m", "20", "-o", "/dev/null", "http://198.18.99.80/healthz")
    assert lab.counters()["app_to_webhook"] == before["app_to_webhook"] + 1
    assert lab.counters()["invalid"] == before["invalid"]


def test_bad_input_is_one_sentence_and_the_old_condition_stays(lab: Lab) -> None:
    set_link(lab, "clients", "--delay", "5ms")
    old = json.loads(lab.run("link", "show", "--json").stdout)["zones"]["clients"]["link"]
    for words, sentence in (
        (("clients", "--delay", "40"), "has no unit"),
        (("clients", "--loss", "150%"), "150%"),
        (("nowhere", "--delay", "5ms"), "there is no zone 'nowhere'"),
        (("clients", "--profile", "pigeon"), "there is no profile 'pigeon'"),
    ):
        done = lab.run("link", "set", *words)
        assert done.returncode == 2, words
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert json.loads(lab.run("link", "show", "--json").stdout)["zones"]["clients"]["link"] == old
