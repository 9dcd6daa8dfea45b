"""Abuse: one address asks as fast as it may.

Each user tries three doors in turn, without ever meaning it: log-ins without a password, tickets without a
word, and whether the service is alive.

What it shows: which limits there are, and when they bite. Nginx lets one address log in 5 times a second
after a burst of 100 (limit_req in nginx.conf; whoever guesses passwords wants more), and the application
takes 10 anonymous tickets a minute from it (THROTTLE_FILE_TICKET), good ones or not: both count a request
before they look at it. Being asked for health is not limited. What is refused for its content has its row as
`→ 400`, what is refused for its number as `→ 429`, and the log says at the end when the first 429 came.

Exercises: 7 (firewall), 8 (rate limits and batching), 12 (security audit).
Run it with:  locust -f abuse.py --headless -u 10 -r 10 -t 30s
"""

import logging
import time
from collections import Counter

from locust import constant, events, task

from common.answers import status_of
from common.user import LabUser

TOO_MANY = 429
log = logging.getLogger(__name__)


class Abuse(LabUser):
    """Somebody who is up to no good."""

    wait_time = constant(0.02)  # quick, but not so quick that the load generator measures itself

    @task
    def log_in(self) -> None:
        """Try a log-in without a password: to check one would cost the service a quarter of a second."""
        self.knock("/api/token/")

    @task
    def file_ticket(self) -> None:
        """File an empty ticket."""
        self.knock("/api/tickets/")

    @task
    def ask(self) -> None:
        """Ask for what has no limit."""
        self.call("GET", "/healthz", name="/healthz", read=dict)

    def knock(self, path: str) -> None:
        """Post nothing to a path, and tally how it was refused."""
        tally.add(path, self.call("POST", path, name=path, read=status_of, expected=(400, TOO_MANY), json={}))


class Tally:
    """Of this process's requests to each path: how many, how many too many, and when the first of those."""

    def begin(self, **_: object) -> None:
        """Start to count, with the run."""
        self.began = time.perf_counter()
        self.sent, self.refused = Counter[str](), Counter[str]()
        self.first: dict[str, str] = {}

    def add(self, path: str, status: int) -> None:
        """Count one request."""
        self.sent[path] += 1
        if status == TOO_MANY:
            seconds = time.perf_counter() - self.began
            self.first.setdefault(path, f"request {self.sent[path]}, after {seconds:.1f} s")
            self.refused[path] += 1

    def tell(self, **_: object) -> None:
        """Say what it comes to, at the run's end."""
        for path, sent in self.sent.items():
            first = self.first.get(path, "none")
            log.info("POST %s: 429 for %d of %d; the first: %s", path, self.refused[path], sent, first)


tally = Tally()
events.test_start.add_listener(tally.begin)  # type: ignore[no-untyped-call]
events.test_stop.add_listener(tally.tell)  # type: ignore[no-untyped-call]
