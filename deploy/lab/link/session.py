"""The measuring instruments on the running lab's hosts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence

from lab.engine import exec_argv
from lab.link import measure, probes
from lab.link.control import Links
from lab.link.path import Path, between
from lab.process import run
from lab.settings import Settings
from lab.topology import Topology

LENGTH = 4.0  # seconds of a transfer


class Session:
    """Measures zones' links on the lab that these settings and this topology describe."""

    def __init__(self, settings: Settings, plan: Topology) -> None:
        self._project = settings.project
        self._plan = plan

    def compare(self, zone: str, links: Links) -> Iterator[measure.Check]:
        """*Set* beside *measured* for a zone's link."""
        path = between(self._plan, zone, links.zones)
        address = self._plan.address(path.target)
        return measure.compare(
            path,
            measure.Instruments(
                pings=lambda programs, count, interval, patience: probes.pings(
                    self._run, path.source, address, programs, count, interval, patience
                ),
                goodput=lambda reverse, udp_rate: self._goodput(path, reverse, udp_rate),
            ),
        )

    def _goodput(self, path: Path, reverse: bool, udp_rate: float | None) -> float:
        target = self._plan.address(path.target)
        probes.serve_iperf3(self._run, path.target)
        return probes.iperf3(
            self._run, path.source, target, reverse=reverse, udp_rate=udp_rate, length=LENGTH
        )

    def _run(self, host: str, words: Sequence[str], patience: float) -> subprocess.CompletedProcess[str]:
        options = ["--env", "LC_ALL=C"]
        return run(exec_argv(self._project, host, words, options=options), timeout=patience)
