"""Runs whose truth is known: folders with the requests.csv and run.json that Locust would have left."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.load.records import COLUMNS

BEGAN = 1_760_000_000.0  # epoch seconds
NAMES = ("/api/tickets/", "/api/tickets/[id]/", "/api/departments/")
Column = NDArray[np.float64]


@dataclass
class Run:
    """A closed-loop run of `users`, whose requests come evenly and wait for what the arrays say (ms)."""

    sent: Column  # seconds since the run began
    connect: float = 0.0
    network: float = 2.0
    nginx: float = 1.0
    app: Column | float = 10.0
    database: float = 4.0
    statuses: Mapping[int, tuple[int, str]] = field(default_factory=dict)  # row: status and error
    run: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def service(self) -> Column:
        """What each request takes: its parts together."""
        return np.zeros(len(self.sent)) + self.connect + self.network + self.nginx + self.app + self.database

    @property
    def length(self) -> float:
        return float(np.ceil(self.sent.max())) if len(self.sent) else 1.0

    def write(self, folder: Path) -> Path:
        """Leave the run in `folder`, as Locust does."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "requests.csv").open("w", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(self._row(number) for number in range(len(self.sent)))
        (folder / "run.json").write_text(json.dumps({**self._run(), **self.run}))
        return folder

    def _row(self, number: int) -> list[object]:
        status, error = self.statuses.get(number, (200, ""))
        took = float(self.service[number])
        served = float(np.broadcast_to(self.app, len(self.sent))[number]) + self.database
        sent = f"{BEGAN + self.sent[number]:.6f}"
        return [
            *(sent, sent, "Browse", "GET", NAMES[number % len(NAMES)], status, error, took, took),
            *(self.connect or "", "", took - self.connect, self.nginx + served, served, self.database),
            *(500, f"app{1 + number % 2}", "", f"{number:032x}", "10.10.20.20", "local"),
        ]

    def _worker(self) -> dict[str, Any]:
        return {"id": "local", "host": "locust", "cpu_share": 0.31, "requests": len(self.sent), "lost": False}

    def _run(self) -> dict[str, Any]:
        length, begin = self.length, min(2.0, self.length / 10)
        inside = (self.sent >= begin) & (self.sent < length)
        return {
            "began": BEGAN, "ended": BEGAN + length, "scenarios": ["Browse"], "shape": None, "users": 20,
            "rate": None, "arrivals": None, "seconds": length, "host": "http://10.10.10.1",
            "options": {"via": "edge", "keep_alive": True, "think_time": None, "sources": "one"},
            "versions": {"locust": "2.47.0", "python": "3.13.5", "gevent": "26.4.0"},
            "workers": [self._worker()],
            "users_over_time": [[second, 20] for second in range(int(length) + 1)],
            "events": [], "open_loop": None, "exceptions": 0, "saturated": False, "reasons": [], "code": 0,
            "in_flight": {"from": begin, "to": length,
                          "mean": float(self.service[inside].sum() / 1000 / (length - begin))},
        }  # fmt: skip


def even(rate: float, seconds: float) -> Column:
    """So many requests a second, at equal distances."""
    return np.arange(int(rate * seconds)) / rate


def lognormal(seed: int, count: int, *, median: float = 20.0, spread: float = 0.5) -> Column:
    """Times in ms as services have them: many near the median, few far above it."""
    return np.random.default_rng(seed).lognormal(np.log(median), spread, count)
