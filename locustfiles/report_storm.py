"""Report storm: something is down, and everybody reports it at once.

Users without an account file tickets, half a second or so apart. Each ticket has an Idempotency-Key, and
whoever is refused (429, too many requests) sends the very same ticket with the same key again later, so
that it is filed once, however often it was sent.

What it shows: a service that protects itself. It takes so many anonymous tickets a minute from one address
(THROTTLE_FILE_TICKET in .env, 10 if unset) and refuses the rest, which costs it a fraction of the work. In
the result `/api/tickets/` are the tickets filed and `/api/tickets/ → 429` those refused; neither is a
failure. The limit is per address: with --sources spread it is there as many times as there are addresses.

Exercises: 7 (firewall), 8 (rate limits and batching).
Run it with:  locust -f report_storm.py --headless -u 20 -r 10 -t 60s
"""

from uuid import uuid4

from locust import between, task

from common.answers import department_ids, status_of
from common.made_up import chance, ticket
from common.user import LabUser

TOO_MANY = 429


class ReportStorm(LabUser):
    """Somebody without an account, whose network is down."""

    wait_time = between(0.3, 0.7)

    def on_start(self) -> None:
        """Nothing written yet."""
        self.desks: list[int] = []
        self.is_filed = True

    @task
    def report(self) -> None:
        """File a ticket: a new one, or again the one that was refused."""
        if self.is_filed:
            self.write_ticket()
        status = self.call(
            "POST",
            "/api/tickets/",
            name="/api/tickets/",
            read=status_of,
            expected=(201, TOO_MANY),
            json=self.ticket,
            headers={"Idempotency-Key": self.key},
        )
        self.is_filed = status != TOO_MANY

    def write_ticket(self) -> None:
        """Make up a ticket, and the key that it keeps however often it is sent."""
        path = "/api/departments/"
        self.desks = self.desks or self.call("GET", path, name=path, read=department_ids)
        self.ticket = ticket(chance.choice(self.desks))
        self.key = str(uuid4())
