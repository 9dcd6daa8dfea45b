"""The service with a million tickets beside the service with 1,300: how long one request takes.

Two servers, one client, one connection to each. Requests go to one and to the other in turn, so that both
meet the same machine; what counts is the ratio of the medians.
"""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks.report import Result, progress
from benchmarks.service import data
from benchmarks.service.line import Line
from benchmarks.service.servers import LIST, Server
from lab.errors import LabError

MANY, FEW = 1_000_000, 1_300
DEPTH = 0.9  # of the list: where the page that is far down begins
PAIRS = 200
WARM_UP = 20
BOUND = 1.3
FILTER = "priority=3&department=4"


@dataclass(frozen=True, slots=True)
class Tickets:
    """A server, and the SQLite file from whose copy it answers."""

    server: Server
    database: Path

    def moment(self, place: int) -> str:
        """When the ticket at a place of the list (from 0) was filed."""
        newest = "SELECT created_at FROM ticketing_ticket ORDER BY created_at DESC, id DESC"
        return self._ask(f"{newest} LIMIT 1 OFFSET ?", place).replace(" ", "T") + "Z"

    def place(self, ticket: int) -> int:
        """The place of a ticket in the list."""
        statement = """
            SELECT count(*) FROM ticketing_ticket AS other, ticketing_ticket AS this WHERE this.id = ?
            AND (other.created_at, other.id) > (this.created_at, this.id)
        """
        return int(self._ask(statement, ticket))

    def count(self) -> int:
        """How many tickets there are."""
        return int(self._ask("SELECT count(*) FROM ticketing_ticket"))

    def _ask(self, statement: str, *values: int) -> str:
        with closing(sqlite3.connect(self.database)) as connection:
            return str(connection.execute(statement, values).fetchone()[0])


def deep(tickets: Tickets, token: str) -> str:
    """The path of the page at `DEPTH` of the list, by cursor.

    Found as a client would: a filter begins the list there, and the page's `next` without the filter is a
    cursor into the whole list. Raises LabError when it does not lead where it should.
    """
    wanted = round(DEPTH * tickets.count())
    last, following = _page(tickets, f"{LIST}?cursor=&created_before={tickets.moment(wanted)}", token)
    query = {name: value for name, value in parse_qsl(following) if name != "created_before"}
    path = f"{LIST}?{urlencode(query)}"
    end, _following = _page(tickets, path, token)
    if not (wanted < tickets.place(last) == tickets.place(end) - 50 < wanted + 200):
        raise LabError(f"The cursor does not lead to place {wanted:,} of the list.")
    return path


def _page(tickets: Tickets, path: str, token: str) -> tuple[int, str]:
    """The id of a page's last ticket, and the query of its `next`."""
    status, page = tickets.server.ask("GET", path, token)
    if status != 200 or not page["next"] or len(page["results"]) != 50:
        raise LabError(f"GET {path} answered {status} and no full page")
    return page["results"][-1]["id"], urlsplit(page["next"]).query


PAGES: Mapping[str, Callable[[Tickets, str], str]] = {
    "first page": lambda _tickets, _token: LIST,
    "first page, by cursor": lambda _tickets, _token: f"{LIST}?cursor=",
    f"{DEPTH:.0%} down, by cursor": deep,
    "filtered page": lambda _tickets, _token: f"{LIST}?{FILTER}",
    "filtered page, by cursor": lambda _tickets, _token: f"{LIST}?{FILTER}&cursor=",
}


def results(many: Tickets, few: Tickets) -> Iterator[Result]:
    """Measure every page on both servers in turn, and compare."""
    for name, path in PAGES.items():
        token = few.server.token(data.INSTRUCTOR)
        with (
            Line(many.server.port, path(many, token), token) as one,
            Line(few.server.port, path(few, token), token) as other,
        ):
            pairs = [(one.ask(), other.ask()) for _ in range(WARM_UP + PAIRS)][WARM_UP:]
        progress(f"{name}, {many.count():,} and {few.count():,} tickets")
        yield judge(name, [first for first, _ in pairs], [second for _, second in pairs])


def judge(name: str, many: list[float], few: list[float]) -> Result:
    """Medians of both (seconds), and whether their ratio is what is promised."""
    slow, quick = statistics.median(many), statistics.median(few)
    return Result(
        what=name,
        seen=(f"{slow * 1000:.2f} ms", f"{quick * 1000:.2f} ms", f"x {slow / quick:.2f}"),
        bound=f"≤ x {BOUND}",
        kept=slow <= BOUND * quick,
    )
