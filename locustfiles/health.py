"""Health: the floor.

Each user asks once a second or so whether the application is alive. The answer has 16 bytes, nobody logs in,
and the database is not asked: no request to the application can be quicker.

What it shows: the least that an answer takes here, one round trip and the way through Nginx and Gunicorn.
What another scenario takes above that is its own work. On a link with delay it is the round-trip time that
one sees, and on a link with loss how often a single packet goes missing.

Exercises: 1 (addresses), 2 (ports and names), 4 (latency), 6 (loss), 11 (measuring honestly).
Run it with:  locust -f health.py --headless -u 10 -r 10 -t 30s
"""

from locust import between, task

from common.user import LabUser


class Health(LabUser):
    """Somebody who only wants to know whether you are there."""

    wait_time = between(0.5, 1.5)

    @task
    def ask(self) -> None:
        """Ask."""
        self.call("GET", "/healthz", name="/healthz", read=dict)
