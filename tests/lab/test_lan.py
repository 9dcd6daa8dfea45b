"""A classmate's VM on the wire of the VM's second card: a namespace at the far end of a veth."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.absent import absent
from tests.lab.conftest import Lab

CARD, MATE = "tljltest1", "tljltest-mate"
FETCH = """import urllib.request
print(urllib.request.urlopen("http://10.99.10.1/edge-healthz", timeout=2).read().decode(), end="")
"""


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


@pytest.fixture
def card(lab: Lab) -> Iterator[str]:
    if os.geteuid() != 0:
        absent("NOT ROOT: JOINING A LAN WAS NOT TESTED WITH THE REAL LAB")
    ip(f"netns add {MATE}")
    try:
        ip(f"link add {CARD} type veth peer name eth1 netns {MATE}")
        ip(f"-n {MATE} address add 10.99.10.130/24 dev eth1")
        ip(f"-n {MATE} link set eth1 up")
        yield CARD
        lab.run("leave-lan", CARD)
    finally:
        with suppress(subprocess.CalledProcessError):
            ip(f"link delete {CARD}")
        ip(f"netns delete {MATE}")


def fetch() -> subprocess.CompletedProcess[str]:
    argv = ["ip", "netns", "exec", MATE, sys.executable, "-c", FETCH]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_classmate_reaches_the_edge_while_the_card_is_joined(lab: Lab, card: str) -> None:
    """With the engine's own firewall rules in force, which see bridged packets too."""
    assert fetch().returncode != 0
    joined = lab.run("join-lan", card)
    assert joined.returncode == 0, joined.stderr
    assert "ip address add 10.99.10.130/24 dev eth1" in joined.stdout
    deadline = time.monotonic() + 15  # for the bridge's new port, on a busy machine
    while (answer := fetch()).returncode != 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer.stdout == "ok\n", answer.stderr
    left = lab.run("leave-lan", card)
    assert left.returncode == 0, left.stderr
    assert fetch().returncode != 0


def test_bad_cards(lab: Lab) -> None:
    for verb in ("join-lan", "leave-lan"):
        done = lab.run(verb, "eth77")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "eth77" in done.stderr
