"""CPU time of a server: all its processes, as the kernel counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME = 13 - 2  # places in /proc/PID/stat, counted from after the name, which may have blanks in it


def seconds(pid: int) -> float:
    """User and system time of a process, its descendants, and those of them that have ended.

    The kernel counts in ticks of 10 ms: half a percent of the two seconds that a sample takes.
    """
    return sum(_ticks(one) for one in _tree(pid)) / _TICKS


def _tree(pid: int) -> Iterator[int]:
    yield pid
    # Of its threads only the first, which alone starts processes in all of our servers: others come and go.
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _tree(int(child))


def _ticks(pid: int) -> int:
    """Its own time and that of ended children (user, system, children's user, children's system)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[_UTIME : _UTIME + 4])
