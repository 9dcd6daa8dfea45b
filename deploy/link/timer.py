"""A timer with nanoseconds: Linux's timerfd. (Python has it from 3.13 only; this runs on 3.11 as well.)"""

from __future__ import annotations

import ctypes
import os
import time

ABSOLUTE = 1  # TFD_TIMER_ABSTIME
FLAGS = os.O_NONBLOCK | os.O_CLOEXEC  # what TFD_NONBLOCK and TFD_CLOEXEC are
NEVER = 0

_libc = ctypes.CDLL(None, use_errno=True)


class _Interval(ctypes.Structure):
    """struct itimerspec: the repeat interval (unused), then the first expiry."""

    _fields_ = (
        ("every_s", ctypes.c_long),
        ("every_ns", ctypes.c_long),
        ("at_s", ctypes.c_long),
        ("at_ns", ctypes.c_long),
    )


class Timer:
    """Its descriptor becomes readable at the time it was set to. epoll's own timeout would be 1 ms coarse."""

    def __init__(self) -> None:
        self.descriptor = _libc.timerfd_create(time.CLOCK_MONOTONIC, FLAGS)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._at = NEVER
        self._ahead = False
        self._spec = _Interval()

    def set(self, at: int | None) -> None:
        """Go off at this time (monotonic, nanoseconds), at once if it has passed; None: not at all."""
        at = NEVER if at is None else max(at, 1)
        if at == self._at:
            return
        self._at = at
        self._ahead = at > time.monotonic_ns()
        self._spec.at_s, self._spec.at_ns = divmod(at, 1_000_000_000)
        if _libc.timerfd_settime(self.descriptor, ABSOLUTE, ctypes.byref(self._spec), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def acknowledge(self) -> int | None:
        """Take note that it went off; how late we are (ns), or None if it was set to a time already past."""
        late = time.monotonic_ns() - self._at if self._ahead else None
        self._at = NEVER
        try:
            os.read(self.descriptor, 8)
        except BlockingIOError:  # set anew in the meantime
            return None
        return late
