"""The lab's hosts as bare network namespaces: the same addresses, the same router.nft, no containers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab import paths
from lab.firewall.site import Done
from lab.topology import Topology

HOSTS = ("client", "locust", "edge", "app1", "app2", "live", "db", "discord")
LISTENING = {"edge": 80, "app1": 8000, "app2": 8000, "live": 8000, "db": 5432, "discord": 80, "locust": 8089}
PREFIX = f"fw{os.getpid()}-"  # several runs may share a machine
LISTEN = """import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""
ECHO_REQUEST, ECHO_REPLY = "0800f7fd00010001", "0000fffd00010001"  # ICMP, its checksum included
# An IPv4 packet (its header's checksum is the kernel's to fill in) with an ICMP message in it.
FORGE = """import socket, sys
source, target, message = sys.argv[1:]
header = bytes([69, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0]) + socket.inet_aton(source) + socket.inet_aton(target)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(header + bytes.fromhex(message), (target, 0))
"""


def ip(*words: str) -> None:
    """An `ip` command that must succeed."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Namespaces:
    """The topology's hosts, each a network namespace; the router's with the firewall loaded."""

    def __init__(self, plan: Topology, directory: Path) -> None:
        self.plan, self.directory = plan, directory
        self.ruleset = directory / "router.nft"
        self.use((paths.ROOT / "deploy/firewall/router.nft").read_text())

    def use(self, text: str) -> Path:
        """Make `text` the router's file; its include leads to this router's own topology.nft."""
        self.ruleset.write_text(text.replace("/run/lab/topology.nft", str(self.directory / "topology.nft")))
        return self.ruleset

    def run(self, host: str, words: Sequence[str], *, stdin: str | None = None) -> Done:
        """As `lab.firewall.site.Site.run`."""
        argv = ["ip", "netns", "exec", PREFIX + host, *words]
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False, timeout=60)

    def forge(self, host: str, source: str, target: str, message: str = ECHO_REQUEST) -> Done:
        """As `lab.firewall.site.Site.forge`; the ICMP message may be another one, in hexadecimal."""
        return self.run(host, [sys.executable, "-c", FORGE, source, target, message])

    def load_directly(self) -> None:
        """Load the file without any of the loader's care."""
        done = self.run("router", ["nft", "-f", str(self.ruleset)])
        assert done.returncode == 0, done.stderr


@contextmanager
def namespaces(plan: Topology, listening: Mapping[str, int] = LISTENING) -> Iterator[Namespaces]:
    """Build the hosts, load the firewall, start the listeners; take everything down at the end."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for host in ("router", *HOSTS):
            ip("netns", "add", PREFIX + host)
            stack.callback(ip, "netns", "delete", PREFIX + host)
            ip("-n", PREFIX + host, "link", "set", "lo", "up")
        site = Namespaces(plan, directory)
        for zone in plan.zones:
            _wire(site, zone)
        # What Docker sets in a container too: ping without privileges is not at stake here, forwarding is.
        site.run("router", ["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        _write_topology(site)
        site.load_directly()
        for host, port in listening.items():
            stack.callback(_stop, _listen(host, plan.address(host), port))
        yield site


def _wire(site: Namespaces, zone: str) -> None:
    """A bridge in the router for the zone, with its hosts on it."""
    plan = site.plan.zones[zone]
    bridge = f"z-{zone}"
    ip("-n", PREFIX + "router", "link", "add", bridge, "type", "bridge")
    ip("-n", PREFIX + "router", "link", "set", bridge, "up")
    ip("-n", PREFIX + "router", "address", "add", f"{plan.router}/24", "dev", bridge)
    for name in HOSTS:
        address = site.plan.hosts[name].addresses.get(zone)
        if address is None:
            continue
        peer = ("peer", "name", "eth0", "netns", PREFIX + name)
        ip("-n", PREFIX + "router", "link", "add", f"v-{name}", "type", "veth", *peer)
        ip("-n", PREFIX + "router", "link", "set", f"v-{name}", "master", bridge, "up")
        ip("-n", PREFIX + name, "link", "set", "eth0", "up")
        ip("-n", PREFIX + name, "address", "add", f"{address}/24", "dev", "eth0")
        ip("-n", PREFIX + name, "route", "add", "default", "via", str(plan.router))


def _write_topology(site: Namespaces) -> None:
    zones = " ".join(
        f"{name}={str(zone.subnet).removesuffix('.0/24')}" for name, zone in site.plan.zones.items()
    )
    script = str(paths.ROOT / "deploy/images/router-topology.sh")
    done = site.run("router", ["env", f"ROUTER_ZONES={zones}", script])
    assert done.returncode == 0, done.stderr
    (site.directory / "topology.nft").write_text(done.stdout)


def _listen(host: str, address: str, port: int) -> subprocess.Popen[str]:
    argv = ["ip", "netns", "exec", PREFIX + host, sys.executable, "-c", LISTEN, address, str(port)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _stop(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def without(text: str, pattern: str) -> str:
    """The ruleset with the one line that the pattern matches taken out."""
    lines = [line for line in text.splitlines() if not re.search(pattern, line)]
    assert len(lines) == len(text.splitlines()) - 1, f"{pattern} must match one line"
    return "\n".join(lines) + "\n"
