"""Whole runs: what reaches the server, what Locust counts, and how the process ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

from tests.unit.load.conftest import SCENARIOS, Locust
from tests.unit.load.stub import Stub

USERS = 60
LOAD = ("-u", str(USERS), "-r", "100")
STRAINED = ("-f", str(SCENARIOS / "strained.py"), "-u", "2", "-r", "100")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_healthy_service_passes(locust: Locust, stub: Stub) -> None:
    stub.token_lifetime = 0.5
    run = locust.run(*LOAD, "-t", "8s", "--host", stub.url)
    assert (run.code, run.verdict) == (0, f"PASSED: {stub.arrived} requests, none failed"), run
    assert run.total("num_requests") == stub.arrived >= 2 * USERS
    assert stub.connections == USERS  # each user keeps one alive
    assert stub.logged_in == {"agent1": USERS / 2, "agent2": USERS / 2}  # once each, by turns
    assert stub.requests["POST /api/token/refresh/"] > 0


def test_broken_service_fails(locust: Locust, stub: Stub) -> None:
    stub.broken = True
    run = locust.run(*LOAD, "-t", "2s", "--host", stub.url)
    broken = stub.arrived - stub.logged_in.total()
    assert broken > 0
    assert (run.code, run.verdict) == (1, f"FAILED: {broken} of {stub.arrived} requests failed"), run
    assert "500 instead of 200 (broken)" in run.output


def test_nothing_is_sent_twice(locust: Locust, stub: Stub) -> None:
    stub.drop_every = 3
    run = locust.run(*LOAD, "-t", "2s", "--host", stub.url)
    assert stub.dropped > 2
    assert run.total("num_requests") == stub.arrived
    assert run.total("num_failures") == stub.dropped
    assert run.code == 1
    # Only a dropped connection is replaced.
    assert stub.connections <= USERS + stub.dropped


def test_refused_target_gets_nothing(locust: Locust, stub: Stub) -> None:
    run = locust.run(*LOAD, "-t", "1s", "--host", stub.url, LAB_TARGETS="10.10.10.1")
    assert (run.code, run.output) == (2, "")
    assert "127.0.0.1 is not one of the lab's hosts (10.10.10.1)" in run.errors
    assert "LAB_TARGETS=10.10.10.1,127.0.0.1" in run.errors
    assert "Traceback" not in run.errors
    assert (stub.connections, stub.arrived) == (0, 0)


def test_scenario_cannot_leave_the_lab(locust: Locust, stub: Stub) -> None:
    run = locust.run(
        *("-f", str(SCENARIOS / "stray.py"), "-t", "1s", "--host", stub.url), LAB_TARGETS="127.0.0.1"
    )
    assert run.code == 1
    assert "localhost is not one of the lab's hosts" in run.output
    assert stub.connections == 0


def test_web_ui_refuses_other_targets(locust: Locust, stub: Stub) -> None:
    port = free_port()
    finish = locust.start("--web-port", str(port), LAB_TARGETS="10.10.10.1")
    form = urllib.parse.urlencode({"user_count": 1, "spawn_rate": 1, "host": stub.url}).encode()
    answers = []

    def asked() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", form, timeout=5) as answer:
                answers.append(json.load(answer))
        except urllib.error.URLError:
            return False
        return True

    wait_for(asked)
    locust.started[0].send_signal(signal.SIGTERM)
    assert finish().code == 0  # no run, no verdict
    assert answers[0]["success"] is False
    assert "127.0.0.1 is not one of the lab's hosts" in answers[0]["message"]
    assert stub.connections == 0


def test_missing_users_file(locust: Locust, stub: Stub) -> None:
    run = locust.run("-t", "1s", "--host", stub.url, LAB_USERS_FILE="/nowhere/users.json")
    assert (run.code, run.output) == (2, "")
    assert "Cannot read the users file /nowhere/users.json (No such file or directory)" in run.errors
    assert "Traceback" not in run.errors


def test_saturated_generator_fails(locust: Locust, stub: Stub) -> None:
    run = locust.run(
        "-f", str(SCENARIOS / "busy.py"), "-u", "2", "-r", "100", "-t", "50s", "--host", stub.url
    )
    assert run.total("num_failures") == 0
    assert run.code == 1
    # Which of the signs of it comes first depends on how much of a core the machine has left for it.
    assert run.verdict.startswith("FAILED: a load generator ")
    assert "so the times are its own and not the network's" in run.verdict


def test_generator_that_others_keep_from_its_core_fails(locust: Locust, stub: Stub) -> None:
    """It never uses 90 % of a core, since it does not get that much: Locust itself sees nothing."""
    core = {min(os.sched_getaffinity(0))}
    endless = [sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(endless) as other:
        os.sched_setaffinity(other.pid, core)
        finish = locust.start(*STRAINED, "--headless", "-t", "5s", "--host", stub.url, "Greedy")
        os.sched_setaffinity(locust.started[0].pid, core)
        run = finish()
        other.kill()
    assert run.code == 1
    assert re.search(r"needed (9\d|100) % of a processor core and got \d\d? %", run.verdict), run


def test_generator_that_its_scenario_holds_up_fails(locust: Locust, stub: Stub) -> None:
    run = locust.run(*STRAINED, "-t", "5s", "--host", stub.url, "Stuck")
    assert run.total("num_failures") == 0
    assert run.code == 1
    assert re.search(r"was late by \d{2,3} ms on average, held up by its own scenario", run.verdict), run


def test_master_judges_what_workers_did(locust: Locust, stub: Stub) -> None:
    stub.delay = 1.0  # as long as the run: GETs are still under way at its end
    port = str(free_port())
    worker = locust.start("--worker", "--master-port", port)
    run = locust.run(
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "1"),
        *(*LOAD, "-t", "1s", "--host", stub.url),
    )
    assert (run.code, run.verdict) == (0, f"PASSED: {stub.arrived} requests, none failed"), run
    assert worker().code == 0
    assert run.total("num_requests") >= USERS
    # The worker kept tenths of a millisecond.
    times = [float(key) for entry in run.stats for key in entry["response_times"]]
    assert any(time % 1 for time in times)


def test_lost_worker_fails_the_run(locust: Locust, stub: Stub) -> None:
    port = str(free_port())
    locust.start("--worker", "--master-port", port)
    finish = locust.start(
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "1"),
        *("--headless", *LOAD, "-t", "30s", "--host", stub.url),
    )
    wait_for(lambda: stub.arrived > USERS)
    locust.started[0].send_signal(signal.SIGTERM)
    run = finish()
    assert run.code == 1
    assert "workers lost during the run: 1" in run.verdict
    # It was told to end, and so could report its last requests before it went.
    assert run.total("num_requests") == stub.arrived
