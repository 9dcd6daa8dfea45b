"""Whom a token speaks for: simplejwt's access tokens, checked without Django REST framework.

As in the service, a signature that was found good is not computed again; each request asks for itself whether
the token has expired.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Any

import jwt

_KEY = os.environ["SECRET_KEY"]


def user_id(authorization: str) -> int | None:
    """The user of the access token in an Authorization header; None for any that is not good."""
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer":
        return None
    try:
        claims = _verified(token)
    except jwt.InvalidTokenError:
        return None
    good = claims.get("token_type") == "access" and claims["exp"] > time.time()
    return int(claims["user_id"]) if good else None


@lru_cache(maxsize=4096)
def _verified(token: str) -> dict[str, Any]:
    """What the token says, if its signature is right; a bad one raises, and so is not kept."""
    claims: dict[str, Any] = jwt.decode(token, _KEY, algorithms=["HS256"])
    return claims
