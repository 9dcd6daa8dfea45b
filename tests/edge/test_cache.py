"""The micro-cache: whose answers it keeps, whose never, and that X-Cache tells the truth."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.dev.supervisor import Supervisor
from tests.edge.client import Answer, Edge
from tests.edge.conftest import Site, start_echo_edge, wait_until

CACHED = ["/api/stats/", "/api/departments/", "/api/schema/"]


def cache(answer: Answer) -> str:
    (word,) = answer.all("X-Cache")
    return word


def fresh(path: str) -> str:
    """An address that nothing was asked for yet."""
    return f"{path}?fresh={time.monotonic_ns()}"


@pytest.mark.parametrize("path", CACHED)
def test_the_second_answer_comes_from_the_cache(edge: Edge, path: str) -> None:
    address = fresh(path)
    first, second = edge.ask(address), edge.ask(address)
    assert (cache(first), cache(second)) == ("MISS", "HIT")
    assert first.body == second.body
    assert first.all("X-Served-By") == ["echo"]
    assert second.all("X-Served-By") == [], "no replica was asked"
    (timing,) = second.all("Server-Timing")
    assert re.fullmatch(r"edge;dur=\d+", timing), "only Nginx's own time"
    assert first.all("X-Request-ID") != second.all("X-Request-ID")


def test_it_is_old_after_a_second(edge: Edge) -> None:
    address = fresh("/api/stats/")
    first = edge.ask(address)
    wait_until(lambda: cache(edge.ask(address)) == "EXPIRED", seconds=5)
    assert edge.ask(address).body != first.body


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer x"}, {"Cookie": "theme=dark; sessionid=x"}],
    ids=["token", "session"],
)
def test_whoever_is_somebody_goes_past_it(edge: Edge, headers: dict[str, str]) -> None:
    address = fresh("/api/stats/")
    assert [cache(edge.ask(address, headers=headers)) for _ in range(2)] == ["BYPASS", "BYPASS"]
    assert cache(edge.ask(address)) == "MISS", "and leaves nothing in it"
    assert cache(edge.ask(address, headers=headers)) == "BYPASS"


@pytest.mark.parametrize("header", ["Set-Cookie: a=b", "Cache-Control: private", "Cache-Control: no-store"])
def test_what_is_meant_for_one_is_not_kept(edge: Edge, header: str) -> None:
    address, asked = fresh("/api/stats/"), {"X-Echo": header}
    assert [cache(edge.ask(address, headers=asked)) for _ in range(2)] == ["MISS", "MISS"]


def test_errors_are_not_kept(edge: Edge) -> None:
    address, asked = fresh("/api/stats/"), {"X-Echo-Status": "404 Not Found"}
    assert [cache(edge.ask(address, headers=asked)) for _ in range(2)] == ["MISS", "MISS"]


def test_answers_that_may_differ_are_kept_apart(edge: Edge) -> None:
    address = fresh("/api/stats/")
    for headers in ({}, {"Accept": "text/html"}, {"Accept": "application/json"}, {"Host": "10.10.10.1"}):
        assert [cache(edge.ask(address, headers=headers)) for _ in range(2)] == ["MISS", "HIT"], headers
    varies = {"X-Echo": "Vary: Accept-Language"}
    for language in ("de", "fr"):
        asked = {**varies, "Accept": "text/plain", "Accept-Language": language}
        assert cache(edge.ask(address, headers=asked)) == "MISS", language


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_reads_is_kept(edge: Edge, method: str) -> None:
    address = fresh("/api/departments/")
    assert [cache(edge.ask(address, method, body=b"")) for _ in range(2)] == ["NONE", "NONE"]


@pytest.mark.parametrize("path", ["/", "/api/tickets/", "/api/stats", "/api/stats/x/", "/api/whoami"])
def test_no_other_address_is_cached(edge: Edge, path: str) -> None:
    assert [cache(edge.ask(path)) for _ in range(2)] == ["NONE", "NONE"]


@pytest.mark.parametrize("path", ["/static/style.css", "/static/missing.css", "/edge-healthz"])
def test_answers_of_nginx_s_own_say_nothing_of_it(edge: Edge, path: str) -> None:
    assert edge.ask(path).all("X-Cache") == []


def test_an_app_cannot_claim_a_hit(edge: Edge) -> None:
    assert cache(edge.ask("/", headers={"X-Echo": "X-Cache: HIT"})) == "NONE"


def test_a_stampede_asks_once(edge: Edge) -> None:
    address, answers = fresh("/api/stats/"), []
    threads = [
        threading.Thread(target=lambda: answers.append(edge.ask(address, headers={"X-Echo-Slow": "1"})))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.body for answer in answers}) == 1
    assert sorted(map(cache, answers)) == ["HIT"] * 7 + ["MISS"]


def test_the_log_tells_it_too(edge: Edge) -> None:
    address = fresh("/api/stats/")
    for word in ("MISS", "HIT"):
        edge.ask(address, headers={"X-Request-ID": f"cache-log-{word}"})
        assert edge.log_line(f"cache-log-{word}")["cache"] == word


@pytest.fixture
def without_cache(tmp_path: Path) -> Iterator[Edge]:
    with Supervisor() as supervisor:
        yield start_echo_edge(supervisor, tmp_path, {"EDGE_CACHE": "off"})


def test_switched_off(without_cache: Edge) -> None:
    assert [cache(without_cache.ask(path)) for path in CACHED * 2] == ["NONE"] * 6


def test_the_schema_of_the_real_app(site: Site) -> None:
    """It says nothing that forbids keeping it, and names no user."""
    address = fresh("/api/schema/")
    first, second = site.ask(address), site.ask(address)
    assert (first.status, cache(first), cache(second)) == (200, "MISS", "HIT")
    assert first.body == second.body
