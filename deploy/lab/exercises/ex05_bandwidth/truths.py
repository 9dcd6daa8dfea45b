"""What is right for a student's pipe, how far off is right too, and the mistakes that are often made."""

from __future__ import annotations

from collections.abc import Mapping

from lab import theory
from lab.exercises import linked
from lab.exercises.ex05_bandwidth.pipe import AMPLE, Pipe, predicted
from lab.exercises.model import Answer, Mistake, Truth

CALCULATED = 0.03  # of what theory says: a rounded result, and 1000 for 1024
HEADERS = 0.05  # of the rate: who leaves the headers of each packet aside is not wrong
ROUNDS = 0.15  # of a file's time: how rounds of slow start are counted
RATE_SEEN, FULL_SEEN, FILE_SEEN = 0.2, 0.12, 0.25  # of what theory says, where a check measures
# What a student measured may count from one share of what theory says to another: a VM that others keep busy
# makes a round trip and a file take longer, and a rate lower, but never the other way round by as much.
LONGER, LOWER = (0.85, 1.5), (0.6, 1.15)
# What Linux offers of a buffer that was asked for: all of it before 6.6, since then as much as packets
# fill of the memory they lie in, which may be 1.6 times that.
OFFERED, AROUND = 1.35, 0.4
ONE_WAY = "a byte is acknowledged a whole round trip after it was sent: twice the delay"
BITS = "a byte has 8 bits: bit/s times seconds are bits"
SLOW_START = "and slow start? 10 packets, then 20, then 40: a round trip each, until a window fills the link"
AGAIN = (
    "not what theory says of this link, however busy the VM; measure again: docs/exercises/05-bandwidth.md"
)


def truths(drawn: Pipe, answers: Mapping[str, Answer]) -> list[Truth]:
    """Of every question; the small window's rate is held to the window that the student saw offered."""
    offered = answers["window_seen"].number if "window_seen" in answers else 0.0
    if abs(offered - OFFERED * drawn.window) > AROUND * drawn.window:
        offered = OFFERED * drawn.window
    return [*known(drawn), *_seen(drawn, offered)]


def known(drawn: Pipe) -> list[Truth]:
    """The truths that need no lab."""
    return [*_predictions(drawn), _file(drawn), *_explained(drawn)]


def _predictions(drawn: Pipe) -> list[Truth]:
    product, slow, full = (predicted(drawn)[name] for name in ("bdp", "small_window", "full_rate"))
    of_bdp = (Mistake(product / 2, ONE_WAY), Mistake(product * 8, BITS), Mistake(product * 4, BITS))
    of_slow = (
        Mistake(slow * 2, ONE_WAY),
        Mistake(slow / 8, "a window is in bytes, a rate in bit/s: times 8"),
        Mistake(drawn.rate, "the link could, but the sender waits: one window each round trip"),
    )
    of_full = (Mistake(full / 8, "that is in bytes per second: write MB/s, or times 8"),)
    headers = "the link's rate, less the headers of each packet: 1448 of 1514 bytes are payload"
    return [
        Truth("bdp", product, 0, CALCULATED, of_bdp, "rate times round trip, in bytes"),
        Truth("small_window", slow, 0, CALCULATED, of_slow, "one window each round trip, in bit/s"),
        Truth("full_rate", full, 0, HEADERS, of_full, headers),
    ]


def _file(drawn: Pipe) -> Truth:
    alone = theory.transfer_time(drawn.size, drawn.rate / 8)
    often = (
        Mistake(alone, "a new connection shakes hands and asks first, and then starts slowly"),
        Mistake(alone + drawn.rtt, "a handshake, a request: two round trips, and then slow start"),
        Mistake(alone + 2 * drawn.rtt, SLOW_START),
    )
    return Truth("file", predicted(drawn)["file"], 0, ROUNDS, often, SLOW_START)


def _seen(drawn: Pipe, offered: float) -> list[Truth]:
    said = predicted(drawn)
    slow = 8 * theory.window_limit(offered, drawn.rtt)
    other = Mistake(said["full_rate"], f"that is the rate with -w {AMPLE}")
    small = Mistake(slow, f"that is the rate with -w {drawn.kibibytes}K")
    return [
        linked.between("rtt_seen", drawn.rtt, *LONGER, AGAIN),
        Truth("window_seen", OFFERED * drawn.window, AROUND * drawn.window, otherwise=AGAIN),
        linked.between("small_window_seen", slow, *LOWER, AGAIN, other),
        linked.between("full_rate_seen", said["full_rate"], *LOWER, AGAIN, small),
        linked.between("file_seen", said["file"], *LONGER, AGAIN),
    ]


def _explained(drawn: Pipe) -> list[Truth]:
    product = predicted(drawn)["bdp"]
    as_it_is = Mistake(product, "that fills the link as it is; at twice the rate twice as much is under way")
    faster = Mistake("twice-as-fast", "one window each round trip: is the link's rate in that?")
    return [
        Truth("window_for_double", 2 * product, 0, CALCULATED, (as_it_is,), "rate times round trip, again"),
        Truth("upgrade", "as-fast-as-before", 0, 0, (faster,), "one window each round trip"),
    ]
