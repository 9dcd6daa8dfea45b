"""Starts the server and both generators, and lets the generators take turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.site import free_ports
from lab import paths
from lab.dev.supervisor import LOOPBACK, Program, Supervisor
from lab.errors import LabError

PAIRS = 40
WARM_UP = 4  # slices of each that do not count
USERS = 4
HERE = Path(__file__).parent
LOCUSTFILES = paths.ROOT / "locustfiles"


@dataclass(frozen=True)
class Slice:
    """What one generator did in its turn."""

    requests: int
    cpu: float  # seconds of processor time
    wall: float  # seconds
    failures: int  # so far

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.wall

    @property
    def per_core(self) -> float:
        """Requests a second of processor time."""
        return self.requests / self.cpu


class Generator:
    """A Locust process that sends whenever it is its turn."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self._name = name
        self._process = process

    def take_turn(self) -> Slice:
        """Send for a while; raises LabError if that went wrong."""
        told = ""
        if self._process.poll() is None:
            _stream(self._process.stdin).write(".")
            _stream(self._process.stdin).flush()
            told = _stream(self._process.stdout).readline()
        if not told:
            raise LabError(f"the generator {self._name} has ended: {self._process.wait(30)}")
        turn = Slice(**json.loads(told))
        if turn.failures or not turn.requests:
            raise LabError(f"the generator {self._name} measured something else: {turn}")
        return turn


def measured(directory: Path) -> list[tuple[Slice, Slice]]:
    """PAIRS of turns, of the lab's user and of the bare one, the first of a pair alternating."""
    with Supervisor() as supervisor, ExitStack() as stack:
        url = _serve(supervisor, directory)
        lab = stack.enter_context(_generator("lab", url, {"LAB_RUN_DIR": str(directory)}))
        bare = stack.enter_context(_generator("bare", url, {}))
        for one in (lab, bare) * WARM_UP:
            one.take_turn()
        return [_pair(lab, bare, swapped=number % 2 == 1) for number in range(PAIRS)]


def _pair(lab: Generator, bare: Generator, *, swapped: bool) -> tuple[Slice, Slice]:
    if swapped:
        plain, recorded = bare.take_turn(), lab.take_turn()
        return recorded, plain
    return lab.take_turn(), bare.take_turn()


def _serve(supervisor: Supervisor, directory: Path) -> str:
    """Start Nginx, and return the URL that it answers at."""
    (port,) = free_ports(1)
    plan = (HERE / "nginx.conf").read_text()
    config = directory / "nginx.conf"
    config.write_text(plan.replace("DIRECTORY", str(directory)).replace("PORT", str(port)))
    log = directory / "nginx.out"
    supervisor.start(Program("nginx", ["nginx", "-c", str(config)], directory, log, port))
    supervisor.wait_until_ready()
    return f"http://{LOOPBACK}:{port}"


@contextmanager
def _generator(name: str, url: str, settings: Mapping[str, str]) -> Iterator[Generator]:
    python_path = os.pathsep.join(map(str, (paths.ROOT, LOCUSTFILES)))
    argv = [sys.executable, "-m", "locust", "--headless", "-f", str(HERE / "scenarios" / f"{name}.py")]
    with subprocess.Popen(
        [*argv, "--users", str(USERS), "--spawn-rate", "100", "--host", url],
        cwd=LOCUSTFILES,
        env={**os.environ, "PYTHONPATH": python_path, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield Generator(name, process)
        finally:
            process.kill()


def _stream(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 (both were asked for)
    return pipe
