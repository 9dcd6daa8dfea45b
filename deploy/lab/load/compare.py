"""Runs side by side: which figures differ, by how much, and which difference is only noise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lab.load import bootstrap, shares
from lab.load.bootstrap import Interval
from lab.load.sides import Side, differences, must_be_comparable

NAMES = {
    "median": "median",
    "p95": "p95",
    "p99": "p99",
    "mean": "mean",
    "rate": "throughput",
    "failures": "failed",
    **shares.PARTS,
}
UNITS = {"rate": "/s", "failures": "%"}  # the others are in ms
ENOUGH = 3  # runs a side that show how much runs differ by themselves
NOISE = "within the noise"


@dataclass(frozen=True)
class Figure:
    """One figure of both sides; the share that B is more than A is None where A is 0."""

    key: str
    name: str
    unit: str
    interval: Interval
    verdict: str

    @property
    def relative(self) -> float | None:
        """(B - A) / A."""
        one = self.interval
        return (one.b - one.a) / one.a if one.a else None


@dataclass(frozen=True)
class Comparison:
    """Both sides, every figure, and the conditions in which they differ: name, A's and B's value."""

    a: Side
    b: Side
    figures: tuple[Figure, ...]
    conditions: tuple[tuple[str, str, str], ...]

    @property
    def caution(self) -> str:
        """What the intervals cannot know with so few runs; empty if there are enough."""
        fewest = min(len(self.a.folders), len(self.b.folders))
        if fewest >= ENOUGH:
            return ""
        return (
            f"With {fewest} run{'s' if fewest > 1 else ''} a side the intervals know little of how much runs "
            f"differ by themselves; {ENOUGH} a side (A=one,two,three) tell."
        )


def compare(a: Side, b: Side) -> Comparison:
    """Put two sides side by side; raises LabError (exit code 2) if their runs cannot be compared."""
    must_be_comparable(a, b)
    found = bootstrap.intervals(a.measured, b.measured)
    figures = tuple(
        Figure(key, NAMES[key], UNITS.get(key, "ms"), one, _verdict(one)) for key, one in found.items()
    )
    shown = tuple(
        figure for figure in figures if figure.interval.a or figure.interval.b or figure.key == "failures"
    )
    return Comparison(a, b, shown, tuple(differences(a, b)))


def document(found: Comparison) -> dict[str, Any]:
    """The comparison for a script; rates per second, failures as a fraction, times in ms."""
    return {
        "a": [folder.name for folder in found.a.folders],
        "b": [folder.name for folder in found.b.folders],
        "figures": {
            one.key: {**asdict(one.interval), "relative": one.relative, "within_noise": one.interval.noise}
            for one in found.figures
        },
        "conditions": {name: [a, b] for name, a, b in found.conditions},
        "caution": found.caution,
    }


def sentence(found: Comparison) -> str:
    """What the comparison comes to."""
    beyond = [one for one in found.figures if not one.interval.noise]
    if not beyond:
        return f"Every difference is {NOISE}: by these figures the two cannot be told apart."
    first = [one for one in beyond if one.key in ("median", "p95", "rate", "failures")] or beyond
    told = "; ".join(
        f"{one.name} {shown(one.interval.a, one)} → {shown(one.interval.b, one)}" for one in first
    )
    return f"{len(beyond)} of {len(found.figures)} figures differ by more than the noise: {told}."


def shown(value: float, figure: Figure) -> str:
    """A value in the figure's unit."""
    if figure.unit == "%":
        return f"{value * 100:.3g} %"
    return f"{value:.4g}{figure.unit}" if figure.unit == "/s" else f"{value:.4g} ms"


def _verdict(one: Interval) -> str:
    if one.noise:
        return NOISE
    return "B is higher" if one.b > one.a else "B is lower"
