"""The live feed: real Uvicorn behind real Nginx, beside the real API."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from benchmarks.site import free_ports
from lab import paths
from lab.dev import programs
from tests.edge.callers import bearer, file_ticket, token
from tests.edge.client import Edge, ask_on
from tests.edge.conftest import Site, listens, wait_until
from tests.edge.streams import listen

STREAMS, USERS = 200, 10


@pytest.fixture(scope="module")
def instructor(site: Site) -> str:
    return token(site, "instructor")


@pytest.fixture(scope="module")
def student(site: Site) -> str:
    return token(site, "student1")


def environment(site: Site) -> dict[str, str]:
    """The app's settings on this site."""
    lines = (site.directory / "env").read_text().splitlines()
    settings = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    return {"PATH": os.environ["PATH"], **settings}


@contextmanager
def websocket(site: Site, query: str = "", **options: Any) -> Iterator[ClientConnection]:  # noqa: ANN401
    url = f"ws://127.0.0.1:{site.port}/api/live/ws/{query}"
    with connect(url, compression=None, proxy=None, **options) as connection:
        yield connection


def received(connection: ClientConnection) -> dict[str, Any]:
    """The next message but heartbeats."""
    while (message := json.loads(connection.recv(timeout=20)))["event"] == "heartbeat":
        pass
    return dict(message)


def test_a_ticket_filed_through_the_api_arrives(site: Site, instructor: str, student: str) -> None:
    with listen(site, bearer(instructor)) as stream, listen(site, bearer(student)) as own:
        for listening in (stream, own):
            assert listening.next().comment == "heartbeat"
        ticket = file_ticket(site, student)
        heard = stream.event("ticket")
        assert heard.data == own.event("ticket").data
    assert heard.data["id"] == heard.id
    assert (heard.data["ticket"], heard.data["action"], heard.data["status"]) == (ticket, "created", "open")
    assert set(heard.data) == {
        *("id", "ticket", "action", "at", "changes", "actor", "status", "priority", "department")
    }


def test_the_streams_start_can_be_followed(site: Site, instructor: str) -> None:
    with listen(site, {**bearer(instructor), "X-Request-ID": "follow-the-feed"}) as stream:
        headers = stream.response.headers
        assert headers.get_all("Content-Type") == ["text/event-stream; charset=utf-8"]
        assert headers.get_all("Cache-Control") == ["no-store"]
        assert headers.get_all("X-Request-ID") == ["follow-the-feed"]
        assert len(headers.get_all("X-Served-By") or []) == 1
        assert "queries" in headers["Server-Timing"]
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    line = site.log_line("follow-the-feed")
    assert (line["status"], line["upstream_addr"]) == (200, f"127.0.0.1:{site.live_port}")
    log = map(json.loads, (site.directory / "logs" / "live.log").read_text().splitlines())
    (line,) = (one for one in log if (one["logger"], one["request_id"]) == ("request", "follow-the-feed"))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/live/", 200)


def test_a_stream_resumes_where_it_broke_off(site: Site, instructor: str, student: str) -> None:
    with listen(site, bearer(instructor)) as stream:
        first = file_ticket(site, student)
        assert stream.event("ticket").data["ticket"] == first
    missed = [file_ticket(site, student) for _ in range(5)]
    for headers, query in (
        ({"Last-Event-ID": str(stream.last_id)}, ""),
        ({}, f"?last_event_id={stream.last_id}"),
    ):
        with listen(site, {**bearer(instructor), **headers}, query) as resumed:
            replayed = [resumed.event("ticket") for _ in missed]
            later = file_ticket(site, student)
            assert [heard.data["ticket"] for heard in replayed] == missed
            assert resumed.event("ticket").data["ticket"] == later
        assert [heard.id for heard in replayed] == sorted({heard.id for heard in replayed if heard.id})
        missed.append(later)


def test_what_cannot_be_replayed_is_said(site: Site, instructor: str) -> None:
    with listen(site, {**bearer(instructor), "Last-Event-ID": "999999999"}) as stream:
        heard = stream.event("reset")
        assert "999999999" in heard.data["message"]
        assert heard.id is not None
        assert heard.id < 999999999


@pytest.mark.parametrize(
    ("method", "path", "access", "status", "code"),
    [
        ("GET", "", None, 401, "not_authenticated"),
        ("GET", "", "forged", 401, "token_not_valid"),
        ("GET", "?ticket=forged", None, 401, "ticket_not_valid"),
        ("POST", "", "student", 405, "method_not_allowed"),
        ("GET", "?last_event_id=last", "student", 400, "bad_event_id"),
        ("GET", "ws/", "student", 426, "upgrade_required"),
    ],
)
def test_refusals_look_like_the_apis(
    site: Site, student: str, method: str, path: str, access: str | None, status: int, code: str
) -> None:
    headers = bearer(student if access == "student" else access) if access else {}
    answer = site.ask(f"/api/live/{path}", method, headers)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert answer.all("Content-Type") == ["application/json"]
    assert answer.json["error"]["status"] == status
    assert bool(answer.all("WWW-Authenticate")) == (status == 401)
    assert answer.all("Allow") == (["GET"] if status == 405 else [])


def test_head_is_refused(site: Site, student: str) -> None:
    assert site.ask("/api/live/", "HEAD", bearer(student)).status == 405


def test_a_browsers_way_in(site: Site, student: str) -> None:
    answer = site.ask("/api/live/ticket/", "POST", bearer(student))
    assert (answer.status, answer.json["expires_in"]) == (200, 30)
    with listen(site, query=f"?ticket={answer.json['ticket']}") as stream:
        ticket = file_ticket(site, student)
        assert stream.event("ticket").data["ticket"] == ticket


