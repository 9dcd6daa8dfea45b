"""Counts that are kept for a while: to count a million rows costs far more than to read a page of them.

A count up to EXACT is made anew each time. A larger one is kept in the memory of the process: KEPT_SECONDS,
or twenty times as long as the counting took if that is longer. Two processes may differ meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

EXACT = 10_000
KEPT_SECONDS = 15
# So that counting takes a twentieth of a processor at most, however many tickets there are.
_KEPT_TIMES = 20
_MOST_KEPT = 1000

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by what they were counted of."""

    def __init__(self, size_of: Callable[[Value], int], clock: Callable[[], float] = monotonic) -> None:
        self._size_of = size_of
        self._clock = clock
        self._lock = Lock()
        self._values: dict[Hashable, tuple[float, Value]] = {}

    def get(self, key: Hashable, count: Callable[[], Value]) -> Value:
        """The kept value, or a new one."""
        until, value = self._values.get(key, (0.0, None))
        if value is not None and self._clock() < until:
            return value
        start = self._clock()
        new = count()
        if self._size_of(new) > EXACT:
            self._keep(key, new, max(KEPT_SECONDS, _KEPT_TIMES * (self._clock() - start)))
        return new

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()

    def _keep(self, key: Hashable, value: Value, seconds: float) -> None:
        with self._lock:
            if len(self._values) >= _MOST_KEPT:  # odd filters, each asked for once
                self._values.clear()
            self._values[key] = (self._clock() + seconds, value)
