"""How many requests are under way: counted where they start and end, integrated over time.

Little's law, L = λ W, compares this L with the rate λ and the mean time W in the requests' own records. It
would be an identity, and check nothing, if L were computed from the same records.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence

Sample = Sequence[float]  # epoch seconds, and request-seconds under way since the beginning of the run


class Gauge:
    """The requests under way in one process. Enter it for each: `with gauge: …`."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.under_way = 0
        self.restart()

    def restart(self) -> None:
        """Begin a run."""
        self._area = 0.0
        self._since = self._clock()
        self._samples: list[Sample] = [(self._since, 0.0)]

    def __enter__(self) -> None:
        self._advance()
        self.under_way += 1

    def __exit__(self, *_: object) -> None:
        self._advance()
        self.under_way -= 1

    def sample(self) -> None:
        """Note how far the integral has come; between two samples, it counts as a straight line."""
        self._advance()
        self._samples.append((self._since, self._area))

    def taken(self) -> list[Sample]:
        """Return the samples since this was last asked."""
        samples, self._samples = self._samples, []
        return samples

    def _advance(self) -> None:
        now = self._clock()
        self._area += self.under_way * (now - self._since)
        self._since = now


def mean(samples: Sequence[Sample], begin: float, end: float) -> float:
    """Return the mean number under way from `begin` to `end`, both in epoch seconds and the latter greater.

    Before its first sample a process had nothing under way, and after its last one either.
    """
    return (_area(samples, end) - _area(samples, begin)) / (end - begin)


def _area(samples: Sequence[Sample], when: float) -> float:
    place = bisect_left(samples, when, key=lambda sample: sample[0])
    if place == 0:
        return 0.0
    if place == len(samples):
        return samples[-1][1]
    (before, low), (after, high) = samples[place - 1], samples[place]
    return low + (high - low) * (when - before) / (after - before)
