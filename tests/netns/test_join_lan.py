"""Joining a LAN, in bare namespaces: the VM with the lab's bridge, the edge, and a classmate's VM."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lab import lan
from lab.errors import ExitCode, LabError

# Several runs may share a machine.
VM, EDGE, MATE = (f"tljl{os.getpid()}-{name}" for name in ("vm", "edge", "mate"))
BRIDGE = "tljl-lab"
CARD = "eth1"
AT_VM = lan.Ip(VM)
LISTEN = """import http.server as h
server = h.HTTPServer(("10.10.10.1", 80), h.SimpleHTTPRequestHandler)
print("listening", flush=True)
server.serve_forever()
"""
FETCH = "import urllib.request as u; u.urlopen('http://10.10.10.1/', timeout=1).read()"


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


def build() -> None:
    """The VM (bridge, a first card with the default route, a second card) and its neighbours."""
    for name in (VM, EDGE, MATE):
        ip(f"netns add {name}")
        ip(f"-n {name} link set lo up")
    ip(f"-n {VM} link add {BRIDGE} type bridge")
    ip(f"-n {VM} link set {BRIDGE} up")
    ip(f"-n {VM} link add edge type veth peer name eth0 netns {EDGE}")
    ip(f"-n {VM} link set edge master {BRIDGE} up")
    ip(f"-n {EDGE} address add 10.10.10.1/24 dev eth0")
    ip(f"-n {EDGE} link set eth0 up")
    ip(f"-n {VM} link add eth0 type veth peer name uplink netns {EDGE}")
    ip(f"-n {VM} address add 192.0.2.2/24 dev eth0")
    ip(f"-n {VM} link set eth0 up")
    ip(f"-n {VM} route add default via 192.0.2.1")
    ip(f"-n {VM} link add {CARD} type veth peer name eth1 netns {MATE}")
    ip(f"-n {MATE} address add 10.10.10.130/24 dev eth1")
    ip(f"-n {MATE} link set eth1 up")


@pytest.fixture
def vm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    remove()
    build()
    argv = ["ip", "netns", "exec", EDGE, sys.executable, "-c", LISTEN]
    with subprocess.Popen(
        argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as listener:
        try:
            assert listener.stdout is not None
            assert listener.stdout.readline() == "listening\n"
            yield
        finally:
            listener.terminate()
            remove()


def remove() -> None:
    for name in (VM, EDGE, MATE):
        with suppress(subprocess.CalledProcessError):
            ip(f"netns delete {name}")


def reaches(seconds: float = 0) -> bool:
    """Whether the classmate's VM gets an answer from the edge, trying again for so long; once at least."""
    argv = ["ip", "netns", "exec", MATE, sys.executable, "-c", FETCH]
    deadline = time.monotonic() + seconds
    while subprocess.run(argv, capture_output=True, check=False).returncode != 0:
        if time.monotonic() >= deadline:
            return False
    return True


def card() -> dict[str, Any]:
    (found,) = AT_VM.ask("address", "show", "dev", CARD)
    return {
        "master": found.get("master"),
        "up": "UP" in found["flags"],
        "addresses": [a["local"] for a in found["addr_info"] if a["family"] == "inet"],
    }


def everything() -> list[object]:
    """What a refusal must leave alone: every card's state and IPv4 addresses."""
    links = [
        (link["ifname"], link.get("master"), "UP" in link["flags"]) for link in AT_VM.ask("link", "show")
    ]
    return [*links, *AT_VM.ask("-4", "address", "show")]


def refusal(name: str, *, take_addresses: bool = False, bridge: str = BRIDGE) -> LabError:
    before = everything()
    with pytest.raises(LabError) as refused:
        lan.join(name, bridge, take_addresses=take_addresses, ip=AT_VM)
    assert everything() == before, "a refusal changes nothing"
    return refused.value


def test_a_classmate_reaches_the_edge_while_the_card_is_joined(vm: None) -> None:
    before = card()
    assert not reaches()
    assert lan.join(CARD, BRIDGE, ip=AT_VM) == [
        f"{CARD} is now a port of {BRIDGE}; undo with: make leave-lan IF={CARD}"
    ]
    assert reaches(seconds=15)
    assert lan.join(CARD, BRIDGE, ip=AT_VM) == [f"{CARD} is on {BRIDGE} already"]
    assert lan.leave(CARD, ip=AT_VM) == [
        f"{CARD} is no longer a port of {BRIDGE}",
        f"{CARD} is down, as it was",
    ]
    assert not reaches()
    assert card() == before


