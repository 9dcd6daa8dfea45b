"""The real stand-in, reached without a network and on a clock that only waiting and requests move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import Client

from discord_sim.config import Config
from discord_sim.server import create_app

ID, TOKEN = "987654321", "very-SECRET_token"
URL = f"http://203.0.113.80/api/webhooks/{ID}/{TOKEN}"


class FakeClock:
    """Time for the notifier and the stand-in alike; `stop_at` presses Ctrl-C at that time.

    What is to happen meanwhile is in `plans`, by its time; it happens when waiting gets there.
    """

    def __init__(self) -> None:
        self.time = 5_000.0
        self.stop_at = float("inf")
        self.stopped = False
        self.plans: dict[float, Callable[[], object]] = {}

    def monotonic(self) -> float:
        return self.time

    def epoch(self) -> float:
        return 1_700_000_000 + self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        if not self.stopping:
            self.time += seconds
        for due in sorted(time for time in self.plans if time <= self.time):
            self.plans.pop(due)()

    def stop(self) -> None:
        self.stopped = True

    @property
    def stopping(self) -> bool:
        return self.stopped or self.time >= self.stop_at


Fault = Callable[[requests.PreparedRequest], requests.Response | None]


@dataclass
class StandIn(BaseAdapter):
    """A requests adapter over the stand-in's WSGI application.

    `faults[n]` is called instead of the n-th request (from 0); `losses[n]` is raised instead of its answer,
    after the stand-in took it. `rtt` may be a number of seconds or a function of the request's number.
    """

    clock: FakeClock
    rtt: float | Callable[[int], float] = 0.05
    faults: dict[int, Fault] = field(default_factory=dict)
    losses: dict[int, Exception] = field(default_factory=dict)
    config: Config = field(default_factory=lambda: Config(ID, TOKEN))
    requests_seen: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self.app: Flask = create_app(self.config, self.clock)
        self.bodies: list[Any] = []

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://", self)
        session.mount("https://", self)
        return session

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        number, self.requests_seen = self.requests_seen, self.requests_seen + 1
        if fault := self.faults.get(number):
            response = fault(request)
            if response is not None:
                response.request = request
                return response
        trip = self.rtt(number) if callable(self.rtt) else self.rtt
        self.clock.time += trip / 2
        self.bodies.append(request.body)
        answer = Client(self.app).open(
            request.path_url, method=request.method, headers=dict(request.headers), data=request.body
        )
        self.clock.time += trip / 2
        if loss := self.losses.get(number):
            raise loss
        return reply(answer.status_code, dict(answer.headers), answer.data)

    def close(self) -> None:
        """Nothing is held."""

    def json(self, path: str) -> Any:  # noqa: ANN401 - JSON of any shape
        return Client(self.app).get(path).json

    def tickets(self) -> list[int]:
        """The ticket ids received, in order of arrival."""
        return [number for message in self.json("/_lab/messages") for number in message["tickets"]]

    def times(self) -> list[float]:
        """When each message was taken, in seconds of the clock."""
        stamps = [message["received_at"] for message in self.json("/_lab/messages")]
        return [datetime.fromisoformat(stamp).timestamp() - 1_700_000_000 for stamp in stamps]


def reply(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers or {})
    response.raw = BytesIO(body)
    return response
