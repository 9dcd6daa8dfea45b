"""Starts the edge, lets wrk read from it, and reads off rates and CPU times."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lab import paths
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests.edge.conftest import free_ports

PAIRS = 7
SECONDS = 2
SIZES = (600, 60_000)  # bytes: of /api/stats/, and of /api/schema/
CACHED, STATIC = "/api/stats/", "/static/stats.json"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One run of wrk: requests a second, and Nginx's CPU time for one in microseconds."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Result:
    """The pairs of runs: cached, and static."""

    pairs: list[tuple[Run, Run]]

    @property
    def ratios(self) -> list[float]:
        """Of each pair, the cached rate divided by the static one."""
        return [cached.rate / static.rate for cached, static in self.pairs]

    @property
    def ratio(self) -> float:
        """Their median."""
        return statistics.median(self.ratios)

    @property
    def cached(self) -> float:
        """Median rate of cached reads, 1/s."""
        return statistics.median(cached.rate for cached, _ in self.pairs)

    @property
    def static(self) -> float:
        """Median rate of reads of the file, 1/s."""
        return statistics.median(static.rate for _, static in self.pairs)

    @property
    def cached_cpu(self) -> float:
        """Median CPU time of a cached read, µs."""
        return statistics.median(cached.cpu for cached, _ in self.pairs)

    @property
    def static_cpu(self) -> float:
        """Median CPU time of a read of the file, µs."""
        return statistics.median(static.cpu for _, static in self.pairs)


def measured(supervisor: Supervisor, directory: Path, size: int) -> Result:
    """PAIRS pairs with answers of so many bytes. Raises RuntimeError for a run that is not valid."""
    edge = Edge(supervisor, directory, size)
    for path in (CACHED, STATIC):
        edge.run(path)  # warm
    return Result([edge.pair(swapped=number % 2 == 1) for number in range(PAIRS)])


class Edge:
    """Nginx with two replicas, in `directory`."""

    def __init__(self, supervisor: Supervisor, directory: Path, size: int) -> None:
        self.port, *replicas = free_ports(3)
        self._log = directory / "access.log"
        static = directory / "static"
        static.mkdir()
        origin = {"PYTHONPATH": str(paths.ROOT), "ORIGIN_BYTES": str(size)}
        for port in replicas:
            program = programs.app(port, origin, directory / f"{port}.log")
            argv = [*program.argv[:-1], "benchmarks.cache.origin:app"]
            supervisor.start(replace(program, argv=argv))
        nginx = programs.edge(
            self.port, replicas, static, directory, directory / "run", directory / "nginx.log"
        )
        own = {"EDGE_ACCESS_LOG": str(self._log)}
        self._nginx = supervisor.start(replace(nginx, environment={**nginx.environment, **own}))
        supervisor.wait_until_ready()
        (static / "stats.json").write_bytes(self._get(CACHED))

    def pair(self, *, swapped: bool) -> tuple[Run, Run]:
        """One run of each, the cached one first unless swapped."""
        order = (STATIC, CACHED) if swapped else (CACHED, STATIC)
        runs = {path: self.run(path) for path in order}
        return runs[CACHED], runs[STATIC]

    def run(self, path: str) -> Run:
        """wrk on one address."""
        asked, before = self._asked(), self._cpu_seconds()
        argv = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", f"http://127.0.0.1:{self.port}{path}"]
        said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        requests = re.search(r"(\d+) requests in ([\d.]+)s", said)
        if requests is None or "Non-2xx" in said or "Socket errors" in said:
            raise RuntimeError(f"wrk on {path} was not answered as it should be:\n{said}")
        if self._asked() - asked > SECONDS + 2:
            raise RuntimeError(f"{path}: the replicas were asked {self._asked() - asked} times")
        number = int(requests[1])
        return Run(number / float(requests[2]), (self._cpu_seconds() - before) / number * 1e6)

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def _asked(self) -> int:
        """How many requests have reached a replica, by Nginx's own log."""
        with self._log.open() as log:
            return sum('"upstream_addr": ""' not in line for line in log)

    def _cpu_seconds(self) -> float:
        """CPU time of Nginx's processes so far."""
        return sum(_ticks(pid) for pid in _children(self._nginx)) / _TICKS


def _children(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _children(int(child))


def _ticks(pid: int) -> int:
    """User and system time (proc_pid_stat(5), fields 14 and 15; the name before them may have spaces)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
