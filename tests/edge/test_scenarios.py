"""The scenarios against the real service: each shows what it says it shows."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from benchmarks.site import manage
from lab import paths
from lab.drills import ledger
from lab.drills.ledger import Ticket
from tests.edge.conftest import Site, serving_site, wait_until
from tests.unit.load.conftest import Finished, Locust

THROTTLE = 3  # anonymous tickets a minute, in serving_site
BURST, LOGINS_A_SECOND = 100, 5  # nginx.conf
SIDE = 258  # uploads.py
SLOW_USERS = 3  # of each kind
UNTIL = Path(__file__).with_name("until.py")
TICKET = "/api/tickets/[0-9]+/"
COUNT = "SELECT count(*) FROM ticketing_ticket"

Line = dict[str, Any]  # of Nginx's access log


@dataclass(frozen=True)
class Run:
    """One scenario's run: how it ended, and what Nginx has on its requests."""

    finished: Finished
    lines: list[Line]

    def counts(self) -> dict[str, int]:
        """Requests by method and name."""
        return {f"{each['method']} {each['name']}": each["num_requests"] for each in self.finished.stats}

    def median(self, name: str) -> float:
        """Of the response times, in ms."""
        (times,) = (each["response_times"] for each in self.finished.stats if each["name"] == name)
        return median(float(time) for time, count in times.items() for _ in range(count))


@dataclass(frozen=True)
class Running:
    """A scenario that runs, until somebody has seen enough."""

    site: Site
    name: str  # of the host, by which runs at the same time are told apart
    known: int  # lines of Nginx's log that were there before
    enough: Path  # the file that ends it
    process: subprocess.Popen[str]
    finish: Callable[[], Finished]

    def lines(self) -> list[Line]:
        """What Nginx has logged of its requests by now."""
        own = (json.loads(line) for line in log_lines(self.site)[self.known :] if line.startswith("{"))
        return [line for line in own if line["host"] == self.name]

    def end(self, when: Callable[[list[Line]], bool]) -> Run:
        """End it when enough is in Nginx's log, or when its time is up; it must have passed."""
        wait_until(lambda: when(self.lines()) or self.process.poll() is not None, seconds=70)
        self.enough.touch()
        finished = self.finish()
        assert finished.code == 0, (finished.output, finished.errors)
        self.site.ask("/static/nothing", headers={"X-Request-ID": self.enough.name})
        self.site.log_line(self.enough.name)  # so the lines before it are there as well
        return Run(finished, self.lines())


Start = Callable[..., Running]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of our own: the scenarios change its tickets, and use up what an address may do."""
    with serving_site(tmp_path_factory.mktemp("scenarios-site")) as site:
        yield site


@pytest.fixture(scope="module")
def start(own: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a scenario against the site."""
    directory = tmp_path_factory.mktemp("scenarios")
    locust = Locust(directory)
    settings = {"LAB_USERS_FILE": str(own.directory / "users.json")}

    def begin(
        files: str, users: int, pause: str = "", name: str = "127.0.0.1", time: str = "60s", into: str = ""
    ) -> Running:
        known, enough = len(log_lines(own)), directory / f"enough-{uuid4()}"
        finish = locust.start(
            *("--headless", "-f", f"{files},{UNTIL}", "-u", str(users), "-r", "100", "-t", time),
            *("--host", f"http://{name}:{own.port}", "--think-time", pause),
            **settings,
            UNTIL=str(enough),
            LAB_RUN_DIR=into,
        )
        return Running(own, name, known, enough, locust.started[-1], finish)

    yield begin
    for process in locust.started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def slow_begun(start: Start) -> Running:
    """Slow clients, with health beside them; others run meanwhile.

    They begin for eight seconds, and a slowloris holds on for ten, so each of them does so once.
    """
    return start("slow_client.py,health.py", 4 * SLOW_USERS, name="localhost", time="8s")


@pytest.fixture(scope="module")
def slow(slow_begun: Running) -> Run:
    """The same at its end."""
    return slow_begun.end(when=lambda _: False)


