"""What a weakness is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.exercises.ex12_audit.configuration import Plant
from lab.exercises.ex12_audit.drawn import Drawn
from lab.exercises.ex12_audit.evidence import Look


@dataclass(frozen=True)
class Weakness:
    """One that can be planted.

    word: its name in the answers. layer: what it belongs to. means: what is wrong, in a clause. plant: puts
    it into a configuration. seen: where the running lab has it now, whatever for; nothing if it is mended.
    outside: whether whoever has nothing but the client can show it. promise: the audit's check that finds
    it, if there is one; else `found` says what does.
    """

    word: str
    layer: str
    means: str
    plant: Plant
    seen: Callable[[Look, Drawn], Sequence[str]]
    outside: bool
    promise: str = ""
    found: str = ""
