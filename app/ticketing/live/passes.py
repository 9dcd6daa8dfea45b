"""The ticket to the feed: what a browser, which cannot send a header with an EventSource, puts into the URL.

URLs end up in logs, so it is not the token: it opens nothing but the feed, and for half a minute.
"""

from __future__ import annotations

from django.core import signing

SECONDS = 30
_SALT = "ticketing.live"


def give(user: int, until: float) -> str:
    """A ticket for a user (by id) whose streams are to end at `until`, in seconds since 1970."""
    return signing.dumps({"user": user, "until": until}, salt=_SALT)


def check(text: str) -> tuple[int, float]:
    """The user and the end that a ticket stands for; raises `signing.BadSignature` if it is old or forged."""
    claims = signing.loads(text, salt=_SALT, max_age=SECONDS)
    return int(claims["user"]), float(claims["until"])
