"""What a measurement says about a promise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table."""

    what: str
    service: str
    other: str
    ratio: str
    bound: str
    kept: bool
