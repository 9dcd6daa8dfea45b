"""Where the stand-in gets the time from, so that tests can run minutes of traffic at once."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Time as the stand-in needs it."""

    def monotonic(self) -> float:
        """Return seconds that never jump; rate limits are counted on these."""
        ...

    def epoch(self) -> float:
        """Return seconds since 1970-01-01 UTC, for timestamps and X-RateLimit-Reset."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        """Return the machine's monotonic time, in seconds."""
        return time.monotonic()

    def epoch(self) -> float:
        """Return the machine's wall-clock time, in seconds since the epoch."""
        return time.time()
