"""Whole runs and what is left of them: requests.csv and run.json, beside what the server saw."""

from __future__ import annotations

import csv
import json
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.recording.records import HEADER
from tests.unit.load.conftest import SCENARIOS, Finished, Locust
from tests.unit.load.stub import Stub, serving
from tests.unit.load.test_runs import free_port, wait_for

USERS = 5
READER = ("-f", str(SCENARIOS / "reader.py"), "-u", str(USERS), "-r", "100")
TICKET = "/api/tickets/[id]/"
DELAY_MS = 100.0
TOLD = {
    "Server-Timing": 'app;dur=40.5, db;dur=10;desc="2 queries", edge;dur=60',
    "X-Served-By": "app1",
    "X-Cache": "MISS",
    "X-Request-ID": "0af1",
}
SAID = {
    "status": "200",
    "error": "",
    "served_by": "app1",
    "cache": "MISS",
    "request_id": "0af1",
    "edge_ms": "60",
    "app_ms": "40.5",
    "db_ms": "10",
}


@dataclass(frozen=True)
class Records:
    """What a run has left in its folder."""

    rows: list[dict[str, str]]
    about: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Records:
        with (folder / "requests.csv").open(newline="") as file:
            return cls(list(csv.DictReader(file)), json.loads((folder / "run.json").read_text()))

    @property
    def tickets(self) -> list[dict[str, str]]:
        return [row for row in self.rows if row["name"] == TICKET]

    def under_way(self) -> float:
        """The mean number of requests under way in the steady part, by the requests' own times."""
        began = float(self.about["began"])
        begin, end = (began + self.about["in_flight"][edge] for edge in ("from", "to"))
        spans = [(float(row["sent"]), float(row["service_ms"]) / 1000) for row in self.rows]
        overlaps = (max(0.0, min(end, at + took) - max(begin, at)) for at, took in spans)
        return float(sum(overlaps) / (end - begin))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "run"
    path.mkdir()
    return path


def numbers(rows: list[dict[str, str]], column: str) -> list[float]:
    return [float(row[column]) for row in rows if row[column]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Finished, Stub, Path]]:
    """A run without any trouble, and the server that it asked."""
    folder = tmp_path_factory.mktemp("run")
    with serving() as stub:
        stub.delay, stub.headers = DELAY_MS / 1000, TOLD
        run = Locust(folder).run(*READER, "-t", "4s", "--host", stub.url, LAB_RUN_DIR=str(folder))
        assert run.code == 0, run.output
        yield run, stub, folder


def test_each_request_is_recorded(plain: tuple[Finished, Stub, Path]) -> None:
    run, stub, folder = plain
    left = Records.read(folder)
    assert (folder / "requests.csv").read_text().startswith(HEADER)
    assert len(left.rows) == stub.arrived == run.total("num_requests")
    whose = {(row["scenario"], row["worker"], row["source"]) for row in left.rows}
    assert whose == {("Reader", "local", "127.0.0.1")}
    assert {tuple(row[name] for name in SAID) for row in left.rows} == {tuple(SAID.values())}
    assert {row["bytes_in"] for row in left.tickets} == {str(len('{"id": 1}'))}


def test_its_times_are_recorded(plain: tuple[Finished, Stub, Path]) -> None:
    _, stub, folder = plain
    left = Records.read(folder)
    # Each user connects once, for the first request; nothing is encrypted.
    assert len(numbers(left.rows, "connect_ms")) == stub.connections == USERS
    assert numbers(left.rows, "tls_ms") == []
    assert min(numbers(left.tickets, "first_byte_ms")) >= DELAY_MS
    assert all(float(row["service_ms"]) >= float(row["first_byte_ms"]) for row in left.rows)
    assert all(
        row["response_ms"] == row["service_ms"] and row["intended"] == row["sent"] for row in left.rows
    )


def test_the_run_is_described(plain: tuple[Finished, Stub, Path]) -> None:
    left = Records.read(plain[-1])
    about = left.about
    assert (about["scenarios"], about["users"], about["seconds"], about["code"]) == (["Reader"], USERS, 4, 0)
    assert (about["shape"], about["rate"], about["open_loop"], about["reasons"]) == (None, None, None, [])
    assert {"locust", "python", "gevent", "geventhttpclient"} == set(about["versions"])
    (worker,) = about["workers"]
    assert (worker["id"], worker["requests"], worker["lost"]) == ("local", len(left.rows), False)
    assert 0 < worker["cpu_share"] < 1
    assert {users for _, users in about["users_over_time"][1:]} == {USERS}
    ends = [float(row["sent"]) + float(row["service_ms"]) / 1000 for row in left.rows]
    assert about["began"] < min(numbers(left.rows, "sent"))
    assert about["ended"] == pytest.approx(max(ends), abs=0.001)


