"""Shows how far a command is: one line that changes on a terminal, now and then a line anywhere else."""

from __future__ import annotations

import time

from django.core.management.base import OutputWrapper

LIVELY = 0.5  # seconds between two looks of the line on a terminal
QUIET = 10.0  # seconds between two lines, where lines stay
CLEAR_LINE = "\r\x1b[K"


class Meter:
    """A context in which progress can be shown; on a terminal nothing of it is left afterwards."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._last = time.monotonic()

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            self._put(CLEAR_LINE)

    def show(self, what: str, share: float | None) -> None:
        """Say what is done, and how much of the whole (from 0 to 1) that is, unless it was only just said."""
        now = time.monotonic()
        if now - self._last < (LIVELY if self._terminal else QUIET):
            return
        self._last = now
        line = what if share is None else f"{what}, {share:.0%}"
        self._put(f"{CLEAR_LINE}  {line}" if self._terminal else f"  {line}\n")

    def _put(self, text: str) -> None:
        self._out.write(text, ending="")
        self._out.flush()
