"""The lab's path in network namespaces, and on it a hostile client and an honest one, who is timed."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lab import paths, settings, topology
from lab.dev import programs
from lab.dev.supervisor import Program, Supervisor
from lab.errors import ExitCode, LabError
from tests.edge.fuzzing.site import USER, database
from tests.netns.fw_site import PREFIX, Namespaces, namespaces

SETTLE = 1.0  # seconds after an attack that belong to neither side


@dataclass(frozen=True)
class Attack:
    """A kind of attacks.py, and how large."""

    name: str
    size: int
    unit: str


@dataclass(frozen=True)
class Pair:
    """The honest client's 95th percentiles, in seconds, and what the hostile one did."""

    calm: float
    attacked: float
    failed: int  # of the honest client's requests under attack
    tally: Mapping[str, int]

    @property
    def ratio(self) -> float:
        """How many times as long it took under attack; infinite if it was not answered."""
        return self.attacked / self.calm


class Way:
    """The running site, with the honest client on it."""

    def __init__(self, site: Namespaces, times: Path) -> None:
        self.site, self.times = site, times

    def pairs(self, attack: Attack, count: int, seconds: float) -> list[Pair]:
        """So many pairs of so many seconds, without and with the attack."""
        return [self._pair(attack, seconds) for _ in range(count)]

    def _pair(self, attack: Attack, seconds: float) -> Pair:
        calm, _ = self._window(seconds)
        with _hostile(attack, self.site.plan.address("edge")) as process:
            attacked, failed = self._window(seconds)
            said, _ = process.communicate(timeout=60)
        time.sleep(SETTLE)
        try:
            return Pair(calm, attacked, failed, json.loads(said))
        except ValueError:
            raise LabError(f"the attack {attack.name} ended early", ExitCode.UNMEASURED) from None

    def _window(self, seconds: float) -> tuple[float, int]:
        """The 95th percentile of what begins within so many seconds from now, and how much of it failed."""
        begin = time.monotonic()
        time.sleep(seconds)
        end = time.monotonic()
        time.sleep(0.5)  # for the last answers, mostly
        lines = [line.split() for line in self.times.read_text().splitlines() if line.count(" ") == 1]
        taken = sorted(float(took) for start, took in lines if begin <= float(start) <= end)
        if len(taken) < 10 * seconds and math.inf not in taken:
            taken += [math.inf] * int(10 * seconds)  # it has been waiting all the time
        return taken[math.ceil(0.95 * len(taken)) - 1], taken.count(math.inf)


@contextmanager
def _hostile(attack: Attack, address: str) -> Iterator[subprocess.Popen[str]]:
    """The attack, in position; its input is closed when one waits for its end."""
    words = [sys.executable, "-m", "benchmarks.hostile.attacks", attack.name, address, str(attack.size)]
    process = subprocess.Popen(
        _inside("client", words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT
    )
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise LabError(f"the attack {attack.name} did not get into position", ExitCode.UNMEASURED)
        yield process
    finally:
        process.kill()
        process.wait()


def _inside(host: str, words: list[str]) -> list[str]:
    return ["ip", "netns", "exec", PREFIX + host, *words]


@contextmanager
def path() -> Iterator[Way]:
    """Nginx, two Gunicorns and the router's firewall, each in the namespace of its host, as in the lab."""
    plan = topology.read(settings.defaults())
    with tempfile.TemporaryDirectory() as here, namespaces(plan, {}) as site, Supervisor() as supervisor:
        directory = Path(here)
        app = database(directory, 1300)
        for host in ("app1", "app2"):
            program = programs.app(8000, app, directory / f"{host}.log")
            supervisor.start(_moved(program, host, BIND=f"{plan.address(host)}:8000"))
        _start_edge(supervisor, site, directory)
        # The hostile client's kernel must not take back what the client has asked for.
        site.run(
            "client",
            ["nft", "add table ip silent; add chain ip silent out { type filter hook output priority 0; }"],
        )
        site.run("client", ["nft", "add rule ip silent out tcp flags rst / rst drop"])
        times = directory / "times"
        words = [
            sys.executable,
            "-m",
            "benchmarks.hostile.good",
            plan.address("edge"),
            _token(site),
        ]
        supervisor.start(Program("honest client", _inside("locust", words), paths.ROOT, times))
        time.sleep(3)
        yield Way(site, times)


def _start_edge(supervisor: Supervisor, site: Namespaces, directory: Path) -> None:
    edge = programs.edge(80, [8000], directory, directory, directory / "run", directory / "nginx.log")
    upstreams = " ".join(f"{site.plan.address(host)}:8000" for host in ("app1", "app2"))
    listen = f"{site.plan.address('edge')}:80"
    supervisor.start(_moved(edge, "edge", EDGE_LISTEN=listen, EDGE_UPSTREAMS=upstreams))


def _moved(program: Program, host: str, **environment: str) -> Program:
    """The program on a host of its own."""
    changed = {**program.environment, **environment}
    return replace(program, argv=_inside(host, list(program.argv)), port=None, environment=changed)


def _token(site: Namespaces) -> str:
    """The honest client's, once the service answers."""
    credentials = json.dumps({name: USER[name] for name in ("username", "password")})
    url = f"http://{site.plan.address('edge')}/api/token/"
    words = ["curl", "-fs", "-m", "10", "-H", "Content-Type: application/json", "-d", credentials, url]
    for _ in range(60):
        done = site.run("locust", words)
        if done.returncode == 0:
            return str(json.loads(done.stdout)["access"])
        time.sleep(0.5)
    raise LabError("the service in the namespaces does not answer", ExitCode.UNMEASURED)


def median_ratio(pairs: list[Pair]) -> float:
    """The median of the pairs' ratios."""
    return statistics.median(pair.ratio for pair in pairs)
