"""Ledger: writers who keep account of every ticket, and readers beside them.

Each writer is an agent who files one ticket after another, each with an Idempotency-Key of its own. They
write down what they are about to file, and what they were told. If the answer is lost or is an error of the
server, the ticket may have been filed or not: then they send the same again with the same key until they
know. Readers look through the list meanwhile. Both pause for a tenth of a second or two.

What it shows: what an acknowledgement is worth. In a run with a verdict the account is ledger.jsonl in the
run's folder; `make drill` breaks a part of the lab meanwhile, and holds the database against it.

Exercises: 10 (load balancing and failure).
Run it with:  locust -f ledger.py --headless -u 12 -r 6 -t 30s
"""

from typing import Any

from locust import between, task

from common.answers import Response, decoded, ticket_id
from common.ledger import Intention, Ledger
from common.made_up import chance, ticket
from common.people import Agent

LIST = 20  # tickets on a reader's screen


class LedgerWriter(Agent):
    """An agent who files tickets, and wants to be sure of each."""

    wait_time = between(0.1, 0.2)
    weight = 1
    ledger: Ledger

    @classmethod
    def prepare(cls) -> None:
        """Begin the ledger."""
        super().prepare()
        cls.ledger = Ledger()

    def on_start(self) -> None:
        """Nothing to file yet."""
        self.open: Intention | None = None
        self.desks: list[int] = []

    @task
    def file(self) -> None:
        """File a new ticket, or send the one again whose answer was lost."""
        self.desks = self.desks or self.departments()
        headers = self.session.headers()  # before anything is intended: it may log in, and fail
        if self.open is None:
            self.open = self.ledger.intend()
            made_up = ticket(self.desks[0])
            self.body = {**made_up, "issue": self.open.marker, "device": self.ledger.run}
        self.send(
            "POST",
            "/api/tickets/",
            name="/api/tickets/",
            judge=self.note,
            json=self.body,
            headers={**headers, "Idempotency-Key": self.open.key},
        )

    def note(self, response: Response) -> None:
        """Write down what the answer means for the ticket that was sent."""
        assert self.open is not None  # noqa: S101 (only `file` sends)
        status = response.status_code
        number = self.id_in(response) if status == 201 else None
        if number is not None:
            self.ledger.acknowledged(self.open, number)
        elif 400 <= status < 500:
            self.ledger.refused(self.open, status)
        else:
            self.ledger.unknown(self.open, status)
        if number is not None or 400 <= status < 500:
            self.open = None
        decoded(response, 201)

    def id_in(self, response: Response) -> int | None:
        """Return the ticket's id; None from an answer that was cut off, which is as good as none."""
        try:
            body: Any = decoded(response, 201)
            return ticket_id(body)
        except (KeyError, TypeError, ValueError):
            return None


class LedgerReader(Agent):
    """An agent who reads meanwhile."""

    wait_time = between(0.1, 0.2)
    weight = 3

    def on_start(self) -> None:
        """Begin with an empty screen."""
        self.on_screen: list[int] = []

    @task(2)
    def look(self) -> None:
        """Read the newest tickets."""
        self.on_screen = self.tickets(page_size=LIST, fields="id").ids

    @task(1)
    def open_ticket(self) -> None:
        """Open one of them."""
        if self.on_screen:
            self.ticket(chance.choice(self.on_screen))