def log_lines(site: Site) -> list[str]:
    """The whole lines of Nginx's log: its messages, and requests as JSON."""
    return site.log.read_text().rpartition("\n")[0].splitlines()


def asked(lines: list[Line], method: str, uri: str, *statuses: int) -> list[Line]:
    """The requests to addresses that match the whole pattern, that were answered with one of the statuses."""
    found = [line for line in lines if line["method"] == method and re.fullmatch(uri, line["uri"])]
    return [line for line in found if not statuses or line["status"] in statuses]


def have(count: int, method: str, uri: str, *statuses: int) -> Callable[[list[Line]], bool]:
    """The condition that so many of such requests were answered."""
    return lambda lines: len(asked(lines, method, uri, *statuses)) >= count


def rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    """What the service's database has."""
    with closing(sqlite3.connect(f"file:{site.directory / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def test_report_storm_is_throttled_and_told_apart(own: Site, start: Start) -> None:
    ((before,),) = rows(own, COUNT)
    began = time.time() // 60
    run = start("report_storm.py", 5).end(have(10, "POST", "/api/tickets/", 429))
    minutes = time.time() // 60 - began + 1
    counts = run.counts()
    assert THROTTLE <= counts["POST /api/tickets/"] <= THROTTLE * minutes
    assert counts["POST /api/tickets/ → 429"] >= 10
    ((after,),) = rows(own, COUNT)
    assert after - before == counts["POST /api/tickets/"]


@pytest.mark.usefixtures("slow_begun")
def test_helpdesk_gives_each_ticket_to_one_agent(own: Site, start: Start) -> None:
    quicker, done = have(1, "PATCH", TICKET, 412), have(20, "PATCH", TICKET, 200)
    counts = start("helpdesk.py", 6, "0.1").end(lambda lines: quicker(lines) and done(lines)).counts()
    assert counts["PATCH /api/tickets/[id]/ take → 412"] > 0, "nobody was quicker than anybody"
    ((taken, resolved),) = rows(
        own, "SELECT count(assignee_id), sum(status = 'resolved') FROM ticketing_ticket"
    )
    assert taken == counts["PATCH /api/tickets/[id]/ take"]
    assert resolved == counts["PATCH /api/tickets/[id]/ resolve"] > 0
    ((comments,),) = rows(own, "SELECT count(*) FROM ticketing_comment")
    assert comments == counts["POST /api/tickets/[id]/comments/"]


def test_the_ledger_tells_what_is_filed(own: Site, start: Start, tmp_path: Path) -> None:
    run = start("ledger.py", 4, into=str(tmp_path)).end(have(10, "POST", "/api/tickets/", 201))
    with (tmp_path / "ledger.jsonl").open() as lines:
        entries = ledger.read(lines)
    query = f"SELECT id, issue FROM ticketing_ticket WHERE device = '{tmp_path.name}'"  # noqa: S608 - ours
    account = ledger.compare(entries, [Ticket(*row) for row in rows(own, query)])
    assert account.exact, account.sentence
    assert account.acknowledged == account.tickets == run.counts()["POST /api/tickets/"]


def test_uploads_go_up(own: Site, start: Start) -> None:
    run = start("uploads.py", 2, "0.1").end(have(5, "PUT", f"{TICKET}image/"))
    puts = asked(run.lines, "PUT", f"{TICKET}image/")
    assert len(puts) == run.counts()["PUT /api/tickets/[id]/image/"]
    assert sum(put["bytes_in"] for put in puts) > 100 * sum(put["bytes_out"] for put in puts)
    assert all(put["bytes_in"] > 3 * SIDE**2 for put in puts)
    for picture in (own.directory / "media/images").iterdir():
        with Image.open(picture) as image:
            assert (image.format, image.size) == ("PNG", (SIDE, SIDE))


def test_connections_differ_in_their_number(start: Start) -> None:
    run = start("connections.py", 6, "0.1").end(have(40, "GET", "/healthz"))
    counts = run.counts()
    lines = asked(run.lines, "GET", "/healthz")
    assert len(lines) == sum(counts.values())
    kept = 3  # half of the users
    assert len({line["connection"] for line in lines}) == counts["GET /healthz on a new connection"] + kept
    assert counts["GET /healthz on a kept one"] > 2 * kept


def test_browse_mostly_reads(start: Start) -> None:
    counts = start("browse.py", 2, "0.05").end(have(5, "GET", TICKET)).counts()
    assert counts["POST /api/token/"] == 2
    reads = sum(count for name, count in counts.items() if name.startswith("GET"))
    assert reads > 2 * counts.get("POST /api/tickets/", 0)
    assert counts["GET /api/tickets/[id]/"] > 0


def test_long_pages_are_long_and_visitors_have_no_name(start: Start) -> None:
    run = start("anonymous.py,long_pages.py", 2, "0.1").end(have(3, "GET", r"/api/tickets/\?page_size=200"))
    assert run.counts()["POST /api/token/"] == 1  # the agent alone
    assert run.counts()["GET /api/departments/"] > 0
    long = asked(run.lines, "GET", r"/api/tickets/\?page_size=200")
    assert all(line["bytes_out"] > 50_000 for line in long)


def test_the_example_in_the_docs_works(start: Start, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (paths.ROOT / "docs/scenarios.md").read_text(), re.DOTALL)
    assert len([line for line in example.splitlines() if line]) <= 10
    file = tmp_path / "statistics.py"
    file.write_text(example)
    counts = start(str(file), 2, "0.1").end(have(2, "GET", "/api/stats/")).counts()
    assert counts.keys() == {"GET /api/stats/"}
    assert counts["GET /api/stats/"] >= 2


def test_health_is_one_small_answer(slow: Run) -> None:
    (entry,) = (each for each in slow.finished.stats if each["name"] == "/healthz")
    assert entry["total_content_length"] == len('{"status": "ok"}') * entry["num_requests"] > 0


def test_nginx_keeps_slow_clients_from_the_app(slow: Run) -> None:
    assert slow.counts()["GET /healthz without an end"] == SLOW_USERS
    sent = [line for line in asked(slow.lines, "POST", "/api/tickets/") if line["request_time"] > 1]
    assert len(sent) >= SLOW_USERS
    shares = [float(line["upstream_response_time"]) / line["request_time"] for line in sent]
    assert median(shares) < 0.25, "Nginx should have had the whole body before it asked the app"
    took = 1000 * median(line["request_time"] for line in sent)
    assert slow.median("/healthz") < min(took, slow.median("/api/schema/ read slowly")) / 10


def test_pages_show_what_a_page_number_costs(own: Site, start: Start) -> None:
    users = 2
    fill(own, 40_000)
    run = start("pages.py", users, "0.05").end(
        lambda lines: all(
            have(15, "GET", rf"/api/tickets/\?{kind}.*")(lines) for kind in ("page=last", "cursor")
        )
    )
    assert run.median("/api/tickets/?page=last") > 1.5 * run.median("/api/tickets/?cursor")
    walked = [line["uri"] for line in asked(run.lines, "GET", r"/api/tickets/\?cursor=.+")]
    assert len(set(walked)) > 1
    assert len(walked) <= users * len(set(walked)), "somebody read a page twice"


def test_abuse_meets_the_limits_and_tells_when(own: Site, start: Start) -> None:
    began = time.monotonic()
    run = start("abuse.py", 6).end(have(10, "POST", "/api/token/", 429))
    seconds = time.monotonic() - began
    counts = run.counts()
    let_in = counts["POST /api/token/ → 400"]
    assert let_in <= 1 + BURST + LOGINS_A_SECOND * seconds
    assert counts["POST /api/token/ → 429"] > 0
    assert counts["POST /api/tickets/ → 429"] > 0
    assert counts.get("POST /api/tickets/ → 400", 0) <= 2 * THROTTLE  # two, should a minute end meanwhile
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
