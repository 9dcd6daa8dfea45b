"""Planted weaknesses: evidence as a family gathers it, with one thing wrong.

Each family has a module `tests.unit.audit.plants.<family>` with CLEAN, evidence that passes every check, and
PLANTS, at least one for each check. tests/unit/audit/test_plants.py judges them all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """Evidence with a weakness that `check` must find at `where`, and else only the checks `also`."""

    check: str
    weakness: str
    evidence: object
    where: str
    also: tuple[str, ...] = ()
