"""Two changes, each tried in five pairs: one helps a little every time, one seems to once. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from lab.exercises.student import Draw

CHANGES = ("x", "y")
PAIRS = 5
LUCK = 12  # ms at least by which the first pair of the idle change looks better


@dataclass(frozen=True)
class Pairs:
    """Medians in whole ms before and after each change, and which change (x or y) helps."""

    before: dict[str, tuple[int, ...]]
    after: dict[str, tuple[int, ...]]
    helps: str

    @property
    def idle(self) -> str:
        """The change that does nothing."""
        return next(name for name in CHANGES if name != self.helps)

    def differences(self, change: str) -> list[int]:
        """After minus before, pair by pair, in ms."""
        return [after - before for before, after in zip(self.before[change], self.after[change], strict=True)]

    @property
    def gain(self) -> float:
        """By how many ms the change that helps makes the median shorter: the median of its pairs."""
        return -float(statistics.median(self.differences(self.helps)))

    def words(self, change: str) -> str:
        """The pairs of a change as they are asked: 48>45."""
        return " ".join(
            f"{one}>{two}" for one, two in zip(self.before[change], self.after[change], strict=True)
        )


def draw(from_: Draw) -> Pairs:
    """Whatever is drawn: all pairs of one change point the same way, and those of the other do not."""
    helps = from_.one_of(CHANGES)
    gain = from_.whole(3, 6)
    helping = tuple(-gain + from_.whole(-1, 1) for _ in range(PAIRS))
    luck = -from_.whole(LUCK, 18)
    idle = (luck, from_.whole(2, 9), -from_.whole(1, 4), from_.whole(2, 9), from_.whole(1, 5))
    before, after = {}, {}
    for name in CHANGES:
        moved = helping if name == helps else idle
        before[name] = tuple(from_.whole(40, 70) for _ in moved)
        after[name] = tuple(base + by for base, by in zip(before[name], moved, strict=True))
    return Pairs(before, after, helps)
