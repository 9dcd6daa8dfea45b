from __future__ import annotations

import logging
import re
import socket

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drf_jwt_backend.diagnostics import RequestIdFilter
from tests.unit.service.callers import client_of

TIMING = re.compile(r'app;dur=(\d+\.\d), db;dur=(\d+\.\d);desc="(\d+) queries"')


@pytest.mark.parametrize("offered", ["0123456789abcdef0123456789abcdef", "My.own-id_1"])
def test_a_sound_request_id_is_passed_on(offered: str) -> None:
    assert Client().get("/healthz", headers={"x-request-id": offered}).headers["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered", ["", "short", "x" * 65, "a space 1", 'a"quote"', "line\nbreak-1", "é" * 9]
)
def test_any_other_is_replaced(offered: str) -> None:
    given = Client().get("/healthz", headers={"x-request-id": offered}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_each_request_gets_its_own_id() -> None:
    assert len({Client().get("/healthz").headers["X-Request-ID"] for _ in range(5)}) == 5


def test_every_answer_says_who_served_it() -> None:
    for path in ("/healthz", "/nothing/", "/static/nothing.css"):
        assert Client().get(path).headers["X-Served-By"] == socket.gethostname()


@pytest.mark.django_db
def test_server_timing_counts_the_queries(student: User) -> None:
    match = TIMING.fullmatch(client_of(student).get("/api/tickets/").headers["Server-Timing"])
    assert match
    assert float(match[1]) >= float(match[2])
    assert match[3] == "2"  # the caller's groups and the count: no ticket, no page to fetch
    match = TIMING.fullmatch(Client().get("/healthz").headers["Server-Timing"])
    assert match
    assert (match[2], match[3]) == ("0.0", "0")


def test_a_log_line_carries_the_id_and_cannot_be_broken(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    with caplog.at_level(logging.INFO, logger="request"):
        Client().get("/healthz%0aforged", headers={"x-request-id": "follow-me-1"})
    record = next(record for record in caplog.records if record.name == "request")
    assert vars(record)["request_id"] == "follow-me-1"
    assert "GET /healthz%0Aforged 404" in record.getMessage()
    assert "\n" not in record.getMessage()
