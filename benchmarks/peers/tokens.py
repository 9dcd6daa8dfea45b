"""Whom a token speaks for: simplejwt's access tokens, checked without Django REST framework."""

from __future__ import annotations

import os

import jwt

_KEY = os.environ["SECRET_KEY"]


def user_id(authorization: str) -> int | None:
    """The user of the access token in an Authorization header; None for any that is not good."""
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer":
        return None
    try:
        claims = jwt.decode(token, _KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return None
    return int(claims["user_id"]) if claims.get("token_type") == "access" else None
