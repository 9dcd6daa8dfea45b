"""A stand-in on a clock that only tests move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from discord_sim.config import Config
from discord_sim.server import create_app

ID, TOKEN = "1234567890", "s3cret-Token_x"
PATH = f"/api/v10/webhooks/{ID}/{TOKEN}"
Post = Callable[..., TestResponse]


def body(answer: TestResponse) -> Any:  # noqa: ANN401 - JSON of any shape
    assert answer.is_json, answer.text
    return answer.json


class Clock:
    def __init__(self) -> None:
        self.time = 1_000.0

    def monotonic(self) -> float:
        return self.time

    def epoch(self) -> float:
        return 1_700_000_000 + self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> FlaskClient:
    return create_app(Config(ID, TOKEN), clock).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Post:
    def send(content: object = "hello", path: str = PATH, **fields: object) -> TestResponse:
        return client.post(path, json={"content": content, **fields})

    return send
