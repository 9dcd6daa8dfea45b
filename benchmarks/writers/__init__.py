"""Sixteen clients that file tickets at once, and the count afterwards: `make bench-writers`."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import requests

from benchmarks.site import environment, manage
from lab.dev import programs
from lab.dev.supervisor import Supervisor

WRITERS = 16
USER = {"username": "writer", "password": "sixteen-times-faster-9", "role": "instructor"}
TICKET = {
    "name": "Writer",
    "email": "writer@example.com",
    "phone": "1",
    "issue": "Login Issues",
    "department": 1,
}


@dataclass(frozen=True)
class Tally:
    """What the clients were told, and what the database says."""

    seconds: float
    statuses: Counter[int]
    acknowledged: list[int] = field(repr=False)  # the tickets' ids
    stored: Counter[int] = field(repr=False)  # rows by ticket id
    created: Counter[int] = field(repr=False)  # events of creation by ticket id

    @property
    def lost(self) -> list[int]:
        """Tickets that a client was told of, and that are not there once, with one event."""
        once = [pk for pk in self.acknowledged if self.stored[pk] == 1 and self.created[pk] == 1]
        return sorted((Counter(self.acknowledged) - Counter(set(once))).elements())


def write(directory: Path, ports: Sequence[int], seconds: float, url: str = "") -> Tally:
    """File tickets through one Gunicorn on each of the `ports` for so long, and count them.

    The Gunicorns are those of `make dev`, on one SQLite file in `directory`, or on the empty database at
    `url`; the clients keep their connections, and each waits for one answer before it files the next ticket.
    """
    settings = environment(directory, NUM_PROXIES="0", MEDIA_ROOT=str(directory / "media"))
    settings |= {"DATABASE_URL": url} if url else {}
    prepare(directory, settings)
    with Supervisor() as supervisor:
        for port in ports:
            supervisor.start(programs.app(port, settings, directory / f"{port}.log"))
        supervisor.wait_until_ready()
        token = _token(ports[0])
        begin = time.monotonic()
        answers = _answers(ports, token, begin + seconds)
        passed = time.monotonic() - begin
    acknowledged = [pk for status, pk in answers if status == requests.codes.created]
    stored, created = _in_database(settings)
    return Tally(passed, Counter(status for status, _ in answers), acknowledged, stored, created)


def prepare(directory: Path, settings: dict[str, str]) -> None:
    """A migrated database with one ticket, and USER."""
    users, tickets = directory / "users.json", directory / "tickets.json"
    users.write_text(json.dumps([USER]))
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "ensure_users", str(users))
    manage(settings, "generate_tickets", "--count", "1", "--output", str(tickets))
    manage(settings, "load_tickets", str(tickets))


def _token(port: int) -> str:
    credentials = {name: USER[name] for name in ("username", "password")}
    answer = requests.post(f"http://127.0.0.1:{port}/api/token/", json=credentials, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access"])


def _answers(ports: Sequence[int], token: str, end: float) -> list[tuple[int, int]]:
    """Status and ticket id (0 if there is none) of every request, which all writers begin together."""
    start = threading.Barrier(WRITERS)

    def writer(port: int) -> list[tuple[int, int]]:
        said = []
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            start.wait()
            while time.monotonic() < end:
                answer = session.post(f"http://127.0.0.1:{port}/api/tickets/", json=TICKET, timeout=60)
                said.append((answer.status_code, answer.json()["id"] if answer.ok else 0))
        return said

    with ThreadPoolExecutor(WRITERS) as pool:
        found = pool.map(writer, [port for port, _ in zip(cycle(ports), range(WRITERS), strict=False)])
        return [answer for answers in found for answer in answers]


def _in_database(settings: dict[str, str]) -> tuple[Counter[int], Counter[int]]:
    stored, created = json.loads(manage(settings, "shell", "--verbosity", "0", "-c", _COUNT))
    return Counter(stored), Counter(created)


_COUNT = """
import json
from ticketing.models import Ticket, TicketEvent
created = TicketEvent.objects.filter(action="created").values_list("ticket_id", flat=True)
print(json.dumps([list(Ticket.objects.values_list("pk", flat=True)), list(created)]))
"""
