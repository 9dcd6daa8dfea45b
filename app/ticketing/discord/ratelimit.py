"""When the next message may go: obeys what the headers say and learns what they do not.

Discord limits a webhook twice. Its own limit (5 requests per 2 s) is in the headers of each answer. That of
its channel (30 messages per 60 s) is in none: it shows only as a 429, of scope 'shared', while requests
remain. From the first such 429 the pacer deduces the channel's window, and keeps within it from then on.

Pure: times are monotonic seconds, passed in by the caller. All times of a send are those of its *answer*:
the server counted it before that, so waiting from then on is never too short, however the delay varies.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

MARGIN = 0.05  # seconds on top of a learned window, for rounding and clocks that drift
REMEMBERED = 10_000  # sends


@dataclass(frozen=True)
class Window:
    """At most `limit` messages in any `period` seconds."""

    limit: int
    period: float


# What Discord's users report. For estimates, and where the period cannot be measured; never to slow down.
USUAL_WEBHOOK = Window(5, 2)
USUAL_CHANNEL = Window(30, 60)


@dataclass(frozen=True)
class Limits:
    """What one answer says about limits, in seconds; None where it says nothing."""

    remaining: int | None = None
    reset_after: float | None = None
    # Of a 429 only: how long to wait (the longest that is named), and when precisely the window ends.
    retry_after: float | None = None
    ends_in: float | None = None
    hidden: bool = False  # refused by a limit that is not the one in the headers


NOTHING = Limits()


def read_limits(status: int, headers: Mapping[str, str], body: object) -> Limits:
    """Read the rate-limit headers of an answer and, of a 429, its body."""
    remaining = _number(headers.get("X-RateLimit-Remaining"))
    reset_after = _number(headers.get("X-RateLimit-Reset-After"))
    left = None if remaining is None else int(remaining)
    if status != 429:
        return Limits(left, reset_after)
    fields = body if isinstance(body, dict) else {}
    precise, whole = _number(fields.get("retry_after")), _number(headers.get("Retry-After"))
    named = [seconds for seconds in (precise, whole) if seconds is not None]
    scope = headers.get("X-RateLimit-Scope", "")
    hidden = not fields.get("global") and (scope == "shared" or bool(not scope and left))
    return Limits(left, reset_after, max(named, default=None), precise or whole, hidden)


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


class Pacer:
    """Says how long to wait before the next message, and how long the rest will take."""

    def __init__(self, sent_before: Iterable[float] = (), jitter: Callable[[], float] | None = None) -> None:
        """Start with the answer times of earlier sends that the channel may still count, if any.

        `jitter` returns the seconds added to each wait after a 429, so that several clients that were
        refused together do not come back together.
        """
        self._sends = deque(sorted(sent_before), maxlen=REMEMBERED)
        self._jitter = jitter or (lambda: random.uniform(0, 0.5))  # noqa: S311 - no secret
        self._not_before = float("-inf")
        self._window: Window | None = None
        self._ceiling = 0
        # When the channel's open window began: with our first send, if we know that none was open before.
        self._opened: float | None = None
        self._none_open = not self._sends
        self._changed = float("-inf")

    @property
    def window(self) -> Window | None:
        """The channel's window as learned, or None as long as it never refused."""
        return self._window

    def delay(self, now: float) -> float:
        """Return the seconds to wait before the next message may go."""
        return max(0.0, self._not_before - now, self._channel_free(0, now) - now)

    def answered(self, started: float, now: float, limits: Limits, *, taken: bool) -> None:
        """Note a message posted at `started` and answered (or given up) at `now`, other than with a 429.

        `taken` says whether the channel may count it.
        """
        if taken:
            self._sends.append(now)
            if self._none_open:
                self._opened, self._none_open = started, False
            self._widen(now)
        if limits.remaining == 0 and limits.reset_after:
            self.pause(now + limits.reset_after)

    def refused(self, now: float, limits: Limits) -> None:
        """Note a 429, answered at `now`."""
        self.pause(now + (limits.retry_after or 1.0) + self._jitter())
        if limits.hidden:
            self._learn(now + (limits.ends_in or 1.0))

    def also_sent(self, times: Iterable[float], now: float) -> None:
        """Note when other runs sent to this webhook: all sends of the last usual period, ours among them."""
        known = sorted(times)
        ours = sum(time > now - USUAL_CHANNEL.period for time in self._sends)
        if len(known) > ours:
            self._sends = deque(known, maxlen=REMEMBERED)
            self._opened, self._none_open = None, False  # who opened the window is not known any more

    def pause(self, until: float) -> None:
        """Let nothing go before `until`."""
        self._not_before = max(self._not_before, until)

    def forecast(self, left: int, now: float) -> float:
        """Return the seconds until the last of `left` messages may go, if nothing unforeseen happens."""
        if left < 1:
            return 0.0
        window = self._window or USUAL_CHANNEL
        rounds, rest = divmod(left - 1, window.limit)
        bursts = rest // USUAL_WEBHOOK.limit * USUAL_WEBHOOK.period
        start = max(0.0, self._not_before - now) + bursts
        return max(start, self._channel_free(rest, now) - now) + rounds * window.period

    def _channel_free(self, ahead: int, now: float) -> float:
        """Return when the channel's window has room, once `ahead` more messages have gone."""
        window = self._window
        if window is None:
            return now
        place = len(self._sends) - window.limit + ahead
        return self._sends[place] + window.period + MARGIN if 0 <= place < len(self._sends) else now

    def _learn(self, end: float) -> None:
        """Deduce the window that ends at `end` from our own sends in it.

        Its period is measured if we opened it. If it was open before we came, it is taken to be the usual
        one. Sends of others in the channel are unseen: they make the limit look smaller, as it is for us.
        """
        period = USUAL_CHANNEL.period if self._opened is None else end - self._opened
        if self._window is not None:
            period = min(period, self._window.period)
        count = sum(time > end - period for time in self._sends)
        if count:
            self._window = Window(count, period)
            self._ceiling = max(self._ceiling, count)
        self._opened, self._none_open, self._changed = None, True, end

    def _widen(self, now: float) -> None:
        """After a whole period without refusal allow one more, up to the most that was ever learned."""
        window = self._window
        if window and window.limit < self._ceiling and now - self._changed >= window.period:
            self._window, self._changed = Window(window.limit + 1, window.period), now
