"""The load runs that a student made during an exercise, found again by their label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import LabError
from lab.exercises import progress
from lab.load import records, summary
from lab.load.records import Records
from lab.load.session import RUNS


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, what was asked of Locust, and its requests."""

    folder: Path
    plan: Mapping[str, Any]
    rows: Records


def latest(number: int, label: str, folder: Path = RUNS) -> Run | None:
    """The latest run of this label that began after exercise `number` was first started, if there is one."""
    since = progress.load().of(number).started
    for one, found in _summaries(folder):
        if found["label"] == label:
            rows = records.read(one)
            return Run(one, found["plan"], rows) if rows.run["began"] >= since else None
    return None


def _summaries(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All runs that have a summary, the latest first: their names begin with the time."""
    for file in sorted(folder.glob(f"*/{summary.FILE}"), reverse=True):
        try:
            yield file.parent, summary.load(file.parent)
        except LabError:  # broken off while it was written: no finished run
            continue