def test_requests_under_way_are_counted_apart(plain: tuple[Finished, Stub, Path]) -> None:
    """Little's law's L, by a counter of its own, is what the requests' records come to."""
    left = Records.read(plain[-1])
    assert left.about["in_flight"]["mean"] == pytest.approx(left.under_way(), rel=0.05)
    assert left.about["in_flight"]["mean"] > 1


def test_failures_are_recorded_with_their_cause(locust: Locust, stub: Stub, folder: Path) -> None:
    stub.drop_every = 3
    run = locust.run(*READER, "-t", "2s", "--host", stub.url, LAB_RUN_DIR=str(folder))
    left = Records.read(folder)
    failed = [row for row in left.rows if row["error"]]
    assert len(failed) == stub.dropped == run.total("num_failures") > 0
    assert {(row["status"], row["first_byte_ms"], row["edge_ms"]) for row in failed} == {("0", "", "")}
    assert all("connection closed" in row["error"] for row in failed)
    assert left.about["reasons"] == [f"{len(failed)} of {len(left.rows)} requests failed"]
    assert left.about["code"] == run.code == 1


def test_a_late_start_counts(locust: Locust, stub: Stub, folder: Path) -> None:
    run = locust.run(*READER, "-t", "2s", "--host", stub.url, LAB_RUN_DIR=str(folder), LAB_TEST_LATE="0.5")
    left = Records.read(folder)
    lateness = [float(row["response_ms"]) - float(row["service_ms"]) for row in left.tickets]
    assert min(lateness) >= 500
    assert [float(row["sent"]) - float(row["intended"]) for row in left.tickets] == pytest.approx(
        [late / 1000 for late in lateness], abs=0.001
    )
    assert all(row["response_ms"] == row["service_ms"] for row in left.rows if row not in left.tickets)
    (stats,) = (entry for entry in run.stats if entry["name"] == TICKET)
    assert stats["min_response_time"] == pytest.approx(min(numbers(left.tickets, "response_ms")), abs=0.001)


def test_connections_as_the_options_say(locust: Locust, stub: Stub, folder: Path) -> None:
    addresses = [f"127.0.0.{number}" for number in (1, 5, 6)]
    settings = {
        "LAB_RUN_DIR": str(folder),
        "LAB_TEST_OPTIONS": '{"keep_alive": "off", "sources": "spread"}',
        "LAB_TEST_ADDRESSES": ",".join(addresses),
    }
    run = locust.run(*READER, "-t", "1s", "--host", stub.url, **settings)
    assert run.code == 0, run.output
    left = Records.read(folder)
    assert len(numbers(left.rows, "connect_ms")) == len(left.rows) == stub.connections == stub.arrived
    assert Counter(row["source"] for row in left.rows) == stub.sources
    assert stub.sources.keys() == set(addresses)
    assert left.about["options"]["keep_alive"] == "off"


def test_straight_to_a_replica(locust: Locust, stub: Stub) -> None:
    replica = {"LAB_VIA": f"app1=127.0.0.1:{stub.server_port}", "LAB_TARGETS": "10.10.10.1"}
    run = locust.run(
        *READER, "-t", "1s", "--host", "http://10.10.10.1", LAB_TEST_OPTIONS='{"via": "app1"}', **replica
    )
    assert run.code == 0, run.output
    assert stub.hosts.keys() == {"10.10.10.1"}
    assert stub.arrived == run.total("num_requests") > 0


def test_a_folder_that_is_not_there(locust: Locust, stub: Stub) -> None:
    run = locust.run(*READER, "-t", "1s", "--host", stub.url, LAB_RUN_DIR="/nowhere/run")
    assert (run.code, run.output) == (2, "")
    assert "LAB_RUN_DIR names /nowhere/run, which is not a folder" in run.errors
    assert stub.connections == 0


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "load", [(), ("--rate", "3", "--arrivals", "even", "-t", "60s")], ids=["users", "arrivals"]
)
def test_a_run_that_is_stopped_counts_what_it_sent(
    locust: Locust, stub: Stub, folder: Path, load: tuple[str, ...], sign: signal.Signals
) -> None:
    stub.delay = 1.0
    finish = locust.start(*READER, *load, "--headless", "--host", stub.url, LAB_RUN_DIR=str(folder))
    wait_for(lambda: stub.arrived >= 2 * USERS)  # each is logged in, and waits for an answer
    locust.started[0].send_signal(sign)
    run = finish()
    assert (run.code, run.verdict) == (0, f"PASSED: {stub.arrived} requests, none failed"), run
    assert run.output.count("PASSED") == 1
    assert len(Records.read(folder).rows) == stub.arrived == run.total("num_requests")


