"""The exercises by number."""

from __future__ import annotations

from typing import Any

from lab.errors import ExitCode, LabError
from lab.exercises import (
    ex04_latency,
    ex08_rates,
    ex09_queueing,
)
from lab.exercises.model import Exercise

EXERCISES: dict[int, Exercise[Any]] = {
    one.number: one
    for one in (
        ex04_latency.EXERCISE,
        ex08_rates.EXERCISE,
        ex09_queueing.EXERCISE,
    )
}  # fmt: skip


def numbered(number: int) -> Exercise[Any]:
    """The exercise; raises LabError (exit code 2) naming those that there are."""
    if number not in EXERCISES:
        there = ", ".join(map(str, EXERCISES))
        raise LabError(f"there is no exercise {number}; there are {there}: make exercises", ExitCode.USAGE)
    return EXERCISES[number]
