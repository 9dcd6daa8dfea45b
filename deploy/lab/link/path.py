"""Between which hosts a zone's link is measured, and what theory expects of the path between them. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lab.topology import Topology
from link.condition import Condition, Link

# From a host of the zone, or into it, across the router, to a host that the firewall lets it ping.
PAIRS = {
    "clients": ("client", "edge"),
    "lab": ("client", "edge"),
    "backend": ("edge", "app1"),
    "internet": ("app1", "discord"),
}
PING = 98  # bytes of a usual ping on Ethernet
DEVIATION = {"normal": 1.0, "uniform": 1 / math.sqrt(3), "pareto": 0.73}  # of the delay, in jitters
GOODPUT = {"tcp": 1448 / 1514, "udp": 1448 / 1490}  # of the wire rate: TCP with timestamps; UDP of 1448 bytes


@dataclass(frozen=True)
class Way:
    """The impaired directions that a packet passes, one way."""

    conditions: tuple[Condition, ...]

    @property
    def rate(self) -> float | None:
        """The bottleneck, bit/s."""
        return min((one.rate for one in self.conditions if one.rate), default=None)

    @property
    def delay(self) -> float:
        """Seconds that a small packet takes on average, nobody else sending."""
        return sum(_mean(one) + (PING * 8 / one.rate if one.rate else 0) for one in self.conditions)

    @property
    def variance(self) -> float:
        """The variance of that, s²."""
        return sum(_variance(one) for one in self.conditions)

    @property
    def survival(self) -> float:
        """The fraction of packets that arrive."""
        return math.prod(1 - one.mean_loss for one in self.conditions)

    @property
    def burstiness(self) -> float:
        """How many times more the number of losses varies than if each were independent."""
        return max((_burstiness(one) for one in self.conditions), default=1.0)


@dataclass(frozen=True)
class Path:
    """Two hosts and the ways between them."""

    source: str
    target: str
    there: Way
    back: Way


def between(plan: Topology, zone: str, links: Mapping[str, Link]) -> Path:
    """The path on which a zone's link is measured."""
    source, target = PAIRS[zone]
    near, far = (links.get(_zone(plan, host), Link()) for host in (source, target))
    return Path(source, target, there=_way(near.up, far.down), back=_way(far.up, near.down))


def _zone(plan: Topology, host: str) -> str:
    return next(iter(plan.hosts[plan.known(host)].addresses))


def _way(*conditions: Condition | None) -> Way:
    return Way(tuple(one for one in conditions if one))


def _mean(one: Condition) -> float:
    """The mean delay: a normal one is never below 0, which lifts its mean where jitter is close to it."""
    mean = one.delay
    if one.distribution == "normal" and one.jitter:
        ratio = one.delay / one.jitter
        density = math.exp(-ratio * ratio / 2) / math.sqrt(2 * math.pi)
        mean = one.delay * (1 - math.erfc(ratio / math.sqrt(2)) / 2) + one.jitter * density
    return mean * (1 - one.reorder)


def _variance(one: Condition) -> float:
    jitter = one.jitter * DEVIATION[one.distribution]
    correlated = (1 + one.correlation) / (1 - one.correlation)
    return jitter**2 * correlated + one.reorder * (1 - one.reorder) * one.delay**2


def _burstiness(one: Condition) -> float:
    """For a two-state Markov chain: (1 + r) / (1 - r), r being its correlation from packet to packet."""
    if one.gilbert is None:
        return 1.0
    return max(1.0, (2 - one.gilbert.enter - one.gilbert.leave) / (one.gilbert.enter + one.gilbert.leave))
