"""The scenarios against the real service: each shows what it says it shows."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from benchmarks.site import manage
from tests.edge.conftest import Site, serving_site
from tests.unit.load.conftest import Finished, Locust

THROTTLE = 3  # anonymous tickets a minute, in serving_site
BURST, LOGINS_A_SECOND = 100, 5  # nginx.conf
SIDE = 258  # uploads.py
SLOW_USERS = 3  # of each kind
COUNT = "SELECT count(*) FROM ticketing_ticket"


@dataclass(frozen=True)
class Run:
    """One scenario's run: how it ended, and what Nginx has on its requests."""

    finished: Finished
    lines: list[dict[str, Any]]

    def counts(self) -> dict[str, int]:
        """Requests by method and name."""
        return {f"{each['method']} {each['name']}": each["num_requests"] for each in self.finished.stats}

    def median(self, name: str) -> float:
        """Of the response times, in ms."""
        (times,) = (each["response_times"] for each in self.finished.stats if each["name"] == name)
        return median(float(time) for time, count in times.items() for _ in range(count))

    def asked(self, method: str, uri: str) -> list[dict[str, Any]]:
        """Nginx's lines on the requests to addresses that match the whole pattern."""
        return [each for each in self.lines if each["method"] == method and re.fullmatch(uri, each["uri"])]


Start = Callable[..., Callable[[], Run]]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of our own: the scenarios change its tickets, and use up what an address may do."""
    with serving_site(tmp_path_factory.mktemp("scenarios-site")) as site:
        yield site


@pytest.fixture(scope="module")
def start(own: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a scenario against the site; the returned function waits for its end.

    Runs at the same time are told apart by the name that they call the service by.
    """
    locust = Locust(tmp_path_factory.mktemp("scenarios"))
    users = str(own.directory / "users.json")

    def begin(files: str, *options: str, name: str = "127.0.0.1") -> Callable[[], Run]:
        host = f"http://{name}:{own.port}"
        known = len(nginx_lines(own))
        finish = locust.start(
            *("--headless", "-f", files, "-r", "100", "--host", host, *options), LAB_USERS_FILE=users
        )

        def end() -> Run:
            finished = finish()
            assert finished.code == 0, (finished.output, finished.errors)
            return Run(finished, [each for each in nginx_lines(own)[known:] if each["host"] == name])

        return end

    yield begin
    for process in locust.started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def slow_begun(start: Start) -> Callable[[], Run]:
    """Slow clients, with health beside them, for as long as a slowloris may; others run meanwhile."""
    return start("slow_client.py,health.py", "-u", str(4 * SLOW_USERS), "-t", "11s", name="localhost")


@pytest.fixture(scope="module")
def slow(slow_begun: Callable[[], Run]) -> Run:
    """The same at its end."""
    return slow_begun()


def nginx_lines(site: Site) -> list[dict[str, Any]]:
    """What Nginx has logged by now, a request that is sent for it included."""
    marker = f"marker-{uuid4()}"
    site.ask("/static/nothing", headers={"X-Request-ID": marker})
    site.log_line(marker)
    return [json.loads(line) for line in site.log.read_text().splitlines() if line.startswith("{")]


def rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    """What the service's database has."""
    with closing(sqlite3.connect(f"file:{site.directory / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def test_report_storm_is_throttled_and_told_apart(own: Site, start: Start) -> None:
    ((before,),) = rows(own, COUNT)
    began = time.time() // 60
    run = start("report_storm.py", "-u", "5", "-t", "3s")()
    minutes = time.time() // 60 - began + 1
    counts = run.counts()
    assert THROTTLE <= counts["POST /api/tickets/"] <= THROTTLE * minutes
    assert counts["POST /api/tickets/ → 429"] > 2 * THROTTLE
    ((after,),) = rows(own, COUNT)
    assert after - before == counts["POST /api/tickets/"]


@pytest.mark.usefixtures("slow_begun")
def test_helpdesk_gives_each_ticket_to_one_agent(own: Site, start: Start) -> None:
    counts = start("helpdesk.py", "-u", "6", "-t", "5s", "--think-time", "0")().counts()
    assert counts["PATCH /api/tickets/[id]/ take → 412"] > 0, "nobody was quicker than anybody"
    ((taken, resolved),) = rows(
        own, "SELECT count(assignee_id), sum(status = 'resolved') FROM ticketing_ticket"
    )
    assert taken == counts["PATCH /api/tickets/[id]/ take"]
    assert resolved == counts["PATCH /api/tickets/[id]/ resolve"] > 10
    ((comments,),) = rows(own, "SELECT count(*) FROM ticketing_comment")
    assert comments == counts["POST /api/tickets/[id]/comments/"]


def test_uploads_go_up(own: Site, start: Start) -> None:
    run = start("uploads.py", "-u", "2", "-t", "3s", "--think-time", "0.1")()
    puts = run.asked("PUT", "/api/tickets/[0-9]+/image/")
    assert len(puts) == run.counts()["PUT /api/tickets/[id]/image/"] > 4
    assert sum(put["bytes_in"] for put in puts) > 100 * sum(put["bytes_out"] for put in puts)
    assert all(put["bytes_in"] > 3 * SIDE**2 for put in puts)
    for picture in (own.directory / "media/images").iterdir():
        with Image.open(picture) as image:
            assert (image.format, image.size) == ("PNG", (SIDE, SIDE))


def test_connections_differ_in_their_number(start: Start) -> None:
    run = start("connections.py", "-u", "6", "-t", "2s", "--think-time", "0.1")()
    counts = run.counts()
    asked = run.asked("GET", "/healthz")
    assert len(asked) == sum(counts.values())
    kept = 3  # half of the users
    assert len({each["connection"] for each in asked}) == counts["GET /healthz on a new connection"] + kept
    assert counts["GET /healthz on a kept one"] > 2 * kept


def test_browse_mostly_reads(start: Start) -> None:
    counts = start("browse.py", "-u", "2", "-t", "3s", "--think-time", "0.05")().counts()
    assert counts["POST /api/token/"] == 2
    reads = sum(count for name, count in counts.items() if name.startswith("GET"))
    assert reads > 4 * counts.get("POST /api/tickets/", 0)
    assert counts["GET /api/tickets/[id]/"] > 0


def test_health_is_one_small_answer(slow: Run) -> None:
    (entry,) = (each for each in slow.finished.stats if each["name"] == "/healthz")
    assert entry["total_content_length"] == len('{"status": "ok"}') * entry["num_requests"] > 0


def test_nginx_keeps_slow_clients_from_the_app(slow: Run) -> None:
    assert slow.counts()["GET /healthz without an end"] == SLOW_USERS
    sent = [line for line in slow.asked("POST", "/api/tickets/") if line["request_time"] > 1]
    assert len(sent) >= SLOW_USERS
    shares = [float(line["upstream_response_time"]) / line["request_time"] for line in sent]
    assert median(shares) < 0.1, "Nginx should have had the whole body before it asked the app"
    for name in ("/api/tickets/ sent slowly → 429", "/api/schema/ read slowly"):
        assert slow.median("/healthz") < slow.median(name) / 10


def test_pages_show_what_a_page_number_costs(own: Site, start: Start) -> None:
    users = 2
    fill(own, 40_000)
    run = start("pages.py", "-u", str(users), "-t", "4s", "--think-time", "0.05")()
    assert run.median("/api/tickets/?page=last") > 1.5 * run.median("/api/tickets/?cursor")
    walked = [line["uri"] for line in run.asked("GET", r"/api/tickets/\?cursor=.+")]
    assert len(walked) <= users * len(set(walked)), "somebody read a page twice"


def test_abuse_meets_the_limits_and_tells_when(own: Site, start: Start) -> None:
    began = time.monotonic()
    run = start("abuse.py", "-u", "4", "-t", "3s")()
    seconds = time.monotonic() - began
    counts = run.counts()
    let_in = counts["POST /api/token/ → 400"]
    assert let_in <= 1 + BURST + LOGINS_A_SECOND * seconds
    assert counts["POST /api/token/ → 429"] > 0
    assert counts["POST /api/tickets/ → 429"] > counts.get("POST /api/tickets/ → 400", 0)
    assert counts["GET /healthz"] > 0
    first = re.search(
        r"POST /api/token/: 429 for (\d+) of (\d+); the first: request (\d+), after", run.finished.errors
    )
    assert first
    refused, sent, number = (int(group) for group in first.groups())
    assert (refused, sent) == (counts["POST /api/token/ → 429"], let_in + refused)
    assert number <= let_in + 1


def fill(site: Site, count: int) -> None:
    """Load so many tickets more."""
    words = (line.partition("=") for line in (site.directory / "env").read_text().splitlines())
    settings = {name: shlex.split(value)[0] for name, _, value in words}
    settings |= {"PATH": os.environ["PATH"], "SQLITE_TMPDIR": str(site.directory)}
    file = str(site.directory / "many.json")
    manage(settings, "generate_tickets", "--count", str(count), "--seed", "11", "--output", file)
    manage(settings, "load_tickets", file)
