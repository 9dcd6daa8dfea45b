"""What a run of the exercises measured by the way: how long each verb took, and theory beside measurement."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.exercises.model import Compared

_took: dict[tuple[str, str], list[float]] = defaultdict(list)
_compared: dict[str, list[Sequence[Compared]]] = defaultdict(list)


@contextmanager
def timed(exercise: str, verb: str) -> Iterator[None]:
    """Note how long the block takes."""
    began = time.monotonic()
    yield
    _took[exercise, verb].append(time.monotonic() - began)


def note(exercise: str, rows: Sequence[Compared]) -> None:
    """Keep what a check compared."""
    if rows:
        _compared[exercise].append(rows)


def seconds() -> list[str]:
    """A line for each exercise and verb: the median, the longest, and of how many."""
    return [
        f"{exercise:12} {verb:6} median {statistics.median(took):5.1f}, most {max(took):5.1f} of {len(took)}"
        for (exercise, verb), took in _took.items()
    ]


def theory() -> list[str]:
    """A line for each thing that was compared: predicted, and what each run of the reference measured."""
    return [
        f"{exercise:12} {rows[0].what}: {rows[0].dimension.show(rows[0].predicted)}"
        f" ± {rows[0].dimension.show(rows[0].tolerance)}, measured "
        + ", ".join(row.dimension.show(row.measured) for row in rows)
        for exercise, runs in _compared.items()
        for rows in zip(*runs, strict=True)
    ]
