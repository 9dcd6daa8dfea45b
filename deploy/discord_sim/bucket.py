"""Rate limits: so many requests per window, counted as Discord's headers describe it.

A window opens with the first request after the last one closed, and closes `period` seconds later, when
the whole budget comes back at once. That is what `X-RateLimit-Remaining` (counts down) and
`X-RateLimit-Reset` (one instant, the same throughout a window) tell a client. A request that is refused
costs nothing.

Pure: the caller passes the time in, and holds the lock if there is more than one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Limit:
    """At most `requests` in each window of `period` seconds."""

    requests: int
    period: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the form "5/2": five requests per two seconds. Raises ValueError, with the mend in it."""
        requests, slash, period = text.partition("/")
        try:
            limit = cls(int(requests), float(period))
        except ValueError:
            limit = cls(0, 0)
        if not slash or limit.requests < 1 or not 0 < limit.period <= 86_400:
            raise ValueError(f"a limit is written as requests/seconds, for example 5/2, not {text!r}")
        return limit

    def __str__(self) -> str:
        return f"{self.requests}/{self.period:g}"


class Bucket:
    """One limit and the window that is open at the moment."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._opened = float("-inf")
        self._used = 0

    def used(self, now: float) -> int:
        """Return how many requests the window that is open at `now` has taken."""
        return self._used if self.reset_after(now) > 0 else 0

    def remaining(self, now: float) -> int:
        """Return how many more requests would be taken at `now`."""
        return self.limit.requests - self.used(now)

    def reset_after(self, now: float) -> float:
        """Return the seconds until the open window closes; 0 if none is open."""
        return max(0.0, self._opened + self.limit.period - now)

    def take(self, now: float) -> None:
        """Count one request. Ask `remaining` first: raises ValueError if the budget is spent."""
        if self.remaining(now) < 1:
            raise ValueError("the budget of this window is spent")
        if self.reset_after(now) == 0:
            self._opened, self._used = now, 0
        self._used += 1
