"""What a student draws for exercise 8, and what theory makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from lab.exercises.student import Draw
from lab.limits import Limits

CHANNEL = "600/60"  # out of the way: the webhook's own limit is looked at


@dataclass(frozen=True)
class Drawn:
    """rate, burst: of log-ins at the edge (per second; beyond the first at once). requests: how many come.
    messages, seconds: the webhook's window. tickets: how many are to be sent. posts: of the naive sender.
    """

    rate: int
    burst: int
    requests: int
    messages: int
    seconds: int
    tickets: int
    posts: int

    @property
    def webhook(self) -> str:
        """The webhook's limit as it is typed."""
        return f"{self.messages}/{self.seconds}"

    @property
    def limits(self) -> Limits:
        """What shall be in force."""
        return Limits(self.rate, self.burst, self.webhook, CHANNEL)

    @property
    def pass_at_once(self) -> int:
        """How many of a burst an idle bucket lets pass.

        Source: ngx_http_limit_req_module: a request finds the excess that those before it left, the first 0,
        and is refused when that, with itself, is above `burst`.
        """
        return 1 + self.burst

    @property
    def refill(self) -> float:
        """Seconds until an emptied bucket lets as many pass again: the excess shrinks by `rate` a second."""
        return self.pass_at_once / self.rate

    @property
    def refused(self) -> int:
        """How many of a naive sender's posts a window has no room for; none of them is sent again."""
        return self.posts - self.messages

    def sending(self, messages: int) -> float:
        """Seconds from the first of so many messages to the last, none refused.

        The stand-in's window opens with a message and closes `seconds` later, when all of it comes back; so
        each window but the last is waited out.
        """
        return float((ceil(messages / self.messages) - 1) * self.seconds)


def draw(given: Draw) -> Drawn:
    """A refill takes 3 s at most and the messages 8 s, so that nobody waits long for either."""
    rate, burst = given.whole(6, 10), given.whole(10, 17)
    return Drawn(
        rate=rate,
        burst=burst,
        requests=burst + given.whole(20, 40),
        messages=given.whole(3, 4),
        seconds=2,
        tickets=given.whole(80, 115),
        posts=given.whole(9, 16),
    )
