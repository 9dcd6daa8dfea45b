from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.unit.service.callers import PASSWORD, client_of

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
    assert match[3] == "3"  # the caller's groups, the count, the page
    match = TIMING.fullmatch(Client().get("/healthz").headers["Server-Timing"])
    assert match
    assert (match[2], match[3]) == ("0.0", "0")


# --- The line in the log -------------------------------------------------------------------------------

FIELDS = [
    *("method", "path", "status", "peer", "client", "host", "user", "bytes_in", "bytes_out"),
    *("app_ms", "db_ms", "queries", "served_by"),
]


@pytest.fixture
def line(caplog: pytest.LogCaptureFixture) -> Callable[[], dict[str, Any]]:
    """The fields of the last request's line."""
    caplog.set_level(logging.INFO, logger="request")

    def last() -> dict[str, Any]:
        return dict(vars([one for one in caplog.records if one.name == "request"][-1])["fields"])

    return last


def test_a_request_s_line(line: Callable[[], dict[str, Any]]) -> None:
    answer = Client().get("/healthz?token=secret", headers={"host": "localhost:8000"})
    said = line()
    assert list(said) == FIELDS
    assert (said["method"], said["path"], said["status"]) == ("GET", "/healthz", 200)
    assert (said["peer"], said["client"], said["host"]) == ("127.0.0.1", None, "localhost:8000")
    assert (said["user"], said["bytes_in"], said["bytes_out"]) == (None, 0, len(answer.content))
    assert (said["db_ms"], said["queries"], said["served_by"]) == (0, 0, socket.gethostname())
    assert said["app_ms"] > 0
    assert "secret" not in str(said)


@pytest.mark.django_db
def test_it_names_the_user_and_counts_the_body(line: Callable[[], dict[str, Any]], student: User) -> None:
    Client().post("/api/token/", {"username": "student", "password": PASSWORD}, "application/json")
    assert line()["bytes_in"] > len(PASSWORD)
    assert PASSWORD not in str(line())
    client_of(student).get("/api/tickets/")
    assert line()["user"] == student.pk


@pytest.mark.django_db
def test_a_session_that_nobody_asked_about_is_not_looked_up(
    line: Callable[[], dict[str, Any]], student: User
) -> None:
    client = Client()
    client.force_login(student)
    client.get("/healthz")
    assert (line()["user"], line()["queries"]) == (None, 0)
    client.get("/api/tickets/")
    assert line()["user"] == student.pk


@pytest.mark.parametrize(
    ("proxies", "header", "client"),
    [
        (0, "10.10.20.10", None),
        (1, "10.10.20.10", "10.10.20.10"),
        (1, "203.0.113.7, 10.10.20.10", "10.10.20.10"),
        (2, "203.0.113.7,10.10.20.10, 10.10.10.1", "10.10.20.10"),
        (2, "10.10.20.10", None),
        (1, "", None),
    ],
)
def test_only_our_own_proxies_are_believed(
    line: Callable[[], dict[str, Any]], settings: Settings, proxies: int, header: str, client: str | None
) -> None:
    settings.NUM_PROXIES = proxies
    Client().get("/healthz", headers={"x-forwarded-for": header})
    assert line()["client"] == client


def test_a_file_s_length_is_known_although_it_is_sent_piece_by_piece(
    line: Callable[[], dict[str, Any]],
) -> None:
    answer = Client().get("/static/admin/css/base.css")
    assert line()["bytes_out"] == len(answer.getvalue()) > 0
