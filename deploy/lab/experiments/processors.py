"""How busy the VM's processors are meanwhile, with the lab or with anything else."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

import numpy as np

STAT = Path("/proc/stat")
EVERY = 0.5  # seconds between two looks
IDLE = (3, 4)  # the columns of /proc/stat's first line that count idling: idle, and waiting for a disk


class Watch:
    """Looks at the processors every now and then for a `with` block, from a thread of its own."""

    def __init__(self) -> None:
        self._looks: list[tuple[float, float, float]] = []  # epoch seconds; ticks busy, and all ticks
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def busy(self, begin: float, end: float) -> float:
        """The share of their time that they were busy between two moments in epoch seconds; NaN for none."""
        inside = [look for look in self._looks if begin <= look[0] <= end]
        if len(inside) < 2:  # ticks are counted from the first look to the last
            return float(np.nan)
        (_, before, all_before), (_, after, all_after) = inside[0], inside[-1]
        return (after - before) / (all_after - all_before) if all_after > all_before else float(np.nan)

    def _look_on(self) -> None:
        while not self._over.wait(EVERY):
            self._look()

    def _look(self) -> None:
        ticks = [int(word) for word in STAT.read_text().split("\n", 1)[0].split()[1:9]]
        idle = sum(ticks[column] for column in IDLE)
        self._looks.append((time.time(), sum(ticks) - idle, sum(ticks)))
