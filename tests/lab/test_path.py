"""The path in the real lab: its map, one request hop by hop, and its packets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab import paths
from tests.lab.conftest import Lab


def test_the_live_topology_is_what_runs(lab: Lab, tmp_path: Path) -> None:
    drawn = tmp_path / "now.svg"
    done = lab.run("topology", "--json", "--svg", str(drawn))
    assert done.returncode == 0, done.stderr
    picture = json.loads(done.stdout)
    hosts = {host["name"]: host for host in picture["hosts"]}
    assert hosts["edge"]["addresses"] == {"lab": "10.99.10.1"}
    assert hosts["edge"]["route"] == "10.99.10.253"
    assert "tcp/80" in hosts["edge"]["ports"]
    assert "tcp/8000" in hosts["app1"]["ports"]
    verdicts = {one["name"]: one["verdict"] for one in picture["counters"]}
    assert verdicts["clients_to_edge_http"] == "accept"
    assert verdicts["forward_dropped"] == "drop"
    assert "10.99.20.253" in drawn.read_text()


def test_the_live_topology_shows_what_is_done_to_links(lab: Lab) -> None:
    lab.run("link", "set", "backend", "--delay", "7ms", "--direction", "up")
    try:
        shown = lab.run("topology")
        picture = json.loads(lab.run("topology", "--json").stdout)
    finally:
        assert lab.run("link", "clear").returncode == 0
    assert shown.returncode == 0, shown.stderr
    assert "7 ms" in shown.stdout
    assert {zone["name"]: zone["link"] is not None for zone in picture["zones"]} == {
        "clients": False, "lab": False, "backend": True, "internet": False,
    }  # fmt: skip


def test_a_trace_follows_the_request_to_the_database_and_adds_up(lab: Lab) -> None:
    url = "http://10.99.10.1/api/tickets/"
    done = lab.run("trace", url, "--from", "client", "--token-of", "student1", "--json")
    assert done.returncode == 0, done.stderr
    trace = json.loads(done.stdout)
    assert trace["status"] == 200
    assert trace["served_by"] in ("app1", "app2")
    assert trace["edge"]["request_id"] == trace["request_id"]
    assert trace["app"]["queries"] > 0
    assert sum(part["ms"] for part in trace["parts"]) == pytest.approx(trace["total_ms"], abs=0.001)
    assert trace["rtt_ms"] > 0
    passwords = [user["password"] for user in json.loads(lab.state("secrets/users.json").read_text())]
    assert not any(password in done.stdout + done.stderr for password in passwords)


@pytest.mark.parametrize(("words", "code", "said"), [
    (["trace", "http://192.0.2.1/"], 2, "is not in the lab"),
    (["trace", "http://10.99.10.1/", "--from", "web"], 2, "there is no host 'web'"),
    (["trace", "http://10.99.10.1/", "--token-of", "mallory"], 2, "the lab has no user 'mallory'"),
    (["trace", "http://edge/"], 3, "ALLOWED_HOSTS"),
    (["capture", "web"], 2, "there is no host 'web'"),
    (["capture", "edge", "--zone", "clients"], 2, "edge is not in zone 'clients'"),
    (["capture", "edge", "--for", "10"], 2, "a time has a unit"),
    (["capture", "edge", "--for", "2s", "--filter", "tcp prt 80"], 2, "can't parse filter expression"),
])  # fmt: skip
def test_bad_input_is_one_sentence(lab: Lab, words: list[str], code: int, said: str) -> None:
    done = lab.run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sum(line.startswith("ticketlab:") for line in done.stderr.splitlines()) == 1


@pytest.mark.parametrize("payload", [False, True])
def test_a_capture_of_a_log_in_warns_and_keeps_its_password_only_when_told(lab: Lab, payload: bool) -> None:
    password = next(
        user["password"] for user in json.loads(lab.state("secrets/users.json").read_text())
        if user["username"] == "student1"
    )  # fmt: skip
    words = ["capture", "edge", "--filter", "tcp port 80 and host 10.99.20.10", "--for", "8s", "--json"]
    with ThreadPoolExecutor() as pool:
        capture = pool.submit(lab.run, *words, *(["--payload"] if payload else []))
        while not capture.done():
            lab.token("student1")
        done = capture.result()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    file = Path(found["file"])
    try:
        assert (password.encode() in file.read_bytes()) is payload
        assert "a log-in with its password, from 10.99.20.10 to 10.99.10.1" in done.stderr
        whole = [one for one in found["conversations"] if one["handshake"]]
        assert whole
        assert whole[0]["server"] == "10.99.10.1:80"
        assert found["median_rtt_ms"] > 0
        assert file.parent == paths.ROOT / "captures"
    finally:
        file.unlink()
