"""The webhook itself: takes a message or refuses it, as Discord would; knows nothing of HTTP servers."""

from __future__ import annotations

import hmac
import math
from collections import Counter, deque
from threading import Lock

from discord_sim.bucket import Bucket, Limit
from discord_sim.clock import Clock
from discord_sim.config import Config
from discord_sim.ledger import Ledger
from discord_sim.message import iso, message_object, record, webhook_object
from discord_sim.payload import Payload
from discord_sim.replies import Json, RateLimited, Refusal, invalid_token, rate_limited, unknown_webhook

# Discord's bucket id names the route, not the webhook, so one constant is right for all.
BUCKET = "ticketlab0execute0webhook"
RATE_LIMITS_KEPT = 1_000


class Webhook:
    """One webhook in one channel, with the webhook's visible limit and the channel's hidden one."""

    def __init__(self, config: Config, clock: Clock) -> None:
        """Read the ledger of an earlier run, if there is one. Raises OSError."""
        self._config = config
        self._clock = clock
        self._lock = Lock()
        self._serial = 0
        self._ledger = Ledger(config.ledger)
        self._refused: Counter[str] = Counter()
        self._rate_limits: deque[Json] = deque(maxlen=RATE_LIMITS_KEPT)
        self.set_limits(config.webhook_limit, config.channel_limit)

    def set_limits(self, webhook: Limit, channel: Limit) -> None:
        """Change the limits; both windows start anew."""
        with self._lock:
            self._bucket, self._channel = Bucket(webhook), Bucket(channel)

    def authenticate(self, webhook_id: str, token: str) -> None:
        """Raise Refusal unless this is the webhook's id and token."""
        if webhook_id != self._config.webhook_id:
            raise unknown_webhook()
        if not hmac.compare_digest(token.encode(), self._config.webhook_token.encode()):
            raise invalid_token()

    def describe(self) -> Json:
        """Return the webhook object."""
        return webhook_object(self._config.webhook_id)

    def execute(self, payload: Payload | Refusal) -> tuple[Json | Refusal, dict[str, str]]:
        """Take one request: return the message as kept, or why not, and the rate-limit headers.

        A malformed payload counts against the webhook's limit, as Discord counts failed requests. A request
        that a limit refuses counts against none.
        """
        with self._lock:
            now, epoch = self._clock.monotonic(), self._clock.epoch()
            answer = self._decide(payload, now, epoch)
            if isinstance(answer, Refusal):
                self._note(answer, epoch)
            else:
                self._ledger.add(record(answer))
            return answer, self._headers(answer, now, epoch)

    def messages(self) -> list[bytes]:
        """Return the messages held in memory, oldest first, each as one line of JSON."""
        with self._lock:
            return self._ledger.lines()

    def newest(self, count: int) -> list[Json]:
        """Return the newest messages, newest first."""
        with self._lock:
            return list(self._ledger.newest(count))

    def forget(self) -> None:
        """Forget all messages and counters. Open windows stay open."""
        with self._lock:
            self._ledger.clear()
            self._refused.clear()
            self._rate_limits.clear()

    def stats(self) -> Json:
        """Return counters, the state of both windows, and when the newest 429s were given."""
        with self._lock:
            now, tickets = self._clock.monotonic(), self._ledger.tickets
            return {
                "messages": self._ledger.received,
                "tickets": len(tickets),
                "tickets_repeated": sorted(number for number, times in tickets.items() if times > 1),
                "refused": dict(self._refused),
                "rate_limited": self._refused["429 user"] + self._refused["429 shared"],
                "rate_limits_given": list(self._rate_limits),
                "windows": {"webhook": _window(self._bucket, now), "channel": _window(self._channel, now)},
            }

    def _decide(self, payload: Payload | Refusal, now: float, epoch: float) -> Json | Refusal:
        if self._bucket.remaining(now) < 1:
            return rate_limited(_ceil_ms(self._bucket.reset_after(now)), "user")
        if isinstance(payload, Refusal):
            self._bucket.take(now)
            return payload
        if self._channel.remaining(now) < 1:
            return rate_limited(_ceil_ms(self._channel.reset_after(now)), "shared")
        self._bucket.take(now)
        self._channel.take(now)
        self._serial += 1
        return message_object(payload, self._config.webhook_id, self._serial, epoch)

    def _note(self, refusal: Refusal, epoch: float) -> None:
        if isinstance(refusal, RateLimited):
            self._refused[f"429 {refusal.scope}"] += 1
            self._rate_limits.append({"at": iso(epoch), "scope": refusal.scope})
        else:
            self._refused[str(refusal.status)] += 1

    def _headers(self, answer: Json | Refusal, now: float, epoch: float) -> dict[str, str]:
        # Of the webhook's own window always, so Remaining may well be above 0 when the channel refuses.
        reset_after = _ceil_ms(self._bucket.reset_after(now))
        headers = {
            "X-RateLimit-Limit": str(self._bucket.limit.requests),
            "X-RateLimit-Remaining": str(self._bucket.remaining(now)),
            "X-RateLimit-Reset": f"{epoch + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": BUCKET,
        }
        if isinstance(answer, RateLimited):
            headers |= {"Retry-After": str(math.ceil(answer.retry_after)), "X-RateLimit-Scope": answer.scope}
        return headers


def _ceil_ms(seconds: float) -> float:
    """Round up to milliseconds, so that whoever waits as told is never early."""
    return math.ceil(seconds * 1000) / 1000


def _window(bucket: Bucket, now: float) -> Json:
    return {
        "limit": str(bucket.limit),
        "used": bucket.used(now),
        "remaining": bucket.remaining(now),
        "reset_after": _ceil_ms(bucket.reset_after(now)),
    }
