"""Starts the edge, lets wrk read from it, and reads off rates and CPU times."""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import cpu, wrk
from benchmarks.site import free_ports
from benchmarks.wrk import Request
from lab import paths
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from lab.errors import LabError

PAIRS = 7
SECONDS = 2
CONNECTIONS = 16
SIZES = (600, 60_000)  # bytes: of /api/stats/, and of /api/schema/
CACHED, STATIC = "/api/stats/", "/static/stats.json"


@dataclass(frozen=True)
class Run:
    """One run of wrk: requests a second, and Nginx's CPU time for one in microseconds."""

    rate: float
    cpu: float


Pairs = Sequence[tuple[Run, Run]]  # cached, and static


def measured(supervisor: Supervisor, directory: Path, size: int) -> Pairs:
    """PAIRS pairs with answers of so many bytes. Raises LabError for a run that is not valid."""
    edge = Edge(supervisor, directory, size)
    for path in (CACHED, STATIC):
        edge.run(path)  # warm
    return [edge.pair(swapped=number % 2 == 1) for number in range(PAIRS)]


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
        asked, before = self._asked(), cpu.seconds(self._nginx)
        request = Request(path, "GET", path)
        load = wrk.load(self.port, request, connections=CONNECTIONS, seconds=SECONDS)
        if self._asked() - asked > SECONDS + 2:
            raise LabError(f"{path}: the replicas were asked {self._asked() - asked} times")
        return Run(load.rate, (cpu.seconds(self._nginx) - before) / load.requests * 1e6)

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def _asked(self) -> int:
        """How many requests have reached a replica, by Nginx's own log."""
        with self._log.open() as log:
            return sum('"upstream_addr": ""' not in line for line in log)
