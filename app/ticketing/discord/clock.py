"""Time for the notifier: waiting that a signal can end, and that tests can skip."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from types import FrameType
from typing import Protocol


class Clock(Protocol):
    """Time as the notifier needs it."""

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...

    def now(self) -> datetime:
        """Return the time of day, timezone-aware."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; return early once a stop was asked for."""
        ...

    def stop(self) -> None:
        """Ask for a stop."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        ...


class SystemClock:
    """The machine's clocks, and a stop that ends any waiting."""

    def __init__(self) -> None:
        self._stop = Event()

    def monotonic(self) -> float:
        """Return the machine's monotonic time, in seconds."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; return early once a stop was asked for."""
        self._stop.wait(seconds)

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask for a stop. Safe to call from a signal handler."""
        self._stop.set()


@contextmanager
def stopped_by_signals(clock: Clock) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the run after the message under way; a second one ends it at once."""
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def ask(_number: int, _frame: FrameType | None) -> None:
        clock.stop()
        restore()

    for number in previous:
        signal.signal(number, ask)
    try:
        yield
    finally:
        restore()
