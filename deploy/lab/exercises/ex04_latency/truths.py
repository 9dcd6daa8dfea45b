"""What theory says of one link's delay, and the mistakes that are often made with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab import theory
from lab.exercises.model import Mistake, Truth
from link.condition import Condition, Link

ABSOLUTE, RELATIVE = 1e-3, 0.03  # of what theory says, as round trips of 40 ms were seen to keep
SERVER = 3e-3  # seconds that the service itself takes, about
# Of what a student saw once, some minutes before the check did; a round trip more or less is a third or more.
OWN_ABSOLUTE, OWN_RELATIVE = 8e-3, 0.2
# What is asked of each kind of request: its round trips, and how a student names it.
KINDS = {"new_connection": (True, None), "kept_alive": (False, None), "new_tls13": (True, "TLSv1.3")}
FORGOT_HANDSHAKE = "a new connection first shakes hands: count that round trip, then the request's own"


@dataclass(frozen=True)
class Delay:
    """What a student draws: the one-way delay of the clients' link, in whole milliseconds."""

    milliseconds: int

    @property
    def link(self) -> Link:
        """The link that is asked for."""
        condition = Condition(delay=self.milliseconds / 1e3)
        return Link(condition, condition)

    @property
    def rtt(self) -> float:
        """The round trip that it adds, in seconds: both ways."""
        return 2 * self.milliseconds / 1e3


def predicted(drawn: Delay) -> dict[str, float]:
    """The round trip, and each kind of request, in seconds: round trips alone."""
    trips = {name: theory.round_trips(new=new, tls=tls) for name, (new, tls) in KINDS.items()}
    return {"rtt": drawn.rtt} | {name: count * drawn.rtt for name, count in trips.items()}


def truths(drawn: Delay, measured: Mapping[str, float] | None) -> list[Truth]:
    """Of every question; of what is measured only once it was (in seconds)."""
    own = [_own(f"{name}_seen", (measured or {}).get(name)) for name in predicted(drawn)]
    return [*own, *known(drawn)]


def known(drawn: Delay) -> list[Truth]:
    """The truths that need no lab."""
    guessed = [_prediction(name, value, drawn) for name, value in predicted(drawn).items()]
    return [*guessed, *_explained()]


def _prediction(name: str, value: float, drawn: Delay) -> Truth:
    one_way = Mistake(value / 2, "DELAY is one way, and a round trip goes there and back: twice the delay")
    # Half of two round trips is one: whoever says so rather forgot the handshake than halved the delay.
    often = (Mistake(value - drawn.rtt, FORGOT_HANDSHAKE), one_way) if value > drawn.rtt else (one_way,)
    otherwise = "count the round trips: each is twice the delay"
    # SERVER beside theory's own tolerance: who adds the few milliseconds of the server is not wrong.
    return Truth(name, value, ABSOLUTE + SERVER, RELATIVE, often, otherwise)


def _own(name: str, value: float | None) -> Truth:
    if value is None:
        return Truth(name, -1.0, otherwise="first set the link and switch HTTPS on, then measure")
    otherwise = (
        "not what the check saw just now on the same link; measure again: docs/exercises/04-latency.md"
    )
    return Truth(name, value, OWN_ABSOLUTE, OWN_RELATIVE, otherwise=otherwise)


def _explained() -> list[Truth]:
    forgot = Mistake(3.0, "TLS 1.2 takes two round trips to agree, not one")
    only = Mistake(2.0, "that is the handshake of TLS 1.2 alone; TCP's comes first, and the request after it")
    cached = Mistake("cached-answer", "a cache saves the server's time, not a round trip; X-Cache would tell")
    return [
        Truth(
            "tls12_round_trips", 4.0, 0.1, mistakes=(forgot, only), otherwise="TCP, TLS, and then the request"
        ),
        Truth("why", "no-handshake", mistakes=(cached,), otherwise="look at num_connects of both requests"),
    ]
