"""Long pages: much to read at once.

Each user is an agent who reads one page after the other of 200 tickets, some 70 kB each.

What it shows: bandwidth. A page takes as long as its packets occupy the narrowest link on the way (1448 of
each packet's 1514 bytes are the answer's), and on a fast link as long as the server does. Several users share
a narrow link, and each page takes that many times as long.

Exercises: 5 (bandwidth and window), 9 (load and queueing).
Run it with:  locust -f long_pages.py --headless -u 1 -t 30s
"""

from locust import between, task

from common.people import Agent

PAGE = 200  # tickets, the most that the service gives at once


class LongPages(Agent):
    """An agent who reads a lot."""

    wait_time = between(0.5, 1.5)

    @task
    def read(self) -> None:
        """Read a long page."""
        self.tickets("/api/tickets/?page_size=200", page_size=PAGE)
