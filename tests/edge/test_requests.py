"""What Nginx lets in, and what it passes on."""

from __future__ import annotations

import re

import pytest

from tests.edge.client import Edge, ask_on


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /edge-healthz HTTP/1.1\r\nHost: 10.10.10.99\r\n\r\n",
    ],
    ids=["unknown name", "no name", "unknown name in the request line", "unknown address"],
)
def test_unknown_host_gets_no_answer(edge: Edge, request_bytes: bytes) -> None:
    assert edge.raw(request_bytes) == b""


@pytest.mark.parametrize("host", ["10.10.10.1", "localhost", "127.0.0.1:8080", "LOCALHOST"])
def test_known_host_is_served(edge: Edge, host: str) -> None:
    answer = edge.ask("/", headers={"Host": host})
    assert answer.status == 200
    assert answer.json["headers"]["HTTP_HOST"] == host.lower()


def test_the_app_never_sees_a_host_that_was_not_checked(edge: Edge) -> None:
    request = b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    received = edge.raw(request)
    assert b'"HTTP_HOST": "localhost"' in received
    assert b"evil" not in received


def test_a_harmless_request_id_is_kept(edge: Edge) -> None:
    answer = edge.ask("/", headers={"X-Request-ID": "lab-7.student_1"})
    assert answer.all("X-Request-ID") == ["lab-7.student_1"]
    assert answer.json["headers"]["HTTP_X_REQUEST_ID"] == "lab-7.student_1"


@pytest.mark.parametrize(
    "offered", [None, "short", "-dash-first", "x" * 65, 'quote"and space', "semi;colon;"]
)
def test_any_other_request_id_is_replaced(edge: Edge, offered: str | None) -> None:
    answer = edge.ask("/", headers={"X-Request-ID": offered} if offered else {})
    (request_id,) = answer.all("X-Request-ID")
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    assert answer.json["headers"]["HTTP_X_REQUEST_ID"] == request_id


def test_forged_forwarding_headers_do_not_reach_the_app(edge: Edge) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.7, 198.51.100.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.7",
    }
    seen = edge.ask("/", headers=forged).json["headers"]
    assert seen["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert seen["HTTP_X_FORWARDED_PROTO"] == "http"
    assert not {"HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED"} & seen.keys()


def test_requests_share_few_connections_to_the_replicas(edge: Edge) -> None:
    """And 300 requests from one address at full speed are not limited."""
    connection = edge.connect()
    answers = [ask_on(connection, "/") for _ in range(300)]
    connection.close()
    assert {answer.status for answer in answers} == {200}
    # One client connection belongs to one worker process of Nginx, which needs one to each replica.
    assert len({answer.json["connection"] for answer in answers}) <= 2


def test_headers_of_the_edge_appear_once(edge: Edge) -> None:
    for path in ("/", "/static/style.css", "/static/missing.css", "/edge-healthz"):
        answer = edge.ask(path)
        assert answer.all("X-Content-Type-Options") == ["nosniff"], path
        assert answer.all("X-Frame-Options") == ["DENY"], path
        assert answer.all("Referrer-Policy") == ["same-origin"], path
        assert len(answer.all("X-Request-ID")) == 1, path
        assert answer.all("Server") == ["nginx"], path
    assert edge.ask("/").all("X-Served-By") == ["echo"]


@pytest.mark.parametrize(
    ("headers", "told", "least"),
    [
        ({"X-Echo": "Server-Timing: app;dur=4.2"}, r"app;dur=4\.2, edge;dur=(0|[1-9]\d*)", 0),
        ({}, r"edge;dur=(0|[1-9]\d*)", 0),
        ({"X-Echo-Slow": "yes"}, r"edge;dur=([1-9]\d*)", 500),
    ],
    ids=["the replica told its time", "it did not", "it was slow"],
)
def test_nginx_tells_its_own_time(edge: Edge, headers: dict[str, str], told: str, least: int) -> None:
    (timing,) = edge.ask("/", headers=headers).all("Server-Timing")
    found = re.fullmatch(told, timing)
    assert found, timing
    assert int(found[1]) >= least  # milliseconds


def test_the_edges_own_health_needs_no_replica(edge: Edge) -> None:
    answer = edge.ask("/edge-healthz", headers={"Host": "localhost"})
    assert (answer.status, answer.body) == (200, b"ok\n")
    assert answer.all("X-Served-By") == []


@pytest.mark.parametrize("path", ["/api/live/", "/api/live/ws/"])
def test_without_a_live_feed_it_says_so(edge: Edge, path: str) -> None:
    answer = edge.ask(path)
    assert (answer.status, answer.json["error"]["code"]) == (503, "unavailable")
    # Its tickets come from the application.
    assert edge.ask("/api/live/ticket/", "POST", body=b"").status == 200


def test_static_file(edge: Edge) -> None:
    answer = edge.ask("/static/style.css", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.all("Content-Type") == ["text/css"]
    assert answer.all("Cache-Control") == ["public, max-age=3600"]
    assert answer.all("Content-Encoding") == ["gzip"]
    assert answer.all("X-Served-By") == []


def test_the_apps_answers_are_not_compressed(edge: Edge) -> None:
    assert edge.ask("/" + "x" * 3000, headers={"Accept-Encoding": "gzip"}).all("Content-Encoding") == []


@pytest.mark.parametrize(
    "path", ["/static/missing.css", "/static/../run/conf/nginx.conf", "/static../nginx.log"]
)
def test_nothing_but_static_files_comes_from_the_disk(edge: Edge, path: str) -> None:
    answer = edge.ask(path)
    assert b"worker_processes" not in answer.body
    assert b"upstream_addr" not in answer.body


def test_missing_static_file(edge: Edge) -> None:
    answer = edge.ask("/static/missing.css")
    assert answer.status == 404
    assert answer.json["error"]["code"] == "not_found"
    assert answer.all("Cache-Control") == []


def test_access_log_line(edge: Edge) -> None:
    answer = edge.ask(
        "/log?q=%22", headers={"X-Request-ID": "log-line-test", "User-Agent": 'a "quoted" agent\t'}
    )
    line = edge.log_line("log-line-test")
    assert answer.status == 200
    assert line["request_id"] == "log-line-test"
    assert (line["client"], line["host"], line["method"]) == ("127.0.0.1", "127.0.0.1", "GET")
    assert (line["uri"], line["protocol"], line["status"]) == ("/log?q=%22", "HTTP/1.1", 200)
    assert line["bytes_out"] > len(answer.body) > 0
    assert line["bytes_in"] > 0
    assert line["upstream_status"] == "200"
    assert line["upstream_addr"] in {f"127.0.0.1:{port}" for port in edge.replicas}
    for name in ("upstream_connect_time", "upstream_header_time", "upstream_response_time"):
        assert 0 <= float(line[name]) <= line["request_time"] + 0.010  # each is measured on its own
    assert line["user_agent"].startswith('a "quoted" agent')


def test_access_log_of_a_static_file_names_no_upstream(edge: Edge) -> None:
    edge.ask("/static/style.css", headers={"X-Request-ID": "static-log-test"})
    line = edge.log_line("static-log-test")
    assert (line["status"], line["upstream_addr"], line["upstream_status"]) == (200, "", "")