def master(locust: Locust, stub: Stub, folder: Path, workers: int, seconds: int) -> tuple[list[Any], Any]:
    """Start a master and its workers, with a run under way when this returns."""
    port = str(free_port())
    own = {"LAB_TEST_OPTIONS": "{}"}
    ended = [locust.start("--worker", "--master-port", port, *READER[:2], **own) for _ in range(workers)]
    finish = locust.start(
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--headless"),
        *("--expect-workers", str(workers), *READER, "-t", f"{seconds}s", "--host", stub.url),
        LAB_RUN_DIR=str(folder),
        **own,
    )
    wait_for(lambda: stub.arrived > 4 * USERS)
    return ended, finish


def test_workers_send_their_records(locust: Locust, stub: Stub, folder: Path) -> None:
    stub.delay = DELAY_MS / 1000
    ended, finish = master(locust, stub, folder, workers=2, seconds=2)
    run: Finished = finish()
    assert run.code == 0, run.output
    assert [end().code for end in ended] == [0, 0]
    left = Records.read(folder)
    assert len(left.rows) == stub.arrived == run.total("num_requests")
    rows = Counter(row["worker"] for row in left.rows)
    assert rows == {worker["id"]: worker["requests"] for worker in left.about["workers"]}
    assert len(rows) == 2
    assert left.about["in_flight"]["mean"] == pytest.approx(left.under_way(), rel=0.05)


def test_a_lost_worker_is_told_and_the_run_goes_on_while_there_is_one(
    locust: Locust, stub: Stub, folder: Path
) -> None:
    _, finish = master(locust, stub, folder, workers=2, seconds=600)
    locust.started[0].kill()
    wait_for(lambda: stub.requests["POST /api/token/"] > USERS)  # the other takes over the users: they log in
    seen = stub.arrived
    wait_for(lambda: stub.arrived > seen + 20 * USERS)
    locust.started[1].kill()
    run: Finished = finish()
    left = Records.read(folder)
    assert run.code == left.about["code"] == 1
    assert "workers lost during the run: 2" in run.verdict
    assert all(worker["lost"] for worker in left.about["workers"])
    first, second = left.about["events"]
    lost = first["what"].removeprefix("generator ").removesuffix(" was lost")
    between = [row for row in left.rows if float(row["sent"]) - left.about["began"] - first["at"] > 0]
    assert {row["worker"] for row in between} == {worker["id"] for worker in left.about["workers"]} - {lost}
    assert second["at"] > first["at"]


def test_a_server_that_stops_is_counted(locust: Locust, stub: Stub, folder: Path) -> None:
    finish = locust.start(*READER, "--headless", "-t", "4s", "--host", stub.url, LAB_RUN_DIR=str(folder))
    wait_for(lambda: stub.arrived > 4 * USERS)
    stub.stop()
    run: Finished = finish()
    left = Records.read(folder)
    assert run.code == 1
    assert len(left.rows) == run.total("num_requests")
    refused = [row for row in left.rows if "Connection refused" in row["error"]]
    assert refused
    assert {(row["status"], row["connect_ms"]) for row in refused} == {("0", "")}
    asked = left.about["seconds"]
    assert left.about["ended"] - left.about["began"] < 2 * asked, "it ends in time"


def test_a_server_that_falls_silent_is_counted(locust: Locust, stub: Stub, folder: Path) -> None:
    settings = {"LAB_RUN_DIR": str(folder), "LAB_TEST_TIMEOUT": "0.5"}
    finish = locust.start(*READER, "--headless", "-t", "3s", "--host", stub.url, **settings)
    wait_for(lambda: stub.arrived > 4 * USERS)
    stub.delay = 60.0
    run: Finished = finish()
    left = Records.read(folder)
    assert (run.code, run.total("num_requests"), len(left.rows)) == (1, stub.arrived, stub.arrived)
    silent = [row for row in left.rows if row["error"] == "no answer: TimeoutError('timed out')"]
    assert len(silent) == run.total("num_failures") >= USERS
    assert min(numbers(silent, "service_ms")) >= 500
    assert {(row["status"], row["first_byte_ms"]) for row in silent} == {("0", "")}
