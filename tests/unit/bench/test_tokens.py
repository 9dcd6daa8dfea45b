"""The peers remember a signature that was good, and nothing else about a token."""

from __future__ import annotations

import time
from importlib import reload
from types import ModuleType

import jwt
import pytest

KEY = "known to every reader of this test, and so no secret"


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SECRET_KEY", KEY)
    from benchmarks.peers import tokens

    return reload(tokens)


def signed(key: str = KEY, **claims: object) -> str:
    known = {"user_id": "7", "token_type": "access", "exp": time.time() + 300}
    return "Bearer " + jwt.encode(known | claims, key, algorithm="HS256")


def test_a_remembered_token_still_expires(tokens: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed()
    assert [tokens.user_id(token), tokens.user_id(token)] == [7, 7]
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert tokens.user_id(token) is None


def test_a_signature_is_verified_once(tokens: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    good, forged = signed(), signed(key=KEY[::-1])
    assert tokens.user_id(good) == 7
    assert tokens.user_id(forged) is None
    monkeypatch.setattr(tokens, "_KEY", "another key, with which no token here was ever signed")
    assert tokens.user_id(good) == 7
    assert tokens.user_id(forged) is None


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer x.y.z", "Basic " + signed()[7:], signed(token_type="refresh")]
)
def test_anything_else_is_nobody(tokens: ModuleType, authorization: str) -> None:
    assert tokens.user_id(authorization) is None
