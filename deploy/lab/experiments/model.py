"""What an experiment is: a row of conditions (cells), and points measured beside their prediction. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan

from lab.load.plan import Plan
from lab.load.records import Records


@dataclass(frozen=True)
class Scope:
    """What cells depend on: whether to be quick, the URL of HTTPS if it is on, and the VM's processors."""

    quick: bool = False
    https: str | None = None
    cores: int = 2


@dataclass(frozen=True)
class Cell:
    """One condition: the load (its link is in the plan), and the settings that differ from the lab's own.

    `x` is where it stands on the axis.
    """

    name: str
    x: float
    plan: Plan
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A cell that was measured: its requests in the steady part, and how long that was.

    `cpu` is the processor seconds of each server during the whole run, in which `all_requests` ended; `busy`
    the share of their time that the VM's processors were busy in the steady part, with whatever.
    """

    cell: Cell
    rows: Records
    seconds: float
    all_requests: int = 0
    cpu: Mapping[str, float] = field(default_factory=dict)
    busy: float = nan

    @property
    def rate(self) -> float:
        """Answered requests per second."""
        return float((~self.rows.failed).sum()) / self.seconds


@dataclass(frozen=True)
class Point:
    """What was measured in a cell, beside what theory says: the value, and the bounds that it must keep.

    A point without a prediction calibrates the others. A bound in place of a value has low = -inf.
    """

    series: str
    x: float
    measured: float
    cell: str
    predicted: float | None = None
    low: float = -inf
    high: float = inf

    @property
    def agrees(self) -> bool:
        """Whether it is within its bounds; NaN is within none."""
        return self.low <= self.measured <= self.high

    @property
    def miss(self) -> float:
        """How far it is from what was predicted; 0 where nothing was, and below a bound."""
        if self.predicted is None:
            return 0.0
        above = self.measured - self.predicted
        return max(above, 0.0) if self.low == -inf else above


@dataclass(frozen=True)
class Axis:
    """What is drawn along an axis, with its unit."""

    label: str
    logarithmic: bool = False
    share: bool = False  # a fraction, drawn as a percentage


@dataclass(frozen=True)
class Experiment:
    """A question to the lab.

    `theory` names the formula that predicts. `points` reads all cells at once, since some calibrate others;
    `conclusion` says what the points show, computed from them. `repeatable` points may be measured again when
    they disagree, since a busy VM makes times longer; never those that chance decides.
    """

    name: str
    question: str
    theory: str
    x: Axis
    y: Axis
    cells: Callable[[Scope], Sequence[Cell]]
    points: Callable[[Sequence[Done], Scope], Sequence[Point]]
    conclusion: Callable[[Sequence[Point], Sequence[Done], Scope], str]
    repeatable: bool = True


def within(predicted: float, absolute: float, relative: float) -> tuple[float, float]:
    """The bounds of a prediction: ± the larger of the two tolerances."""
    tolerance = max(absolute, relative * abs(predicted))
    return predicted - tolerance, predicted + tolerance
