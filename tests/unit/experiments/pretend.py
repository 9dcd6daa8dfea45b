"""A lab that is made of formulas: experiments run on it in no time, and what is true of it is known."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lab.experiments.model import Scope
from lab.experiments.site import Run
from lab.lifecycle import Say
from lab.load.plan import Plan
from lab.load.records import COLUMNS

BEGAN = 1_760_000_000.0  # epoch seconds
Random = np.random.Generator


@dataclass(frozen=True)
class Request:
    """What a request of the pretended lab came to; times in ms, connect None on a kept-alive connection."""

    service: float
    connect: float | None = None
    size: int = 16
    server: float = 0.0  # until Nginx's headers left
    first_byte: float = 0.0
    served_by: str = "app1"
    error: str = ""


# What the lab does with a plan under some settings.
World = Callable[[Plan, Mapping[str, str], Random], Sequence[Request]]


@dataclass
class PretendedLab:
    """As `lab.experiments.site.Site`; `told` is what happened to it, in order."""

    world: World
    https: str | None = None
    cpu: float = 1.0  # processor seconds of the edge in each run
    busy: float = 0.95  # the VM's processors
    saturated: bool = False
    told: list[str] = field(default_factory=list)
    _settings: Mapping[str, str] = field(default_factory=dict)
    _random: Random = field(default_factory=lambda: np.random.default_rng(5))

    def scope(self, *, quick: bool) -> Scope:
        return Scope(quick=quick, https=self.https, cores=2)

    @contextmanager
    def varied(self, changes: Mapping[str, str], say: Say) -> Iterator[None]:
        self._settings = dict(changes)
        self.told.append(f"varied {dict(changes)}")
        try:
            yield
        finally:
            self._settings = {}
            self.told.append("as before")

    def load(self, plan: Plan, runs: Path, say: Say) -> Run:
        plan.check()
        self.told.append(plan.scenario)
        folder = runs / f"run-{len(self.told)}"
        requests = self.world(plan, self._settings, self._random)
        _write(folder, requests, plan, {"saturated": self.saturated})
        return Run(folder, {"edge": self.cpu}, lambda _begin, _end: self.busy)


def _write(folder: Path, requests: Sequence[Request], plan: Plan, more: Mapping[str, Any]) -> None:
    folder.mkdir()
    with (folder / "requests.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        table.writeheader()
        apart = plan.seconds / max(1, len(requests))
        table.writerows(_row(BEGAN + number * apart, one) for number, one in enumerate(requests))
    run = {
        "began": BEGAN, "ended": BEGAN + plan.seconds, "code": 0, "reasons": [], "shape": None,
        "workers": [{"id": "local", "cpu_share": 0.0}], **more,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run))


def _row(sent: float, one: Request) -> dict[str, Any]:
    return {
        "sent": f"{sent:.6f}", "intended": f"{sent:.6f}",
        "status": 0 if one.error else 200, "error": one.error,
        "service_ms": one.service, "response_ms": one.service, "bytes_in": one.size,
        "edge_ms": one.server, "first_byte_ms": one.first_byte,
        "served_by": one.served_by, "connect_ms": "" if one.connect is None else one.connect,
    }  # fmt: skip
