"""Who does the exercises, and what each draws: the same for the same name, on any machine, at any time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TypeVar

from lab.errors import ExitCode, LabError

FORM = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
Item = TypeVar("Item")


def known(name: str) -> str:
    """The student's id, if it is one; raises LabError (exit code 2)."""
    if not FORM.fullmatch(name):
        raise LabError(
            f"'{name}' is no student id: 2 to 40 lower-case letters, digits, dots, - and _; "
            "say for example make start EX=1 STUDENT=s1234567",
            ExitCode.USAGE,
        )
    return name


class Draw:
    """The numbers that a student draws for one exercise, in the order in which they are asked for.

    From SHA-256 alone and not from `random`, whose choices may change with Python: an instructor must be
    able to draw the same on another machine, a year later.
    """

    def __init__(self, student: str, exercise: int) -> None:
        self._seed = f"ticketlab exercise {exercise} of {student}"
        self._drawn = 0

    def _below(self, count: int) -> int:
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}, number {self._drawn}".encode()).digest()
        return int.from_bytes(digest) % count

    def one_of(self, items: Sequence[Item]) -> Item:
        """One of several."""
        return items[self._below(len(items))]

    def some_of(self, items: Sequence[Item], count: int) -> tuple[Item, ...]:
        """So many different ones, in the order in which they are drawn."""
        left = list(items)
        return tuple(left.pop(self._below(len(left))) for _ in range(count))

    def whole(self, low: int, high: int, step: int = 1) -> int:
        """A whole number from low to high, both within, in steps."""
        return low + step * self._below((high - low) // step + 1)
