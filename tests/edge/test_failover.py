"""What clients notice when a replica fails: as little as is safe."""

from __future__ import annotations

import os
import runpy
import signal

from lab import paths
from tests.edge.client import Edge


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
