"""Load tests in the real topology: the link and the run's files, workers, and what breaks meanwhile."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import paths
from lab.engine import docker, running
from tests.lab.conftest import OVERRIDES, Lab

PROJECT = OVERRIDES["COMPOSE_PROJECT_NAME"]


@pytest.fixture
def two_workers(lab: Lab) -> Iterator[None]:
    """Two workers with five addresses each, for the length of a test."""
    done = lab.run("locust", "--workers", "2", "--addresses", "5")
    assert done.returncode == 0, done.stderr
    yield
    assert lab.run("locust", "--workers", "1", "--addresses", "1").returncode == 0


def folder_of(done: subprocess.CompletedProcess[str]) -> Path:
    """The folder of a run that has ended, from what it printed."""
    found = re.search(r"report: (\S+)/report\.html", done.stdout)
    assert found, done.stdout + done.stderr
    return Path(found[1])


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found


def requests_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "requests.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def start(lab: Lab, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [paths.ROOT / ".venv/bin/lab", "loadtest", *words],
        env=lab.environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    output, errors = process.communicate(timeout=150)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def wait_for_requests() -> None:
    """Return as soon as load comes through Nginx: the health check asks far less often."""
    (edge,) = running(PROJECT, "edge")
    deadline = time.monotonic() + 60
    while docker("logs", "--since", "2s", edge).count('"uri": "/healthz"') < 5:
        assert time.monotonic() < deadline, "no load came through Nginx"
        time.sleep(0.2)


def test_a_run_sets_the_link_records_everything_and_puts_the_link_back(lab: Lab) -> None:
    before = lab.run("link", "show", "--json").stdout
    done = lab.run(
        *("loadtest", "--scenario", "health", "--users", "4", "--time", "8s", "--delay", "20ms"),
        *("--fail-if", "failures>0.1%", "--fail-if", "median<40ms"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder, rows = folder_of(done), requests_of(folder_of(done))
    assert {row["status"] for row in rows} == {"200"}
    assert {row["served_by"] for row in rows} == {"app1", "app2"}
    assert {row["source"] for row in rows} == {lab.plan.address("locust")}
    # The edge's log knows each of them by the same id, and nobody else's.
    logged = lab.run("logs", "edge").stdout
    assert all(row["request_id"] in logged for row in rows[-20:])
    assert len({row["request_id"] for row in rows}) == len(rows)
    assert (folder / "report.html").read_text().count("<svg") >= 4
    assert read(folder, "run.json")["code"] == 0
    assert json.loads(lab.run("link", "show", "--json").stdout)["zones"] == json.loads(before)["zones"]


def test_a_threshold_that_is_crossed_fails_the_run(lab: Lab) -> None:
    done = lab.run(
        "loadtest", "--scenario", "health", "--users", "2", "--time", "5s", "--fail-if", "median>0.01ms"
    )
    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "median>0.01ms" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scenario", "brwose"), "browse"),
        (("--shape", "rampp"), "ramp"),
        (("--fail-if", "p95>>3"), "p95>300ms"),
        (("--via", "app9"), "app1"),
    ],
)
def test_what_cannot_be_asked_for(lab: Lab, words: tuple[str, ...], said: str) -> None:
    done = lab.run("loadtest", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("two_workers")
def test_workers_send_from_all_their_addresses(lab: Lab) -> None:
    done = lab.run(
        *("loadtest", "--scenario", "health", "--users", "20", "--time", "8s", "--workers", "2"),
        *("--sources", "spread"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = requests_of(folder_of(done))
    by_worker = Counter(row["worker"] for row in rows)
    assert len(by_worker) == 2
    sources = {row["source"] for row in rows}
    assert len(sources) == 10
    edge_saw = set(re.findall(r'"client": "(10\.99\.20\.[0-9]+)"', lab.run("logs", "edge").stdout))
    assert sources <= edge_saw


@pytest.mark.usefixtures("two_workers")
def test_a_run_goes_on_without_a_worker_that_was_killed(lab: Lab) -> None:
    process = start(lab, "--scenario", "health", "--users", "10", "--time", "20s", "--workers", "2")
    wait_for_requests()
    victim = running(PROJECT, "worker")[1]
    docker("exec", victim, "sh", "-c", "kill -9 $(cat /tmp/run-*/worker-2/pid)")
    done = finish(process)
    assert done.returncode == 1
    assert "workers lost during the run: 1" in done.stdout
    run = read(folder_of(done), "run.json")
    assert [worker["lost"] for worker in run["workers"]].count(True) == 1
    assert any("was lost" in event["what"] for event in run["events"])
    last = max(float(row["sent"]) for row in requests_of(folder_of(done)))
    assert last > run["began"] + 15  # who was left went on to the end


def test_a_service_that_stops_is_counted_and_the_run_ends(lab: Lab) -> None:
    process = start(lab, "--scenario", "health", "--users", "5", "--time", "20s", "--think-time", "200ms")
    wait_for_requests()
    edge = running(PROJECT, "edge")[0]
    docker("kill", edge)
    try:
        done = finish(process)
    finally:
        docker("start", edge)
        assert lab.run("restart", "edge").returncode == 0
    assert done.returncode == 1
    rows = requests_of(folder_of(done))
    assert {row["status"] for row in rows} >= {"200", "0"}
    run = read(folder_of(done), "run.json")
    assert run["ended"] - run["began"] < 20 + 16 + 10  # the run, stop-timeout, the farewell


def test_straight_to_a_replica_the_firewall_opens_for_the_run_alone(lab: Lab) -> None:
    done = lab.run("loadtest", "--scenario", "health", "--users", "2", "--time", "5s", "--via", "app1")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = requests_of(folder_of(done))
    assert {row["served_by"] for row in rows} == {"app1"}
    assert {row["edge_ms"] for row in rows} == {""}  # nobody in between
    refused = lab.on("locust", "curl", "-sS", "-m", "3", f"http://{lab.plan.address('app1')}:8000/healthz")
    assert refused.returncode == 28, refused  # silence


def test_round_trips_by_connection(lab: Lab) -> None:
    done = lab.run("experiment", "latency-sweep", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "predictions hold" in done.stdout
