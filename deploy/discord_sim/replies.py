"""What Discord answers when it does not take a message: status codes and JSON bodies.

Codes and texts are those of Discord's API v10 (developer documentation, 'Opcodes and Status Codes' and
'Rate Limits'; the shape of 50035 is that of its 'Error Messages' section).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of the stand-in
    """An answer other than success: an HTTP status and a JSON body."""

    status: int
    body: Json


def _refusal(status: int, code: int, message: str) -> Refusal:
    return Refusal(status, {"message": message, "code": code})


def empty_message() -> Refusal:
    """400: neither content, nor embeds, nor files."""
    return _refusal(400, 50006, "Cannot send an empty message")


def invalid_json() -> Refusal:
    """400: the body is no JSON."""
    return _refusal(400, 50109, "The request body contains invalid JSON.")


def invalid_form(errors: Json) -> Refusal:
    """400: the body is JSON, but a field is wrong; `errors` mirrors the body's shape."""
    return Refusal(400, {"message": "Invalid Form Body", "code": 50035, "errors": errors})


def invalid_token() -> Refusal:
    """401: the webhook exists, the token is another."""
    return _refusal(401, 50027, "Invalid Webhook Token")


def unknown_webhook() -> Refusal:
    """404: there is no webhook with this id."""
    return _refusal(404, 10015, "Unknown Webhook")


def too_large() -> Refusal:
    """413: the body is larger than the server reads."""
    return _refusal(413, 40005, "Request entity too large")


def plain(status: int, name: str) -> Refusal:
    """Any other HTTP error, in Discord's shape for those without a code of their own."""
    return _refusal(status, 0, f"{status}: {name}")


@dataclass(eq=False)
class RateLimited(Refusal):
    """429: wait `retry_after` seconds; `scope` is "user" (the caller's limit) or "shared" (the channel's)."""

    retry_after: float
    scope: str


def rate_limited(retry_after: float, scope: str) -> RateLimited:
    """429, with Discord's body for this scope."""
    who = "The resource is" if scope == "shared" else "You are"
    body = {"message": f"{who} being rate limited.", "retry_after": retry_after, "global": False}
    return RateLimited(429, body, retry_after, scope)
