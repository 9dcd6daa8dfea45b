"""Which part of a run its figures are of, and the two laws that hold there if it was steady."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.load.records import Records

LEVEL_SHAPES = ("", "steady", "soak")  # run.json has the name of the shape's class
TOLERANCE = 0.05  # of Little's law
CHANCE = 2.0  # standard deviations by which the halves of independent arrivals hardly ever differ
DRIFT = 0.1  # how far the halves of a steady part may differ in rate, before that explains a difference
FEWEST = 100  # requests; with fewer, one more or less at the ends of the part moves the averages


@dataclass(frozen=True)
class Window:
    """The measured part: seconds since the run began, and why it is this one."""

    begin: float
    end: float
    why: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin

    def of(self, rows: Records) -> Records:
        """The requests that were sent in it."""
        return rows.between(self.begin, self.end)


@dataclass(frozen=True)
class Law:
    """A law held against the run: both of its sides, how far they differ, and the sentence for the report."""

    left: float
    right: float
    off: float  # (left - right) / left; NaN if there is nothing to compare
    holds: bool | None  # None if one side was worked out from the other
    says: str


def window(rows: Records) -> Window:
    """The part of the run that its times and rates are of.

    Under a level load that is the part after the users (or arrivals) had all come; under a load that moves
    on purpose it is the whole run.
    """
    length = rows.run["ended"] - rows.run["began"]
    shape = str(rows.run.get("shape") or "").lower()
    if shape not in LEVEL_SHAPES:
        return Window(0.0, length, f"the whole run, since the shape '{shape}' moves the load on purpose")
    level = _level(rows)
    if level is None:
        return Window(0.0, length, "the whole run, since it was never steady")
    begin, end = level
    if not begin:
        return Window(begin, end, "the whole run")
    part = f"the part from {begin:.0f} s to {end:.0f} s"
    why = f"{part}: before it users still came (warm-up), after it they left"
    return Window(begin, end, why)


def little(rows: Records) -> Law | None:
    """Little's law, L = λ·W, over the steady part; None if the run counted no requests under way.

    L is the mean number of requests under way, which the generators counted at each start and end; λ is the
    rate at which requests were sent and W their mean service time, both from the table of requests, so that
    the two sides are measured apart. Source: J. D. C. Little, Operations Research 9 (1961), 383-387; for a
    finite stretch of time it is exact but for the requests that cross its ends.
    """
    level = _level(rows)
    if level is None:
        return None
    there = rows.between(*level)
    seconds, counted = level[1] - level[0], float(rows.run["in_flight"]["mean"])
    rate = len(there) / seconds
    mean = float(there.service_ms.mean()) / 1000 if len(there) else 0.0
    off = (counted - rate * mean) / counted if counted else float("nan")
    holds = abs(off) <= TOLERANCE
    product = f"{rate:.4g}/s · {mean * 1000:.4g} ms = {rate * mean:.3g}"
    sides = f"L = {counted:.3g} requests under way, λ·W = {product}"
    if holds:
        return Law(counted, rate * mean, off, holds, f"{sides}: they agree within {abs(off):.1%}.")
    why = _why_not(rows, there, level)
    return Law(counted, rate * mean, off, holds, f"{sides}: they differ by {abs(off):.1%}, for {why}.")


def interactive(rows: Records) -> Law | None:
    """The interactive law, N = X·(R + Z), of a closed loop's steady part; None for an open loop.

    N users who think for Z seconds and wait R seconds for an answer send X requests a second. If Z was not
    set (the scenario's own), the law tells it: Z = N/X - R. Source: Lazowska et al., Quantitative System
    Performance (1984), chapter 3.
    """
    level = _level(rows)
    there = rows.between(*level) if level else rows.where(np.zeros(len(rows), dtype=bool))
    if level is None or rows.run.get("rate") or not len(there):
        return None
    rate = len(there) / (level[1] - level[0])
    users, wait = _users(rows, level), float(there.service_ms.mean()) / 1000
    given = rows.run.get("options", {}).get("think_time")
    if given in (None, ""):
        think = max(0.0, users / rate - wait)
        return Law(users, users, 0.0, None, _thinking(users, rate, wait, think))
    right = rate * (wait + float(given))
    off = (users - right) / users if users else float("nan")
    sides = f"N = {users:.4g} users, X·(R + Z) = {rate:.4g}/s · ({wait * 1e3:.4g} ms + {float(given):g} s)"
    says = f"{sides} = {right:.4g}: they are {abs(off):.1%} apart."
    return Law(users, right, off, abs(off) <= TOLERANCE, says)


def _thinking(users: float, rate: float, wait: float, think: float) -> str:
    return (
        f"N = {users:.4g} users sent X = {rate:.4g}/s and waited R = {wait * 1e3:.4g} ms for each answer, so "
        f"by N = X·(R + Z) each paused for Z = {think:.3g} s between requests."
    )


def _level(rows: Records) -> tuple[float, float] | None:
    """The steady part, if the run had one with a length."""
    flight = rows.run.get("in_flight") or {}
    begin, end = flight.get("from"), flight.get("to")
    if begin is None or end is None or not end - begin > 0:
        return None
    return float(begin), float(end)


def _users(rows: Records, level: tuple[float, float]) -> float:
    """The mean number of users in the steady part, from looks about a second apart."""
    looks = [count for at, count in rows.run.get("users_over_time", []) if level[0] <= at <= level[1]]
    return float(np.mean(looks)) if looks else float(rows.run.get("users") or 0)


def _why_not(rows: Records, there: Records, level: tuple[float, float]) -> str:
    """Why the law may not hold, as far as the run tells."""
    looks = [count for at, count in rows.run.get("users_over_time", []) if level[0] <= at <= level[1]]
    half = (level[0] + level[1]) / 2
    early, late = int((there.sent < half).sum()), int((there.sent >= half).sum())
    if len(there) < FEWEST:
        return f"{len(there)} requests are too few for an average"
    if looks and max(looks) - min(looks) > DRIFT * max(looks):
        return f"the part was not steady: users went from {min(looks)} to {max(looks)}"
    if abs(early - late) > max(DRIFT * max(early, late), CHANCE * math.sqrt(len(there))):
        return f"the part was not steady: {early} requests in its first half, {late} in its second"
    if float(there.service_ms.mean()) / 1000 > TOLERANCE * (level[1] - level[0]):
        return "requests took so long that many crossed the ends of the part"
    return "a reason that these figures do not tell, such as requests that were lost with a worker"
