"""What a student draws, what theory says of it, how far off chance may be, and the usual mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from lab import theory
from lab.exercises import linked
from lab.exercises.model import Mistake, Truth
from lab.exercises.student import Draw
from lab.link.bounds import binomial
from link.condition import Condition, Link

ZONE = "clients"
PINGS, REQUESTS = 1000, 1000  # of a student's measurement; so many that none lost at all is not the usual
SURE = 0.999  # of each share that is counted
PACKETS = 3  # of a request on a new connection whose loss a time-out notices: SYN, SYN-ACK, request
P95 = 0.05  # the share of requests that are slower than the 95th percentile
CALCULATED = 0.03  # of what theory says: a rounded result
# Of Mathis' rate. His sender never waits for a time-out, and ten seconds see some fifteen losses, whose
# number alone varies by a quarter.
RENO_SEEN = 0.55
PAGE = "docs/exercises/06-loss.md"
AGAIN = f"chance explains a difference, but not so large a one; measure again: {PAGE}"
BOTH_WAYS = "a ping crosses the link twice: it survives with (1 - p) · (1 - p)"
ROOT = "the rate goes with 1 / √p, not with 1 / p: a quarter of the loss doubles it"
PERCENT = "p is a share: 1 % is 0.01"


@dataclass(frozen=True)
class Lossy:
    """What a student draws: loss each way in tenths of a percent, and one-way delay in ms."""

    tenths: int
    milliseconds: int

    @property
    def link(self) -> Link:
        """The link that is asked for."""
        condition = Condition(delay=self.milliseconds / 1e3, loss=self.loss)
        return Link(condition, condition)

    @property
    def loss(self) -> float:
        """The share of packets lost, each way."""
        return self.tenths / 1e3

    @property
    def rtt(self) -> float:
        """The round trip in seconds: both ways."""
        return 2 * self.milliseconds / 1e3

    @property
    def command(self) -> str:
        """What makes the link."""
        return f"make link ZONE={ZONE} DELAY={self.milliseconds}ms LOSS={self.tenths / 10:g}%"


def draw_lossy(draw: Draw) -> Lossy:
    """So little loss that p95 does not show it and Reno seldom meets a time-out, and enough to be counted."""
    return Lossy(draw.whole(8, 11), draw.whole(30, 49))


def numbers(drawn: Lossy) -> dict[str, str]:
    """What the page's commands name."""
    return {"DELAY": f"{drawn.milliseconds}ms", "LOSS": f"{drawn.tenths / 10:g}%"}


def reno(drawn: Lossy, rtt: float) -> float:
    """Mathis' rate in bit/s at a round trip in seconds."""
    return 8 * theory.mathis(rtt, drawn.loss)


def by_chance(count: int, share: float) -> float:
    """How far from `share` so many independent tries may find it: the farther of both bounds."""
    low, high = binomial(count, share, SURE)
    return max(share - low, high - share)


def truths(drawn: Lossy) -> list[Truth]:
    """Of every question."""
    return [*_predictions(drawn), *_seen(drawn), *_explained()]


def _predictions(drawn: Lossy) -> list[Truth]:
    loss, rate = drawn.loss, reno(drawn, drawn.rtt)
    of_ping = (Mistake(loss, BOTH_WAYS), Mistake(loss**2, "that is the chance that both are lost"))
    of_rate = (
        Mistake(rate / sqrt(loss), ROOT),
        Mistake(rate / 10, PERCENT),
        Mistake(rate / sqrt(loss) / 100, f"{ROOT}; and {PERCENT}"),
        Mistake(rate * 2, "RTT is the round trip: twice the delay"),
        Mistake(rate / 8, "that is in bytes per second: write kB/s, or times 8"),
    )
    of_hit = (
        Mistake(loss, "a request is more than one packet: which ones must arrive?"),
        Mistake(theory.hit_by_loss(loss, 2), "a new connection begins with SYN and SYN-ACK: count them too"),
    )
    early = Mistake("p95", "p95 shows it once more than 5 % of the requests are hit: how many are?")
    return [
        Truth("ping_loss", theory.hit_by_loss(loss, 2), 0, CALCULATED, of_ping, BOTH_WAYS),
        Truth("reno", rate, 0, CALCULATED, of_rate, "1.22 · MSS / (RTT · √p), times 8 for bit/s"),
        Truth("hit", theory.hit_by_loss(loss, PACKETS), 0, CALCULATED, of_hit, "1 - (1 - p)^n: what is n?"),
        Truth("percentile", "p99", 0, 0, (early,), "what share of the requests is hit, and above what line?"),
    ]  # fmt: skip


def _seen(drawn: Lossy) -> list[Truth]:
    pings, hits = theory.hit_by_loss(drawn.loss, 2), theory.hit_by_loss(drawn.loss, PACKETS)
    usual = 2 * drawn.rtt
    waited = (theory.MINIMAL_RTO + 1.3) / 2  # the middle of what a time-out takes: a request's, a SYN's
    return [
        Truth("ping_loss_seen", pings, by_chance(PINGS, pings), otherwise=AGAIN),
        linked.between("reno_seen", reno(drawn, drawn.rtt), 0.35, 1.6, AGAIN),
        # A time-out sends again what had arrived, too: up to as much as was lost.
        linked.between("sent_again_seen", drawn.loss, 0.2, 2.2, AGAIN),
        # A VM that others keep busy makes some requests wait, too, and all of them take longer.
        linked.between("hit_seen", hits, 0.5, 3.0, AGAIN),
        linked.between("p95_seen", usual, 0.9, 2.0, AGAIN),
        Truth("p99_seen", usual + waited, waited - theory.MINIMAL_RTO / 2, otherwise=AGAIN),
    ]


def _explained() -> list[Truth]:
    of_share = Mistake(P95, "that is the share of requests; each of their three packets may be the lost one")
    full = Mistake("full-queue", "this link has no rate and so no queue; and p50 has not moved")
    return [
        Truth("loss_for_p95", 1 - (1 - P95) ** (1 / PACKETS), 0, CALCULATED, (of_share,),
              "solve 1 - (1 - p)^3 = 5 % for p"),
        Truth("why", "no-later-packet", 0, 0, (full,), "how else could a sender learn of a loss?"),
    ]  # fmt: skip
