"""What clients notice when a replica fails: as little as is safe."""

from __future__ import annotations

import os
import runpy
import signal
from concurrent.futures import ThreadPoolExecutor

from lab import paths
from tests.edge.client import Answer, Edge


def test_a_killed_replica_costs_no_get(own_edge: Edge) -> None:
    killed, survivor = own_edge.replicas
    os.killpg(own_edge.replicas[killed], signal.SIGKILL)
    answers = [own_edge.ask("/", headers={"X-Request-ID": f"after-kill-{number}"}) for number in range(20)]
    assert {answer.status for answer in answers} == {200}
    lines = [own_edge.log_line(f"after-kill-{number}") for number in range(20)]
    retried = [line for line in lines if line["upstream_status"] == "502, 200"]
    assert [line["upstream_addr"] for line in retried][:1] == [f"127.0.0.1:{killed}, 127.0.0.1:{survivor}"]
    # After two failures Nginx leaves the dead replica alone, rather than trying it for every other request.
    assert len(retried) < 6


def test_a_frozen_replica_costs_one_read_three_seconds(own_edge: Edge) -> None:
    """Its kernel takes the connection, and nobody answers."""
    frozen, survivor = own_edge.replicas
    os.killpg(own_edge.replicas[frozen], signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda number: get(own_edge, f"frozen-{number}"), range(40)))
        assert {answer.status for answer in answers} == {200}
        lines = [own_edge.log_line(f"frozen-{number}") for number in range(40)]
        hung = [line for line in lines if line["upstream_status"] == "504, 200"]
        # Of four clients at a time, no more than two ever wait at the one that has the fewest under way.
        assert 1 <= len(hung) <= 2
        assert all(line["upstream_addr"] == f"127.0.0.1:{frozen}, 127.0.0.1:{survivor}" for line in hung)
    finally:
        os.killpg(own_edge.replicas[frozen], signal.SIGCONT)


def get(edge: Edge, request_id: str) -> Answer:
    return edge.ask("/", headers={"X-Request-ID": request_id, "X-Echo-Slow": "yes"})


def test_a_long_report_is_waited_for_all_the_same(own_edge: Edge) -> None:
    answer = own_edge.ask("/long", headers={"X-Request-ID": "long-report"})
    assert answer.status == 200
    line = own_edge.log_line("long-report")
    assert line["upstream_status"] == "504, 504 : 200"


def test_a_write_is_waited_for_and_sent_once(own_edge: Edge) -> None:
    answer = own_edge.ask("/long", "POST", headers={"X-Request-ID": "long-write"}, body=b"{}")
    assert answer.status == 200
    assert own_edge.log_line("long-write")["upstream_status"] == "200"


def test_replicas_that_are_all_too_slow_are_asked_all_the_same(own_edge: Edge) -> None:
    with ThreadPoolExecutor(4) as pool:
        pool_of = [f"slow-{number}" for number in range(4)]
        list(pool.map(lambda name: own_edge.ask("/long", headers={"X-Request-ID": name}), pool_of))
    answer = own_edge.ask("/", headers={"X-Request-ID": "after-slow"})
    assert answer.status == 200
    assert own_edge.log_line("after-slow")["upstream_status"] == "200"


def test_a_get_is_repeated_once(own_edge: Edge) -> None:
    answer = own_edge.ask("/drop", headers={"X-Request-ID": "dropped-get"})
    assert answer.status == 502
    assert answer.json["error"]["code"] == "bad_gateway"
    assert own_edge.log_line("dropped-get")["upstream_status"] == "502, 502"


def test_a_post_that_was_sent_is_not_repeated(own_edge: Edge) -> None:
    answer = own_edge.ask("/drop", "POST", headers={"X-Request-ID": "dropped-post"}, body=b"{}")
    assert answer.status == 502
    assert answer.all("Content-Type") == ["application/json"]
    assert answer.json["error"]["status"] == 502
    line = own_edge.log_line("dropped-post")
    assert line["upstream_status"] == "502"
    assert line["upstream_addr"] in {f"127.0.0.1:{port}" for port in own_edge.replicas}


def test_not_ready_is_an_answer_and_not_a_failure(own_edge: Edge) -> None:
    for _ in range(6):
        answer = own_edge.ask("/readyz")
        assert (answer.status, answer.all("X-Served-By")) == (503, ["echo"])
    assert own_edge.ask("/").status == 200


def test_gunicorn_keeps_idle_connections_longer_than_nginx() -> None:
    """Else Gunicorn could close one while Nginx is sending a POST on it, which is then lost."""
    assert "keepalive_timeout 30s;" in (paths.ROOT / "nginx" / "pool.conf").read_text()
    assert runpy.run_path(str(paths.ROOT / "app" / "gunicorn.conf.py"))["keepalive"] > 30
