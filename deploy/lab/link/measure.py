"""*Set* beside *measured*: what packets see of a link, and whether that is what was asked for."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lab.errors import ExitCode, LabError
from lab.link.bounds import CONFIDENCE, binomial
from lab.link.path import GOODPUT, PING, Path, Way
from lab.link.probes import Pings
from link.units import show_rate, show_share

FEW, MANY = 20, 100  # pings: of a steady delay, and of one that varies
PING_EVERY = 0.03  # seconds
LOSS_EVERY = 0.002  # seconds between pings that look for losses
LOSS_TIME, LOSS_PATIENCE = 5.0, 12.0  # seconds that they usually take, and at most
PROGRAMS = 10  # that ping at once
# Pings times loss from which on none lost would be less likely than the tail of the confidence: e^-6 < 0.5 %.
TELLING = 6.0
# ping sends no faster than this while it waits for an answer, whatever interval it is told.
PING_TICK = 0.0102  # seconds
RTT_ERROR = 0.5e-3  # seconds, or …
RTT_SHARE = 0.01  # … of the round trip, whichever is more
CLIPPED = 0.03  # how far cutting off a distribution's far ends may move its mean, in jitters
DEVIATIONS = 3.0
GOODPUT_SHARE = 0.02
TCP_FILLS = 0.1  # seconds of round trip up to which a few seconds of TCP fill the link …
TCP_RATE = 5e6  # … and bit/s from which on, blocks of iperf3's being a percent of it
OVERLOAD = 1.2  # times the rate that UDP offers
# A VM that is busy for a moment slows packets down, and no link is to blame: a time or a rate that differs is
# measured again after these rests, and the last one counts. Never a loss: repeating that until chance agrees
# would prove nothing.
RESTS = (4.0, 10.0)  # seconds


@dataclass(frozen=True)
class Check:
    """One line of the comparison: values as text, and whether they agree."""

    what: str
    set: str
    measured: str
    tolerance: str
    agrees: bool
    figure: float  # what was measured, in seconds, bit/s, or as a fraction

    def __str__(self) -> str:
        return f"{self.what}: {self.measured} (set: {self.set}, {self.tolerance})"


@dataclass(frozen=True)
class Instruments:
    """How to measure: `pings(programs, count of each, interval, patience)`, all programs at once; and
    `goodput(reverse, UDP rate or None)` in bit/s; `rest(seconds)` between takes."""

    pings: Callable[[int, int, float, float], Pings]
    goodput: Callable[[bool, float | None], float]
    rest: Callable[[float], None] = time.sleep


def compare(path: Path, tools: Instruments) -> Iterator[Check]:
    """Measure the path; yields each check as it is done. Raises LabError (3) if nothing can be measured."""
    varies = path.there.variance + path.back.variance > 0
    pings = tools.pings(1, MANY if varies else FEW, PING_EVERY, _patience(path))
    chance = 1 - path.there.survival * path.back.survival
    if pings.round_trips:
        first = _round_trip(path, pings)
        yield _settled(first, lambda: _round_trip(path, _many_pings(path, tools)), tools)
    elif chance < 1:
        raise _unanswered(path, pings)
    yield _loss(path, chance, _loss_pings(path, tools, chance) if chance else pings)
    for name, way, reverse in (("there", path.there, False), ("back", path.back, True)):
        if way.rate:
            yield _goodputs(f"goodput {name}", way, path, tools, reverse)


def _settled(check: Check, measure: Callable[[], Check], tools: Instruments) -> Check:
    """The check, or while it differs another in its place; which one it is stands in its name."""
    for take, seconds in enumerate(RESTS, start=2):
        if check.agrees:
            break
        tools.rest(seconds)
        check = measure()
        check = replace(check, what=f"{check.what}, take {take}")
    return check


def _many_pings(path: Path, tools: Instruments) -> Pings:
    pings = tools.pings(1, MANY, PING_EVERY, _patience(path))
    if not pings.round_trips:
        raise _unanswered(path, pings)
    return pings


def _unanswered(path: Path, pings: Pings) -> LabError:
    said = f"no answer to {pings.sent} pings from {path.source} to {path.target}"
    return LabError(said, ExitCode.UNMEASURED)


def _patience(path: Path) -> float:
    return path.there.delay + path.back.delay + 1


def _round_trip(path: Path, pings: Pings) -> Check:
    variance = path.there.variance + path.back.variance
    expected = path.there.delay + path.back.delay
    found = statistics.fmean(pings.round_trips) if variance else statistics.median(pings.round_trips)
    bound = max(RTT_ERROR, RTT_SHARE * expected) + DEVIATIONS * math.sqrt(variance / len(pings.round_trips))
    bound += CLIPPED * sum(one.jitter for way in (path.there, path.back) for one in way.conditions)
    return Check(
        what=f"round trip ({'mean' if variance else 'median'} of {len(pings.round_trips)} pings)",
        set=f"{expected * 1e3:.1f} ms",
        measured=f"{found * 1e3:.1f} ms",
        tolerance=f"± {bound * 1e3:.1f} ms",
        agrees=abs(found - expected) <= bound,
        figure=found,
    )


def _loss_pings(path: Path, tools: Instruments, chance: float) -> Pings:
    """As many pings as tell this loss from none, by several programs at once where one would take long."""
    every = LOSS_EVERY if path.there.delay + path.back.delay < LOSS_EVERY else PING_TICK
    wanted = max(LOSS_TIME / every, TELLING * _burstiness(path) / chance)
    programs = min(PROGRAMS, math.ceil(wanted * every / LOSS_TIME))
    # Together they must leave half of a slow link's rate free.
    slowest = min((way.rate for way in (path.there, path.back) if way.rate), default=math.inf)
    every = max(every, programs * 2 * PING * 8 / slowest)
    count = min(math.ceil(wanted / programs), int(LOSS_PATIENCE / every))
    return tools.pings(programs, count, every, _patience(path))


def _burstiness(path: Path) -> float:
    return max(path.there.burstiness, path.back.burstiness)


def _loss(path: Path, chance: float, pings: Pings) -> Check:
    """Losses in bursts tell less than their number: so many packets count as fewer independent ones."""
    low, high = binomial(max(1, int(pings.sent / _burstiness(path))), chance)
    found = 1 - pings.received / pings.sent
    told = low > 0 or chance == 0
    bounds = f"{show_share(low)} to {show_share(high)} ({CONFIDENCE:.0%} confidence)"
    return Check(
        what=f"loss, both ways ({pings.sent} pings)",
        set=show_share(chance),
        measured=show_share(found),
        tolerance=bounds if told else "too few pings to tell so rare a loss from none",
        agrees=told and low <= found <= high,
        figure=found,
    )


def _udp_rate(way: Way, path: Path) -> float | None:
    """The UDP rate that overloads the way where TCP would not fill it in a few seconds; None for TCP."""
    steady = way.survival == path.there.survival * path.back.survival == 1 and not way.variance
    if way.rate is None or (
        steady and way.rate >= TCP_RATE and path.there.delay + path.back.delay <= TCP_FILLS
    ):
        return None
    return OVERLOAD * way.rate / max(way.survival, 0.01)


def _goodputs(what: str, way: Way, path: Path, tools: Instruments, reverse: bool) -> Check:
    def measure() -> Check:
        return _goodput(what, way, path, tools.goodput(reverse, _udp_rate(way, path)))

    return _settled(measure(), measure, tools)


def _goodput(what: str, way: Way, path: Path, found: float) -> Check:
    protocol = "udp" if _udp_rate(way, path) else "tcp"
    expected = (way.rate or 0) * GOODPUT[protocol]
    return Check(
        what=f"{what} ({protocol.upper()}, iperf3)",
        set=f"{show_rate(expected)} of {show_rate(way.rate or 0)}",
        measured=show_rate(found),
        tolerance=f"± {GOODPUT_SHARE:.0%}",
        agrees=abs(found - expected) <= GOODPUT_SHARE * expected,
        figure=found,
    )
