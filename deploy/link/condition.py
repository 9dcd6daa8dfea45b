"""What a link does to packets: the values, what is allowed, and their JSON. No clock, no network."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from link.gilbert import Gilbert
from link.units import ConditionError, show_rate, show_time, within

FRAME = 1514  # bytes of a full packet: 1500 of IP and Ethernet's header of 14
MAX_DELAY = 10.0  # seconds; the farthest thing with a network, a lunar lander, is 1.3 s away
MIN_RATE = FRAME * 8.0  # bit/s: one full packet a second
MAX_RATE = 10e9  # bit/s
USUAL_QUEUE = 0.1  # seconds of full rate that a queue holds unless told otherwise …
MIN_QUEUE = 50  # … and packets, where that is fewer than TCP can live with
MAX_QUEUE = 1_000_000
DISTRIBUTIONS = ("normal", "uniform", "pareto")


@dataclass(frozen=True)
class Condition:
    """What one direction of a link does. Raises ConditionError for values that no link could have.

    delay, jitter: seconds, one way. jitter is the standard deviation (normal; pareto, but cutting off its
    long tail leaves 0.73 of it) or the half width (uniform); correlation, 0 to 1, ties each packet's jitter
    to the one before. loss, duplicate, reorder: fractions of packets. rate: bit/s on the wire, Ethernet's
    header counted. limit: packets that may wait for their turn at that rate.
    """

    delay: float = 0.0
    jitter: float = 0.0
    distribution: str = "normal"
    correlation: float = 0.0
    loss: float = 0.0
    gilbert: Gilbert | None = None
    rate: float | None = None
    limit: int | None = None
    duplicate: float = 0.0
    reorder: float = 0.0

    def __post_init__(self) -> None:
        self._check_times()
        self._check_shares()
        self._check_rate()

    def _check_times(self) -> None:
        said = (
            f"delay {show_time(self.delay)} is more than {MAX_DELAY:g} s, farther than any link; write less"
        )
        within(self.delay, 0, MAX_DELAY, said)
        if not 0 <= self.jitter <= self.delay:
            raise ConditionError(
                f"jitter {show_time(self.jitter)} is more than the delay of {show_time(self.delay)}, and no "
                "packet arrives before it is sent; raise --delay or lower --jitter"
            )
        if self.distribution not in DISTRIBUTIONS:
            raise ConditionError(
                f"distribution '{self.distribution}' is unknown; use {', '.join(DISTRIBUTIONS)}"
            )
        if not 0 <= self.correlation < 1:
            raise ConditionError("correlation must be from 0% to less than 100%")

    def _check_shares(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            share = getattr(self, name)
            within(share, 0, 1, f"{name} of {share * 100:g}% is impossible; write 0% to 100%")
        if self.loss and self.gilbert:
            raise ConditionError(
                "loss is given twice; use --loss (even) or --loss-model gilbert(…), not both"
            )
        if self.reorder and not self.delay:
            raise ConditionError(
                "reordering needs a delay, since only packets that wait are overtaken; add --delay 10ms"
            )

    def _check_rate(self) -> None:
        if self.rate is None:
            if self.limit is not None:
                raise ConditionError(
                    "a queue limit means nothing without a rate; add --rate, such as --rate 10mbit"
                )
            return
        said = (
            f"rate {show_rate(self.rate)} must be from {MIN_RATE / 1e3:.0f}kbit (a packet a second) to 10gbit"
        )
        within(self.rate, MIN_RATE, MAX_RATE, said)
        if self.limit is not None and not 1 <= self.limit <= MAX_QUEUE:
            raise ConditionError(
                f"a queue of {self.limit} packets cannot work; --limit takes 1p to {MAX_QUEUE}p"
            )

    @property
    def queue(self) -> int:
        """Packets that may wait for the rate; 0 without a rate."""
        if self.rate is None:
            return 0
        return self.limit or max(MIN_QUEUE, math.ceil(self.rate * USUAL_QUEUE / 8 / FRAME))

    @property
    def mean_loss(self) -> float:
        """The fraction of packets lost in the long run, a full queue aside."""
        return self.gilbert.mean if self.gilbert else self.loss

    @property
    def only_delays(self) -> bool:
        """Whether each packet just waits the same time, so that big offloaded ones need not be split."""
        return self == Condition(
            delay=self.delay, distribution=self.distribution, correlation=self.correlation
        )


@dataclass(frozen=True)
class Link:
    """A zone's link: up is from the zone to the router, down the other way; None leaves a direction alone."""

    up: Condition | None = None
    down: Condition | None = None

    def __bool__(self) -> bool:
        return self.up is not None or self.down is not None

    @property
    def round_trip(self) -> float:
        """Seconds that a round trip through this link takes longer."""
        return sum(condition.delay for condition in (self.up, self.down) if condition)


def queue_packets(kind: str, amount: float, rate: float | None) -> int:
    """A queue limit in full packets; `kind` and `amount` as from units.queue_length."""
    if kind == "packets":
        if amount != int(amount):
            raise ConditionError(f"a queue of {amount:g} packets is not a whole number; write --limit 100p")
        return int(amount)
    if kind == "seconds" and rate is None:
        raise ConditionError("a queue limit in time needs a rate; add --rate, such as --rate 10mbit")
    held = amount if kind == "bytes" else amount * (rate or 0) / 8
    if held < FRAME:
        raise ConditionError(
            f"a queue of {held:.0f} bytes cannot hold one packet of {FRAME}; raise --limit (or --rate)"
        )
    return int(held // FRAME)


def to_json(link: Link) -> dict[str, Any]:
    """The link as JSON values."""
    return dataclasses.asdict(link)


def from_json(document: Mapping[str, Any]) -> Link:
    """The link that `to_json` gave; raises ConditionError for anything else."""
    try:
        return Link(**{direction: _condition(body) for direction, body in document.items()})
    except (AttributeError, TypeError) as error:
        raise ConditionError(f"not a link condition: {error}") from error


def _condition(body: Mapping[str, Any] | None) -> Condition | None:
    if body is None:
        return None
    gilbert = body.get("gilbert")
    return Condition(**{**body, "gilbert": Gilbert(**gilbert) if gilbert else None})
