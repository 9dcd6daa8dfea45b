"""What a client may not do: be slow, send too much, guess passwords."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.site import free_ports
from lab import paths
from lab.dev import programs
from lab.dev.supervisor import Supervisor
from tests.edge.client import Edge, answer_on, ask_on


def test_too_large_a_body(edge: Edge) -> None:
    """Refused when it is announced, before it is sent."""
    connection = edge.connect()
    connection.putrequest("POST", "/api/tickets/")
    connection.putheader("Content-Length", "6291457")
    connection.endheaders()
    answer = answer_on(connection)
    connection.close()
    assert answer.status == 413
    assert answer.json["error"]["code"] == "too_large"
    assert len(answer.all("X-Request-ID")) == 1


def test_a_body_just_small_enough_arrives(edge: Edge) -> None:
    assert edge.ask("/api/tickets/", "POST", body=b"x" * 6291456).status == 200


@pytest.mark.parametrize("path", ["/api/token/", "/api/auth/login/", "/admin/login/?next=/admin/"])
def test_log_ins_are_limited_but_nothing_else(own_edge: Edge, path: str) -> None:
    connection = own_edge.connect()
    answers = [ask_on(connection, path, "POST", body=b"{}") for _ in range(200)]
    # One, and the burst of 100: a class or a load test that starts at once.
    assert {answer.status for answer in answers[:101]} == {200}
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.all("Retry-After") == ["1"]
    assert refused.all("Content-Type") == ["application/json"]
    assert refused.json["error"].keys() == {"status", "code", "message", "fields"}
    assert (refused.json["error"]["status"], refused.json["error"]["code"]) == (429, "throttled")
    (request_id,) = refused.all("X-Request-ID")
    assert own_edge.log_line(request_id)["upstream_status"] == ""
    for other, method in ((path, "GET"), ("/api/token/refresh/", "POST"), ("/api/tickets/", "POST")):
        assert ask_on(connection, other, method).status == 200
    connection.close()


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Edge]:
    """Nginx alone, with the time for a header cut from 10 s to 1 s."""
    config = Path(shutil.copytree(paths.ROOT / "nginx", tmp_path / "nginx"))
    text = (config / "nginx.conf").read_text()
    assert text.count("client_header_timeout 10s;") == 1
    (config / "nginx.conf").write_text(
        text.replace("client_header_timeout 10s;", "client_header_timeout 1s;")
    )
    port, nobody = free_ports(2)
    log = tmp_path / "nginx.log"
    program = programs.edge(port, [nobody], tmp_path, tmp_path, tmp_path / "run", log)
    with Supervisor() as supervisor:
        supervisor.start(replace(program, argv=[str(config / "start.sh")]))
        supervisor.wait_until_ready()
        yield Edge(port, log, {})


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_slow_header_is_cut_off(impatient: Edge, head: bytes) -> None:
    """Slowloris: a byte now and then, so that no timeout between two reads ever fires."""
    with socket.create_connection(("127.0.0.1", impatient.port)) as connection:
        connection.settimeout(0.1)
        connection.sendall(head + b"X-Slow: ")
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            try:
                connection.sendall(b"x")
                assert connection.recv(1) == b""
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                pass
            return
    pytest.fail("the connection still stands after 8 s; 1 s was allowed")
