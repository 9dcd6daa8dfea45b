"""Links beside a stateful firewall with NAT: each packet is judged, tracked and translated exactly once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.netns.link.wire import CLIENT, SERVER, ZONES, Wire, both

MS = 1e-3
# What router.nft must keep to: the first rules of `forward`, and matching by addresses, never by iifname.
RULES = f"""
table inet lab {{
    counter spoofed {{ }}
    counter new_ping {{ }}
    counter new_tcp {{ }}
    counter known {{ }}
    counter dropped {{ }}
    chain anti_spoof {{
        type filter hook prerouting priority raw; policy accept;
        iifname "to-clients" ip saddr != {ZONES["clients"]}.0/24 counter name spoofed drop
    }}
    chain forward {{
        type filter hook forward priority filter; policy drop;
        ct state untracked iifname "lk-*" accept
        ct state untracked oifname "lk-*" accept
        ct state established,related counter name known accept
        ip saddr {ZONES["clients"]}.0/24 ip daddr {SERVER} icmp type echo-request counter name new_ping accept
        ip saddr {ZONES["clients"]}.0/24 ip daddr {SERVER} tcp dport 5201 counter name new_tcp accept
        counter name dropped
    }}
    chain source_nat {{
        type nat hook postrouting priority srcnat; policy accept;
        oifname "to-lab" masquerade
    }}
}}
"""


@pytest.fixture
def walled(wire: Wire) -> Iterator[Wire]:
    """The wire with the firewall, masquerading towards the server."""
    wire.on("router", "nft", "-f", "-", stdin=RULES)
    yield wire
    wire.on("router", "nft", "delete", "table", "inet", "lab")


def counters(wire: Wire) -> dict[str, int]:
    listed = json.loads(wire.on("router", "nft", "-j", "list", "counters"))["nftables"]
    return {item["counter"]["name"]: item["counter"]["packets"] for item in listed if "counter" in item}


@pytest.mark.parametrize("zones", [(), ("clients",), ("lab",), ("clients", "lab")])
def test_conntrack_and_masquerade_see_each_packet_once(walled: Wire, zones: tuple[str, ...]) -> None:
    for zone in zones:
        walled.set(both(delay=5 * MS), zone=zone)
    before = counters(walled)
    pings = walled.ping(10, 0.05, patience=5)
    assert pings.received == 10
    assert min(pings.round_trips) >= 9 * MS * len(zones)
    change = {name: value - before[name] for name, value in counters(walled).items()}
    # A request that comes before the first answer belongs to no known connection yet.
    new, known = change.pop("new_ping"), change.pop("known")
    assert new >= 1
    assert new + known == 20
    assert change == {"spoofed": 0, "new_tcp": 0, "dropped": 0}
    seen = walled.on("router", "conntrack", "-L", "-p", "icmp")
    assert re.search(rf"src={CLIENT} dst={SERVER} .*src={SERVER} dst={ZONES['lab']}\.253", seen)


def test_tcp_passes_two_links_and_nat(walled: Wire) -> None:
    for zone in ZONES:
        walled.set(both(delay=5 * MS), zone=zone)
    with walled.iperf3_server():
        assert walled.goodput(1) > 1e6
    assert counters(walled)["new_tcp"] == 2  # iperf3's control and its data


def test_what_the_firewall_forbids_stays_forbidden_behind_a_link(walled: Wire) -> None:
    walled.set(both(delay=1 * MS))
    before = counters(walled)
    probe = f"import socket; s = socket.socket(); s.settimeout(0.5); s.connect(('{SERVER}', 22))"
    assert "timed out" in walled.run("client", ["python3", "-c", probe], 5).stderr
    assert counters(walled)["dropped"] > before["dropped"]


def test_spoofed_packets_are_dropped_before_the_link(walled: Wire) -> None:
    walled.set(both(delay=1 * MS))
    walled.on("client", "ip", "address", "add", "192.0.2.9/32", "dev", "lo")
    done = walled.run("client", ["ping", "-c1", "-W1", "-I", "192.0.2.9", SERVER], 5)
    walled.on("client", "ip", "address", "delete", "192.0.2.9/32", "dev", "lo")
    assert done.returncode == 1
    assert counters(walled)["spoofed"] == 1
