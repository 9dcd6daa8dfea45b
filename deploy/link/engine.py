"""What the two engines have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from link.condition import Link
from link.tc import Command
from link.zone import Zone

Report = Callable[[str, str], None]  # zone's name, one sentence: something happened to its link


class Engine(Protocol):
    """Makes links be what they are asked to be. Every method raises EngineError when it cannot."""

    name: str

    async def apply(self, zone: Zone, link: Link) -> None:
        """Make the zone's link be this; an empty link leaves no trace of the engine."""

    def commands(self, zone: Zone, link: Link) -> list[Command]:
        """The tc commands that were run for it, or would be."""

    async def counters(self, zone: Zone) -> dict[str, Any]:
        """What has happened to packets, in the engine's own terms."""

    async def reset(self, zones: Sequence[Zone]) -> None:
        """Take every link away, also what an earlier process has left."""
