"""What a student draws for exercise 9, and what queueing theory makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from lab import theory
from lab.exercises.student import Draw
from link.condition import Condition, Link


@dataclass(frozen=True)
class Drawn:
    """delay: one way, in milliseconds. pace: how many a second the turnstile lets through. think: mean pause
    of a user, in milliseconds. few, many: users of the closed runs. arrivals: per second, of the open one.
    """

    delay: int
    pace: int
    think: int
    few: int
    many: int
    arrivals: int

    @property
    def link(self) -> Link:
        """The link that is asked for."""
        condition = Condition(delay=self.delay / 1e3)
        return Link(condition, condition)

    @property
    def pause(self) -> float:
        """Z, in seconds."""
        return self.think / 1e3

    @property
    def alone(self) -> float:
        """R₁: seconds of a request that waits for nobody, which is a round trip."""
        return 2 * self.delay / 1e3

    @property
    def knee(self) -> float:
        """N*: with how many users the turnstile is busy all the time."""
        return theory.knee(self.alone, self.pause, self.pace)

    def rate_of(self, users: int) -> float:
        """X: requests per second of so many users, by the bounds."""
        return theory.closed_bound(users, self.alone, self.pause, self.pace)

    @property
    def crowded(self) -> float:
        """R of many users, in seconds: the interactive law at full rate, R = N / X - Z."""
        return self.many / self.pace - self.pause

    @property
    def queued(self) -> float:
        """R of arrivals at random by M/M/1, in seconds; at the turnstile one waits and is not served."""
        return self.alone + theory.waiting_time(1, self.arrivals, 1 / self.pace)

    @property
    def under_way(self) -> float:
        """L = λ·R of the same."""
        return theory.little(self.arrivals, self.queued)


def draw(given: Draw) -> Drawn:
    """Few users are a third of the knee, many are twice the knee; arrivals keep the turnstile half busy."""
    delay, pace, think = given.whole(25, 45), given.whole(18, 26), given.whole(450, 700, 50)
    knee = theory.knee(2 * delay / 1e3, think / 1e3, pace)
    many, arrivals = ceil(2 * knee) + given.whole(0, 4), round(pace * given.whole(50, 65) / 100)
    return Drawn(delay, pace, think, few=int(0.35 * knee), many=many, arrivals=arrivals)
