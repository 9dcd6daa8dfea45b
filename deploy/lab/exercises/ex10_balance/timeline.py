"""When each replica served last in a run, and so what happened to it meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.load.records import Records
from lab.stage import REPLICAS

AFTER = 2.0  # seconds of the run after the failure, at least: with less there is nothing to see of it
BETWEEN = 1.0  # seconds between drain and failure, at least: shares of less are chance


@dataclass(frozen=True)
class Timeline:
    """A run in which one replica was drained and then another died.

    first, end: when the first request was sent, and the last. last: when each replica was sent the last
    request that it answered. All in seconds since the run began.
    """

    rows: Records
    first: float
    end: float
    last: Mapping[str, float]

    @classmethod
    def of(cls, rows: Records) -> Timeline:
        """That of a run with requests."""
        served = {name: rows.sent[rows.served_by == name] for name in REPLICAS}
        last = {name: float(times.max()) for name, times in served.items() if len(times)}
        return cls(rows, float(rows.sent.min()), float(rows.sent.max()), last)

    def served(self, replica: str) -> int:
        """How many requests a replica answered."""
        return int((self.rows.served_by == replica).sum())

    def rate(self, replica: str, begin: float, end: float) -> float:
        """How many requests a second a replica answered of those sent between two moments."""
        rows = self.rows.between(begin, end)
        return float((rows.served_by == replica).sum()) / (end - begin)


def complaint(seen: Timeline, drained: str, killed: str) -> str:
    """What the run lacks to be one in which first one replica was drained and then the other killed; the
    hint that fits, or nothing."""
    if silent := [name for name in REPLICAS if name not in seen.last]:
        return (
            f"{silent[0]} served nothing in it: begin the run with three replicas, and drain and kill in it"
        )
    ended = [name for name in REPLICAS if seen.last[name] < seen.end - AFTER]
    if killed not in ended:
        return _still_serving(ended, drained, killed)
    if drained not in ended:
        return f"{drained} served to its end: make drain HOST={drained} while the run goes on"
    if len(ended) == len(REPLICAS):
        return "nobody served at its end: one replica must be left"
    if seen.last[killed] - seen.last[drained] < BETWEEN:
        return f"drain {drained} first, and kill {killed} a few seconds later"
    return ""


def _still_serving(ended: list[str], drained: str, killed: str) -> str:
    if wrong := [name for name in ended if name != drained]:
        return f"{wrong[0]} stopped serving in it; the one to kill is yours, {killed}"
    return (
        f"{killed} served to its end, so nothing was killed in it: make kill HOST={killed} while it goes on"
    )
