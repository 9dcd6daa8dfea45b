"""What an answer, or the lack of one, says about the message that was posted. Pure.

A webhook has no idempotency key, so the question that matters is whether the message can have been taken.
Reasons are written here and never quote the answer: a server may repeat the path, and with it the secret.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ticketing.discord.inside import InsideError
from ticketing.discord.ratelimit import NOTHING, Limits, read_limits


class Outcome(Enum):
    """What became of a message, and so what to do next."""

    SENT = "taken"
    LIMITED = "not taken; wait as told"
    UNREACHED = "not taken; try again soon"
    REJECTED = "not taken, as something is wrong with this message"
    REFUSED = "not taken, and no other would be"
    UNKNOWN = "perhaps taken; the answer was lost"


@dataclass(frozen=True)
class Answer:
    """An outcome, the reason in words (empty when sent), and what was said about limits."""

    outcome: Outcome
    reason: str = ""
    message_id: str = ""
    limits: Limits = NOTHING


_REFUSED = {
    401: "Discord does not accept the webhook's token (401); copy the URL from the channel's settings again",
    403: "Discord forbids this webhook to post (403); check the channel's permissions",
    404: "Discord knows no such webhook (404), it may have been deleted; make a new one and set its URL",
}
_UNCONNECTED = (
    NewConnectionError,  # a name that does not resolve is one too
    ConnectTimeoutError,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
)
_INSIDE = (
    "the webhook's address is inside this network, where no Discord is; check the URL, or name the address "
    "in DISCORD_WEBHOOK_INSIDE if something there stands in for Discord"
)
_BANNED = (
    "this machine's address is blocked in front of Discord (429 that is not Discord's own), mostly for too "
    "many failed requests; wait an hour or more"
)


def judge(status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
    """Say what an HTTP answer means. `headers` are looked up without regard to case."""
    body = _parse(raw)
    limits = read_limits(status, headers, body)
    if status in (200, 204):
        return _judge_success(status, headers, body, limits)
    if status == 429:
        own = "Via" in headers and isinstance(body, dict)
        return Answer(Outcome.LIMITED, "rate limit (429)", limits=limits) if own else _refused(_BANNED)
    if status in (400, 413):
        code = body.get("code") if isinstance(body, dict) else None
        detail = f", Discord's code {code}" if isinstance(code, int) else ""
        return Answer(Outcome.REJECTED, f"Discord rejected it ({status}{detail})", limits=limits)
    if status in (500, 502, 503):
        return Answer(Outcome.UNREACHED, f"the server had a fault ({status})", limits=limits)
    if status >= 500:
        return Answer(Outcome.UNKNOWN, f"a gateway on the way gave no answer in time ({status})")
    return _refused(
        _REFUSED.get(status) or f"the server answered {status}, which no webhook does; check the URL"
    )


def judge_failure(error: Exception) -> Answer:
    """Say what it means that no HTTP answer came."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, InsideError):
            return _refused(_INSIDE)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _refused(
                "the server's certificate is not trusted here; add its CA to this machine, or name the CA's "
                "file in REQUESTS_CA_BUNDLE"
            )
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return _refused("no TLS connection could be made; check that https:// is right for this server")
        if isinstance(cause, _UNCONNECTED):
            return Answer(Outcome.UNREACHED, "no connection could be made")
    timed_out = isinstance(error, requests.Timeout)
    return Answer(
        Outcome.UNKNOWN, f"the {'answer did not come in time' if timed_out else 'connection broke'}"
    )


def _refused(reason: str) -> Answer:
    return Answer(Outcome.REFUSED, reason)


def _judge_success(status: int, headers: Mapping[str, str], body: object, limits: Limits) -> Answer:
    json_type = headers.get("Content-Type", "").startswith("application/json")
    if status == 200 and not json_type:
        return Answer(Outcome.UNKNOWN, "the server answered 200, but not as Discord does; check the URL")
    # A body cut short changes nothing: the status came after the message was kept.
    given = str(body.get("id", "")) if isinstance(body, dict) else ""
    return Answer(Outcome.SENT, "", given if given.isdigit() and len(given) <= 20 else "", limits)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those wrapped in it, however the libraries wrapped them."""
    yield error
    inner = [*error.args, getattr(error, "reason", None), error.__cause__]
    for cause in inner:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)
