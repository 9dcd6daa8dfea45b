"""The trap of published ports, and host.nft against it: a VM between an outsider and a host of the lab.

The VM translates its port 8080 to port 80 of the host behind it, as Docker does for a published port.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lab import paths
from tests.absent import absent

PREFIX = f"fwh{os.getpid()}-"  # several runs may share a machine
HOST_NFT = paths.ROOT / "deploy/firewall/host.nft"
BRIDGE = "tl-lab"  # what host.nft takes for one of the lab's bridges
STRANGER, TRUSTED, VM, HOST = "198.51.100.66", "192.0.2.7", "198.51.100.1", "10.10.10.1"
DOCKER = f"""table ip docker {{
    chain prerouting {{
        type nat hook prerouting priority dstnat; policy accept;
        fib daddr type local tcp dport 8080 dnat to {HOST}:80
    }}
}}
"""
LIKE_UFW = """table inet like_ufw {
    counter closed { }
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport 8080 counter name closed drop
    }
}
"""
SERVER = f"""import socket
server = socket.create_server(("{HOST}", 80))
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""
CONNECT = """import socket, sys
source, address, port, seconds = sys.argv[1:]
socket.create_connection((address, int(port)), float(seconds), source_address=(source, 0))
"""
# Two wires: outside to the VM, and the VM's bridge to the host.
WIRING = f"""
link add outer netns {PREFIX}vm type veth peer name eth0 netns {PREFIX}outside
link add inner netns {PREFIX}vm type veth peer name eth0 netns {PREFIX}host
"""
SET_UP = {
    "outside": f"""
        link set lo up
        link set eth0 up
        address add {STRANGER}/24 dev eth0
        address add {TRUSTED}/32 dev eth0
        route add 10.10.10.0/24 via {VM}
        """,
    "vm": f"""
        link set lo up
        link add {BRIDGE} type bridge
        link set inner master {BRIDGE} up
        link set {BRIDGE} up
        link set outer up
        address add {VM}/24 dev outer
        address add 10.10.10.254/24 dev {BRIDGE}
        route add {TRUSTED}/32 dev outer
        """,
    "host": f"""
        link set lo up
        link set eth0 up
        address add {HOST}/24 dev eth0
        route add default via 10.10.10.254
        """,
}

# A neighbour that knows the trick: its own 127.0.0.1 is taken away, and the VM is its gateway to another's.
LOOPBACK_BY_WAY_OF_THE_VM = f"""
route delete local 127.0.0.0/8 dev lo table local
route delete local 127.0.0.1 dev lo table local
route add 127.0.0.1 via {VM}
"""
ARRIVALS = """table inet arrivals {
    counter arrived { }
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport 80 tcp flags & (syn | ack) == syn counter name arrived
    }
}
"""


