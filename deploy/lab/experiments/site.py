"""Where cells run: in the lab, which can be given other settings, loaded, and asked for its effort."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.engine import exec_argv
from lab.errors import ExitCode, LabError
from lab.experiments import variant
from lab.experiments.model import Scope
from lab.experiments.processors import Watch
from lab.lifecycle import Say
from lab.load import session
from lab.load.plan import Plan
from lab.process import run
from lab.settings import Settings
from lab.tls import files
from lab.topology import Topology

LOOKED_AT = ("edge", "app1", "app2", "app3", "router")
# How many of its units are a second, and a container's own processor time: version 2 of the kernel's control
# groups tells it in microseconds, version 1 in nanoseconds.
CPU = """cd /sys/fs/cgroup
if [ -e cpu.stat ]; then sed -n 's/^usage_usec /1000000 /p' cpu.stat
else echo "1000000000 $(cat cpuacct/cpuacct.usage)"; fi"""


@dataclass(frozen=True)
class Run:
    """A load test's folder, the processor seconds of each server meanwhile, and how busy the VM was."""

    folder: Path
    cpu: Mapping[str, float]
    busy: Callable[[float, float], float]  # as Watch.busy


class Site(Protocol):
    """A lab that experiments can be made with."""

    def scope(self, *, quick: bool) -> Scope:
        """What it is like."""

    def varied(self, changes: Mapping[str, str], say: Say) -> AbstractContextManager[None]:
        """Let it have these settings for the block."""

    def load(self, plan: Plan, runs: Path, say: Say) -> Run:
        """Run a load test, its folder within `runs`."""


class LabSite:
    """The lab of these settings."""

    def __init__(self, settings: Settings, plan: Topology) -> None:
        self._settings, self._plan = settings, plan

    def scope(self, *, quick: bool) -> Scope:
        """As `Site.scope`."""
        https = f"https://{self._plan.address('edge')}" if files.is_on() else None
        return Scope(quick=quick, https=https, cores=len(os.sched_getaffinity(0)))

    @contextmanager
    def varied(self, changes: Mapping[str, str], say: Say) -> Iterator[None]:
        """As `Site.varied`."""
        own = self._settings
        with variant.changed(own, self._plan, changes, say) as self._settings:
            try:
                yield
            finally:
                self._settings = own

    def load(self, plan: Plan, runs: Path, say: Say) -> Run:
        """As `Site.load`."""
        before = self._cpu()
        with Watch() as watch:
            folder = session.run(self._settings, self._plan, plan, say, runs=runs)
        after = self._cpu()
        return Run(folder, {host: after[host] - before[host] for host in after}, watch.busy)

    def _cpu(self) -> dict[str, float]:
        """Each server's processor seconds until now."""
        there = [host for host in LOOKED_AT if host != "app3" or self._settings.replicas == 3]
        return {host: self._seconds(host) for host in there}

    def _seconds(self, host: str) -> float:
        done = run(exec_argv(self._settings.project, host, ["sh", "-c", CPU]))
        try:
            scale, figure = done.stdout.split()
            return float(figure) / float(scale)
        except ValueError:
            said = f"host {host} does not tell its processor time"
            raise LabError(
                f"{said}: {done.stdout.strip() or done.stderr.strip()}", ExitCode.UNMEASURED
            ) from None
