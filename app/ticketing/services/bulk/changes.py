"""What a load did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows of one kind were created, were changed, and were as in the file already."""

    created: int
    changed: int
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.created or self.changed)
