"""When requests are to begin in an open loop: schedules for an arrival rate that may vary over the run.

Both kinds come from the integrated rate Λ(t), the number of arrivals to be expected by the time t: `even`
inverts it at equal steps, and `poisson` at the points of a process of rate 1, which makes it a Poisson
process of the rate Λ'(t) (L. Devroye, Non-Uniform Random Variate Generation, 1986, VI.1.3).
"""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["poisson", "even"]
# A level is looked at this often over a run: the rate is constant within a two-thousandth of it.
CELLS = 2000


def sampled(level: Callable[[float], float]) -> list[float]:
    """Return the level, a function of the share of the run, in the middle of each of the CELLS parts.

    In the middle, so that straight slopes integrate exactly, and jumps do where they fall between two parts.
    """
    return [level((cell + 0.5) / CELLS) for cell in range(CELLS)]


@dataclass(frozen=True, slots=True)
class Part:
    """One generator's part of the arrivals: it is number `index`, from 0, of `of` equal ones."""

    index: int
    of: int


WHOLE = Part(0, 1)


@dataclass(frozen=True, slots=True)
class Load:
    """How many arrivals per second a run asks for, at which time."""

    rate: float  # arrivals per second at level 1, over all generators
    seconds: float
    levels: list[float]  # the level in each of as many equal parts of `seconds`

    def expected(self, seconds: float) -> float:
        """Return Λ: how many arrivals are to be expected by then."""
        cells = min(max(seconds / self.seconds, 0.0), 1.0) * len(self.levels)
        full = int(cells)
        return self._per_cell * (sum(self.levels[:full]) + sum(self.levels[full : full + 1]) * (cells - full))

    def times(self, counts: Iterable[float]) -> Iterator[float]:
        """Yield when Λ reaches each of `counts`, which must rise, in seconds; end with the run."""
        below, cell = 0.0, 0
        for count in counts:
            while cell < len(self.levels) and below + self._per_cell * self.levels[cell] <= count:
                below += self._per_cell * self.levels[cell]
                cell += 1
            if cell == len(self.levels):
                return
            share = (count - below) / (self._per_cell * self.levels[cell])
            yield (cell + share) * self.seconds / len(self.levels)

    @property
    def _per_cell(self) -> float:
        return self.rate * self.seconds / len(self.levels)


def schedule(kind: Kind, load: Load, part: Part, seed: str, after: float = 0.0) -> Iterator[float]:
    """Yield one generator's arrivals in seconds from the start of all arrivals, those beyond `after`."""
    return even(load, part, after) if kind == "even" else poisson(load, part, seed, after)


def even(load: Load, part: Part = WHOLE, after: float = 0.0) -> Iterator[float]:
    """Yield arrivals at equal steps of Λ; the generators take them by turns.

    The first comes half a step in, so that their number is Λ at the end, rounded.
    """
    done = load.expected(after) - 0.5
    rounds = max(0, int((done - part.index) // part.of) + 1)
    return load.times(itertools.count(part.index + rounds * part.of + 0.5, part.of))


def poisson(load: Load, part: Part = WHOLE, seed: str = "", after: float = 0.0) -> Iterator[float]:
    """Yield a Poisson process.

    Those of several generators are independent, and add up to one of the full rate. The same seed gives the
    same times.
    """
    chance = random.Random(f"{seed} {part.index} {part.of} {after}")  # noqa: S311 (it makes load, not secrets)
    gaps = (chance.expovariate(1 / part.of) for _ in itertools.repeat(None))
    return load.times(itertools.islice(itertools.accumulate(gaps, initial=load.expected(after)), 1, None))
