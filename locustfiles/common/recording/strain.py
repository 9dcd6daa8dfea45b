"""Whether a load generator has time to spare; one that has not measures itself instead of the network.

Locust looks at the processor time that a generator used, and warns above 90 % of a core. On a machine with
more to do than it has cores a generator never gets that much, and waits all the same. So two more things are
looked at here: how long the kernel had it ready and waiting for a core, and how late its event loop wakes.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# Of the main thread, whose event loop all users share. Nanoseconds on a core, nanoseconds ready and waiting
# for one, and number of turns (the kernel's Documentation/scheduler/sched-stats.rst).
SCHEDSTAT = Path("/proc/self/schedstat")

WINDOW = 2.0  # seconds that are judged together
BUSY = 0.9  # the share of a window from which on there is no time to spare
LATE = 0.05  # seconds by which the event loop may be late, as the mean of a window

OWN_CORE = "used {cpu:.0f} % of its processor core"
STARVED = "needed {need:.0f} % of a processor core and got {cpu:.0f} %, since other processes took the rest"
HELD_UP = "was late by {lag:.0f} ms on average, held up by its own scenario or by its machine"


class Clocks(NamedTuple):
    """Seconds since some beginning: on the wall, used on a core, and spent waiting for a core."""

    wall: float
    cpu: float
    waited: float

    @classmethod
    def read(cls) -> "Clocks":
        """Read those of the main thread, which must be the one that calls."""
        return cls(time.perf_counter(), time.thread_time(), _waited())


def _waited() -> float:
    try:
        return int(SCHEDSTAT.read_text().split()[1]) / 1e9
    except FileNotFoundError:  # a kernel that does not keep it: the event loop's lateness remains
        return 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """Some seconds of a generator's life: shares of a core, and the event loop's mean lateness in seconds."""

    cpu: float
    waited: float
    lag: float


def between(before: Clocks, after: Clocks, lag: float) -> Window:
    """Return what happened from one reading of the clocks to the next."""
    wall = after.wall - before.wall
    return Window((after.cpu - before.cpu) / wall, (after.waited - before.waited) / wall, lag)


def strain(window: Window) -> str:
    """Return what kept the generator from being on time, as the end of a sentence; nothing if it was."""
    need = window.cpu + window.waited
    if window.cpu > BUSY:
        return OWN_CORE.format(cpu=window.cpu * 100)
    if need > BUSY:
        return STARVED.format(need=min(need, 1.0) * 100, cpu=window.cpu * 100)
    if window.lag > LATE:
        return HELD_UP.format(lag=window.lag * 1000)
    return ""


class Watch:
    """Collects how late the event loop was, and judges it window by window."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin a run."""
        self._before = Clocks.read()
        self._lags: list[float] = []

    def woke(self, lag: float) -> str:
        """Note that the loop woke so many seconds late; at the end of a window, return its strain if any."""
        self._lags.append(lag)
        if time.perf_counter() - self._before.wall < WINDOW:
            return ""
        after = Clocks.read()
        window = between(self._before, after, sum(self._lags) / len(self._lags))
        self._before, self._lags = after, []
        return strain(window)
