"""A client, a router and a server in network namespaces, with the link supervisor in the router's."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from lab import paths
from lab.link import probes
from lab.link.probes import Pings
from link.condition import Condition, Link, to_json

CLIENT, SERVER = "10.98.20.10", "10.98.10.1"
ZONES = {"clients": "10.98.20", "lab": "10.98.10"}
PYTHONPATH = {**os.environ, "PYTHONPATH": str(paths.ROOT / "deploy"), "LC_ALL": "C"}


def _command_line(pid: str) -> str:
    """A process's command line; empty for one that has ended since it was listed."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def both(**values: Any) -> Link:  # noqa: ANN401  # Condition's own
    """A link with the same condition in both directions."""
    return Link(up=Condition(**values), down=Condition(**values))


class Wire:
    """The topology. Its namespaces carry this process's id and `tag`, so that several can run at once.

    With `favoured` the machine's other work waits for the engine and ping: for tests of what the engine does,
    which shall not depend on how much else there is to do.
    """

    def __init__(
        self, directory: Path, engine: str = "auto", tag: str = "", *, favoured: bool = False
    ) -> None:
        self._directory = directory
        self._favour = ["nice", "-n", "-15"] if favoured else []
        self._engine = engine
        self._tag = tag
        self.daemon: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Wire:
        self._cleanup()
        for host in ("client", "router", "server"):
            self.vm("ip", "netns", "add", self.namespace(host))
        self._cable("client", CLIENT, "clients")
        self._cable("server", SERVER, "lab")
        forwarding = [
            "net.ipv4.ip_forward=1",
            "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.default.rp_filter=0",
        ]
        self.on("router", "sysctl", "-qw", *forwarding)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._cleanup()

    def namespace(self, host: str) -> str:
        """The network namespace of a host."""
        return f"tllink{os.getpid()}{self._tag}-{host}"

    def argv(self, host: str, *words: str) -> list[str]:
        """The command that runs `words` on a host."""
        return ["ip", "netns", "exec", self.namespace(host), *words]

    def on(self, host: str, *words: str, stdin: str | None = None) -> str:
        """What a command on a host prints; it must succeed."""
        return self.vm(*self.argv(host, *words), stdin=stdin)

    @staticmethod
    def vm(*words: str, stdin: str | None = None) -> str:
        """What a command prints; it must succeed."""
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, check=False, env=PYTHONPATH, timeout=60
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def run(self, host: str, words: Sequence[str], patience: float) -> subprocess.CompletedProcess[str]:
        """A command on a host, as lab.link.probes wants it."""
        return subprocess.run(
            self.argv(host, *words),
            capture_output=True,
            text=True,
            check=False,
            env=PYTHONPATH,
            timeout=patience,
        )

    def start(self) -> None:
        """Start the supervisor and wait until it answers."""
        zones = [f"{name}={network}" for name, network in ZONES.items()]
        command = [
            *self._favour,
            sys.executable,
            "-m",
            "link.daemon",
            "--engine",
            self._engine,
            "--outside",
            "lab",
            *self._state,
            *zones,
        ]
        log = (self._directory / "daemon.log").open("ab")
        self.daemon = subprocess.Popen(self.argv("router", *command), env=PYTHONPATH, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 10
        while "error" in self.ask(verb="show"):
            assert time.monotonic() < deadline, (self._directory / "daemon.log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """End the supervisor politely."""
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(10)
            self.daemon = None

    def ask(self, **request: object) -> dict[str, Any]:
        """The supervisor's answer."""
        words = [sys.executable, "-m", "link.ctl", *self._state, json.dumps(request)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=PYTHONPATH)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def set(self, link: Link, zone: str = "clients", seconds: float | None = None) -> dict[str, Any]:
        """Ask for a link; the supervisor must agree."""
        answer = self.ask(verb="set", zone=zone, link=to_json(link), seconds=seconds)
        assert "error" not in answer, answer
        return answer

    def clear(self) -> dict[str, Any]:
        """Take all conditions away."""
        return self.ask(verb="clear", zone=None)

    def ping(self, count: int, interval: float = 0.01, patience: float = 1.0) -> Pings:
        """Ping the server from the client."""

        def run(host: str, words: Sequence[str], patience: float) -> subprocess.CompletedProcess[str]:
            return self.run(host, [*self._favour, *words], patience)

        return probes.ping(run, "client", SERVER, count, interval, patience)

    @contextlib.contextmanager
    def iperf3_server(self) -> Iterator[None]:
        """An iperf3 server on the server."""
        words = self.argv("server", "iperf3", "--server", "--forceflush")
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        assert any("listening" in line for line in process.stdout)
        try:
            yield
        finally:
            process.terminate()
            process.communicate()

    def goodput(self, length: float, *, reverse: bool = False, udp_rate: float | None = None) -> float:
        """iperf3's goodput between client and server, bit/s."""
        return probes.iperf3(self.run, "client", SERVER, reverse=reverse, udp_rate=udp_rate, length=length)

    def relays(self) -> list[int]:
        """The process ids of the userspace engine's relays in this router."""
        inside = self.vm("ip", "netns", "pids", self.namespace("router")).split()
        return [int(pid) for pid in inside if "link.relay" in _command_line(pid)]

    @property
    def _state(self) -> list[str]:
        return ["--directory", str(self._directory)]

    def _cable(self, host: str, address: str, zone: str) -> None:
        here, router = self.namespace(host), self.namespace("router")
        near, gateway = f"to-{zone}", f"{ZONES[zone]}.253"
        self.vm(
            "ip", "link", "add", "eth0", "netns", here, "type", "veth", "peer", "name", near, "netns", router
        )
        for namespace, device, own in ((here, "eth0", address), (router, near, gateway)):
            self.vm("ip", "-n", namespace, "address", "add", f"{own}/24", "dev", device)
            self.vm("ip", "-n", namespace, "link", "set", device, "up")
            self.vm("ip", "-n", namespace, "link", "set", "lo", "up")
        self.vm("ip", "-n", here, "route", "add", "default", "via", gateway)

    def _cleanup(self) -> None:
        present = self.vm("ip", "netns", "list").split()
        for host in ("client", "router", "server"):
            if self.namespace(host) in present:
                self.vm("ip", "netns", "delete", self.namespace(host))