def test_addresses_come_off_only_when_told_and_come_back(vm: None) -> None:
    ip(f"-n {VM} address add 198.51.100.5/24 dev {CARD}")
    ip(f"-n {VM} address add 198.51.100.6/25 dev {CARD}")
    ip(f"-n {VM} link set {CARD} up")
    before = card()
    refused = refusal(CARD)
    assert refused.exit_code == ExitCode.USAGE
    assert "198.51.100.5/24" in str(refused)
    assert "TAKE_ADDRESSES=1" in str(refused)
    lan.join(CARD, BRIDGE, take_addresses=True, ip=AT_VM)
    assert card() == {"master": BRIDGE, "up": True, "addresses": []}
    lan.leave(CARD, ip=AT_VM)
    assert card() == before


def test_what_the_card_was_outlives_the_bridge(vm: None) -> None:
    """`make down` removes the bridge and sets the card free; joined again, it still gets its own back."""
    ip(f"-n {VM} address add 198.51.100.5/24 dev {CARD}")
    lan.join(CARD, BRIDGE, take_addresses=True, ip=AT_VM)
    ip(f"-n {VM} link delete {BRIDGE}")
    ip(f"-n {VM} link add {BRIDGE} type bridge")
    lan.join(CARD, BRIDGE, ip=AT_VM)
    ip(f"-n {VM} link delete {BRIDGE}")
    assert lan.leave_all(ip=AT_VM) == [f"{CARD} has 198.51.100.5/24 again", f"{CARD} is down, as it was"]
    assert card() == {"master": None, "up": False, "addresses": ["198.51.100.5"]}
    assert lan.leave_all(ip=AT_VM) == []


def test_a_card_moved_elsewhere_since_stays_there(vm: None) -> None:
    lan.join(CARD, BRIDGE, ip=AT_VM)
    ip(f"-n {VM} link add other type bridge")
    ip(f"-n {VM} link set {CARD} master other")
    lan.leave(CARD, ip=AT_VM)
    assert card()["master"] == "other"


def test_a_card_pulled_out_is_forgotten(vm: None) -> None:
    lan.join(CARD, BRIDGE, ip=AT_VM)
    ip(f"-n {VM} link delete {CARD}")
    assert lan.leave(CARD, ip=AT_VM) == [f"{CARD} is gone from this VM; forgot it"]
    with pytest.raises(LabError, match=r"^eth1 is not joined to the lab \(joined: none\)$"):
        lan.leave(CARD, ip=AT_VM)


@pytest.mark.parametrize("take_addresses", [True, False])
def test_the_card_with_the_default_route_is_never_taken(vm: None, take_addresses: bool) -> None:
    refused = refusal("eth0", take_addresses=take_addresses)
    assert str(refused).startswith("eth0 carries this VM's route to default, and joining would cut it off")
    assert refused.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    "route", ["203.0.113.0/24 dev eth1", "203.0.113.0/24 via 198.51.100.1", "default dev eth1 table 7"]
)
def test_nor_is_one_with_a_route_set_by_hand(vm: None, route: str) -> None:
    ip(f"-n {VM} address add 198.51.100.5/24 dev {CARD}")
    ip(f"-n {VM} link set {CARD} up")
    ip(f"-n {VM} route add {route}")
    assert "eth1 carries this VM's route to" in str(refusal(CARD, take_addresses=True))


def test_an_unknown_card_is_told_those_there_are(vm: None) -> None:
    refused = refusal("eth7")
    assert str(refused) == "this VM has no card 'eth7'; it has eth0, eth1"
    assert refused.exit_code == ExitCode.USAGE


def test_a_card_of_another_bridge_stays_there(vm: None) -> None:
    ip(f"-n {VM} link add other type bridge")
    ip(f"-n {VM} link set {CARD} master other")
    assert str(refusal(CARD)) == "eth1 belongs to other already; take it off there first"


@pytest.mark.parametrize("name", ["lo", BRIDGE])
def test_what_is_no_card_cannot_join(vm: None, name: str) -> None:
    assert "is no network card" in str(refusal(name))


def test_a_lab_that_is_down(vm: None) -> None:
    refused = refusal(CARD, bridge="tljl-none")
    assert str(refused) == "the bridge tljl-none is not there: the lab is down; run: make up"
    assert refused.exit_code == ExitCode.UNMEASURED


def test_a_card_that_cannot_be_bridged_gets_everything_back(
    vm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wi-Fi cards are like that; here the kernel refuses because the bridge would contain itself."""
    ip(f"-n {VM} link add link {BRIDGE} name eth7 type macvlan")
    ip(f"-n {VM} address add 198.51.100.7/24 dev eth7")
    before = AT_VM.ask("-4", "address", "show", "dev", "eth7")
    with pytest.raises(LabError, match=r"^ip link set dev eth7 master tljl-lab up failed: "):
        lan.join("eth7", BRIDGE, take_addresses=True, ip=AT_VM)
    after = AT_VM.ask("-4", "address", "show", "dev", "eth7")
    assert [a["addr_info"][0]["local"] for a in after] == [a["addr_info"][0]["local"] for a in before]
    assert lan.leave_all(ip=AT_VM) == []
