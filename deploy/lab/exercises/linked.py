"""Whether a zone's link is what an exercise asks for, and theory beside what is measured over it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace

from lab.errors import ExitCode, LabError
from lab.exercises import timing
from lab.exercises.bench import RunningLab
from lab.exercises.model import Compared, Judgement, Mistake, Truth
from lab.link.measure import RESTS
from link.condition import Condition, Link

# By how much a round trip may differ from the link's for the rest to count.
ABSOLUTE, RELATIVE = 4e-3, 0.1  # seconds, and as a share


def same(one: Link, other: Link) -> bool:
    """Whether they are equal but for the rounding of '52ms', which is 52 · 0.001 s and not 52 / 1000 s."""
    return all(_alike(a, b) for a, b in ((one.up, other.up), (one.down, other.down)))


def _alike(one: Condition | None, other: Condition | None) -> bool:
    if one is None or other is None:
        return one is other
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(Condition))
    return all(
        math.isclose(a, b, rel_tol=1e-9) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in pairs
    )


def judged(
    lab: RunningLab, zone: str, wanted: Link, what: str, command: str, known: Sequence[tuple[Link, str]]
) -> Judgement:
    """`known`: links that are wrong in a way that has its own hint. `command` makes the right one."""
    now = lab.link(zone)
    if same(now, wanted):
        return Judgement(what, True)
    links = [(Link(), "it has no condition"), *known]
    hint = next((hint for link, hint in links if same(now, link)), "it has another one (make link-show)")
    return Judgement(what, False, f"{hint}: {command}")


def round_trip(lab: RunningLab, wanted: Link) -> float:
    """The client's round trip to the edge, in seconds; measured again while it is not the link's.

    Raises LabError (exit code 3) if it stays so: then what else is measured over it tells nothing.
    """
    found = 0.0
    for _ in takes():
        found = timing.round_trip(lab, lab.address("edge"))
        if abs(found - wanted.round_trip) <= ABSOLUTE + RELATIVE * wanted.round_trip:
            return found
    said = f"a round trip takes {found * 1e3:.0f} ms over a link of {wanted.round_trip * 1e3:.0f} ms"
    raise LabError(f"{said}; see make link-show and whether the VM is busy", ExitCode.UNMEASURED)


def takes() -> Iterator[int]:
    """The number of each take of what a busy VM may spoil: the first at once, the others after a rest."""
    for take, seconds in enumerate((0.0, *RESTS), start=1):
        time.sleep(seconds)
        yield take


def settled(measure: Callable[[], Compared]) -> Compared:
    """What is measured, again while it differs, and which take it was: the last one counts.

    A VM that is busy for a moment slows transfers down, and theory is not to blame. Not for what chance
    decides: to repeat that until it agrees would prove nothing.
    """
    for take in takes():
        found = measure()
        if take > 1:
            found = replace(found, what=f"{found.what}, take {take}")
        if found.agrees:
            break
    return found


def between(question: str, value: float, low: float, high: float, otherwise: str, *known: Mistake) -> Truth:
    """What a student measured counts from one share of what theory says to another."""
    middle, room = (low + high) / 2 * value, (high - low) / 2 * value
    return Truth(question, middle, room, mistakes=known, otherwise=otherwise)