def test_the_feeds_log_has_no_ticket_that_could_be_used(site: Site, student: str) -> None:
    ticket = site.ask("/api/live/ticket/", "POST", bearer(student)).json["ticket"]
    with listen(site, query=f"?ticket={ticket}"), websocket(site, f"?ticket={ticket}"):
        pass
    log = site.directory / "logs" / "live.log"
    wait_until(lambda: '"path": "/api/live/ws/", "status": 101' in log.read_text(), seconds=5)
    assert ticket not in log.read_text()


def test_websocket_both_ways(site: Site, student: str) -> None:
    answer = site.ask("/api/live/ticket/", "POST", bearer(student)).json["ticket"]
    origin = f"http://localhost:{site.port}"
    with websocket(site, f"?ticket={answer}", origin=origin) as listening:
        listening.send('{"ping": 42}')
        assert received(listening) == {"event": "pong", "data": 42}
        ticket = file_ticket(site, student)
        message = received(listening)
        assert (message["event"], message["data"]["ticket"]) == ("ticket", ticket)
    missed = file_ticket(site, student)
    headers = bearer(student)
    with websocket(site, f"?last_event_id={message['id']}", additional_headers=headers) as resumed:
        assert received(resumed)["data"]["ticket"] == missed
        resumed.send("nonsense")
        assert received(resumed)["data"]["code"] == "bad_message"
        with pytest.raises(ConnectionClosed) as closed:
            resumed.recv(timeout=20)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "bad_message")


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({}, 401, "not_authenticated"),
        ({"origin": "http://evil.example"}, 403, "bad_origin"),
        ({"origin": "null"}, 403, "bad_origin"),
    ],
)
def test_a_websocket_is_refused_with_a_reason(
    site: Site, student: str, options: dict[str, str], status: int, code: str
) -> None:
    headers = bearer(student) if "origin" in options else {}
    with pytest.raises(InvalidStatus) as refused, websocket(site, additional_headers=headers, **options):
        pass
    response = refused.value.response
    assert (response.status_code, json.loads(response.body or b"")["error"]["code"]) == (status, code)


def test_a_user_has_so_many_streams_and_no_more(site: Site, student: str) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(listen(site, bearer(student)))
        answer = site.ask("/api/live/", headers=bearer(student))
        assert (answer.status, answer.json["error"]["code"]) == (429, "throttled")
        assert len(answer.all("Retry-After")) == 1
    # The places of those that have gone are free again.
    wait_until(lambda: _can_listen(site, student), seconds=10)


def _can_listen(site: Site, access: str) -> bool:
    connection = site.connect()
    try:
        connection.request("GET", "/api/live/", headers=bearer(access))
        return connection.getresponse().status == 200
    finally:
        connection.close()


def test_two_hundred_streams_leave_the_api_as_quick_as_it_was(
    site: Site, student: str, tmp_path: Path
) -> None:
    """Each would hold one of the API's 8 threads if Gunicorn served them."""
    tokens = many_instructors(site, tmp_path)
    alone = latency(site, student)
    with ExitStack() as stack:
        streams = [
            stack.enter_context(listen(site, bearer(tokens[number % USERS]))) for number in range(STREAMS)
        ]
        beside = latency(site, student)
        ticket = file_ticket(site, student)
        assert {stream.event("ticket").data["ticket"] for stream in streams} == {ticket}
    alone = max(alone, latency(site, student))
    figures = f"{beside * 1e3:.1f} ms beside {STREAMS} streams, {alone * 1e3:.1f} ms alone"
    print(figures)
    assert beside < 2 * alone, figures


def many_instructors(site: Site, directory: Path) -> list[str]:
    """So many users as two hundred streams take, at 20 each; their tokens."""
    password = "feed-of-two-hundred"
    users = [
        {"username": f"listener{number}", "password": password, "role": "instructor"}
        for number in range(USERS)
    ]
    file = directory / "users.json"
    file.write_text(json.dumps(users))
    command = [sys.executable, str(paths.ROOT / "app" / "manage.py"), "ensure_users", str(file)]
    subprocess.run(command, env=environment(site), check=True, capture_output=True)
    return [token(site, user["username"], password) for user in users]


def latency(site: Site, access: str) -> float:
    """Seconds that a list request takes: the median of 60, on one connection."""
    connection = site.connect()
    times = []
    for _ in range(60):
        start = perf_counter()
        assert ask_on(connection, "/api/tickets/?page_size=10", headers=bearer(access)).status == 200
        times.append(perf_counter() - start)
    connection.close()
    return median(times)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_streams_open(
    site: Site, instructor: str, tmp_path: Path, number: signal.Signals
) -> None:
    (port,) = free_ports(1)
    program = programs.live(port, environment(site), tmp_path / "live.log")
    process = subprocess.Popen(
        program.argv, cwd=program.directory, env=dict(program.environment), stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: listens(port), seconds=30)
        direct = Edge(port, tmp_path / "live.log", {})
        url = f"ws://127.0.0.1:{port}/api/live/ws/"
        with (
            listen(direct, bearer(instructor)) as stream,
            connect(url, compression=None, proxy=None, additional_headers=bearer(instructor)) as other,
        ):
            assert stream.next().comment == "heartbeat"
            process.send_signal(number)
            assert stream.event("end").data["code"] == "stopping"
            assert stream.ended()
            assert received(other)["data"]["code"] == "stopping"
            with pytest.raises(ConnectionClosed) as closed:
                other.recv(timeout=20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            process.wait(10)
    finally:
        process.kill()
        process.wait(10)
