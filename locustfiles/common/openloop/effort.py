"""How much of its time a load generator needed the processor for: at 1.0 it can do no more."""

import time
from pathlib import Path

# Nanoseconds that the main thread has run, and has waited to run (Documentation/scheduler/sched-stats.rst).
SCHEDSTAT = Path("/proc/self/schedstat")


class Effort:
    """The share of the time since its creation that this process ran or, on a busy machine, waited to run."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._wanted = _wanted_seconds()

    def share(self) -> float:
        """Return it, from 0 to about 1."""
        return (_wanted_seconds() - self._wanted) / (time.perf_counter() - self._began)


def _wanted_seconds() -> float:
    try:
        ran, waited, _ = SCHEDSTAT.read_text().split()
    except FileNotFoundError:  # a kernel without scheduler statistics: only the time it ran is known
        return time.process_time()
    return (int(ran) + int(waited)) / 1e9
