"""Pages: reading a long list, by page number and by cursor.

Each user is an agent who reads the first page of all their tickets, the last one by its number, and one
deeper and deeper in by the cursor that the page before gave (and from the start again after the last).

What it shows: what a page number costs. To find the last page the database walks past all the others, and
counts them; a cursor says where the page before ended, and an index finds the place in one step. With 1,300
tickets the three rows are alike; with 100,000 (make seed COUNT=100000, then make load) `?page=last` takes
several times as long as `?page=1` and `?cursor`, all of it in the database's share of the time.

Exercises: 9 (load and queueing), 11 (measuring honestly).
Run it with:  locust -f pages.py --headless -u 10 -r 2 -t 30s
"""

from collections.abc import Mapping
from typing import Any

from locust import between, task

from common.people import Agent

LIST = "/api/tickets/"


def next_page(body: Mapping[str, Any]) -> str | None:
    """Read where the next page is; None if this is the last."""
    link = body["next"]
    return None if link is None else str(link)


class Pages(Agent):
    """An agent who reads to the end."""

    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        """Begin at the first page."""
        self.place: str | None = None

    @task
    def first(self) -> None:
        """Read the first page, which is what most people do."""
        self.read_page(f"{LIST}?page=1", name=f"{LIST}?page=1")

    @task
    def last(self) -> None:
        """Read the last page by its number."""
        self.read_page(f"{LIST}?page=last", name=f"{LIST}?page=last")

    @task
    def further(self) -> None:
        """Read on where the last cursor ended."""
        self.place = self.read_page(self.place or f"{LIST}?cursor=", name=f"{LIST}?cursor")

    def read_page(self, path: str, name: str) -> str | None:
        """Read one page and return where the next one is."""
        return self.call("GET", path, name=name, read=next_page, headers=self.session.headers())