def run(host: str, *words: str, stdin: str | None = None) -> str:
    """What a command in a namespace prints; it must succeed."""
    argv = ["ip", "netns", "exec", PREFIX + host, *words]
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, f"{host}: {' '.join(words)}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wired() -> Iterator[None]:
    """The three namespaces, their addresses, and a server on the host."""
    _remove()
    for host in SET_UP:
        subprocess.run(["ip", "netns", "add", PREFIX + host], check=True)
    subprocess.run(["ip", "-batch", "-"], input=WIRING, text=True, check=True)
    for host, lines in SET_UP.items():
        run(host, "ip", "-batch", "-", stdin=lines)
    run("vm", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    argv = ["ip", "netns", "exec", PREFIX + "host", sys.executable, "-c", SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield
        server.kill()
    _remove()


@pytest.fixture
def vm(wired: None) -> None:
    """The VM with Docker's translation and no firewall of its own."""
    run("vm", "nft", "flush", "ruleset")
    run("vm", "nft", "-f", "-", stdin=DOCKER)


def _remove() -> None:
    for host in SET_UP:
        subprocess.run(["ip", "netns", "delete", PREFIX + host], capture_output=True, check=False)


def reaches(source: str, address: str, port: int, host: str = "outside", seconds: float = 10) -> bool:
    """Whether a TCP connection is made within so many seconds."""
    argv = [sys.executable, "-c", CONNECT, source, address, str(port), str(seconds)]
    done = subprocess.run(
        ["ip", "netns", "exec", PREFIX + host, *argv], capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 0 or "TimeoutError" in done.stderr, done.stderr
    return done.returncode == 0


def is_blocked(source: str, address: str, port: int) -> bool:
    """Whether a TCP connection is not made within a second; a counter must say who blocked it."""
    return not reaches(source, address, port, seconds=1)


def counted(host: str = "vm") -> dict[str, int]:
    """The named counters of a namespace that have counted something, in packets."""
    listed = json.loads(run(host, "nft", "-j", "list", "counters"))["nftables"]
    counters = (item["counter"] for item in listed if "counter" in item)
    return {counter["name"]: counter["packets"] for counter in counters if counter["packets"]}


def test_a_published_port_slips_past_an_input_rule(vm: None) -> None:
    run("vm", "nft", "-f", "-", stdin=LIKE_UFW)
    assert reaches(STRANGER, VM, 8080)
    assert counted() == {}, "the input chain must not even have seen the packet"


def test_the_input_rule_does_close_what_ends_on_the_vm(vm: None) -> None:
    run("vm", "nft", "delete", "table", "ip", "docker")
    run("vm", "nft", "-f", "-", stdin=LIKE_UFW)
    assert is_blocked(STRANGER, VM, 8080)
    assert counted()["closed"] > 0


def test_host_nft_closes_a_published_port_to_strangers_alone(vm: None) -> None:
    assert reaches(STRANGER, VM, 8080)
    run("vm", "nft", "-f", str(HOST_NFT))
    assert is_blocked(STRANGER, VM, 8080)
    assert counted().keys() == {"published_dropped"}
    assert reaches(TRUSTED, VM, 8080)
    assert counted().keys() == {"published_dropped", "published_trusted"}


def test_host_nft_closes_the_way_past_the_router(vm: None) -> None:
    assert reaches(STRANGER, HOST, 80)
    run("vm", "nft", "-f", str(HOST_NFT))
    assert is_blocked(STRANGER, HOST, 80)
    assert is_blocked(TRUSTED, HOST, 80)
    assert counted().keys() == {"past_the_router_dropped"}


def test_host_nft_lets_the_vm_itself_reach_the_lab(vm: None) -> None:
    run("vm", "nft", "-f", str(HOST_NFT))
    assert reaches("10.10.10.254", HOST, 80, host="vm")


def test_host_nft_drops_loopback_addresses_from_the_wire(vm: None) -> None:
    run("outside", "ip", "-batch", "-", stdin=LOOPBACK_BY_WAY_OF_THE_VM)
    run("host", "nft", "-f", "-", stdin=ARRIVALS)
    assert is_blocked(STRANGER, "127.0.0.1", 8080), "the stranger's own kernel refuses the answer"
    arrived = counted("host")["arrived"]
    assert arrived > 0, "but without a firewall its packet gets to the host"
    run("vm", "nft", "-f", str(HOST_NFT))
    assert is_blocked(STRANGER, "127.0.0.1", 8080)
    assert counted().keys() == {"loopback_dropped"}
    assert counted("host")["arrived"] == arrived


def test_host_nft_leaves_nothing_when_it_is_taken_away(vm: None) -> None:
    before = run("vm", "nft", "list", "ruleset")
    run("vm", "nft", "-f", str(HOST_NFT))
    run("vm", "nft", "-f", str(HOST_NFT))
    run("vm", "nft", "delete", "table", "inet", "lab_host")
    assert run("vm", "nft", "list", "ruleset") == before


@pytest.mark.parametrize(
    ("match", "closed"),
    [("--dport 8080", False), ("-m conntrack --ctdir ORIGINAL --ctorigdstport 8080", True)],
    ids=["the published port: no such packet comes here", "the port as the sender wrote it"],
)
def test_docker_user_must_ask_for_the_original_port(vm: None, match: str, closed: bool) -> None:
    if not shutil.which("iptables"):
        absent("NO iptables HERE: DOCKER-USER WAS NOT TESTED")
    run("vm", "iptables", "-N", "DOCKER-USER")
    run("vm", "iptables", "-I", "FORWARD", "-j", "DOCKER-USER")
    run("vm", "iptables", "-I", "DOCKER-USER", "-i", "outer", "-p", "tcp", *match.split(), "-j", "DROP")
    assert (is_blocked if closed else reaches)(STRANGER, VM, 8080)
