"""Somebody who calls the API: with a token, or without."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.audit import door as doors
from lab.audit.door import Door, Reply
from lab.audit.model import UnmeasuredError

LOG_IN = "/api/token/"
JSON = "application/json"


@dataclass(frozen=True)
class Caller:
    """Who calls, by what door. Without a token: nobody."""

    door: Door
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply | None:
        """One request; bytes go as they are, anything else but None as JSON."""
        given = {"Accept": JSON, **({"Authorization": f"Bearer {self.access}"} if self.access else {})}
        if body is not None:
            given["Content-Type"] = JSON
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return doors.ask(self.door, path, method, {**given, **(headers or {})}, raw)

    def get(self, path: str) -> Reply | None:
        """One GET."""
        return self.send("GET", path)

    @property
    def claims(self) -> dict[str, Any]:
        """What the token says of itself."""
        return decoded(self.access.split(".")[1])

    @property
    def id(self) -> int:
        """The account's id."""
        return int(self.claims["user_id"])

    @property
    def lifetime(self) -> float:
        """For how many seconds the token is good."""
        return float(self.claims["exp"] - self.claims["iat"])


def log_in(door: Door, name: str, password: str) -> Caller:
    """The user with a token; raises UnmeasuredError if the log-in is refused."""
    answer = Caller(door).send("POST", LOG_IN, {"username": name, "password": password})
    if not answer or answer.status != 200:
        said = answer.status if answer else "no answer"
        raise UnmeasuredError(f"{name} cannot log in with the password in .env ({said}); try: make up")
    pair = json.loads(answer.body)
    return Caller(door, pair["access"], pair["refresh"])


def decoded(part: str) -> dict[str, Any]:
    """A part of a token as the JSON that it is."""
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def encoded(part: object) -> str:
    """The reverse."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
